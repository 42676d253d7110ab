"""Intervals of any statistic over resampled members."""

import warnings
from collections.abc import Callable

import numpy as np
from scipy import stats

from spectral_bias.statistics.estimates import LEVEL, MIN_MEMBERS, Estimate, UndecidedError

RESAMPLES = 2000
MIN_BCA_MEMBERS = 8

Statistic = Callable[[np.ndarray], np.ndarray]
"""Index (..., M) of members → (...); called with many resamples at once."""


def member_bootstrap(statistic: Statistic, members: int, note: str = "", seed: int = 0) -> Estimate:
    """The statistic of all members with its percentile interval (95 %) over resampled members.

    Members are drawn with replacement, all their measurements together, 2000 times. With three
    members the interval is their whole range; it then covers 75 %, with ten about 90 %: means are
    better off with `mean_interval`.

    Args:
        statistic: index (..., M) of members → (...); called with many resamples at once.
        members: M.
        note: passed on to the estimate.
        seed: of the resampling; the same seed gives the same interval.

    Raises:
        UndecidedError: fewer than three members.
    """
    return _resampled(statistic, members, MIN_MEMBERS, "percentile", note, seed)


def bca_interval(statistic: Statistic, members: int, note: str = "", seed: int = 0) -> Estimate:
    """The statistic of all members with its bias-corrected and accelerated bootstrap interval.

    For statistics that are no means, such as ratios of sums or slopes. Statistics that take few
    values, such as orders of a few frequencies, have no such interval.

    Args:
        statistic: index (..., M) of members → (...), for any number of members: it is also asked
            for with each member left out.
        members: M.
        note: passed on to the estimate.
        seed: of the resampling; the same seed gives the same interval.

    Raises:
        UndecidedError: fewer than eight members.
    """
    return _resampled(statistic, members, MIN_BCA_MEMBERS, "BCa", note, seed)


def _resampled(
    statistic: Statistic, members: int, fewest: int, method: str, note: str, seed: int
) -> Estimate:
    if members < fewest:
        reason = f"{members} run(s), where an interval needs at least {fewest}"
        raise UndecidedError(reason, members)
    everyone = np.arange(members)
    value = float(statistic(everyone))
    with warnings.catch_warnings():
        # Resamples without a number make the ends of the interval NaN, which is said in the claim.
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        resampled = stats.bootstrap(
            (everyone,),
            lambda index, axis=-1: statistic(index),
            n_resamples=RESAMPLES,
            batch=250,
            vectorized=True,
            confidence_level=LEVEL,
            method=method,
            rng=np.random.default_rng(seed),
        )
    low, high = resampled.confidence_interval
    return Estimate(value, float(low), float(high), members, note)
