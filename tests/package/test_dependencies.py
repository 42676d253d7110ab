"""What pyproject.toml asks for, what requirements.in resolves, and what is locked, agree."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import REPOSITORY

PYPROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]


def named(texts):
    return {canonicalize_name(Requirement(text).name): Requirement(text) for text in texts}


ASKED = named(
    [
        *PROJECT["dependencies"],
        *(text for texts in PROJECT["optional-dependencies"].values() for text in texts),
        *PYPROJECT["build-system"]["requires"],
    ]
)
LINES = (REPOSITORY / "requirements.in").read_text().splitlines()
RESOLVED = named(line for line in LINES if line and not line.startswith("#"))
LOCKED = dict(
    re.findall(r"^([\w.-]+)==(\S+)", (REPOSITORY / "requirements.lock").read_text(), re.M)
)


def test_the_same_packages_are_asked_for_and_resolved():
    assert ASKED.keys() == RESOLVED.keys()


@pytest.mark.parametrize("name", sorted(ASKED))
def test_the_locked_version_is_in_both_ranges(name):
    assert ASKED[name].specifier.contains(LOCKED[name])
    assert RESOLVED[name].specifier.contains(LOCKED[name])
    assert ASKED[name].specifier, "a lower limit keeps versions away that were never tried"


def test_no_package_is_in_two_groups():
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    assert sum(len(named(group)) for group in groups) == len(set().union(*map(named, groups)))


def test_the_licence_file_is_that_of_the_project():
    assert PROJECT["license"] == "MIT"
    assert (REPOSITORY / PROJECT["license-files"][0]).read_text().startswith("MIT License")
