"""The built package in an empty environment that has its declared dependencies and nothing else."""

import os
import subprocess
import sys
import venv
from email import message_from_string
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pandas as pd
import pytest
import torch
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PIL import Image

import spectral_bias
from spectral_bias.models.mlp import mlp

ONLY_OF_THE_WORKFLOW = (
    "snakemake",
    "mlflow",
    "pydantic",
    "sklearn",
    "skimage",
    "mlxtend",
    "pytest",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory, copy_checkout) -> Path:
    """The package as it would be published, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    checkout = copy_checkout(folder)
    run(pip("wheel", *options, "--wheel-dir", str(folder), str(checkout)), folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def environment(tmp_path_factory, wheel) -> Path:
    """The folder of programs of an environment with the wheel and the packages it asks for.

    These are linked from the environment of the tests, so that nothing is downloaded.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    programs = folder / "bin"
    place = run(
        [programs / "python", "-c", "import site; print(site.getsitepackages()[0])"], folder
    )
    for name in closure(metadata(wheel).get_all("Requires-Dist")):
        link(name, Path(place.stdout.strip()))
    options = ["--no-deps", "--no-index", "--quiet"]
    run([*pip("--python", str(programs / "python")), "install", *options, str(wheel)], folder)
    return programs


@pytest.fixture
def installed(environment, tmp_path):
    """`installed(program, *words)` runs a program of it in an empty folder."""
    return lambda program, *words: run([environment / program, *words], tmp_path)


def pip(*words):
    return [sys.executable, "-m", "pip", "--disable-pip-version-check", *words]


def run(command, folder):
    """Without the paths of this process, so that only the environment's packages are found."""
    plain = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run(command, cwd=folder, env=plain, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def metadata(wheel):
    with ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return message_from_string(archive.read(name).decode())


def closure(texts) -> set[str]:
    """Names of the packages that some requirements bring, at any depth, on this machine."""
    found, waiting = set(), [(Requirement(text), "") for text in texts]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        for wanted in ("", *requirement.extras):
            if (name, wanted) not in found:
                found.add((name, wanted))
                texts = distribution(name).requires or []
                waiting += [(Requirement(text), wanted) for text in texts]
    return {name for name, _ in found}


def link(name: str, place: Path) -> None:
    """Links a package of this environment into another."""
    package = distribution(name)
    tops = {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}
    for top in tops:
        target = place / top
        if not target.exists():
            target.symlink_to(package.locate_file(top))


def test_its_page_says_what_it_is(wheel):
    facts = metadata(wheel)
    assert facts["Name"] == "spectral-bias"
    assert facts["Version"] == spectral_bias.__version__
    assert facts["License-Expression"] == "MIT"
    assert facts["Requires-Python"] == ">=3.11"
    assert set(facts.get_all("Provides-Extra")) == {"workflow", "dev"}
    assert facts["Description-Content-Type"] == "text/markdown"
    assert facts.get_payload().startswith("# Spectral bias")


def test_the_wheel_holds_all_modules_and_their_data(wheel):
    source = Path(spectral_bias.__file__).parent
    suffixes = {".py", ".csv", ".jinja", ".css"}
    wanted = {
        str(file.relative_to(source.parent))
        for file in source.rglob("*")
        if file.suffix in suffixes and "__pycache__" not in file.parts
    }
    with ZipFile(wheel) as archive:
        found = set(archive.namelist())
    assert wanted - found == set()
    tops = {name.split("/")[0] for name in found}
    assert tops == {"spectral_bias", f"spectral_bias-{spectral_bias.__version__}.dist-info"}


def test_it_needs_neither_the_workflow_nor_the_tests(installed):
    program = "import importlib.util as u, sys; print([n for n in sys.argv[1:] if u.find_spec(n)])"
    assert installed("python", "-c", program, *ONLY_OF_THE_WORKFLOW).stdout == "[]\n"
    # They are here, so that their absence there means something.
    assert all(find_spec(name) for name in ONLY_OF_THE_WORKFLOW)


def test_the_command_answers(installed):
    assert "spectrum" in installed("spectral-bias", "--help").stdout
    version = installed("spectral-bias", "--version").stdout
    assert version == f"spectral-bias {spectral_bias.__version__}\n"


def test_every_module_of_toolkit_and_commands_can_be_imported(installed):
    program = (
        "import importlib, pkgutil, spectral_bias\n"
        "[getattr(spectral_bias, name) for name in spectral_bias.__all__]\n"
        "for part in ('toolkit', 'commands'):\n"
        "    package = importlib.import_module('spectral_bias.' + part)\n"
        "    for found in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        print(importlib.import_module(found.name).__name__)\n"
    )
    modules = installed("python", "-W", "error", "-c", program).stdout.splitlines()
    source = Path(spectral_bias.__file__).parent
    files = [*source.rglob("toolkit/**/*.py"), *source.glob("commands/*.py")]
    assert len(modules) == len(files) - 2, "all but the two __init__ at the top"


def test_the_authors_numbers_are_there(installed):
    program = (
        "from spectral_bias.reference import authors, known\n"
        "papers = ('rahaman2018', 'fridovichkeil2021')\n"
        "print(sum(len(authors(paper, name)) for paper in papers for name in known(paper)))\n"
    )
    source = Path(spectral_bias.__file__).parent / "reference"
    wanted = sum(len(pd.read_csv(file)) for file in source.rglob("*.csv"))
    assert int(installed("python", "-c", program).stdout) == wanted > 0


def test_a_spectrum_is_measured(installed, tmp_path):
    torch.save(mlp(1, 8, 3, 0).state_dict(), tmp_path / "network.pt")
    done = installed("spectral-bias", "spectrum", "network.pt", "--out", "out")
    assert "breakpoints on [0, 1]" in done.stdout and done.stderr == ""
    assert len(pd.read_csv(tmp_path / "out" / "spectrum.csv")) == 200


NETWORK = """
import torch

def build(num_classes):
    torch.manual_seed(0)
    flat = torch.nn.Flatten()
    layers = torch.nn.Linear(3 * 8 * 8, 16), torch.nn.ReLU(), torch.nn.Linear(16, num_classes)
    return torch.nn.Sequential(flat, *layers)
"""


def test_classifiers_of_images_are_measured_and_compared(installed, tmp_path):
    generator = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "images" / name).mkdir(parents=True)
        for number in range(6):
            pixels = generator.integers(0, 256, (8, 8, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "images" / name / f"{number}.png")
    (tmp_path / "network.py").write_text(NETWORK)
    options = ["--model", "network.py:build", "--images", "images", "--normalise", "none"]
    for seed in ("0", "1"):
        done = installed(
            *("spectral-bias", "measure", *options, "--pairs", "4", "--points", "32"),
            *("--seed", seed, "--name", f"seed {seed}", "--out", f"measured {seed}"),
        )
        assert "within" in done.stdout
        paths = pd.read_csv(tmp_path / f"measured {seed}" / "paths.csv")
        assert set(paths["kind"]) == {"within", "between"}
        assert paths["hann_fraction"].between(0, 1).all()
        assert (tmp_path / f"measured {seed}" / "measurement.html").stat().st_size > 1000
    installed("spectral-bias", "compare", "measured 0", "measured 1", "--out", "compared")
    assert (tmp_path / "compared" / "comparison.json").is_file()
