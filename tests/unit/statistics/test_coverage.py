"""Intervals of 95 % cover the truth as often as they say, in repeated draws whose truth is known.

Bounds allow for three standard errors of the number of draws.
"""

import numpy as np
import pytest

from spectral_bias.statistics import (
    bca_interval,
    bootstrap,
    interaction,
    largest_mean,
    log_ratio_interval,
    mean_interval,
    partial_rank_correlation,
    prediction_interval,
    rank_correlation,
    rank_correlations,
    smallest_mean,
    stratified_rank_correlation,
)

DRAWS = 400
ERROR = 3 * np.sqrt(0.95 * 0.05 / DRAWS)


def coverage(draw, truth, draws=DRAWS):
    """Fraction of the intervals of `draw(rng)` that hold the truth."""
    rng = np.random.default_rng(1)
    found = [draw(rng) for _ in range(draws)]
    return np.mean([estimate.ci_low <= truth <= estimate.ci_high for estimate in found])


@pytest.fixture
def few_permutations(monkeypatch):
    """The guard by permutations from fewer of them, to be quick."""
    monkeypatch.setattr(rank_correlations, "PERMUTATIONS", 199)


def population_rank_correlation(correlation):
    """Spearman's correlation of two normal variables of this Pearson correlation."""
    return 6 / np.pi * np.arcsin(correlation / 2)


def normal_pair(rng, count, correlation):
    x, rest = rng.normal(size=(2, count))
    return x, correlation * x + np.sqrt(1 - correlation**2) * rest


@pytest.mark.parametrize("count", [3, 5, 10])
def test_t_intervals_of_means_and_ratios(count):
    mean = coverage(lambda rng: mean_interval(rng.normal(2.0, 3.0, count)), 2.0, 2000)
    assert mean == pytest.approx(0.95, abs=0.015)
    ratio = coverage(
        lambda rng: log_ratio_interval(rng.lognormal(1, 1, count), rng.lognormal(0, 1, count)),
        np.e,
    )
    assert ratio == pytest.approx(0.95, abs=ERROR)


@pytest.mark.parametrize(("count", "future"), [(3, 1), (10, 20)])
def test_prediction_intervals_hold_the_mean_of_further_values(count, future):
    rng, held = np.random.default_rng(2), 0
    for _ in range(2000):
        found = prediction_interval(rng.normal(2.0, 3.0, count), future)
        held += found.ci_low <= rng.normal(2.0, 3.0, future).mean() <= found.ci_high
    assert held / 2000 == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize("means", [(0.0,), (0.0, 0.0, 0.0), (-3.0, -1.0, 0.0)])
def test_extremes_of_means_are_wrong_on_either_side_at_most_as_often_as_one_interval(means):
    """Conditions share their networks, or not; the largest mean is 0."""
    rng = np.random.default_rng(1)
    for shared in (0.0, 1.0):
        draws = rng.normal(size=(1000, 4, 1)) * shared + rng.normal(size=(1000, 4, len(means)))
        draws += np.array(means)
        large = [largest_mean(dict(enumerate(values.T))) for values in draws]
        small = [smallest_mean(dict(enumerate(-values.T))) for values in draws]
        limit = 0.025 + 3 * np.sqrt(0.025 * 0.975 / 1000)
        assert np.mean([found.ci_low > 0 for found in large]) <= limit
        assert np.mean([found.ci_high < 0 for found in large]) <= limit
        for one, other in zip(large, small, strict=True):
            assert (one.value, one.ci_low) == (-other.value, -other.ci_high)


@pytest.mark.parametrize("count", [8, 15])
def test_bca_intervals_of_a_ratio_of_means(count, monkeypatch):
    monkeypatch.setattr(bootstrap, "RESAMPLES", 1999)

    def draw(rng):
        x, rest = rng.normal(size=(2, count))
        above, below = 3 + x + rest, 5 + x
        return bca_interval(lambda index: above[index].mean(-1) / below[index].mean(-1), count)

    assert 0.9 <= coverage(draw, 0.6) <= 0.98


@pytest.mark.parametrize("count", [6, 10, 25])
@pytest.mark.parametrize("correlation", [0.0, 0.6])
def test_rank_correlations(count, correlation, few_permutations):
    found = coverage(
        lambda rng: rank_correlation(*normal_pair(rng, count, correlation)),
        population_rank_correlation(correlation),
    )
    # Orders of six take few values, and all but nearly perfect ones have intervals around zero.
    assert 0.95 - ERROR <= found <= (0.99 if count == 6 else 0.95 + ERROR)


@pytest.mark.parametrize("sizes", [(3, 3, 3, 3), (4, 6, 9)])
def test_stratified_rank_correlations_of_unrelated_values(sizes, few_permutations):
    strata = np.repeat(np.arange(len(sizes)), sizes)

    def draw(rng):
        x, y = rng.normal(size=(2, len(strata))) + 5 * strata
        return stratified_rank_correlation(x, y, strata)

    assert 0.95 - ERROR <= coverage(draw, 0.0) <= 0.95 + 1.2 * ERROR


@pytest.mark.parametrize("count", [8, 25])
def test_partial_rank_correlations_of_a_common_cause(count, few_permutations):
    def draw(rng):
        z = rng.normal(size=count)
        return partial_rank_correlation(*(z + 2 * rng.normal(size=(2, count))), z)

    assert 0.95 - ERROR <= coverage(draw, 0.0) <= 0.99


@pytest.mark.parametrize("count", [7, 16])
def test_interactions(count):
    a, b = np.random.default_rng(0).normal(size=(2, count))
    line = 1 + 2 * a - b + 0.5 * a * b
    found = coverage(lambda rng: interaction(line + rng.normal(size=count), a, b), 0.5)
    assert found == pytest.approx(0.95, abs=ERROR)
