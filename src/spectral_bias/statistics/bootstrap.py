"""Intervals of any statistic over resampled members."""

import warnings
from collections.abc import Callable

import numpy as np
from scipy import special, stats

from spectral_bias.statistics.estimates import LEVEL, MIN_MEMBERS, Estimate, require

RESAMPLES, BCA_RESAMPLES = 2000, 9999
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
    _require_members(members, MIN_MEMBERS)
    low, high = _resampled_interval(statistic, members, "percentile", RESAMPLES, LEVEL, seed)
    return Estimate(float(statistic(np.arange(members))), low, high, members, note)


def bca_interval(statistic: Statistic, members: int, note: str = "", seed: int = 0) -> Estimate:
    """The statistic of all members with its bias-corrected and accelerated bootstrap interval.

    For statistics that are no means, such as ratios of sums or slopes. Few members scatter less
    than what they were drawn from, so the level is raised to that at which the interval of a mean
    would be as wide as by Student's t (Hesterberg 2015, Am. Stat. 69, 371–386: "expanded").

    Args:
        statistic: index (..., M) of members → (...), for any number of members: it is also asked
            for with each member left out. One that takes few values has no such interval.
        members: M.
        note: passed on to the estimate.
        seed: of the resampling; the same seed gives the same interval.

    Raises:
        UndecidedError: fewer than eight members, or resamples that are all equal.
    """
    _require_members(members, MIN_BCA_MEMBERS)
    quantile = special.stdtrit(members - 1, (1 + LEVEL) / 2) * np.sqrt(members / (members - 1))
    level = float(1 - 2 * special.ndtr(-quantile))
    with np.errstate(divide="ignore", invalid="ignore"):  # of resamples that are all equal
        low, high = _resampled_interval(statistic, members, "BCa", BCA_RESAMPLES, level, seed)
    reason = "no spread from which to tell: resamples are all equal, or have no number"
    require(bool(np.isfinite([low, high]).all()), reason, members)
    return Estimate(float(statistic(np.arange(members))), low, high, members, note)


def _require_members(members: int, fewest: int) -> None:
    reason = f"{members} run(s), where an interval needs at least {fewest}"
    require(members >= fewest, reason, members)


def _resampled_interval(
    statistic: Statistic, members: int, method: str, resamples: int, level: float, seed: int
) -> tuple[float, float]:
    with warnings.catch_warnings():
        # Resamples without a number make the ends of the interval NaN, which is said in the claim.
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        resampled = stats.bootstrap(
            (np.arange(members),),
            lambda index, axis=-1: statistic(index),
            n_resamples=resamples,
            batch=250,
            vectorized=True,
            confidence_level=level,
            method=method,
            rng=np.random.default_rng(seed),
        )
    low, high = resampled.confidence_interval
    return float(low), float(high)
