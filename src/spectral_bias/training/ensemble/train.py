"""Trains an ensemble of small networks: groups in lockstep, one worker thread per core.

Each member is the network that would train alone: same initial weights, same full-batch updates,
same records. Threads serve as well as processes here, since PyTorch releases the interpreter lock
inside every operation.

Shape suffixes: R members, N training samples, M validation samples, D inputs, L layers, T records.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, PriorityQueue

import numpy as np
import torch

from spectral_bias.data.problem import Problem
from spectral_bias.runtime.checkpoint import Checkpoint
from spectral_bias.training.ensemble.group import GroupRun, History
from spectral_bias.training.ensemble.groups import plan_groups
from spectral_bias.training.ensemble.settings import TrainSettings

# One worker gives a group back after this many seconds of work, so that all groups advance together
# (live curves show every member) and progress is reported often.
SLICE_SECONDS = 0.25


@dataclass(frozen=True)
class TrainingView:
    """What an observer sees while training goes on."""

    iteration: int
    """Iterations that every member has completed."""
    share_done: float
    """Fraction of all updates of all members, in [0, 1]."""
    records: Callable[[], History]
    """Everything recorded so far for every member."""


@dataclass(frozen=True)
class TrainingResult:
    """Final parameters (R, P) on the CPU, the history of all members, and how it came about."""

    parameters: torch.Tensor
    history: History
    resumed: bool


def train(
    problem: Problem,
    settings: TrainSettings,
    *,
    device: torch.device,
    threads: int = 1,
    fingerprint: str = "",
    checkpoint_dir: Path | None = None,
    checkpoint_seconds: float = 30.0,
    observer: Callable[[TrainingView], None] = lambda view: None,
    observe_seconds: float = 1.0,
) -> TrainingResult:
    """Trains every member of `problem` for `settings.iterations` updates.

    Args:
        problem: inputs, targets and seeds.
        settings: network, optimiser and what to record.
        device: CPU or CUDA device; on CUDA one step is captured as a graph and replayed.
        threads: CPU cores to use.
        fingerprint: names settings, code and data; only checkpoints that bear it are taken up.
        checkpoint_dir: where resume checkpoints lie; None for none.
        checkpoint_seconds: time between two checkpoints of a group.
        observer: called from the calling thread every `observe_seconds`, and once at the end.
        observe_seconds: see `observer`. Whatever it raises (as well as Ctrl-C, or an exception from
            a signal handler) ends training after the checkpoints are written.

    Returns:
        Parameters and history with the members in the order of `problem.seeds`.

    Raises:
        UserError: a loss is not finite; names the member, the iteration and the learning rate.
    """
    stop = threading.Event()
    shape = settings.shape(problem.d_in)
    plan = plan_groups(shape, problem.n_samples, len(problem.seeds), threads, device)
    workers = 1 if device.type == "cuda" else min(threads, len(plan))
    with settings.float32_mode():
        groups = []
        for members in plan:
            path = checkpoint_dir and checkpoint_dir / f"group_{members.start:04d}.pt"
            mark = f"{fingerprint} members {members.start}-{members.stop}"
            saved = Checkpoint(path, mark, checkpoint_seconds)
            groups.append(GroupRun(problem, settings, members, device, saved))
        resumed = any(group.iteration > 0 for group in groups)
        queue: PriorityQueue = PriorityQueue()
        for index, group in enumerate(groups):
            queue.put((group.iteration, index))
        work = _Worker(groups, queue, stop, max(1, threads // workers))
        with ThreadPoolExecutor(workers) as pool:
            futures = [pool.submit(work) for _ in range(workers)]
            try:
                while wait(futures, observe_seconds, FIRST_EXCEPTION).not_done:
                    if any(f.done() and f.exception() for f in futures):
                        break
                    observer(_view(groups, settings))
            finally:
                # A no-op after a regular end; after an exception the workers save and return.
                stop.set()
        for future in futures:
            future.result()
    observer(_view(groups, settings))
    parameters = torch.cat([group.lockstep.flat_RP.cpu() for group in groups])
    return TrainingResult(parameters, _merged(groups, settings.iterations), resumed)


@dataclass(frozen=True)
class _Worker:
    """One thread's loop: take the group that is furthest behind, advance it, give it back."""

    groups: list[GroupRun]
    queue: PriorityQueue
    stop: threading.Event
    intra_op_threads: int

    def __call__(self) -> None:
        torch.set_num_threads(self.intra_op_threads)
        # Adam's first moment sinks into subnormal numbers, which are slow; per-thread setting.
        torch.set_flush_denormal(True)
        while True:
            try:
                _, index = self.queue.get_nowait()
            except Empty:
                return  # every unfinished group is in another worker's hands
            group = self.groups[index]
            while not (group.finished or self.stop.is_set()):
                self._advance(group)
                if not self.queue.empty():
                    break
            if group.finished or self.stop.is_set():
                group.save()
            else:
                self.queue.put((group.iteration, index))
            if self.stop.is_set():
                return

    def _advance(self, group: GroupRun) -> None:
        end = time.monotonic() + SLICE_SECONDS
        while time.monotonic() < end and not (group.finished or self.stop.is_set()):
            group.advance(4)  # few, since SIGTERM waits for them
        group.require_finite()
        if group.checkpoint.due:
            group.save()


def _view(groups: list[GroupRun], settings: TrainSettings) -> TrainingView:
    iteration = min(group.iteration for group in groups)
    done = sum(group.iteration * group.lockstep.n_members for group in groups)
    total = settings.iterations * sum(group.lockstep.n_members for group in groups)
    return TrainingView(iteration, done / max(total, 1), lambda: _merged(groups, iteration))


def _merged(groups: list[GroupRun], iteration: int) -> History:
    """The history of all members up to `iteration`, in the order of the problem's seeds."""
    parts = [group.history.until(iteration) for group in groups]
    return {
        name: parts[0][name]
        if name.endswith("iteration")
        else np.concatenate([part[name] for part in parts], axis=1)
        for name in parts[0]
    }
