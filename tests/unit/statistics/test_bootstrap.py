"""Bootstrap intervals against explicit loops and scipy."""

import numpy as np
import pytest
from scipy import stats

from spectral_bias.statistics import UndecidedError, bca_interval, member_bootstrap


def test_bootstrap_interval_equals_an_explicit_loop():
    values = np.random.default_rng(1).exponential(size=12)
    found = member_bootstrap(lambda index: values[index].mean(axis=-1), 12, "n")
    rng = np.random.default_rng(2)
    means = [rng.choice(values, 12).mean() for _ in range(20_000)]
    low, high = np.percentile(means, [2.5, 97.5])
    assert found.value == pytest.approx(values.mean())
    assert (found.ci_low, found.ci_high) == pytest.approx((low, high), abs=0.03)
    assert found.n_runs == 12 and found.note == "n"


def test_bootstrap_covers_the_true_mean_about_as_often_as_it_says():
    rng = np.random.default_rng(3)
    covered = 0
    for trial in range(60):
        values = rng.normal(5.0, 1.0, 30)
        found = member_bootstrap(lambda i, v=values: v[i].mean(axis=-1), 30, seed=trial)
        covered += found.ci_low <= 5.0 <= found.ci_high
    assert 50 <= covered < 60


def test_bootstrap_depends_on_its_seed_only():
    values = np.random.default_rng(4).normal(size=8)
    one, same, other = (
        member_bootstrap(lambda i: values[i].mean(axis=-1), 8, seed=seed) for seed in (0, 0, 1)
    )
    assert one == same != other


def test_bootstrap_of_three_members_spans_their_range():
    values = np.array([1.0, 2.0, 4.0])
    found = member_bootstrap(lambda i: values[i].mean(axis=-1), 3)
    assert (found.ci_low, found.ci_high) == (1.0, 4.0)


@pytest.mark.parametrize("members", [1, 2])
def test_bootstrap_of_fewer_members_is_refused(members):
    with pytest.raises(UndecidedError, match="at least 3") as error:
        member_bootstrap(lambda i: i.mean(axis=-1), members)
    assert error.value.n_runs == members


def test_bca_interval_is_scipys_at_the_raised_level():
    """Of a mean of eight, the raised level is that at which a normal interval is as wide as t."""
    values = np.random.default_rng(5).exponential(size=8)
    found = bca_interval(lambda index: values[index].mean(axis=-1), 8, "n")
    width = stats.t.ppf(0.975, 7) * values.std(ddof=1) / values.std()
    level = 1 - 2 * stats.norm.sf(width)
    expected = stats.bootstrap(
        (values,), np.mean, confidence_level=level, n_resamples=40_000, rng=6
    ).confidence_interval
    assert found.value == pytest.approx(values.mean())
    assert (found.ci_low, found.ci_high) == pytest.approx(tuple(expected), abs=0.06)
    assert found.ci_high - found.value > found.value - found.ci_low  # follows the skew
    assert (found.n_runs, found.note) == (8, "n")
    assert bca_interval(lambda index: values[index].mean(axis=-1), 8, "n") == found


def test_bca_interval_of_a_statistic_that_never_changes_is_undecided():
    with pytest.raises(UndecidedError, match="no spread from which to tell"):
        bca_interval(lambda index: 0 * index.mean(axis=-1), 9)


def test_bca_interval_of_seven_is_refused():
    with pytest.raises(UndecidedError, match="7 run") as error:
        bca_interval(lambda index: index.mean(axis=-1), 7)
    assert error.value.n_runs == 7
