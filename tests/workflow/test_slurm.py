"""The tiny scale through profiles/slurm on a real SLURM, of one node and of two."""

import os
import re
import subprocess
import sys
import time

import pytest

from spectral_bias.artefacts import read_json
from tests.workflow.slurm_cluster import slurm_cluster, why_unavailable

UNAVAILABLE = why_unavailable()
FIGURE = "results/tiny/figures/rahaman2018/fig01"
CORES = os.cpu_count() or 1
LONG = 160_000
"""Iterations of a training that is still underway when its node dies."""
PATIENCE_SECONDS = 600
# This cluster keeps no accounts, and its node may have fewer cores than training asks for.
HERE = ["--slurm-status-command=squeue", "--slurm-no-account", "--latency-wait=5"]
HERE += ["--slurm-init-seconds-before-status-checks=5"]


def needs_slurm(test):
    """Marks a test that starts a cluster, and leaves it out where there is none."""
    return pytest.mark.slurm(
        pytest.mark.skipif(UNAVAILABLE is not None, reason=str(UNAVAILABLE))(test)
    )


@pytest.fixture
def cluster():
    with slurm_cluster() as running:
        yield running


@pytest.fixture
def two_nodes():
    with slurm_cluster(nodes=2, cpus=1, dead_after=10) as running:
        yield running


def started(checkout, cluster, *options, config):
    """Snakemake with the SLURM profile; what it says goes to slurm.log in the checkout."""
    command = [sys.executable, "-m", "snakemake", "--workflow-profile", "profiles/slurm", *HERE]
    environment = {**cluster.environment, "PYTHONPATH": str(checkout / "src")}
    with (checkout / "slurm.log").open("w") as log:
        return subprocess.Popen(
            [*command, *options, "--config", *config.split()],
            cwd=checkout, env=environment, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip


def said(checkout):
    return (checkout / "slurm.log").read_text()


@needs_slurm
def test_the_slurm_profile_builds_a_figure_in_a_few_submissions(checkout, cluster):
    options = [f"--set-threads=train_mlp={CORES}", "--retries=0", f"{FIGURE}.png"]
    run = started(checkout, cluster, *options, config="scale=tiny")
    assert run.wait() == 0, said(checkout)[-6000:]

    for ending in ("png", "pdf", "csv", "json"):
        assert (checkout / f"{FIGURE}.{ending}").stat().st_size > 0
    jobs = cluster.submitted_jobs()
    assert {job["state"] for job in jobs} == {"COMPLETED"}
    for job in jobs:
        assert f"submitted with SLURM jobid {job['id']} " in said(checkout)
    assert max(int(job["cpus"]) for job in jobs) == CORES
    # Two problems went into one submission.
    assert "/group_prepare_problem/" in said(checkout)
    steps = int(re.search(r"(\d+) of \1 steps \(100%\) done", said(checkout))[1])
    assert len(jobs) < steps


@pytest.mark.slow
@needs_slurm
def test_jobs_of_a_node_that_dies_go_to_another(checkout, two_nodes):
    """A node is killed while it trains: the job is done elsewhere, from its checkpoint."""
    target = "results/tiny/rahaman2018/perturbation/run.json"
    config = f'scale=tiny rahaman2018={{"perturbation":{{"iterations":{LONG}}}}}'
    run = started(checkout, two_nodes, "--set-threads=train_mlp=1", target, config=config)
    saved = checkout / "results/tiny/rahaman2018/perturbation/resume"
    try:
        wait_for(lambda: any(saved.rglob("*.pt")), run, checkout)
        [training] = [j for j in two_nodes.submitted_jobs() if j["state"] == "RUNNING"]
        two_nodes.kill(training["node"])
        run.wait(PATIENCE_SECONDS)
    finally:
        run.kill()
    assert run.returncode == 0, said(checkout)[-6000:]
    assert two_nodes.states()[training["node"]].startswith("down")
    last = two_nodes.submitted_jobs()[-1]
    assert last["state"] == "COMPLETED" and last["node"] != training["node"]
    record = read_json(checkout / target)
    assert record["status"] == "finished" and record["resumed"] is True


def wait_for(condition, run, checkout):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline and run.poll() is None, said(checkout)[-6000:]
        time.sleep(0.2)


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
