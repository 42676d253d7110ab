"""The tiny scale through profiles/slurm on a real SLURM of one node."""

import os
import re
import subprocess
import sys

import pytest

from tests.workflow.slurm_cluster import slurm_cluster, why_unavailable

UNAVAILABLE = why_unavailable()
FIGURE = "results/tiny/figures/rahaman2018/fig01"
CORES = os.cpu_count() or 1
# This cluster keeps no accounts, and its node may have fewer cores than training asks for.
HERE = ["--slurm-status-command=squeue", "--slurm-no-account", f"--set-threads=train_mlp={CORES}"]
HERE += ["--slurm-init-seconds-before-status-checks=5", "--latency-wait=5", "--retries=0"]


@pytest.fixture
def cluster():
    with slurm_cluster() as running:
        yield running


@pytest.mark.slurm
@pytest.mark.skipif(UNAVAILABLE is not None, reason=str(UNAVAILABLE))
def test_the_slurm_profile_builds_a_figure_in_a_few_submissions(checkout, cluster):
    command = [sys.executable, "-m", "snakemake", "--workflow-profile", "profiles/slurm", *HERE]
    command += [f"{FIGURE}.png", "--config", "scale=tiny"]
    environment = {**cluster.environment, "PYTHONPATH": str(checkout / "src")}
    run = subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, (run.stdout + run.stderr)[-6000:]

    for ending in ("png", "pdf", "csv", "json"):
        assert (checkout / f"{FIGURE}.{ending}").stat().st_size > 0
    jobs = cluster.submitted_jobs()
    assert {job["state"] for job in jobs} == {"COMPLETED"}
    for job in jobs:
        assert f"submitted with SLURM jobid {job['id']} " in run.stderr
    assert max(int(job["cpus"]) for job in jobs) == CORES
    # Two problems went into one submission.
    assert "/group_prepare_problem/" in run.stderr
    steps = int(re.search(r"(\d+) of \1 steps \(100%\) done", run.stderr)[1])
    assert len(jobs) < steps


@pytest.mark.parametrize(
    ("told", "fails", "state"),
    [
        ("RUNNING", False, "running"),
        ("PENDING", False, "running"),
        ("COMPLETED", False, "success"),
        ("TIMEOUT", False, "failed"),
        ("OUT_OF_MEMORY", False, "failed"),
        ("slurm_load_jobs error: Invalid job id specified", True, "success"),
        ("slurm_load_jobs error: Unable to contact slurm controller", True, "running"),
    ],
)
def test_the_sbatch_profile_tells_how_a_job_is(repository, tmp_path, told, fails, state):
    squeue = tmp_path / "squeue"
    squeue.write_text(f"#!/bin/sh\necho '{told}'\nexit {int(fails)}\n")
    squeue.chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    status = [repository / "profiles/sbatch/status.sh", "7"]
    done = subprocess.run(status, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"{state}\n"
