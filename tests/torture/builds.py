"""A build of a small scale in a copy of the project: started, killed and started again."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SCALE = "torture"
# The tiny scale, with two trainings that last long enough to be killed in their midst and to be
# shown in MLflow while they last.
SETTINGS = """\
extends: tiny
rahaman2018:
  perturbation: {iterations: 6000}
  random_labels: {iterations: 3000}
tracking: {live_after_seconds: 2}
"""
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
VICTIMS = ("a job", "Snakemake", "all processes")
LONGEST_SECONDS = 8.0
"""The most between the start of the first job and a kill."""
PATIENCE_SECONDS = 600


@dataclass(frozen=True)
class Kill:
    """A signal that was sent: which, to whom, and whether it ended a process."""

    signal: str
    victim: str


@dataclass(frozen=True)
class Build:
    """The build in one copy of the project.

    Attributes:
        root: of the copy.
        targets: what to build; nothing for everything.
    """

    root: Path
    targets: tuple[str, ...] = ()

    @property
    def results(self) -> Path:
        """Where the scale's results are."""
        return self.root / "results" / SCALE

    def prepare(self) -> None:
        """Writes the scale file."""
        (self.root / f"{SCALE}.yaml").write_text(SETTINGS)

    def call(self, *options: str) -> int:
        """Runs Snakemake to its end and gives its exit status."""
        process = self.start(*options)
        return process.wait()

    def start(self, *options: str) -> subprocess.Popen:
        """Starts Snakemake, in a session of its own; it writes to build.log beside the copy."""
        command = [sys.executable, "-m", "snakemake", "--cores", "2", *options, *self.targets]
        environment = os.environ | {"PYTHONPATH": str(self.root / "src")}
        environment.pop("MLFLOW_TRACKING_URI", None)
        with self.log.open("a") as log:
            return subprocess.Popen(
                [*command, "--config", f"scale={SCALE}.yaml"],
                cwd=self.root,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def log(self) -> Path:
        """What all calls of Snakemake said."""
        return self.root.parent / f"{self.root.parent.name}.log"

    def jobs(self) -> list[int]:
        """Processes of jobs that run in the copy, also those whose Snakemake is gone."""
        return [pid for pid, words in _processes(self.root) if ".snakemake/scripts/" in words]

    def finish(self) -> int:
        """Unlocks the copy and calls Snakemake without disturbance."""
        self.call("--unlock")
        return self.call()

    def killed_once(self, chance: random.Random) -> Kill | None:
        """Starts a build and kills something at a random moment; None if it ended before."""
        self.call("--unlock")
        seen = self.log.stat().st_size
        process = self.start()
        while process.poll() is None and not self._began(seen):
            time.sleep(0.05)
        deadline = time.monotonic() + chance.uniform(0, LONGEST_SECONDS)
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
        victim, number = chance.choice(VICTIMS), chance.choice(SIGNALS)
        sent = False
        while process.poll() is None and not sent:  # between two jobs there is none to kill
            sent = self._send(process.pid, victim, number, chance)
            time.sleep(0.05)
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return Kill(number.name, victim) if sent else None

    def _began(self, seen: int) -> bool:
        with self.log.open() as log:
            log.seek(seen)
            return "Execute " in log.read()

    def _send(
        self, leader: int, victim: str, number: signal.Signals, chance: random.Random
    ) -> bool:
        """Whether there was somebody to send the signal to."""
        try:
            if victim == "all processes":
                os.killpg(leader, number)
                return True
            jobs = self.jobs() if victim == "a job" else [leader]
            if not jobs:
                return False
            os.kill(chance.choice(jobs), number)
        except ProcessLookupError:
            return False
        return True


def _processes(folder: Path) -> Iterator[tuple[int, str]]:
    """(id, command line) of each process whose working directory is `folder`."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        with suppress(OSError):
            if (entry / "cwd").resolve() == folder:
                yield int(entry.name), (entry / "cmdline").read_text().replace("\0", " ")
