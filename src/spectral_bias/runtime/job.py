"""What every job of the workflow does around its work: log file, errors, termination."""

import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from spectral_bias.errors import UserError


@contextmanager
def job(log: str) -> Iterator[None]:
    """Runs a job's work with its log file; every failure ends in one clear line.

    Log records and the traceback of an unexpected error go to `log`. A `UserError` is printed as it
    is; if a `part` failed, after its name. SIGTERM (a cancelled or timed-out cluster job) raises
    SystemExit, so that checkpoints are written on the way out.
    """
    logging.basicConfig(
        filename=log,
        filemode="w",
        level=logging.INFO,
        format="%(asctime)s %(name)s %(levelname)s %(message)s",
        force=True,
    )
    logging.captureWarnings(True)
    signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    except UserError as error:
        part_of = _part_of(error)
        logging.error("%s%s", part_of, error)
        sys.exit(f"error: {part_of}{error}" + (f" (see {log})" if part_of else ""))
    except Exception as error:
        logging.exception("the job failed")
        sys.exit(f"error: {_part_of(error)}{type(error).__name__}: {error} (see {log})")


@contextmanager
def part(name: str) -> Iterator[None]:
    """What a job does under a name, perhaps one of several: `job` says the name if it fails."""
    try:
        yield
    except Exception as error:
        error.add_note(name)
        raise


def _part_of(error: Exception) -> str:
    """The names of the parts that an error ended, for the start of a line."""
    return "".join(f"{name}: " for name in getattr(error, "__notes__", ()))


def _terminate(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + signum)
