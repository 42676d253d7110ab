"""Intervals (95 %) of means over things that belong to one class or to two, such as paths.

Two questions, two intervals. How much would the mean change with other paths between images of
the same classes? That is the t-interval over the paths. And with other classes? Paths that share a
class are not independent, so that is the jackknife over classes: each class is left out with all
its paths, and the spread of these means is that of the mean (Efron and Stein 1981, Ann. Stat. 9,
586–596: on average it is not too small). For paths within classes, equally many in each, it is the
t-interval over the means of the classes.

Shape suffixes: P paths, N values of each, C classes.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from spectral_bias.statistics.estimates import LEVEL, MIN_MEMBERS


@dataclass(frozen=True)
class MeanOfPairs:
    """Means of N values with the half widths of both intervals; NaN where there is none.

    Attributes:
        mean: (N,) over the paths.
        over_paths: (N,) half width of the interval for other paths of the same classes.
        over_classes: (N,) half width of the interval for other classes.
        n_paths: P.
        n_classes: C that occur.
    """

    mean: np.ndarray
    over_paths: np.ndarray
    over_classes: np.ndarray
    n_paths: int
    n_classes: int


def mean_of_pairs(values_PN: np.ndarray, classes_P2: np.ndarray) -> MeanOfPairs:
    """The mean over paths, with both intervals.

    Args:
        values_PN: (P, N), finite.
        classes_P2: the two classes of each path, any integers; twice the same for one within.
    """
    values_PN = np.asarray(values_PN, dtype=np.float64)
    n_paths, n_values = values_PN.shape
    classes, places = np.unique(np.asarray(classes_P2), return_inverse=True)
    mean = values_PN.mean(axis=0) if n_paths else np.full(n_values, np.nan)
    return MeanOfPairs(
        mean,
        _over_paths(values_PN),
        _over_classes(values_PN, places.reshape(-1, 2), len(classes)),
        n_paths,
        len(classes),
    )


def _over_paths(values_PN: np.ndarray) -> np.ndarray:
    count = len(values_PN)
    if count < MIN_MEMBERS:
        return np.full(values_PN.shape[1], np.nan)
    return _t_quantile(count - 1) * values_PN.std(axis=0, ddof=1) / np.sqrt(count)


def _over_classes(values_PN: np.ndarray, places_P2: np.ndarray, n_classes: int) -> np.ndarray:
    touched_PC = np.zeros((len(values_PN), n_classes))
    touched_PC[np.arange(len(values_PN))[:, None], places_P2] = 1
    left_C = len(values_PN) - touched_PC.sum(axis=0)
    if n_classes < MIN_MEMBERS or (left_C < 1).any():
        return np.full(values_PN.shape[1], np.nan)
    without_CN = (values_PN.sum(axis=0) - touched_PC.T @ values_PN) / left_C[:, None]
    spread_N = np.sqrt((n_classes - 1) * without_CN.var(axis=0))
    return _t_quantile(n_classes - 1) * spread_N


def _t_quantile(freedom: int) -> float:
    return float(special.stdtrit(freedom, (1 + LEVEL) / 2))
