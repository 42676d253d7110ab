"""Copies of the project to run Snakemake in; one of them has run the tiny scale to its end."""

import os
import re
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

    def jobs(self, *arguments: str, config: str = "scale=tiny") -> set[str]:
        """The jobs that a call would run: "rule" or "rule wildcards", such as
        "figure rahaman2018/fig01"; without `all`."""
        done = self.snakemake("--dry-run", *arguments, config=config)
        assert done.returncode == 0, done.stdout + done.stderr
        found = set()
        for block in re.split(r"\n\[\w{3} \w{3} .*\]\n|\n\n", done.stdout + done.stderr):
            rule = re.match(r"(?:local)?rule (\w+):", block.strip())
            if rule and rule[1] != "all":
                values = re.search(r"^ *wildcards: (.*)$", block, re.MULTILINE)
                pairs = values[1].split(", ") if values else []
                name = "/".join(pair.partition("=")[2] for pair in pairs)
                found.add(f"{rule[1]} {name}".strip())
        return found


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
