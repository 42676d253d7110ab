"""Fixtures for all tests: the repository, a copy of it to run in, and a quiet environment."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
NOT_COPIED = (".git", ".venv", ".snakemake", "results", "__pycache__", "*.egg-info", ".*_cache")

# Set before torch or matplotlib is imported. On a machine with many cores small networks are
# slower on all of them than on two.
os.environ.setdefault("OMP_NUM_THREADS", str(min(2, os.cpu_count() or 1)))
os.environ["MPLBACKEND"] = "agg"
# Tests must not write to a tracking server that the developer happens to use.
os.environ.pop("MLFLOW_TRACKING_URI", None)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The top folder of the checkout under test; only to be read."""
    return REPOSITORY


def copied_checkout(parent: Path) -> Path:
    """A copy of the working tree without results, in a folder whose name holds a space."""
    ignored = shutil.ignore_patterns(*NOT_COPIED)
    return Path(shutil.copytree(REPOSITORY, parent / "spectral bias", ignore=ignored))


@pytest.fixture(scope="session")
def copy_checkout() -> Callable[[Path], Path]:
    """`copied_checkout`."""
    return copied_checkout


@pytest.fixture
def checkout(tmp_path, copy_checkout) -> Path:
    """A copy of the working tree of one's own."""
    return copy_checkout(tmp_path)


@pytest.fixture(autouse=True)
def seeded() -> None:
    """The same global random state at the start of every test, whatever ran before it."""
    if torch := sys.modules.get("torch"):
        torch.manual_seed(0)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(0)
