"""One process at a time makes the files of a run.

The jobs of a workflow that was killed live on, and its next call starts them once more.
"""

import fcntl
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

log = logging.getLogger(__name__)

LOCK = ".lock"
"""Name of the file in a run's folder that is locked."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Within it no other process is at work on a run's folder; waits until that is so.

    The lock ends with the process that holds it, however that ends. Where the file system has no
    locks a warning says so, and the job goes on.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("a+") as file:
        try:
            _lock(file, folder.name)
        except OSError as error:
            line = f"{folder}: cannot be locked ({error.strerror}); start no second workflow here"
            log.warning(line)
            print(f"warning: {line}", file=sys.stderr, flush=True)
        yield


def hold(file: TextIO) -> None:
    """Locks a file until this process ends, unless another holds it or there are no locks here."""
    with suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_held(path: Path) -> bool:
    """Whether a process has locked a file; False where that cannot be told."""
    try:
        with path.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _lock(file: TextIO, name: str) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        line = f"waits for {file.read().strip() or 'another process'}, which works on the same run"
        log.info("%s %s", name, line)
        print(f"[{name}] {line}", file=sys.stderr, flush=True)
        fcntl.flock(file, fcntl.LOCK_EX)
    file.seek(0)
    file.truncate()
    file.write(f"process {os.getpid()} on {os.uname().nodename}\n")
    file.flush()
