"""Settings of Experiment 8 and of nearest neighbours: the paper's values, errors of one line."""

from pathlib import Path

import pytest

from spectral_bias.config.load import load_settings
from spectral_bias.errors import UserError
from spectral_bias.experiments import training_runs

ROOT = Path(__file__).parents[3]


def loaded(scale="paper", **sections):
    return load_settings({"scale": scale, "rahaman2018": sections}, ROOT)


def test_paper_scale_has_the_values_of_the_paper():
    paper = loaded().rahaman2018
    assert paper.random_labels.autoencoder.network.features == 64
    assert paper.random_labels.autoencoder.data.source == "mnist"
    assert paper.random_labels.n_runs == 10
    shown = paper.neighbours
    assert (shown.n_neighbours, shown.frequencies, shown.lobes) == ([5, 10, 15, 20], [150], [20])


def test_networks_of_the_spectrum_are_trained_as_in_experiment_6():
    paper = loaded().rahaman2018
    one, two = paper.neighbours.model_dump(), paper.manifold_classification.model_dump()
    for name in ("network", "n_points", "loss", "learning_rate", "iterations"):
        assert one[name] == two[name], name
    assert one["frequencies"][0] in two["frequencies"] and one["lobes"][0] in two["lobes"]


def test_runs_differ_in_inputs_alone_and_do_not_depend_on_how_the_autoencoder_is_trained():
    runs = training_runs(loaded("quick"))
    kinds = ("manifold", "flat", "flat_stretched")
    same = [dict(runs[f"random_labels_{kind}"]) for kind in kinds]
    assert [(run.pop("inputs"), run.pop("run").removeprefix("random_labels_")) for run in same] == [
        (kind, kind) for kind in kinds
    ]
    assert same[0] == same[1] == same[2]
    assert same[0]["autoencoder"] == "autoencoder" and "noise" not in same[0]
    assert "problem" not in runs["autoencoder"]


def test_a_measurement_does_not_retrain():
    wider = loaded("quick", neighbours={"box": 2.0, "n_neighbours": [3]})
    assert training_runs(wider)["neighbours"] == training_runs(loaded("quick"))["neighbours"]


@pytest.mark.parametrize(
    ("scale", "sections", "said"),
    [
        (
            "quick",
            {"random_labels": {"n_samples": 1798}},
            "random_labels.n_samples: 1798 samples, but digits has 1797 images",
        ),
        ("paper", {"random_labels": {"n_samples": 60_001}}, "but mnist has 60000 images"),
        (
            "quick",
            {"random_labels": {"autoencoder": {"network": {"features": 64}}}},
            "random_labels.autoencoder.network.features: 64 features of images of 64 pixels",
        ),
        (
            "quick",
            {"neighbours": {"n_neighbours": [5, 402]}},
            "neighbours.n_neighbours: K = 402 is more than the 401 samples (n_points)",
        ),
        (
            "quick",
            {"neighbours": {"n_neighbours": [450], "n_points": 500}},
            "neighbours.n_neighbours: K = 450 is more than the 401 samples "
            "(manifold_classification.n_points)",
        ),
        ("quick", {"neighbours": {"n_neighbours": [5, 5]}}, "n_neighbours: one K is named twice"),
        ("quick", {"neighbours": {"fit_band": [4.0, 40.0]}}, "fit_band: ends at 40 cycles"),
        (
            "quick",
            {"neighbours": {"fit_band": [4.0, 4.5]}},
            "fit_band: 4 to 4.5 holds fewer than 3",
        ),
        ("quick", {"neighbours": {"frequencies": [60, 80]}}, "neighbours.frequencies: List should"),
        ("quick", {"neighbours": {"frequencies": [201]}}, "k = 201 is not below the Nyquist"),
    ],
)
def test_bad_settings_are_one_line(scale, sections, said):
    with pytest.raises(UserError) as caught:
        loaded(scale, **sections)
    assert said in str(caught.value) and "\n" not in str(caught.value)
    assert str(caught.value).startswith("--config: rahaman2018.")
