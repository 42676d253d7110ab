"""Progress of a job as plain lines, which read well on a terminal, in a log and side by side."""

import sys
import time
from typing import TextIO

from tqdm import tqdm


class Progress:
    """Prints at most one line per `interval` seconds: what, how far, how long it will take.

    Args:
        name: of the job, as a user knows it.
        total: steps to do.
        unit: plural name of a step.
        interval: seconds between two lines.
        stream: where to print.
    """

    def __init__(
        self,
        name: str,
        total: int,
        unit: str,
        interval: float = 5.0,
        stream: TextIO = sys.stderr,
    ) -> None:
        self.name, self.total, self.unit, self.interval = name, total, unit, interval
        self.stream = stream
        self.started = self.printed = time.monotonic()
        self.first: float | None = None

    def update(self, done: int, share: float | None = None) -> None:
        """Reports `done` steps.

        Args:
            done: steps completed.
            share: fraction of the work in [0, 1] where it is finer than done / total.
        """
        now = time.monotonic()
        share = done / max(self.total, 1) if share is None else share
        if self.first is None:
            self.first, self.started = share, now  # a resumed job has its rate from here on
        if done >= self.total or now - self.printed < self.interval:
            return
        self.printed = now
        self._print(f"{done}/{self.total} {self.unit} · {share:.0%}{self._left(share, now)}")

    def close(self) -> None:
        """Prints that the job is done, and how long it took."""
        passed = tqdm.format_interval(time.monotonic() - self.started)
        self._print(f"{self.total} {self.unit} done in {passed}")

    def _left(self, share: float, now: float) -> str:
        gained = share - (self.first or 0.0)
        if gained <= 0:
            return ""
        left = (now - self.started) * (1 - share) / gained
        return f" · {tqdm.format_interval(left)} left"

    def _print(self, text: str) -> None:
        print(f"[{self.name}] {text}", file=self.stream, flush=True)
