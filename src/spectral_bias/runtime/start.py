"""What is decided once, when a workflow starts, and holds in each job that it starts later.

A job may wait for days, and run on a machine with other GPUs. Light to import: on a cluster every
job reads the Snakefile.
"""

import ctypes
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from spectral_bias.provenance import digest

PREFIX = "SPECTRAL_BIAS_"
"""Begins the variables of the environment that carry decisions to jobs; SLURM passes them on."""
KEPT = 3
"""Copies of the code that stay, the newest."""


def at_start(name: str, decide: Callable[[], str]) -> str:
    """What `decide` said when the workflow started."""
    variable = f"{PREFIX}{name.upper()}"
    if variable not in os.environ:
        os.environ[variable] = decide()
    return os.environ[variable]


def run_jobs_on_a_copy(package: Path, folder: Path) -> Path:
    """From now on jobs import a copy of `package`, whatever is edited while they wait.

    Their results thus come from the code whose version the workflow notes for them.

    Args:
        package: folder of the package's source.
        folder: where copies are kept, each under a digest of the source.

    Returns:
        The folder that holds the copy of the package.
    """
    files = [f for f in sorted(package.rglob("*")) if f.is_file() and f.suffix != ".pyc"]
    parts = [part for f in files for part in (str(f.relative_to(package)), f.read_bytes())]
    copy = folder / digest(*parts)
    if not copy.exists():
        unfinished = folder / f"{copy.name}.{os.getpid()}"
        shutil.copytree(package, unfinished / package.name)  # compiled modules stay valid
        try:
            os.replace(unfinished, copy)
        except OSError:  # another call that began at the same time was faster
            shutil.rmtree(unfinished)
            if not copy.is_dir():
                raise
    os.utime(copy)
    for old in sorted(folder.iterdir(), key=_last_used)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(copy), before]))
    return copy


def _last_used(copy: Path) -> float:
    """In seconds; now for one that another call has just renamed or removed."""
    try:
        return copy.stat().st_mtime
    except FileNotFoundError:
        return time.time()


def device_of_jobs(wanted: str, n_gpus: int) -> str:
    """The setting `device` as jobs get it: "auto" is the CPU where the workflow saw no GPU.

    Otherwise a job for which nobody asked for a GPU would take one that it happens to see.
    """
    return "cpu" if wanted == "auto" and n_gpus == 0 else wanted


def visible_gpus() -> int:
    """How many CUDA devices processes started here may use; the driver is asked, not PyTorch."""
    count = ctypes.c_int()
    try:
        driver = ctypes.CDLL("libcuda.so.1")
        failed = driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count))
    except (OSError, AttributeError):
        return 0
    return 0 if failed else count.value
