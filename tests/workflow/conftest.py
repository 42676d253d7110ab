"""Copies of the project to run Snakemake in; one of them has run the tiny scale to its end."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import copied_checkout


@dataclass(frozen=True)
class Project:
    """A copy of the project; `snakemake` runs there, on the copy's own library code."""

    root: Path

    def snakemake(self, *arguments: str, config: str = "scale=tiny") -> subprocess.CompletedProcess:
        """Snakemake with the given arguments; output and errors are captured as text."""
        return subprocess.run(
            [*self.command(), *arguments, "--config", *config.split()],
            cwd=self.root,
            env=self.environment(),
            capture_output=True,
            text=True,
        )

    def command(self) -> list[str]:
        """Snakemake on two cores."""
        return [sys.executable, "-m", "snakemake", "--cores", "2"]

    def environment(self) -> dict[str, str]:
        """That of the tests, with the copy's own library code."""
        environment = os.environ | {"PYTHONPATH": str(self.root / "src")}
        environment.pop("MLFLOW_TRACKING_URI", None)
        return environment

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


BUILD = pytest.StashKey["Build"]()


@dataclass(frozen=True)
class Build:
    """A build of the tiny scale that goes on while other tests run."""

    project: Project
    process: subprocess.Popen
    log: Path

    @classmethod
    def begin(cls, root: Path) -> "Build":
        """Starts it in a copy of the project, at low priority."""
        project, log = Project(root), root.parent / "build.log"
        command = ["nice", "-n", "5", *project.command()]
        with log.open("w") as file:
            process = subprocess.Popen(
                [*command, "--config", "scale=tiny"],
                cwd=root,
                env=project.environment(),
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return cls(project, process, log)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Begins the build as soon as it is known that a test will want it: it takes minutes."""
    wanted = any("finished" in getattr(item, "fixturenames", ()) for item in session.items)
    if wanted and not session.config.option.collectonly:
        folder = Path(tempfile.mkdtemp(prefix="spectral-bias-"))
        session.config.stash[BUILD] = Build.begin(copied_checkout(folder))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Ends the build if it still runs, and removes it."""
    build = config.stash.get(BUILD, None)
    if build is not None:
        if build.process.poll() is None:  # the tests were interrupted
            os.killpg(build.process.pid, signal.SIGKILL)
            build.process.wait()
        shutil.rmtree(build.log.parent, ignore_errors=True)


@pytest.fixture(scope="session")
def finished(request) -> Project:
    """A copy in which everything has run; tests that change it must put it back."""
    build = request.config.stash[BUILD]
    assert build.process.wait() == 0, build.log.read_text()[-5000:]
    return build.project
