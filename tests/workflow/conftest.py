"""Copies of the project to run Snakemake in; one of them has run the tiny scale to its end."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Project:
    """A copy of the project; `snakemake` runs there, on the copy's own library code."""

    root: Path

    def snakemake(self, *arguments: str, config: str = "scale=tiny") -> subprocess.CompletedProcess:
        """Snakemake with the given arguments; output and errors are captured as text."""
        command = [sys.executable, "-m", "snakemake", "--cores", "2", *arguments]
        environment = os.environ | {"PYTHONPATH": str(self.root / "src")}
        environment.pop("MLFLOW_TRACKING_URI", None)
        return subprocess.run(
            [*command, "--config", *config.split()],
            cwd=self.root,
            env=environment,
            capture_output=True,
            text=True,
        )

    def planned(self, *arguments: str, config: str = "scale=tiny") -> set[str]:
        """Names of the rules that a call would run, without `all`; empty when all is up to date."""
        done = self.snakemake("--dry-run", *arguments, config=config)
        assert done.returncode == 0, done.stdout + done.stderr
        text = done.stdout + done.stderr
        if "Nothing to be done" in text:
            return set()
        table = text.split("Job stats:")[1].split("total")[0].splitlines()[3:]
        return {line.split()[0] for line in table if line.strip()} - {"all"}


@pytest.fixture
def fresh(checkout) -> Project:
    """A copy in which nothing has run."""
    return Project(checkout)


@pytest.fixture(scope="session")
def finished(copy_checkout, tmp_path_factory) -> Project:
    """A copy in which everything has run; tests that change it must put it back."""
    project = Project(copy_checkout(tmp_path_factory.mktemp("finished")))
    done = project.snakemake()
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-5000:]
    return project
