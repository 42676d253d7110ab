"""Claims on manifolds, on tables made to obey them, to violate them, and to leave them open."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments.rahaman2018.manifolds.claims import CLAIMS, high_amplitude

EASE, FALLS, RISES = CLAIMS
LOBES, FREQUENCIES = (0, 4, 10, 16), (10, 20, 30, 40)


def spectrum(high, members=4, lobes=LOBES, low=0.9):
    """k = 10, 20 have amplitude `low`; k = 30, 40 `high` of their L, plus member / 100."""
    rows = [
        (member, L, t, k, high[L] + member / 100 if k > 20 else low)
        for member, L, t, k in product(range(members), lobes, (0, 10), FREQUENCIES)
    ]
    columns = ["member", "lobes", "iteration", "frequency", "amplitude"]
    return {"manifold_spectrum": pd.DataFrame(rows, columns=columns).sample(frac=1, random_state=0)}


@pytest.mark.parametrize(
    ("high", "value", "expected"),
    [
        ({0: 0.1, 4: 0.2, 10: 0.8, 16: 0.7}, 0.6, "holds"),
        ({0: 0.5, 4: 0.5, 10: 0.5, 16: 0.54}, 0.02, "fails"),
        ({0: 0.7, 4: 0.7, 10: 0.2, 16: 0.2}, -0.5, "fails"),
        ({0: 0.9, 4: 0.9, 10: 1.4, 16: 1.4}, 0.085, "fails"),
    ],
)
def test_more_lobes_ease_high_frequencies(high, value, expected):
    (result,) = evaluate([EASE], spectrum(high))
    assert result["value"] == pytest.approx(value)
    assert result["verdict"] == expected
    assert result["n_runs"] == 4 and "k >= 30" in result["statistic"]


def test_low_frequencies_do_not_count():
    high = {0: 0.1, 4: 0.2, 10: 0.8, 16: 0.7}
    one, two = (evaluate([EASE], spectrum(high, low=low)) for low in (0.1, 1.0))
    assert one == two


def test_high_amplitude_against_a_loop():
    amplitude = np.random.default_rng(0).uniform(0, 2, (3, 5, 7))
    expected = [np.mean([min(row[k], 1) for row in a for k in range(3, 7)]) for a in amplitude]
    np.testing.assert_allclose(high_amplitude(amplitude), expected)


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        (spectrum(dict.fromkeys(LOBES, 0.5), members=2), "2 run(s)"),
        (spectrum({0: 0.5}, lobes=(0,)), "one L was run"),
    ],
)
def test_too_few_runs_or_curves_decide_nothing(tables, said):
    (result,) = evaluate([EASE], tables)
    assert result["verdict"] == "not tested" and said in result["statistic"]


def accuracies(values, members=1):
    """values (G, K): accuracy at L = 0, 2, … and k = 20, 40, …"""
    rows = [
        (member, 20 * (column + 1), 2 * row, accuracy)
        for member in range(members)
        for (row, column), accuracy in np.ndenumerate(np.asarray(values))
    ]
    return {
        "manifold_accuracy": pd.DataFrame(
            rows, columns=["member", "frequency", "lobes", "accuracy"]
        )
    }


L, K = np.mgrid[0:6, 0:8]
EXPECTED = 0.75 + 0.02 * L - 0.02 * K


@pytest.mark.parametrize("members", [1, 3])
def test_accuracy_that_falls_with_k_and_rises_with_lobes(members):
    falls, rises = evaluate([FALLS, RISES], accuracies(EXPECTED, members))
    assert (falls["value"], rises["value"]) == (-1, 1)
    assert falls["verdict"] == rises["verdict"] == "holds"
    assert falls["n_runs"] == members
    assert "0.80 at the lowest, 0.66 at the highest frequency" in falls["statistic"]


def test_the_opposite_order_fails():
    for result in evaluate([FALLS, RISES], accuracies(EXPECTED[::-1, ::-1])):
        assert result["verdict"] == "fails"


def test_order_of_the_means_over_the_grid():
    values = np.random.default_rng(1).uniform(0.5, 1, (6, 8))
    falls, rises = evaluate([FALLS, RISES], accuracies(values))
    along_k = stats.kendalltau(range(8), values.mean(axis=0)).statistic
    along_lobes = stats.kendalltau(range(6), values.mean(axis=1)).statistic
    assert falls["value"] == pytest.approx(along_k, rel=1e-5)
    assert rises["value"] == pytest.approx(along_lobes, rel=1e-5)


def test_a_grid_of_two_rows_decides_nothing():
    for result in evaluate([FALLS, RISES], accuracies(EXPECTED[:2])):
        assert result["verdict"] == "not tested" and "fewer than 3" in result["statistic"]


def test_equal_accuracies_have_no_order():
    for result in evaluate([FALLS, RISES], accuracies(np.ones((4, 4)))):
        assert result["verdict"] == "not tested"
