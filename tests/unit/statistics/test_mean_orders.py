"""Orders found in each run: their mean and its interval."""

import numpy as np
import pytest

from spectral_bias.statistics import UndecidedError, kendall_tau, mean_interval, mean_order

X = np.arange(6)


def test_is_the_mean_of_the_runs_own_orders_and_not_the_order_of_their_mean():
    y = np.array([X, X, [0, 2, 1, 3, 4, 5], X, -100 * X])
    found, expected = mean_order(X, y), mean_interval(kendall_tau(X, y), resolution=2 / 15)
    assert found.value == pytest.approx((1 + 1 + 13 / 15 + 1 - 1) / 5)
    assert float(kendall_tau(X, y.mean(axis=0))) == -1
    assert (found.ci_low, found.ci_high) == pytest.approx((expected.ci_low, 1))
    assert found.n_runs == 5


@pytest.mark.parametrize(("y", "low", "high"), [(X, 1 - 2 / 15, 1), (-X, -1, -1 + 2 / 15)])
def test_runs_that_agree_have_an_interval_of_one_exchanged_pair(y, low, high):
    found = mean_order(X, np.tile(y, (4, 1)))
    assert (found.ci_low, found.ci_high) == pytest.approx((low, high))


def test_never_reaches_beyond_a_perfect_order():
    y = np.tile(X, (4, 1)).astype(float)
    y[0] = y[0, ::-1]
    found = mean_order(X, y)
    assert found.value == pytest.approx(0.5) and found.ci_high == 1 and found.ci_low < -0.5


def test_covers_the_mean_order_of_noisy_runs():
    rng, covered = np.random.default_rng(1), 0
    draw = lambda runs: X + rng.normal(scale=3, size=(runs, 6))  # noqa: E731
    expected = kendall_tau(X, draw(20000)).mean()
    for _ in range(400):
        found = mean_order(X, draw(5))
        covered += found.ci_low <= expected <= found.ci_high
    assert covered / 400 > 0.92


@pytest.mark.parametrize(
    ("y", "said"),
    [
        (np.tile(X, (2, 1)), "2 value(s)"),
        (np.tile(X[:2], (4, 1)), "2 value(s), where an order"),
        (np.array([[1, 2, 3], [1, 1, 1], [1, 2, 3]]), "no order"),
    ],
)
def test_too_few_runs_or_values_and_no_order_are_undecided(y, said):
    with pytest.raises(UndecidedError, match=said.replace("(", r"\(").replace(")", r"\)")):
        mean_order(np.arange(y.shape[1]), y)
