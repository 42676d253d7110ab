"""CITATION.cff and CHANGELOG.md describe the version that is there."""

import re

import yaml

import spectral_bias
from spectral_bias.experiments import titles
from tests.conftest import REPOSITORY

CITATION = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text())
CHANGES = (REPOSITORY / "CHANGELOG.md").read_text()
SECTIONS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_newest_change_is_this_version_on_the_day_of_its_release():
    versions = re.findall(r"^## \[(\S+)\] - (\d{4}-\d\d-\d\d)$", CHANGES, re.MULTILINE)
    assert versions[0] == (CITATION["version"], str(CITATION["date-released"]))
    assert versions[0][0] == spectral_bias.__version__
    assert versions == sorted(versions, reverse=True)
    assert set(re.findall(r"^### (.+)$", CHANGES, re.MULTILINE)) <= SECTIONS


def test_the_citation_has_what_its_format_demands():
    assert CITATION["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= CITATION.keys()
    for reference in CITATION["references"]:
        assert {"type", "title", "authors", "year", "conference"} <= reference.keys()


def test_both_papers_are_cited_as_the_figures_name_them():
    for reference, title in zip(CITATION["references"], titles().values(), strict=True):
        assert reference["title"] in title
        assert reference["identifiers"][0]["value"] in title
        assert reference["authors"][0]["family-names"] in title
        assert str(reference["year"]) in title
