"""Bootstrap intervals against explicit loops and scipy."""

import numpy as np
import pytest
from scipy import stats

from spectral_bias.statistics import UndecidedError, bca_interval


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
