"""Settings of Experiment 9: the paper's values, what a run is made of, what is refused."""

from pathlib import Path

import pytest

from spectral_bias.config.load import load_settings
from spectral_bias.errors import UserError
from spectral_bias.experiments import training_runs

ROOT = Path(__file__).parents[3]


def adversarial(scale="quick", **values):
    return load_settings({"scale": scale, "rahaman2018": {"adversarial": values}}, ROOT)


def test_paper_scale_has_the_values_of_the_paper():
    found = adversarial("paper").rahaman2018.adversarial
    assert found.network.model_dump() == {"depth": 20, "width": 16}
    assert (found.data.source, found.n_training, found.n_adversarial) == ("cifar10", 50, 50)
    assert (found.neb.iterations, found.neb.steps) == (4, 10)
    assert (found.neb.learning_rate, found.neb.momentum) == (1e-3, 0.9)


def test_quick_scale_finds_paths_as_the_paper_does_and_needs_no_download():
    paper, quick = (adversarial(scale).rahaman2018.adversarial for scale in ("paper", "quick"))
    assert (quick.neb, quick.attack.budget) == (paper.neb, paper.attack.budget)
    assert quick.data.source == "patches"


def test_only_settings_of_training_retrain_the_classifier():
    before = training_runs(adversarial())
    measured = adversarial(n_training=5, attack={"budget": 16.0}, neb={"steps": 20})
    assert training_runs(measured) == before
    changed = training_runs(adversarial(epochs=3))
    assert [name for name in before if changed[name] != before[name]] == ["adversarial_classifier"]
    assert before["adversarial_classifier"]["run"] == "adversarial_classifier"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"network": {"depth": 9}}, "network.depth: 9 is not 6n + 2"),
        ({"data": {"n_train": 2005}}, "data.n_train: 2005 images cannot be shared out evenly to"),
        ({"data": {"n_test": None}}, "data.n_test: how many patches? Write a multiple of 10"),
        ({"data": {"source": "imagefolder"}}, "data.folder: source imagefolder needs a folder"),
        ({"data": {"folder": "x"}}, "data.folder: source patches takes no folder"),
        ({"data": {"source": "cifar"}}, "data.source: Input should be 'patches', 'cifar10' or"),
        ({"attack": {"candidates": 3}}, "attack.candidates: 3 attacks cannot give n_adversarial"),
        ({"attack": {"steps": 5}}, "attack.steps: 5 steps of 0.1 of the budget do not reach it"),
        ({"neb": {"pivots": 0, "insertions": 0}}, "neb.pivots: a path without pivots cannot bend"),
        ({"checked_points": 13}, "checked_points: 13 points are not finer than the up to 13"),
        ({"shown_images": 50}, "shown_images: 50 of 41 checked points"),
        ({"schedule": "linear"}, "schedule: Input should be 'step' or 'cosine'"),
        ({"momentum": 1.0}, "momentum: Input should be less than 1"),
    ],
)
def test_bad_setting_is_one_line_with_its_key(values, said):
    with pytest.raises(UserError) as caught:
        adversarial(**values)
    assert f": rahaman2018.adversarial.{said}" in str(caught.value)
    assert "\n" not in str(caught.value)
