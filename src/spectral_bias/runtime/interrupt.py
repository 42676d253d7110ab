"""Work that a signal must not cut in two, such as a training step."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGTERM, signal.SIGINT)
"""A cancelled or timed-out job, a machine that is taken back; Ctrl-C."""


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Lets SIGTERM and Ctrl-C wait until the block is left; then they do what they always do.

    An exception that a handler raises, such as `job`'s SystemExit, thus never leaves the work of
    the block half done. Only the main thread gets signals; in another one nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {}
    try:
        for number in SIGNALS:
            before[number] = signal.signal(number, lambda number, frame: came.append(number))
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        signal.raise_signal(came[0])
