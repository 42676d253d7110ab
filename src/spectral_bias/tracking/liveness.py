"""Which job logs a run, and whether that job can still be alive. Needs no MLflow."""

import getpass
import os
import socket
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from spectral_bias.tracking.location import local_database
from spectral_bias.tracking.store import Store

HEARTBEAT, JOB = "live.heartbeat", "live.job"
SILENT_SECONDS = 900
"""A run whose job cannot be seen from here is gone if it has been silent for so long."""


def origin(uri: str, results: Path) -> str:
    """Whose results these are: on a shared server, equal paths do not mean equal results."""
    if local_database(uri) is not None:
        return "local"
    return f"{user()}:{results.resolve()}"


def user() -> str:
    """Who logs; in a container the user may have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def this_job() -> str:
    """Host, process number and start of this process."""
    return f"{socket.gethostname()} {os.getpid()} {_process_start(os.getpid())}"


def heartbeat() -> dict[str, str]:
    """The tag that says the job was alive just now, in seconds since 1970."""
    return {HEARTBEAT: f"{time.time():.0f}"}


def _process_start(pid: int) -> str:
    """A number that tells two processes with the same pid apart; empty if there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""


def is_gone(run: Any) -> bool:
    """Whether the job that logged this RUNNING run cannot be running any more."""
    host, _, process = run.data.tags.get(JOB, "").partition(" ")
    if host == socket.gethostname():
        pid, _, start = process.partition(" ")
        return _process_start(int(pid)) != start
    beat = float(run.data.tags.get(HEARTBEAT, run.info.start_time / 1000))
    return time.time() - beat > SILENT_SECONDS


def end_gone(store: Store, runs: Iterable[Any]) -> None:
    """Ends as KILLED what a job left RUNNING when it was killed with no chance to say so."""
    for run in runs:
        if run.info.status == "RUNNING" and is_gone(run):
            store.client.set_terminated(run.info.run_id, "KILLED")
