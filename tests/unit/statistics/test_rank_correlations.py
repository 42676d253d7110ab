"""Intervals of rank correlations against short computations of their own."""

from itertools import permutations

import numpy as np
import pytest
from scipy import stats

from spectral_bias.statistics import (
    UndecidedError,
    partial_rank_correlation,
    rank_correlation,
    stratified_rank_correlation,
)


def fisher(r, freedom):
    """The interval with the variance of Bonett and Wright."""
    half = stats.norm.ppf(0.975) * np.sqrt((1 + r**2 / 2) / freedom)
    return np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half)


def ends(estimate):
    return estimate.ci_low, estimate.ci_high


def related(rng, count, strength=1.0):
    x = rng.normal(size=count)
    return x, strength * x + rng.normal(size=count)


def test_rank_correlation_is_scipys_with_the_interval_of_bonett_and_wright():
    x, y = related(np.random.default_rng(5), 14)
    found = rank_correlation(x, y, "n")
    rho = stats.spearmanr(x, y).statistic
    assert found.value == pytest.approx(rho) and ends(found) == pytest.approx(fisher(rho, 11))
    assert found.n_runs == 14 and found.note == "n"
    assert rank_correlation(x, y, n_runs=1).n_runs == 1


def test_a_perfect_order_has_the_interval_of_its_nearest_neighbour_up_to_one():
    x = np.arange(8.0)
    nearest = stats.spearmanr(x, [0, 1, 2, 4, 3, 5, 6, 7]).statistic
    low, _ = fisher(nearest, 5)
    found, turned = rank_correlation(x, x**3), rank_correlation(x, -x)
    assert (found.value, *ends(found)) == pytest.approx((1, low, 1)) and found.ci_high == 1.0
    assert (turned.value, *ends(turned)) == pytest.approx((-1, -1, -low))


def test_in_a_perfect_order_with_ties_neighbours_that_differ_change_places():
    y = np.array([0, 0, 0, 1, 1, 2, 2, 2])
    swapped = [[0, 0, 1, 0, 1, 2, 2, 2], [0, 0, 0, 1, 2, 1, 2, 2]]
    nearest = max(stats.spearmanr(y, other).statistic for other in swapped)
    assert ends(rank_correlation(y, y)) == pytest.approx((fisher(nearest, 5)[0], 1))


@pytest.mark.parametrize(
    ("y", "decided"),
    [
        ([0, 1, 2, 3, 4], False),
        ([0, 1, 2, 3, 4, 5], True),
        ([5, 4, 3, 2, 1, 0], True),
        ([5, 4, 3, 2, 0, 1], True),
        ([0, 1, 3, 2, 5, 4], True),  # 24 of 720 permutations are as far, to either side
        ([0, 1, 2, 4, 5, 3], False),  # 42 of 720
    ],
)
def test_how_near_to_perfect_an_order_of_few_must_be(y, decided):
    found = rank_correlation(np.arange(len(y)), np.array(y))
    assert (found.ci_low > 0 or found.ci_high < 0) == decided
    assert found.ci_low <= found.value <= found.ci_high and found.ci_low < found.ci_high


@pytest.mark.parametrize("strata", [None, np.zeros(6)])
def test_where_permutations_are_as_far_by_chance_the_interval_reaches_zero(strata):
    """Fisher's z knows nothing of ties: 48 of the 720 permutations of this y are as far as it."""
    x, y = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 0, 0, 1, 2])
    orders = [stats.spearmanr(x, p).statistic for p in permutations(y)]
    rho = stats.spearmanr(x, y).statistic
    assert np.sum(np.array(orders) >= rho - 1e-9) == 48 and fisher(rho, 3)[0] > 0.7
    one = rank_correlation(x, y) if strata is None else stratified_rank_correlation(x, y, strata)
    assert one.value == pytest.approx(rho) and ends(one) == (0.0, pytest.approx(fisher(rho, 3)[1]))


@pytest.mark.parametrize(("sizes", "decided"), [([9, 1, 2], True), ([8, 1, 3], False)])
def test_many_values_are_compared_with_random_permutations(sizes, decided):
    """The two ones of x are the highest of y by chance in 1, or 3, of 66 draws of two places."""
    x, y = np.repeat([0, 1], [10, 2]), np.repeat([0, 1, 2], sizes)
    found = [rank_correlation(x, y, seed=seed) for seed in (0, 0, 1)]
    assert found[0] == found[1]
    assert [one.ci_low > 0 for one in found] == [decided] * 3
    assert fisher(found[0].value, 9)[0] > 0  # which alone would decide


def test_rank_correlation_of_unrelated_values_is_rarely_decided():
    rng = np.random.default_rng(7)
    found = [rank_correlation(rng.normal(size=8), rng.normal(size=8)) for _ in range(60)]
    assert sum(e.ci_low > 0 or e.ci_high < 0 for e in found) <= 7


@pytest.mark.parametrize(
    ("y", "said"),
    [
        ([1, 2, 3, 4], "4 pair(s), where an order needs at least 5"),
        ([1, 2, 3, np.nan, 5], "not finite"),
        ([1, 1, 1, 1, 1], "do not differ"),
    ],
)
def test_rank_correlation_says_why_there_is_none(y, said):
    with pytest.raises(UndecidedError) as error:
        rank_correlation(np.arange(len(y)), np.array(y))
    assert said in str(error.value)


# Within strata


def test_stratified_correlation_is_the_weighted_mean_of_the_strata():
    rng = np.random.default_rng(8)
    strata = np.repeat(["depth", "width", "decay"], [4, 5, 8])
    x, y = related(rng, 17)
    mixed = rng.permutation(17)
    found = stratified_rank_correlation(x[mixed], y[mixed], strata[mixed], "n")
    parts = [stats.spearmanr(x[strata == s], y[strata == s]).statistic for s in set(strata)]
    value = np.average(parts, weights=[(strata == s).sum() for s in set(strata)])
    assert found.value == pytest.approx(value)
    assert ends(found) == pytest.approx(fisher(value, 17 - 3 - 2))
    assert (found.n_runs, found.note) == (17, "n")


def test_differences_between_strata_play_no_part():
    """Simpson: it falls within each stratum, and rises with the strata's levels."""
    x = np.concatenate([np.arange(5.0) + 100 * s for s in range(3)])
    y = np.concatenate([-np.arange(5.0) + 100 * s for s in range(3)])
    strata = np.repeat([0, 1, 2], 5)
    assert rank_correlation(x, y).value > 0.7
    found = stratified_rank_correlation(x, y, strata)
    assert found.value == pytest.approx(-1) and found.ci_low == -1.0 and found.ci_high < 0


def test_one_stratum_is_the_plain_correlation():
    x, y = related(np.random.default_rng(9), 12, 0.5)
    plain, one = rank_correlation(x, y), stratified_rank_correlation(x, y, np.zeros(12))
    assert (one.value, *ends(one)) == pytest.approx((plain.value, *ends(plain)))


def test_strata_that_tell_nothing_are_left_out_and_named():
    x, y = related(np.random.default_rng(10), 12, 3.0)
    strata = np.array(["a"] * 6 + ["b"] * 2 + ["c"] * 4)
    x[8:] = 1.0  # c does not differ
    found = stratified_rank_correlation(x, y, strata, "accuracy")
    assert found.note == "accuracy; left out: b, c" and found.n_runs == 6
    plain = rank_correlation(x[:6], y[:6])
    assert (found.value, *ends(found)) == pytest.approx((plain.value, *ends(plain)))


@pytest.mark.parametrize(
    ("strata", "said"),
    [
        (list("aabbccdd"), r"0 pair\(s\) in 0 strata.*needs 5; left out: a, b, c, d"),
        (list("aaabbccd"), r"3 pair\(s\) in 1 strata, where an order within them needs 5"),
    ],
)
def test_too_few_in_all_strata_is_said(strata, said):
    with pytest.raises(UndecidedError, match=said):
        stratified_rank_correlation(np.arange(8), np.arange(8), np.array(strata))


def test_stratified_permutations_stay_within_strata():
    """Three strata of three in order: 1 of 216 permutations is as far, so 0 is excluded; with one
    stratum turned it is not."""
    x, strata = np.tile(np.arange(3.0), 3), np.repeat([0, 1, 2], 3)
    assert stratified_rank_correlation(x, x, strata).ci_low > 0
    turned = np.where(strata == 0, -x, x)
    assert stratified_rank_correlation(x, turned, strata).ci_low < 0


# Given a third


def left_of_ranks(v, z):
    line = np.column_stack([np.ones(len(z)), stats.rankdata(z)])
    ranks = stats.rankdata(v)
    return ranks - line @ np.linalg.lstsq(line, ranks, rcond=None)[0]


def test_partial_correlation_is_that_of_rank_residuals():
    rng = np.random.default_rng(11)
    z = rng.integers(0, 9, 20)  # with ties
    x, y = z + 2 * rng.normal(size=20), z + 2 * rng.normal(size=20)
    found = partial_rank_correlation(x, y, z, "n")
    r = stats.pearsonr(left_of_ranks(x, z), left_of_ranks(y, z)).statistic
    assert found.value == pytest.approx(r) and ends(found) == pytest.approx(fisher(r, 16))
    assert (found.n_runs, found.note) == (20, "n")


def test_a_common_cause_leaves_nothing():
    rng = np.random.default_rng(12)
    z = rng.normal(size=40)
    x, y = z + 0.3 * rng.normal(size=40), z + 0.3 * rng.normal(size=40)
    assert rank_correlation(x, y).ci_low > 0.5
    found = partial_rank_correlation(x, y, z)
    assert found.ci_low < 0 < found.ci_high


def test_partial_correlation_of_equal_orders_has_a_width():
    rng = np.random.default_rng(13)
    x, z = rng.normal(size=(2, 10))
    found, turned = (partial_rank_correlation(x, sign * x, z) for sign in (1, -1))
    assert found.value == pytest.approx(1) and 0 < found.ci_low < 0.98 and found.ci_high == 1
    assert ends(turned) == pytest.approx((-found.ci_high, -found.ci_low))


@pytest.mark.parametrize(
    ("x", "y", "z", "said"),
    [
        (range(5), [1, 0, 3, 2, 4], [4, 1, 0, 2, 3], r"5 value\(s\), where an order given a third"),
        (range(6), [1, 0, 3, 2, 4, 5], [2] * 6, "do not differ"),
        (range(6), [1, 0, 3, 2, 4, 5], range(6), "that of what is held fixed"),
        (range(6), [1, 0, 3, 2, 4, 5], [np.inf, 1, 2, 3, 4, 5], "not finite"),
    ],
)
def test_partial_correlation_says_why_there_is_none(x, y, z, said):
    with pytest.raises(UndecidedError, match=said):
        partial_rank_correlation(np.array(x), np.array(y), np.array(z))
