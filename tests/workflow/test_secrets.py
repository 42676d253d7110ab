"""The password of the tracking server stands nowhere in what a build leaves and says."""

import subprocess
from pathlib import Path

import pytest

from tests.workflow.conftest import Project

PARTS = ("hunter2", "t0p-s3cret")
"""Of the password of these tests; in an address / has to be written as %2F."""
ADDRESSES = ("http://me:hunter2%2Ft0p-s3cret@127.0.0.1:9", "http://me:hunter2/t0p-s3cret@127.0.0.1")


def build(project: Project, address: str, *arguments: str) -> str:
    """What Snakemake says of a call in which MLflow's address is that of a dead server."""
    done = subprocess.run(
        [*project.command(), *arguments],
        cwd=project.root,
        env=project.environment() | {"MLFLOW_TRACKING_URI": address},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def left_in(root: Path) -> dict[Path, bytes]:
    """All files that a build made, hidden ones too."""
    folders = (root / "results", root / ".snakemake")
    files = (file for folder in folders for file in folder.rglob("*") if file.is_file())
    return {file: file.read_bytes() for file in files}


def require_no_secret(said: str, root: Path) -> None:
    assert not any(part in said for part in PARTS)
    for file, content in left_in(root).items():
        assert not any(part.encode() in content for part in PARTS), file


@pytest.mark.slow
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_training_that_is_shown_while_it_lasts_keeps_the_password(fresh, address):
    run = "results/tiny/rahaman2018/perturbation/run.json"
    live = 'tracking={"live_after_seconds": 0}'
    said = build(fresh, address, run, "--config", "scale=tiny", live)
    logs = "".join(file.read_text() for file in fresh.root.glob("results/tiny/logs/**/*.log"))
    assert "tracking: " in logs  # that the server was tried, and did not answer
    require_no_secret(said, fresh.root)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_password_in_settings_is_refused_and_kept_nowhere(fresh, address):
    (fresh.root / "mine.yaml").write_text(f"extends: tiny\ntracking: {{uri: '{address}'}}\n")
    calls = ("scale=mine.yaml", f'scale=tiny tracking={{"uri":"{address}"}}')
    for config, file in zip(calls, ("mine.yaml", "--config"), strict=True):
        done = fresh.snakemake("--dry-run", config=config)
        assert done.returncode != 0
        errors = [line for line in done.stderr.splitlines() if line.startswith("error:")]
        assert len(errors) == 1 and errors[0].startswith(f"error: {file}: tracking.uri: ")
        require_no_secret(done.stdout + done.stderr, fresh.root)
