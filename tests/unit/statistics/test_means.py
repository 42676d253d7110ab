"""t-intervals of means, ratios and interactions against scipy."""

import numpy as np
import pytest
from scipy import stats

from spectral_bias.statistics import (
    UndecidedError,
    interaction,
    log_ratio_interval,
    mean_interval,
    paired_difference,
    prediction_interval,
)


def ends(estimate):
    return estimate.ci_low, estimate.ci_high


@pytest.mark.parametrize("count", [3, 5, 12])
def test_mean_interval_equals_scipy(count):
    values = np.random.default_rng(count).normal(2.0, 3.0, count)
    found = mean_interval(values, "n")
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert found.value == pytest.approx(values.mean()) and ends(found) == pytest.approx(expected)
    assert (found.n_runs, found.note) == (count, "n")
    assert mean_interval(values, n_runs=1).n_runs == 1


@pytest.mark.parametrize(("count", "future"), [(3, 1), (5, 5), (10, 20)])
def test_prediction_interval_is_that_of_the_difference_of_two_means(count, future):
    values = np.random.default_rng(count).normal(2.0, 3.0, count)
    found = prediction_interval(values, future, "n")
    error = values.std(ddof=1) * np.sqrt(1 / count + 1 / future)
    half = stats.t.ppf(0.975, count - 1) * error
    assert ends(found) == pytest.approx((values.mean() - half, values.mean() + half))
    assert (found.value, found.n_runs, found.note) == (pytest.approx(values.mean()), count, "n")
    many = prediction_interval(values, 10**9)
    assert ends(many) == pytest.approx(ends(mean_interval(values)))


def test_paired_difference_equals_scipy_and_is_narrower_where_pairs_share_something():
    rng = np.random.default_rng(0)
    shared = 10 * rng.normal(size=6)
    a, b = shared + rng.normal(size=6), shared + rng.normal(size=6)
    found = paired_difference(a, b, "n", n_runs=12)
    assert ends(found) == pytest.approx(stats.ttest_rel(a, b).confidence_interval(0.95))
    assert (found.n_runs, found.note) == (12, "n")
    apart = stats.ttest_ind(a, b).confidence_interval(0.95)
    assert found.ci_high - found.ci_low < (apart.high - apart.low) / 3


def test_log_ratio_interval_is_the_interval_of_the_logarithms():
    rng = np.random.default_rng(1)
    a, b = rng.lognormal(1.0, 0.5, 7), rng.lognormal(0.0, 0.5, 7)
    found, turned = log_ratio_interval(a, b, "n"), log_ratio_interval(b, a)
    assert found.value == pytest.approx(stats.gmean(a / b))
    expected = stats.ttest_rel(np.log(a), np.log(b)).confidence_interval(0.95)
    assert ends(found) == pytest.approx(tuple(np.exp(expected)))
    assert (1 / turned.ci_high, 1 / turned.ci_low) == pytest.approx(ends(found))
    assert (found.n_runs, found.note) == (7, "n")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1.0, 2.0], "2 value(s), where an interval needs at least 3"),
        ([1.0, np.nan, 2.0], "not finite"),
        ([1.0, np.inf, 2.0], "not finite"),
        ([0.5, 0.5, 0.5, 0.5], "all 4 values are equal"),
        ([0.1 + 0.2, 0.3, 0.3], "all 3 values are equal"),  # but for rounding
        ([0.0, 0.0, 0.0], "all 3 values are equal"),
    ],
)
def test_mean_interval_says_why_there_is_none(values, said):
    with pytest.raises(UndecidedError) as error:
        mean_interval(np.array(values), n_runs=9)
    assert said in str(error.value) and error.value.n_runs == 9


def test_the_resolution_bounds_the_half_width_from_below():
    equal = mean_interval(np.full(4, 0.8), resolution=0.2)
    assert ends(equal) == pytest.approx((0.6, 1.0))
    wide = np.array([0.2, 0.8, 1.0, 0.4])
    assert mean_interval(wide, resolution=0.2) == mean_interval(wide)
    near = np.array([0.8, 0.8, 0.8, 0.79])
    assert ends(paired_difference(near, 0 * near, resolution=0.2)) == pytest.approx(
        (0.5975, 0.9975)
    )


def test_a_ratio_needs_positive_values():
    with pytest.raises(UndecidedError, match="positive") as error:
        log_ratio_interval(np.array([1.0, 2.0, 0.0]), np.ones(3))
    assert error.value.n_runs == 3


@pytest.mark.parametrize("count", [7, 20])
def test_interaction_equals_a_regression_on_what_the_other_terms_leave(count):
    """The theorem of Frisch, Waugh and Lovell, with the degrees of freedom set right."""
    rng = np.random.default_rng(count)
    a, b = rng.uniform(3, 900, count), rng.integers(0, 2, count)
    y = 2 - 0.1 * a + 5 * b + 0.03 * a * b + rng.normal(size=count)
    found = interaction(y, a, b, "n")
    others = np.column_stack([np.ones(count), a, b])
    left = [v - others @ np.linalg.lstsq(others, v, rcond=None)[0] for v in (a * b, y)]
    line = stats.linregress(*left)
    error = line.stderr * np.sqrt((count - 2) / (count - 4))
    half = stats.t.ppf(0.975, count - 4) * error
    assert found.value == pytest.approx(line.slope)
    assert ends(found) == pytest.approx((line.slope - half, line.slope + half))
    assert (found.n_runs, found.note) == (count, "n")


def test_interaction_does_not_depend_on_origins_and_follows_units():
    rng = np.random.default_rng(3)
    y, a, b = rng.normal(size=(3, 12))
    one, moved = interaction(y, a, b), interaction(y + 7, a - 1000, b + 30)
    assert moved.value == pytest.approx(one.value) and ends(moved) == pytest.approx(ends(one))
    scaled = interaction(y, 1e-3 * a, 10 * b)
    assert ends(scaled) == pytest.approx((100 * one.ci_low, 100 * one.ci_high))


A = np.array([0.0, 1, 2, 3, 0, 1, 2, 3])
B = np.array([0.0, 0, 0, 0, 1, 1, 1, 1])
Y = np.random.default_rng(4).normal(size=8)


@pytest.mark.parametrize(
    ("y", "a", "b", "said"),
    [
        (Y[:6], A[:6], B[:6], r"6 value\(s\), where an interaction needs at least 7"),
        (Y * np.nan, A, B, "not finite"),
        (Y, A, 0 * B, "both of its factors to vary"),
        (Y, A, 2 * A, "both of its factors to vary"),
        (1 + A + 2 * A * B, A, B, "the fit leaves no residual"),
    ],
)
def test_interaction_says_why_there_is_none(y, a, b, said):
    with pytest.raises(UndecidedError, match=said):
        interaction(y, a, b)
