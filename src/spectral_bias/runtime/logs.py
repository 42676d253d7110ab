"""What the log of a job tells: whether it runs, is done, failed or was killed, and what it took.

That holds while a workflow runs and after it died, since a job holds a lock on its log.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from spectral_bias.runtime.lock import is_held

FORMAT = "%(asctime)s %(name)s %(levelname)s %(message)s"
TIME = "%Y-%m-%d %H:%M:%S,%f"
"""How `FORMAT` writes the time, which is the first two words of a line."""
STARTED = "the job started"
DONE = "the job is done"
FAILED = "the job failed"
STOPPED = "the job was stopped"
_TAKEN = re.compile(rf"{DONE}: ([\d.]+) s of CPU time, at most (\d+) MB of memory$")


@dataclass(frozen=True)
class JobLog:
    """A job as its log tells it.

    Attributes:
        path: of the log.
        state: "runs", "done", "failed", "stopped", "killed" if it ended without a word, or
            "unknown" for a log that says nothing of its job.
        seconds: from its start to its last record or, if it runs, until now.
        said: how it failed, in one line; empty if it did not.
        cpu_seconds: CPU time of its process, if it is done.
        memory_mb: largest resident set of its process, in MB of 2^20 bytes, if it is done.
    """

    path: Path
    state: str
    seconds: float
    said: str = ""
    cpu_seconds: float | None = None
    memory_mb: float | None = None


def done_record(cpu_seconds: float, memory_mb: float) -> str:
    """What a job says when it is done."""
    return f"{DONE}: {cpu_seconds:.2f} s of CPU time, at most {memory_mb:.0f} MB of memory"


def read_log(path: Path) -> JobLog:
    """What a log tells."""
    running = is_held(path)  # first: a job may end in between, and then has said how
    lines = path.read_text(errors="replace").splitlines()
    times = [time for time in map(_time, lines) if time is not None]
    if not (times and STARTED in lines[0]):
        return JobLog(path, "unknown", 0.0)
    end = datetime.now() if running else times[-1]
    said = next((line.partition(f"{FAILED}: ")[2] for line in lines if FAILED in line), "")
    states = {"failed": said, "done": DONE in lines[-1], "stopped": STOPPED in lines[-1]}
    ended = next((state for state, is_it in states.items() if is_it), "killed")
    state = "runs" if running else ended
    taken = _TAKEN.search(lines[-1]) if state == "done" else None
    cpu_seconds, memory_mb = map(float, taken.groups()) if taken else (None, None)
    seconds = (end - times[0]).total_seconds()
    return JobLog(path, state, seconds, said, cpu_seconds, memory_mb)


def _time(line: str) -> datetime | None:
    try:
        return datetime.strptime(" ".join(line.split(" ", 2)[:2]), TIME)
    except ValueError:
        return None
