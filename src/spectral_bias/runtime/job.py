"""What every job of the workflow does around its work: log file, errors, termination."""

import gc
import logging
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from spectral_bias.errors import UserError
from spectral_bias.runtime.lock import hold
from spectral_bias.runtime.logs import FAILED, FORMAT, STARTED, STOPPED, done_record
from spectral_bias.tracking.location import RUN_NOTE

PART = ": "
"""Ends what `part` notes on an error."""


@contextmanager
def job(log: str) -> Iterator[None]:
    """Runs a job's work with its log file; every failure ends in one clear line.

    Log records and the traceback of an unexpected error go to `log`, which is locked as long as the
    job lasts and says how it ended and what it took: see `logs`. If a `part` failed the line begins
    with its name. SIGTERM (a cancelled or timed-out cluster job) raises SystemExit, so that
    checkpoints are written on the way out.
    """
    logging.basicConfig(filename=log, filemode="w", level=logging.INFO, format=FORMAT, force=True)
    hold(logging.getLogger().handlers[0].stream)
    logging.captureWarnings(True)
    signal.signal(signal.SIGTERM, _terminate)
    logging.info(STARTED)
    try:
        yield
    except UserError as error:
        text = _told(str(error), error, log)
        logging.error("%s: %s", FAILED, text)
        sys.exit(f"error: {text}")
    except Exception as error:
        text = _told(f"{type(error).__name__}: {error}", error, log)
        logging.exception("%s: %s", FAILED, text)
        sys.exit(f"error: {text}")
    except BaseException:
        logging.info(STOPPED)
        raise
    logging.info(done_record(*_taken()))
    gc.freeze()  # this process ends: looking for garbage once more takes up to half a second


@contextmanager
def part(name: str) -> Iterator[None]:
    """What a job does under a name, perhaps one of several: `job` says the name if it fails."""
    try:
        yield
    except Exception as error:
        error.add_note(f"{name}{PART}")
        raise


def _told(text: str, error: Exception, log: str) -> str:
    """One line: the parts that an error ended, what it says, its log and its run in MLflow."""
    notes = getattr(error, "__notes__", ())
    parts = "".join(note for note in notes if note.endswith(PART))
    records = [log, *(note for note in notes if note.startswith(RUN_NOTE))]
    return f"{parts}{text} (see {', '.join(records)})"


def _taken() -> tuple[float, float]:
    """(CPU seconds, largest resident set in MB) of this process since its start."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    unit = 1 if sys.platform == "darwin" else 1024  # bytes on macOS, else kilobytes
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 2**20


def _terminate(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + signum)
