"""Shows a long training run in MLflow while it lasts."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

import pandas as pd

from spectral_bias.tracking import facts as fact
from spectral_bias.tracking.liveness import HEARTBEAT, JOB, heartbeat, origin, this_job
from spectral_bias.tracking.location import RUN_NOTE
from spectral_bias.tracking.record import create, current_run
from spectral_bias.tracking.store import (
    Point,
    Store,
    history,
    log_batch,
    log_dataset,
    one_line,
    open_store,
    search,
    set_tags,
)

log = logging.getLogger(__name__)
SLOWEST_SECONDS = 300.0


class LiveRun:
    """Sends metrics to the store from a thread of its own, once a job turns out to be long.

    Training never waits for the store and never fails because of it: `offer` only queues, and
    what goes wrong is reported once and tried again at growing intervals. Short jobs cost
    nothing, since MLflow is imported only after `live_after_seconds`; `track` brings them in.
    A job that resumes continues the run with its run key, without sending a point twice.

        with LiveRun(facts, uri, live_after_seconds=20) as live:
            for ...:
                live.offer(new_rows)

    Leaving the block ends the run: FINISHED, FAILED after an error, KILLED after Ctrl-C or
    SIGTERM. For that, SIGTERM raises SystemExit inside the block, unless the job handles it
    itself. A run whose job was killed outright stays RUNNING until `track` ends it.

    Args:
        facts: What run.json will hold, as far as it is known at the start.
        uri: The store, from `tracking_uri`; None shows nothing.
        live_after_seconds: How long a job must last to be shown.
        flush_seconds: Interval between two transfers.
    """

    def __init__(
        self,
        facts: Mapping,
        uri: str | None,
        live_after_seconds: float = 20.0,
        flush_seconds: float = 10.0,
    ) -> None:
        self._facts, self._uri = facts, uri
        self._wait, self._flush = live_after_seconds, flush_seconds
        self._queue: list[tuple[float, pd.DataFrame]] = []
        self._waiting: dict[tuple[str, int], Point] = {}
        self._sent: set[tuple[str, int]] = set()
        self._store: Store | None = None
        self._run: Any = None
        self._warned = False
        self._status: str | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="tracking", daemon=True)
        self._replaced_handler = False
        if uri is not None:
            self._thread.start()

    def offer(self, metrics: pd.DataFrame) -> None:
        """Queues rows (iteration, metric, value), new ones or all so far; none is sent twice.

        The table is read later, by another thread: do not change it afterwards.
        """
        if self._thread.is_alive():
            self._queue.append((time.time(), metrics))

    def close(self, status: str = "FINISHED", timeout_seconds: float = 25.0) -> None:
        """Sends what is left and ends the run as FINISHED, FAILED or KILLED.

        It waits for the store at most `timeout_seconds`: SLURM grants 30 s after SIGTERM.
        """
        self._status = status
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)
            if self._thread.is_alive():
                self._warn(f"no answer within {timeout_seconds:.0f} s")

    def __enter__(self) -> Self:
        in_main_thread = threading.current_thread() is threading.main_thread()
        if in_main_thread and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, _exit)
            self._replaced_handler = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and self._run is not None:
            error.add_note(f"{RUN_NOTE}{self._run.info.run_id}")
        if kind is None:
            self.close("FINISHED")
        else:
            self.close("FAILED" if issubclass(kind, Exception) else "KILLED")
        if self._replaced_handler:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def _work(self) -> None:
        """The thread: waits, then sends until it is told to stop."""
        if self._stop.wait(self._wait):
            return
        pause = 0.0
        while not self._stop.wait(pause):
            went_well = self._attempt(self._send)
            pause = self._flush if went_well else min(2 * (pause + 1), SLOWEST_SECONDS)
        if self._run is not None:
            self._attempt(self._send)
            self._attempt(self._end)

    def _attempt(self, step: Callable[[], None]) -> bool:
        """Whether the step went well."""
        try:
            step()
        except Exception as error:
            self._warn(one_line(error))
            return False
        return True

    def _warn(self, problem: str) -> None:
        if not self._warned:
            log.warning("tracking: %s; training goes on, `track` can bring it in later", problem)
        self._warned = True

    def _send(self) -> None:
        """Sends what was queued, and a sign of life."""
        self._take_queue()
        if self._run is None:
            self._open()
        if self._run is None:
            return
        points = [point for key, point in self._waiting.items() if key not in self._sent]
        log_batch(self._store, self._run.info.run_id, points, tags=heartbeat())
        self._sent.update(self._waiting)
        self._waiting.clear()

    def _take_queue(self) -> None:
        """Keeps each new point once, so that a store that is away for hours costs no memory."""
        taken = len(self._queue)
        for moment, table in self._queue[:taken]:
            rows = zip(table["metric"], table["iteration"], table["value"], strict=True)
            for metric, iteration, value in rows:
                key = fact.valid_key(metric), int(iteration)
                if key not in self._sent:
                    self._waiting.setdefault(key, (*key, float(value), round(moment * 1000)))
        del self._queue[:taken]

    def _open(self) -> None:
        """Opens the run: the one that an earlier attempt at this job began, else a new one."""
        facts, store = self._facts, self._store
        if store is None:
            # Titles of papers are for `track` to set, which alone is told all of them.
            store = open_store(self._uri, {facts["paper"]: None})
        self._store = store
        results = Path(facts["result_path"]).parents[2]
        tags = fact.identity_tags(facts, origin(self._uri, results))
        run = current_run(search(store, facts["paper"], "run_key", facts["run_key"]), tags)
        if self._stop.is_set():
            return  # the job ended while MLflow was being imported
        if run is None:
            run = create(store, facts["paper"], tags, fact.milliseconds(facts["started"]))
        else:
            store.client.update_run(run.info.run_id, status="RUNNING")
            self._sent.update(history(store, run))
        self._run = run
        params = fact.params(facts).items()
        missing = {key: value for key, value in params if key not in run.data.params}
        log_batch(store, run.info.run_id, params=missing)
        log_dataset(store, run, fact.dataset(facts))
        note = {fact.NOTE: fact.training_note(facts, [])} if fact.NOTE not in run.data.tags else {}
        set_tags(store, run, tags | fact.training_tags(facts) | note | {JOB: this_job()})

    def _end(self) -> None:
        run_id = self._run.info.run_id
        self._store.client.set_terminated(run_id, self._status)
        for tag in (JOB, HEARTBEAT):
            self._store.client.delete_tag(run_id, tag)


def _exit(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + signum)
