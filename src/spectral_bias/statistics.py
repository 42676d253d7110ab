"""Statistics with their intervals, for tables, claims and figures: pure functions on arrays.

Shape suffixes: M members (runs), T records, K frequencies, B bootstrap resamples.

Censoring. A level that is never reached within the records has no known time; the time is then
+inf. Medians and orders take that as "later than every recorded time". Several such times are
ties: Kendall's tau-b counts a tied pair as neither concordant nor discordant, so a perfect order
that is partly hidden by the end of training gives a tau-b below 1, never above it.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

MIN_MEMBERS = 3
MIN_PAIRS = 4
RESAMPLES = 2000
LEVEL = 0.95


class UndecidedError(Exception):
    """The measured tables cannot decide a claim.

    Args:
        reason: why, one clause for the reader.
        n_runs: runs that were evaluated.
    """

    def __init__(self, reason: str, n_runs: int = 0) -> None:
        super().__init__(reason)
        self.n_runs = n_runs


@dataclass(frozen=True)
class Estimate:
    """A statistic with its interval (95 %); `value` None means undecided, `note` says why.

    Args:
        value: the statistic, in the unit that the claim's `statistic` states.
        ci_low: lower end of the interval.
        ci_high: upper end of the interval.
        n_runs: independent training runs (seeds) behind the value.
        note: what was compared, or why the value cannot be decided.
    """

    value: float | None
    ci_low: float | None
    ci_high: float | None
    n_runs: int
    note: str = ""


ROW = ("value", "ci_low", "ci_high", "n_runs", "note", "reason")
"""Columns of an estimate in a table; `note` says what was compared, `reason` why it has none."""


def estimate_row(measure: Callable[[], Estimate]) -> dict[str, Any]:
    """The columns `ROW` of what `measure` finds, or of why it finds nothing."""
    row: dict[str, Any] = dict.fromkeys(ROW)
    try:
        found = measure()
    except UndecidedError as error:
        return row | {"n_runs": error.n_runs, "reason": str(error)}
    return row | {name: getattr(found, name) for name in ROW[:-1]}


def estimate_of(row: pd.Series) -> Estimate:
    """The estimate that a row of a table holds.

    Raises:
        UndecidedError: the row says why there is none.
    """
    if pd.isna(row["value"]):
        raise UndecidedError(str(row["reason"]), int(row["n_runs"]))
    note = "" if pd.isna(row["note"]) else str(row["note"])
    return Estimate(row["value"], row["ci_low"], row["ci_high"], int(row["n_runs"]), note)


def dense(
    table: pd.DataFrame, axes: tuple[str, ...], value: str
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """A long table as one array, one dimension per name in `axes`.

    Args:
        table: long table with the columns `axes` and `value`.
        axes: columns that become dimensions, in this order.
        value: column of the entries.

    Returns:
        (array, {axis: its sorted distinct values}).

    Raises:
        UndecidedError: the table has no rows, lacks some, or holds values that are not finite
            (a run that diverged): a comparison with NaN would pass for "not reached".
        ValueError: a column is missing, or two rows claim the same entry.
    """
    missing = [name for name in (*axes, value) if name not in table.columns]
    if missing:
        raise ValueError(f"table lacks the columns {missing}; it has {list(table.columns)}")
    if table.empty:
        raise UndecidedError(f"no {value} was measured")
    pairs = [np.unique(table[name].to_numpy(), return_inverse=True) for name in axes]
    shape = tuple(len(values) for values, _ in pairs)
    flat = np.ravel_multi_index([codes for _, codes in pairs], shape)
    if len(np.unique(flat)) < len(flat):
        raise ValueError(f"table has several {value} for the same {', '.join(axes)}")
    array = np.full(int(np.prod(shape)), np.nan)
    array[flat] = table[value].to_numpy(dtype=float)
    absent = int((~np.isfinite(array)).sum())
    require(absent == 0, f"{absent} of {array.size} values of {value} are missing or not finite")
    return array.reshape(shape), {name: pair[0] for name, pair in zip(axes, pairs, strict=True)}


def first_where(positions: np.ndarray, condition: np.ndarray, axis: int) -> np.ndarray:
    """The first position (T,) along `axis` at which `condition` holds; +inf if it never does."""
    found = condition.any(axis=axis)
    return np.where(found, positions[condition.argmax(axis=axis)], np.inf)


def t_half(iterations: np.ndarray, amplitude: np.ndarray, level: float = 0.5) -> np.ndarray:
    """First recorded iteration at which an amplitude reaches `level`; +inf if it never does.

    Args:
        iterations: (T,) increasing.
        amplitude: (..., T, K) single-sided amplitude relative to the target's.
        level: what counts as fitted; 0.5 is half of the target's amplitude.

    Returns:
        (..., K) in iterations.
    """
    return first_where(iterations, amplitude >= level, axis=-2)


def kendall_tau(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Kendall's tau-b over the last axis; NaN where x or y is constant or holds NaN.

    Equals scipy.stats.kendalltau, for many y at once; +inf is a value like others (see above).

    Args:
        x: (..., K).
        y: (..., K), broadcast against x.

    Returns:
        (...), -1 (reversed order) to 1 (same order); (1 + tau) / 2 is the fraction of pairs in
        order when there are no ties.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    first, second = np.triu_indices(x.shape[-1], k=1)

    def signs(v: np.ndarray) -> np.ndarray:
        left, right = v[..., first], v[..., second]
        return (right > left).astype(float) - (right < left)

    sign_x, sign_y = signs(x), signs(y)
    pairs = np.abs(sign_x).sum(-1) * np.abs(sign_y).sum(-1)
    invalid = (pairs == 0) | np.isnan(x).any(-1) | np.isnan(y).any(-1)
    concordance = (sign_x * sign_y).sum(-1)
    return np.where(invalid, np.nan, concordance / np.sqrt(np.where(invalid, 1.0, pairs)))


def spearman(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Spearman's rank correlation over the last axis; NaN where x or y is constant or holds NaN.

    Equals scipy.stats.spearmanr, which takes no batches of pairs. Ties have their mean rank.

    Args:
        x: (..., N).
        y: (..., N), broadcast against x.

    Returns:
        (...), -1 (reversed order) to 1 (same order).
    """

    def centred(v: np.ndarray) -> np.ndarray:
        ranks = stats.rankdata(v, axis=-1, nan_policy="propagate")
        return ranks - (v.shape[-1] + 1) / 2

    a, b = centred(np.asarray(x, dtype=float)), centred(np.asarray(y, dtype=float))
    squares = (a**2).sum(-1) * (b**2).sum(-1)
    products = (a * b).sum(-1)
    return np.where(squares > 0, products / np.sqrt(np.where(squares > 0, squares, 1.0)), np.nan)


def rank_correlation(
    x: np.ndarray, y: np.ndarray, note: str = "", n_runs: int | None = None, seed: int = 0
) -> Estimate:
    """Spearman's correlation of x (N,) with y (N,), with an interval (95 %) over resampled pairs.

    A resample in which x or y is constant shows no order and counts as 0. Few pairs stand in
    perfect order by chance, and so does every resample of them: where at least one in twenty
    permutations of y is as far from 0 as the data (exact up to seven pairs, else 9999 random
    ones), the interval is widened to reach 0. So four pairs never decide, and five do only in
    perfect order.

    Args:
        x: one value for each model.
        y: likewise.
        note: passed on to the estimate.
        n_runs: independent runs behind the pairs; None is one for each pair.
        seed: of the resampling and the permutations.

    Raises:
        UndecidedError: fewer than four pairs, a value that is not finite, or no differences.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    runs = len(x) if n_runs is None else n_runs
    require(len(x) >= MIN_PAIRS, f"{len(x)} model(s), where an order needs {MIN_PAIRS}", runs)
    require(bool(np.isfinite(x).all() and np.isfinite(y).all()), "some values are not finite", runs)
    value = float(spearman(x, y))
    require(np.isfinite(value), "the models do not differ", runs)
    resampled = member_bootstrap(
        lambda index: np.nan_to_num(spearman(x[index], y[index])), len(x), seed=seed
    )
    by_chance = stats.permutation_test(
        (y,),
        lambda permuted, axis=-1: spearman(x, permuted),
        permutation_type="pairings",
        vectorized=True,
        n_resamples=9999,
        rng=np.random.default_rng(seed),
    )
    low, high = resampled.ci_low, resampled.ci_high
    if by_chance.pvalue >= 1 - LEVEL:
        low, high = min(low, 0.0), max(high, 0.0)
    return Estimate(value, low, high, runs, note)


def slope(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Least-squares slope of y (..., K) over x (K,), in units of y per unit of x."""
    centred = x - x.mean()
    return (y * centred).sum(-1) / (centred**2).sum()


def resampled_mean(values: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Means of `values` (M, ...) over the members named by `index` (..., M): (..., ...).

    One matrix product of the multiplicities with the values, instead of copying them B times.
    """
    members = values.shape[0]
    share = (index[..., None] == np.arange(members)).mean(axis=-2)
    return np.tensordot(share, values, axes=1)


def geometric_mean_ratio(numerator: np.ndarray, denominator: np.ndarray) -> Callable:
    """index (..., M) → geometric mean over those members of numerator / denominator, both (M,).

    Ratios are formed within a member, so what the two have in common (seed, data) cancels.
    """
    log_ratio = np.log(numerator) - np.log(denominator)
    return lambda index: np.exp(log_ratio[index].mean(axis=-1))


def member_bootstrap(
    statistic: Callable[[np.ndarray], np.ndarray], members: int, note: str = "", seed: int = 0
) -> Estimate:
    """The statistic of all members with its percentile interval (95 %) over resampled members.

    Members are drawn with replacement, all their measurements together, 2000 times. With three
    members the interval is their whole range; it then covers less often than 95 %.

    Args:
        statistic: index (..., M) of members → (...); called with many resamples at once.
        members: M.
        note: passed on to the estimate.
        seed: of the resampling; the same seed gives the same interval.

    Raises:
        UndecidedError: fewer than three members.
    """
    if members < MIN_MEMBERS:
        reason = f"{members} run(s), where an interval needs at least {MIN_MEMBERS}"
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
            method="percentile",
            rng=np.random.default_rng(seed),
        )
    low, high = resampled.confidence_interval
    return Estimate(value, float(low), float(high), members, note)


def require(condition: bool, reason: str, n_runs: int = 0) -> None:
    """Raises UndecidedError(reason, n_runs) unless the condition holds."""
    if not condition:
        raise UndecidedError(reason, n_runs)
