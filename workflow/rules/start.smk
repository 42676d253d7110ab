"""What a workflow decides when it starts, and what its jobs may use; no rules."""

from functools import cache
from pathlib import Path

from spectral_bias.models.catalogue import NETWORKS
from spectral_bias.provenance import (
    PACKAGE,
    code_files,
    code_version,
    digest,
    named_files,
    named_version,
)
from spectral_bias.runtime.start import (
    at_start,
    device_of_jobs,
    run_jobs_on_a_copy,
    visible_gpus,
)

# --- resources ----------------------------------------------------------------------------------

GPUS = int(at_start("gpus", lambda: str(visible_gpus())))
# Where a job computes and logs is no parameter of it: another device reruns nothing.
config.update(SETTINGS.model_dump(include={"tracking"}))
config["device"] = device_of_jobs(SETTINGS.device, GPUS)
# Of each job that computes on one if there is one. Which of several it takes it finds out itself.
GPU = int(config["device"] != "cpu")

# As many jobs at a time as this machine has GPUs, unless a profile says how many.
if GPUS and "gpu" not in workflow.global_resources:
    workflow.register_resource("gpu", GPUS)

# What a training job asks for, by the kind of its run.
MEMORY_MB = {"mlp": 4000, "autoencoder": 4000, "classifier": 6000}


def grown(amount):
    """Memory or minutes of a job, more at each attempt: with the same it would fail again."""
    return lambda wildcards, attempt: amount * attempt


# --- scheduler ----------------------------------------------------------------------------------


onstart:
    if workflow.local_exec:
        # One computer needs no limit on how many jobs start in a second, and Snakemake has no
        # option for none. Its limiter wakes the scheduler once a second for each job that was ever
        # started, and each time all inputs of all waiting jobs are looked at.
        workflow.scheduler.job_rate_limiter = None


# --- code ---------------------------------------------------------------------------------------

if workflow.is_main_process:
    run_jobs_on_a_copy(PACKAGE, Path(".snakemake/spectral_bias").resolve())


@cache
def code_of(script, *modules, networks=(), data=()):
    """Version of a script and of every project module it imports, as they are at the start.

    `modules` are those it chooses by name, `networks` the callables of networks that it builds,
    `data` further files that it reads.
    """

    def version():
        files = [f for name in (*modules, *callables) for f in named_files(name)]
        found = code_files(f"workflow/scripts/{script}.py", *files)
        return code_version([*found, *data], *map(named_version, callables))

    callables = [NETWORKS.get(name, name) for name in networks]
    name = digest(script, *modules, *callables, *map(str, data))
    return at_start(f"code_{name}", version)
