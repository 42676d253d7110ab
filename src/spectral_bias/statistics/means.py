"""Intervals (95 %) of means, the largest of several, and an interaction by Student's t.

They take for granted that values scatter about normally, and then cover as often as they say with
three values already; the percentile bootstrap of three covers 75 %. Shape suffix: M members (runs).
"""

from collections.abc import Hashable, Mapping

import numpy as np
from scipy import special

from spectral_bias.statistics.estimates import LEVEL, MIN_MEMBERS, Estimate, require

MIN_FREEDOM = 3
"""Fewest degrees of freedom of an interaction's interval."""
ROUNDING = 1e-12
"""Spread relative to the values' size that is taken for rounding."""


def mean_interval(
    values_M: np.ndarray,
    note: str = "",
    n_runs: int | None = None,
    resolution: float | None = None,
    level: float = LEVEL,
) -> Estimate:
    """The mean of independent values (M,) with its t-interval of M − 1 degrees of freedom.

    Args:
        values_M: one value for each unit, such as a network, that was drawn at random.
        note: passed on to the estimate.
        n_runs: independent runs behind the values; None is one for each value.
        resolution: smallest step of the values, where they come in steps. The interval then reaches
            at least that far to either side, so that values that happen to be equal have one too.
        level: of confidence.

    Raises:
        UndecidedError: fewer than three values, one that is not finite, or values that are all
            equal, which have no spread to tell from, while no `resolution` is given.
    """
    values_M = np.asarray(values_M, dtype=float)
    count = len(values_M)
    runs = count if n_runs is None else n_runs
    reason = f"{count} value(s), where an interval needs at least {MIN_MEMBERS}"
    require(count >= MIN_MEMBERS, reason, runs)
    require(bool(np.isfinite(values_M).all()), "some values are not finite", runs)
    if resolution is None:
        equal = np.ptp(values_M) <= ROUNDING * np.abs(values_M).max()
        require(not equal, f"no spread from which to tell: all {count} values are equal", runs)
    mean = float(values_M.mean())
    half = float(_t_quantile(count - 1, level) * values_M.std(ddof=1) / np.sqrt(count))
    half = max(half, resolution or 0.0)
    return Estimate(mean, mean - half, mean + half, runs, note)


def prediction_interval(
    values_M: np.ndarray,
    future: int,
    note: str = "",
    resolution: float | None = None,
) -> Estimate:
    """The mean of values (M,) with the interval of the mean of `future` more from the same source.

    That of `mean_interval`, wider by the factor sqrt(1 + M / future): the other mean scatters, too.

    Args:
        values_M: one value for each unit, such as a network, that was drawn at random.
        future: how many further values the other mean is taken over.
        note: passed on to the estimate.
        resolution: as in `mean_interval`.

    Raises:
        UndecidedError: see `mean_interval`.
    """
    found = mean_interval(values_M, note, resolution=resolution)
    half = (found.ci_high - found.value) * np.sqrt(1 + len(values_M) / future)
    return Estimate(found.value, found.value - half, found.value + half, found.n_runs, note)


def paired_difference(
    a_M: np.ndarray,
    b_M: np.ndarray,
    note: str = "",
    n_runs: int | None = None,
    resolution: float | None = None,
) -> Estimate:
    """Mean of a − b with the t-interval of the differences, so what a pair shares cancels.

    Args:
        a_M: (M,), paired with
        b_M: (M,).
        note: passed on to the estimate.
        n_runs: as in `mean_interval`.
        resolution: smallest step of the differences, as in `mean_interval`.

    Raises:
        UndecidedError: see `mean_interval`.
    """
    difference_M = np.asarray(a_M, dtype=float) - np.asarray(b_M, dtype=float)
    return mean_interval(difference_M, note, n_runs, resolution)


def log_ratio_interval(
    a_M: np.ndarray, b_M: np.ndarray, note: str = "", n_runs: int | None = None
) -> Estimate:
    """Geometric mean of the ratios a / b of pairs, with a t-interval formed of their logarithms.

    Args:
        a_M: (M,) positive, paired with
        b_M: (M,) positive.
        note: passed on to the estimate.
        n_runs: as in `mean_interval`.

    Returns:
        The ratio and its interval, which is symmetric on the scale of logarithms: 1 is no effect.

    Raises:
        UndecidedError: some value is not positive, or see `mean_interval`.
    """
    a_M, b_M = np.asarray(a_M, dtype=float), np.asarray(b_M, dtype=float)
    runs = len(a_M) if n_runs is None else n_runs
    require(bool((a_M > 0).all() and (b_M > 0).all()), "a ratio needs positive values", runs)
    return exponential(mean_interval(np.log(a_M) - np.log(b_M), note, n_runs))


def exponential(logs: Estimate) -> Estimate:
    """From an estimate of a logarithm that of the number; a mean becomes a geometric mean."""
    value, low, high = np.exp([logs.value, logs.ci_low, logs.ci_high]).tolist()
    return Estimate(value, low, high, logs.n_runs, logs.note)


def largest_mean(values: Mapping[Hashable, np.ndarray], note: str = "") -> Estimate:
    """The largest of the means under several conditions: what a claim on all of them hinges on.

    Every interval is by Student's t. The largest mean is below the largest of their upper ends
    unless the interval of the largest one itself misses, so those need no correction; but it is
    above the largest of their lower ends only if none of them is too high, so these hold for all
    conditions together (Bonferroni). Conditions may share networks.

    Args:
        values: condition → one value (M,) for each network.
        note: passed on to the estimate.

    Raises:
        UndecidedError: no condition, or one of them has no interval, see `mean_interval`.
    """
    require(len(values) > 0, "nothing was measured")
    joint = 1 - (1 - LEVEL) / len(values)
    found = [mean_interval(values_M, level=LEVEL) for values_M in values.values()]
    low = max(mean_interval(values_M, level=joint).ci_low for values_M in values.values())
    value, high = (max(getattr(each, end) for each in found) for end in ("value", "ci_high"))
    return Estimate(value, low, high, min(each.n_runs for each in found), note)


def smallest_mean(values: Mapping[Hashable, np.ndarray], note: str = "") -> Estimate:
    """The smallest of the means under several conditions, see `largest_mean`."""
    found = largest_mean({name: -values_M for name, values_M in values.items()}, note)
    return Estimate(-found.value, -found.ci_high, -found.ci_low, found.n_runs, note)


def interaction(
    y: np.ndarray, a: np.ndarray, b: np.ndarray, note: str = "", n_runs: int | None = None
) -> Estimate:
    """By how much the slope of y over a changes per unit of b: the coefficient of a·b in
    y = c0 + ca·a + cb·b + cab·a·b.

    Ordinary least squares, with the t-interval of N − 4 degrees of freedom.

    Args:
        y: (N,).
        a: (N,).
        b: (N,).
        note: passed on to the estimate.
        n_runs: independent runs behind the values; None is one for each of y.

    Raises:
        UndecidedError: fewer than seven values, one that is not finite, a or b that do not vary
            apart from each other, or a y that leaves no residual to tell from.
    """
    y, a, b = (np.asarray(values, dtype=float) for values in (y, a, b))
    count = len(y)
    runs = count if n_runs is None else n_runs
    freedom = count - 4
    reason = f"{count} value(s), where an interaction needs at least {MIN_FREEDOM + 4}"
    require(freedom >= MIN_FREEDOM, reason, runs)
    finite = np.isfinite(y) & np.isfinite(a) & np.isfinite(b)
    require(bool(finite.all()), "some values are not finite", runs)
    # Moving the origin of a or b leaves the coefficient of a·b as it is; scaling divides it.
    scale_a, scale_b = np.ptp(a), np.ptp(b)
    same = "an interaction needs both of its factors to vary, and not only together"
    require(bool(scale_a > 0 and scale_b > 0), same, runs)
    a, b = (a - a.mean()) / scale_a, (b - b.mean()) / scale_b
    design = np.column_stack([a * b, np.ones(count), a, b])
    require(bool(np.linalg.matrix_rank(design) == design.shape[1]), same, runs)
    coefficients = np.linalg.lstsq(design, y, rcond=None)[0]
    residual = y - design @ coefficients
    variance = float(residual @ residual) / freedom
    spread = np.sqrt(variance) > ROUNDING * np.abs(y).max()
    require(bool(spread), "no spread from which to tell: the fit leaves no residual", runs)
    error = np.sqrt(variance * np.linalg.inv(design.T @ design)[0, 0])
    scale = float(scale_a * scale_b)
    value, half = float(coefficients[0]) / scale, float(_t_quantile(freedom) * error) / scale
    return Estimate(value, value - half, value + half, runs, note)


def _t_quantile(freedom: int, level: float = LEVEL) -> float:
    """Two-sided quantile of Student's t for an interval of a level."""
    return float(special.stdtrit(freedom, (1 + level) / 2))
