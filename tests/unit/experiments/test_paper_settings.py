"""The papers' values that captions compare with are those of config.yaml at paper scale."""

import pytest

from spectral_bias.config.load import load_settings
from spectral_bias.experiments.fridovichkeil2021 import source_settings as second
from spectral_bias.experiments.rahaman2018 import source_settings as first
from tests.conftest import REPOSITORY

PAPER = load_settings({"scale": "paper"}, REPOSITORY)
QUICK = load_settings({"scale": "quick"}, REPOSITORY)


@pytest.mark.parametrize("experiment", first.PAPER)
def test_at_paper_scale_nothing_of_the_first_paper_deviates(experiment):
    said = first.deviations(PAPER.rahaman2018.model_dump(), experiment)
    assert said.startswith("Settings are the paper's")
    quick = first.deviations(QUICK.rahaman2018.model_dump(), experiment)
    assert quick.startswith("Settings other than the paper's")


def test_at_paper_scale_nothing_of_the_second_paper_deviates():
    cifar10 = PAPER.fridovichkeil2021.cifar10.model_dump()
    said = second.deviations(cifar10, *second.SECTIONS)
    assert said.startswith("Settings are the paper's")
    quick = second.deviations(QUICK.fridovichkeil2021.cifar10.model_dump(), *second.SECTIONS)
    assert quick.startswith("Settings other than the paper's")
