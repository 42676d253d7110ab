"""Settings of Experiment 4: checks across keys, and what its run depends on."""

from pathlib import Path

import pytest

from spectral_bias.config.load import load_settings
from spectral_bias.errors import UserError
from spectral_bias.experiments import training_runs

ROOT = Path(__file__).parents[3]


def settings(scale="paper", **values):
    return load_settings({"scale": scale, "rahaman2018": {"kernel_spectra": values}}, ROOT)


def run(**values):
    return training_runs(settings(**values))["kernel_spectra"]


def test_paper_scale_has_the_values_of_paper_and_code():
    section = settings().rahaman2018.kernel_spectra
    assert section.network.model_dump() == {"depth": 6, "width": 256}
    assert section.data.model_dump() == {"source": "mnist", "classes": [3, 8], "n_samples": 2000}
    assert (section.sigma, section.beta, section.gamma) == (1.25, 1.0, 2.0)
    assert (section.learning_rate, section.iterations, section.n_bins) == (1e-4, 5000, 100)
    assert section.snapshots.increasing == [0, 40, 200, 300, 400, 600]
    assert section.grid.n_points == 50


def test_predictions_are_recorded_at_the_snapshots_of_both_kinds_only():
    snapshots = {"increasing": [40, 0], "white": [40, 7]}
    assert run(snapshots=snapshots)["record_every"] == [0, 7, 40]
    assert run()["records"] == ["prediction"]


def test_what_only_later_stages_need_retrains_nothing():
    assert run(n_bins=10, grid={"sigma": 0.1}) == run()
    assert run(sigma=2.0) != run()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"n_bins": 2001}, "kernel_spectra.n_bins: 2001 bins for 2000 eigenvectors; choose at"),
        (
            {"snapshots": {"white": [0, 5001]}},
            "kernel_spectra.snapshots.white: iteration 5001 is after the last one; choose "
            "iterations up to 5000",
        ),
        ({"snapshots": {"white": []}}, "kernel_spectra.snapshots.white: List should have at least"),
        ({"snapshots": {"pink": [0]}}, "kernel_spectra.snapshots.pink: unknown key"),
        ({"sigma": 0.0}, "kernel_spectra.sigma: Input should be greater than 0"),
        ({"data": {"classes": [3, 3]}}, "kernel_spectra.data.classes: both are 3"),
        ({"data": {"train_fraction": 0.8}}, "kernel_spectra.data.train_fraction: unknown key"),
        ({"data": {"n_samples": 1}}, "kernel_spectra.data.n_samples: Input should be greater"),
    ],
)
def test_bad_settings_are_one_line_with_their_key(values, said):
    with pytest.raises(UserError) as caught:
        settings(**values)
    assert said in str(caught.value) and "\n" not in str(caught.value)
