"""Rank correlations against scipy, ties and censored times included."""

import numpy as np
import pytest
from scipy import stats

from spectral_bias.statistics import kendall_tau, spearman


def test_kendall_tau_of_perfect_reversed_and_constant_order():
    x = np.arange(6)
    assert kendall_tau(x, 2.0**x) == 1
    assert kendall_tau(x, -x) == -1
    assert np.isnan(kendall_tau(x, np.ones(6)))
    assert np.isnan(kendall_tau(x, np.array([0, 1, np.nan, 3, 4, 5])))


def test_censored_times_tie():
    """3 of 5 in order, 2 censored: 9 concordant pairs, 1 tie, tau-b = 9 / sqrt(10 * 9)."""
    tau = kendall_tau(np.arange(5), np.array([1, 2, 3, np.inf, np.inf]))
    assert tau == pytest.approx(9 / np.sqrt(90))


def test_kendall_tau_equals_scipy_with_ties():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 8, 10).astype(float)
    y = rng.integers(0, 5, (40, 10)).astype(float)
    y[:20][y[:20] == 4] = np.inf
    expected = [stats.kendalltau(x, row).statistic for row in y]
    np.testing.assert_allclose(kendall_tau(x, y), expected, atol=1e-12)


def test_spearman_equals_scipy_with_ties():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 6, (20, 9)).astype(float)
    y = rng.integers(0, 5, (20, 9)).astype(float)
    expected = [stats.spearmanr(a, b).statistic for a, b in zip(x, y, strict=True)]
    np.testing.assert_allclose(spearman(x, y), expected, atol=1e-12)
    np.testing.assert_allclose(spearman(x[0], y), [spearman(x[0], row) for row in y])


def test_spearman_of_constant_or_missing_values_is_not_a_number():
    x = np.arange(5.0)
    assert spearman(x, np.exp(x)) == 1 and spearman(x, -(x**3)) == -1
    assert np.isnan(spearman(x, np.ones(5)))
    assert np.isnan(spearman(x, np.array([0, 1, np.nan, 3, 4])))
