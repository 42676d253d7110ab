"""Settings of Experiments 5 and 6: the paper's values, and errors of one line."""

from pathlib import Path

import pytest

from spectral_bias.config.load import load_settings
from spectral_bias.errors import UserError

ROOT = Path(__file__).parents[3]


def paper():
    return load_settings({"scale": "paper"}, ROOT).rahaman2018


def test_paper_scale_has_the_values_of_the_paper():
    regression, grid = paper().manifold_regression, paper().manifold_classification
    assert (regression.n_points, regression.iterations, regression.n_runs) == (1000, 50_000, 10)
    assert regression.frequencies == list(range(20, 201, 20))
    assert regression.lobes == [0, 4, 10, 16]
    assert (grid.n_points, grid.iterations, grid.loss) == (1000, 10_000, "bce")
    assert grid.frequencies == list(range(50, 401, 50)) and grid.lobes == list(range(0, 21, 2))
    assert grid.decision.model_dump() == {"frequency": 200, "lobes": 20, "twins": 1}


def test_runs_hold_what_training_needs_and_no_more():
    (run,) = paper().manifold_regression.runs().values()
    assert run["records"] == ["probe"] and run["amplitudes"] == [1.0] * 10
    (run,) = paper().manifold_classification.runs().values()
    assert run["records"] == [] and "decision_points" not in run


@pytest.mark.parametrize("n", [400, 401])
def test_the_highest_frequency_and_lobes_below_nyquist_are_accepted(n):
    values = {"n_points": n, "frequencies": [(n - 1) // 2], "lobes": [0, (n - 1) // 2]}
    settings = load_settings({"rahaman2018": {"manifold_regression": values}}, ROOT)
    assert settings.rahaman2018.manifold_regression.n_points == n


@pytest.mark.parametrize(
    ("section", "values", "said"),
    [
        (
            "manifold_regression",
            {"frequencies": [10, 200]},
            "manifold_regression.frequencies: k = 200 is not below the Nyquist frequency "
            "n_points/2 = 200",
        ),
        (
            "manifold_regression",
            {"lobes": [0, 200]},
            "manifold_regression.lobes: L = 200 is not below n_points/2 = 200",
        ),
        ("manifold_regression", {"lobes": [4, 4]}, "lobes: one L is named twice"),
        ("manifold_regression", {"lobes": [-1]}, "manifold_regression.lobes.0: Input should be"),
        (
            "manifold_classification",
            {"n_points": 320},
            "manifold_classification.frequencies: k = 160 is not below the Nyquist frequency "
            "n_points/2 = 160",
        ),
        (
            "manifold_classification",
            {"n_points": 41, "frequencies": [20], "lobes": [21]},
            "manifold_classification.lobes: L = 21 is not below n_points/2 = 20.5",
        ),
        (
            "manifold_classification",
            {"decision": {"lobes": 3}},
            "manifold_classification.decision: k = 100, L = 3 is not in the grid",
        ),
    ],
)
def test_bad_setting_is_one_line_that_names_the_key(section, values, said):
    with pytest.raises(UserError) as caught:
        load_settings({"rahaman2018": {section: values}}, ROOT)
    assert f": rahaman2018.{section}" in str(caught.value)
    assert said in str(caught.value) and "\n" not in str(caught.value)
