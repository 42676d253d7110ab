"""Rank correlations of two orders, for many orders at once.

Several censored times (+inf) are ties: Kendall's tau-b counts a tied pair as neither concordant nor
discordant, so a perfect order that is partly hidden by the end of training gives a tau-b below 1,
never above it.
"""

import numpy as np


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


def mean_ranks(v: np.ndarray) -> np.ndarray:
    """Ranks over the last axis, from 1 on; ties have their mean rank, NaN makes all of them NaN."""
    from scipy import stats  # takes over a second, which most jobs need not spend

    return stats.rankdata(v, axis=-1, nan_policy="propagate")


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
        return mean_ranks(v) - (v.shape[-1] + 1) / 2

    a, b = centred(np.asarray(x, dtype=float)), centred(np.asarray(y, dtype=float))
    squares = (a**2).sum(-1) * (b**2).sum(-1)
    products = (a * b).sum(-1)
    return np.where(squares > 0, products / np.sqrt(np.where(squares > 0, squares, 1.0)), np.nan)
