"""Intervals (95 %) of rank correlations by Fisher's z.

The variance of z is that of Bonett and Wright (2000, Psychometrika 65, 23–28),
(1 + r²/2) / (n − 3) for n pairs, where Pearson's correlation has 1 / (n − 3); what is estimated
besides, such as the means of strata, takes the place of the 3.

Two things that a formula for many values does not know are added. A perfect order of few values has
no interval by Fisher's z; it is given that of the nearest order in which two neighbours change
places, up to ±1. And few values stand in order by chance: where at least one in twenty permutations
is as far from 0 as the data, the interval is widened to reach 0.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise, permutations

import numpy as np
from scipy import special

from spectral_bias.statistics.estimates import LEVEL, Estimate, require
from spectral_bias.statistics.orders import mean_ranks, spearman

MIN_FREEDOM = 2
MIN_STRATUM = 3
PERMUTATIONS = 9999
"""Random ones; all are tried where there are no more than that."""
PERFECT = 1 - 1e-9
"""A correlation from here on is ±1, but for rounding."""

Statistic = Callable[[np.ndarray], np.ndarray]
"""y (..., N) → correlation (...)."""


def rank_correlation(
    x: np.ndarray, y: np.ndarray, note: str = "", n_runs: int | None = None, seed: int = 0
) -> Estimate:
    """Spearman's correlation of x (N,) with y (N,); Fisher's z with N − 3 degrees of freedom.

    So five values, the fewest allowed, decide nothing, and six only in perfect or nearly perfect
    order.

    Args:
        x: one value for each unit, such as a network.
        y: likewise.
        note: passed on to the estimate.
        n_runs: independent runs behind the pairs; None is one for each pair.
        seed: of the permutations.

    Raises:
        UndecidedError: fewer than five pairs, a value that is not finite, or no differences.
    """
    x, y, runs = _checked(x, y, n_runs=n_runs)
    freedom = len(x) - 3
    reason = f"{len(x)} pair(s), where an order needs at least {MIN_FREEDOM + 3}"
    require(freedom >= MIN_FREEDOM, reason, runs)
    require(bool(np.ptp(x) > 0 and np.ptp(y) > 0), "the values do not differ", runs)
    low_high = _interval(lambda v: spearman(x, v), y, [np.arange(len(x))], freedom)
    chance = _chance([_standard_ranks(x)], [_standard_ranks(y)], seed)
    return _estimate(float(spearman(x, y)), low_high, chance, runs, note)


def stratified_rank_correlation(
    x: np.ndarray,
    y: np.ndarray,
    strata: np.ndarray,
    note: str = "",
    n_runs: int | None = None,
    seed: int = 0,
) -> Estimate:
    """Correlation of the ranks of x (N,) and y (N,) within strata, over all strata.

    Ranks are formed, centred and scaled within each stratum, so that differences between strata
    play no part: the value is the mean of the strata's Spearman correlations, weighted by their
    sizes. Fisher's z with N − (number of strata) − 2 degrees of freedom; permutations stay within
    strata.

    Args:
        x: one value for each unit, such as a network.
        y: likewise.
        strata: (N,) label of each unit's stratum, such as the intervention of a network.
        note: passed on to the estimate; strata that are left out, because they have fewer than
            three units or no differences, are named after it.
        n_runs: independent runs behind the pairs that are used; None is one for each pair.
        seed: of the permutations.

    Raises:
        UndecidedError: too few pairs for two degrees of freedom, or a value that is not finite.
    """
    x, y, runs = _checked(x, y, n_runs=n_runs)
    strata = np.asarray(strata)
    used, left_out = [], []
    for name in dict.fromkeys(strata.tolist()):
        own = np.flatnonzero(strata == name)
        differ = bool(np.ptp(x[own]) > 0 and np.ptp(y[own]) > 0)
        if len(own) >= MIN_STRATUM and differ:
            used.append(own)
        else:
            left_out.append(str(name))
    note = _joined(note, f"left out: {', '.join(left_out)}" if left_out else "")
    pairs = sum(map(len, used))
    runs = pairs if n_runs is None else n_runs
    freedom = pairs - len(used) - 2
    need = MIN_FREEDOM + 2 + len(used)
    reason = (
        f"{pairs} pair(s) in {len(used)} strata, where an order within them needs {max(need, 5)}"
    )
    require(freedom >= MIN_FREEDOM and bool(used), _joined(reason, note), runs)

    def pooled(v: np.ndarray) -> np.ndarray:
        return sum(len(own) / pairs * spearman(x[own], v[..., own]) for own in used)

    low_high = _interval(pooled, y, used, freedom)
    ranks_x, ranks_y = ([_standard_ranks(v[own]) for own in used] for v in (x, y))
    return _estimate(float(pooled(y)), low_high, _chance(ranks_x, ranks_y, seed), runs, note)


def partial_rank_correlation(
    x: np.ndarray,
    y: np.ndarray,
    z: np.ndarray,
    note: str = "",
    n_runs: int | None = None,
    seed: int = 0,
) -> Estimate:
    """Spearman's correlation of x (N,) with y (N,) given z (N,).

    It is the correlation of what is left of the ranks of x and of y after a line over the ranks
    of z is taken off. Fisher's z with N − 4 degrees of freedom; the residuals are permuted.

    Args:
        x: one value for each unit, such as a network.
        y: likewise.
        z: what is held fixed.
        note: passed on to the estimate.
        n_runs: independent runs behind the values; None is one for each.
        seed: of the permutations.

    Raises:
        UndecidedError: fewer than six values, one that is not finite, one of x, y, z without
            differences, or an x or y whose order is that of z.
    """
    x, y, runs = _checked(x, y, z, n_runs=n_runs)
    z = np.asarray(z, dtype=float)
    freedom = len(x) - 4
    reason = f"{len(x)} value(s), where an order given a third needs at least {MIN_FREEDOM + 4}"
    require(freedom >= MIN_FREEDOM, reason, runs)
    require(bool(min(np.ptp(v) for v in (x, y, z)) > 0), "the values do not differ", runs)
    rho_xz, rho_yz = float(spearman(x, z)), float(spearman(y, z))
    same = max(abs(rho_xz), abs(rho_yz)) >= PERFECT
    require(not same, "the order of one is that of what is held fixed", runs)

    def partial(v: np.ndarray) -> np.ndarray:
        with_z = spearman(v, z)
        scale = np.sqrt((1 - rho_xz**2) * np.clip(1 - with_z**2, 0, None))
        left = (spearman(x, v) - rho_xz * with_z) / np.where(scale > 0, scale, np.nan)
        return np.clip(left, -1, 1)

    low_high = _interval(partial, y, [np.arange(len(x))], freedom)
    ranks_z = _standard_ranks(z)
    rests = [_standard_ranks(v) - rho * ranks_z for v, rho in ((x, rho_xz), (y, rho_yz))]
    chance = _chance([rests[0]], [rests[1]], seed)
    return _estimate(float(partial(y)), low_high, chance, runs, note)


def fisher_interval(r: np.ndarray, freedom: int) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the interval of rank correlations r (...), strictly between -1 and 1."""
    r = np.asarray(r, dtype=float)
    half = special.ndtri((1 + LEVEL) / 2) * np.sqrt((1 + r**2 / 2) / freedom)
    centre = np.arctanh(r)
    return np.tanh(centre - half), np.tanh(centre + half)


def _interval(
    statistic: Statistic, y: np.ndarray, groups: Sequence[np.ndarray], freedom: int
) -> tuple[float, float]:
    """The interval of `statistic(y)`; of ±1, that of the nearest order, up to ±1.

    Args:
        statistic: of orders.
        y: (N,).
        groups: indices of units; neighbours in y change places within a group.
        freedom: degrees of freedom of Fisher's z.
    """
    value = float(statistic(y))
    if abs(value) < PERFECT:
        low, high = fisher_interval(value, freedom)
        return float(low), float(high)
    around = np.sign(value) * statistic(_exchanged(y, groups))
    nearest = around[around < PERFECT].max(initial=0.0)
    low = float(fisher_interval(nearest, freedom)[0])
    return (low, 1.0) if value > 0 else (-1.0, -low)


def _exchanged(y: np.ndarray, groups: Sequence[np.ndarray]) -> np.ndarray:
    """y (N,) once for each pair of different neighbours in its order, which change places."""
    changed = []
    for group in groups:
        order = group[np.argsort(y[group], kind="stable")]
        for one, next_one in pairwise(order):
            if y[one] != y[next_one]:
                other = y.copy()
                other[[one, next_one]] = y[[next_one, one]]
                changed.append(other)
    return np.array(changed)


def _chance(a: Sequence[np.ndarray], b: Sequence[np.ndarray], seed: int) -> float:
    """Two-sided p-value of Σ a·b over permutations of b within its parts.

    Exact where there are at most `PERMUTATIONS` of them, else from as many random ones.

    Args:
        a: one array for each part.
        b: likewise, of the same lengths.
        seed: of the random permutations.
    """
    observed = sum(float(x @ y) for x, y in zip(a, b, strict=True))
    exact = math.prod(math.factorial(len(y)) for y in b) <= PERMUTATIONS
    rng = np.random.default_rng(seed)
    total = np.zeros(1) if exact else np.zeros(PERMUTATIONS)
    for x, y in zip(a, b, strict=True):
        if exact:
            total = np.add.outer(total, np.array(list(permutations(y))) @ x).ravel()
        else:
            total = total + rng.permuted(np.tile(y, (PERMUTATIONS, 1)), axis=1) @ x
    # Sums of the same numbers in another order differ by rounding.
    slack = 1e-9 * sum(len(y) for y in b)
    as_far = min((total >= observed - slack).sum(), (total <= observed + slack).sum())
    one_sided = as_far / len(total) if exact else (as_far + 1) / (len(total) + 1)
    return min(1.0, 2 * float(one_sided))


def _standard_ranks(v: np.ndarray) -> np.ndarray:
    """Ranks (N,) of v (N,), of mean 0 and mean square 1; ties have their mean rank."""
    ranks = mean_ranks(v)
    return (ranks - ranks.mean()) / ranks.std()


def _checked(
    x: np.ndarray, y: np.ndarray, *more: np.ndarray, n_runs: int | None
) -> tuple[np.ndarray, np.ndarray, int]:
    """x and y as numbers, all of them finite, and the number of runs."""
    arrays = [np.asarray(v, dtype=float) for v in (x, y, *more)]
    runs = len(arrays[0]) if n_runs is None else n_runs
    require(all(np.isfinite(v).all() for v in arrays), "some values are not finite", runs)
    return arrays[0], arrays[1], runs


def _estimate(
    value: float, low_high: tuple[float, float], chance: float, runs: int, note: str
) -> Estimate:
    low, high = low_high
    if chance >= 1 - LEVEL:
        low, high = min(low, 0.0), max(high, 0.0)
    return Estimate(value, low, high, runs, note)


def _joined(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
