"""A killed workflow leaves a job that trains on; the next call waits for it."""

import os
import re
import signal
import subprocess
import time
from contextlib import suppress

import pytest

RUN = "results/tiny/rahaman2018/perturbation"
TARGET = f"{RUN}/run.json"
SETTINGS = ["scale=tiny", 'rahaman2018={"perturbation":{"iterations":20000}}']


@pytest.mark.slow
def test_the_job_of_a_killed_workflow_is_waited_for(fresh, tmp_path):
    command = [*fresh.command(), TARGET, "--config", *SETTINGS]
    with (tmp_path / "first.log").open("w") as log:
        options = {"cwd": fresh.root, "env": fresh.environment(), "start_new_session": True}
        first = subprocess.Popen(command, stdout=log, stderr=log, **options)
    lock, deadline = fresh.root / RUN / ".lock", time.monotonic() + 300
    while not (lock.exists() and lock.read_text()) and time.monotonic() < deadline:
        time.sleep(0.5)
    orphan = int(re.match(r"process (\d+) on ", lock.read_text())[1])
    try:
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        os.kill(orphan, 0)  # it lives
        config = " ".join(SETTINGS)
        assert fresh.snakemake("--unlock", config=config).returncode == 0
        done = fresh.snakemake(TARGET, config=config)
    finally:
        with suppress(ProcessLookupError):
            os.kill(orphan, signal.SIGKILL)
    assert done.returncode == 0, done.stderr
    assert f"[perturbation] waits for process {orphan} on " in done.stderr
    assert "[perturbation] another process has trained it" in done.stderr
    assert not (fresh.root / RUN / "resume").exists()
    assert fresh.jobs(TARGET, config=config) == set()
