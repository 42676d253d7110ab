"""Intervals of any statistic over resampled members."""

import warnings
from collections.abc import Callable

import numpy as np
from scipy import special

from spectral_bias.statistics.estimates import LEVEL, Estimate, require

RESAMPLES = 9999
MIN_MEMBERS = 8

Statistic = Callable[[np.ndarray], np.ndarray]
"""Index (..., M) of members → (...); called with many resamples at once."""


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
    from scipy import stats  # takes over a second, which most jobs need not spend

    reason = f"{members} run(s), where an interval needs at least {MIN_MEMBERS}"
    require(members >= MIN_MEMBERS, reason, members)
    quantile = special.stdtrit(members - 1, (1 + LEVEL) / 2) * np.sqrt(members / (members - 1))
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        # Resamples that are all equal, or without a number, make ends NaN: said in the claim.
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        resampled = stats.bootstrap(
            (np.arange(members),),
            lambda index, axis=-1: statistic(index),
            n_resamples=RESAMPLES,
            batch=250,
            vectorized=True,
            confidence_level=float(1 - 2 * special.ndtr(-quantile)),
            method="BCa",
            rng=np.random.default_rng(seed),
        )
    low, high = map(float, resampled.confidence_interval)
    reason = "no spread from which to tell: resamples are all equal, or have no number"
    require(bool(np.isfinite([low, high]).all()), reason, members)
    return Estimate(float(statistic(np.arange(members))), low, high, members, note)
