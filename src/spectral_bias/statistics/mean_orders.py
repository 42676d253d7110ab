"""Orders that are found in each run, and their mean over runs.

Shape suffixes: M members (runs), K values that are put in order.
"""

import numpy as np

from spectral_bias.statistics.estimates import Estimate, require
from spectral_bias.statistics.means import mean_interval
from spectral_bias.statistics.orders import kendall_tau

FEWEST = 3
"""Fewest values that have an order worth the name."""


def mean_order(x_K: np.ndarray, y_MK: np.ndarray, note: str = "") -> Estimate:
    """Mean over runs of each run's Kendall tau-b between x and y, with its t-interval.

    Runs that agree have an interval too: it reaches to either side as far as one pair of
    neighbours that change places moves tau in one run, and never beyond -1 and 1.

    Args:
        x_K: (K,).
        y_MK: (M, K); +inf is a time that no record reached, see `kendall_tau`.
        note: passed on to the estimate.

    Raises:
        UndecidedError: fewer than three values or runs, or a run whose values are all equal.
    """
    runs, count = np.shape(y_MK)
    require(count >= FEWEST, f"{count} value(s), where an order needs at least {FEWEST}", runs)
    tau_M = kendall_tau(x_K, y_MK)
    require(bool(np.isfinite(tau_M).all()), "the values of some runs have no order", runs)
    found = mean_interval(tau_M, note, resolution=4 / (count * (count - 1)))
    low, high = np.clip([found.ci_low, found.ci_high], -1, 1).tolist()
    return Estimate(found.value, low, high, runs, note)
