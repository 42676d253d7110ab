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
    is. SIGTERM (a cancelled or timed-out cluster job) raises SystemExit, so that checkpoints are
    written on the way out.
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
        logging.error("%s", error)
        sys.exit(f"error: {error}")
    except Exception as error:
        logging.exception("the job failed")
        sys.exit(f"error: {type(error).__name__}: {error} (see {log})")


def _terminate(signum: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + signum)
