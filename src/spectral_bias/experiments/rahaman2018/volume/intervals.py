"""Intervals of fractions, and the exponent of a tail with its standard error."""

import numpy as np
from scipy import optimize, special


def binomial_interval(
    count: np.ndarray, n: np.ndarray | int, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Clopper-Pearson interval for a probability: it covers at least as often as `level` says.

    Args:
        count: (...) successes.
        n: trials, broadcast against `count`.
        level: of confidence, two-sided.

    Returns:
        (low, high), each (...), fractions.
    """
    count, n = np.broadcast_arrays(np.asarray(count), np.asarray(n))
    beyond = (1 - level) / 2
    low = special.betaincinv(np.maximum(count, 1), n - count + 1, beyond)
    high = special.betaincinv(count + 1, np.maximum(n - count, 1), 1 - beyond)
    return np.where(count > 0, low, 0.0), np.where(count < n, high, 1.0)


def tail_exponent(highest: np.ndarray, start: int) -> tuple[float, float]:
    """Exponent -a of P(k_max > k | k_max > start) = (k / start)^-a, fitted by maximum likelihood.

    k_max is an integer, so the likelihood is that of the intervals (k_max - 1, k_max]; without
    this, tails that begin at small k would look flatter than they are. The standard error is the
    sandwich one, which does not assume that the tail is a power law: where it is not, a is that of
    the power law closest to it, in which networks near `start` weigh most.

    Args:
        highest: (N,) integers, k_max of each network.
        start: at least 1; only networks beyond it are used.

    Returns:
        (exponent, its standard error); NaN with fewer than three networks, or all at start + 1.
    """
    k = highest[highest > start].astype(float)
    if len(k) < 3 or (k == start + 1).all():
        return np.nan, np.nan
    offset, step = np.log(start / (k - 1)), np.log(k / (k - 1))

    def score(a: float) -> np.ndarray:
        with np.errstate(over="ignore"):
            return offset + step / np.expm1(a * step)

    # The mean score falls from +inf at 0 to a negative number.
    above = 1.0
    while score(above).mean() > 0:
        above *= 2
    a = optimize.brentq(lambda a: score(a).mean(), 1e-9, above)
    with np.errstate(over="ignore"):
        slope = (step / (2 * np.sinh(a * step / 2))) ** 2
    return -a, float(np.sqrt(score(a).var(ddof=1) / len(k)) / slope.mean())
