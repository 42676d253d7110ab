"""The dip of a validation loss, which Experiments 3 and 4 of Rahaman et al. 2018 look for."""

from collections.abc import Callable

import numpy as np

from spectral_bias.statistics import geometric_mean_ratio

FINAL_FRACTION = 0.05


def dip_depth(mse_MT: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """How far losses rise on both sides of their minimum, as a statistic for `member_bootstrap`.

    min(first, final) / minimum of each run's own curve, geometric mean over runs; `final` is the
    median of the last 5 % of records, so that no single jump of Adam counts. It is 1 if the
    minimum is the first record or the curve still falls at the end.
    """
    last = max(1, round(FINAL_FRACTION * mse_MT.shape[1]))
    final_M = np.median(mse_MT[:, -last:], axis=1)
    lowest_M = np.fmin(mse_MT.min(axis=1), final_M)
    return geometric_mean_ratio(np.fmin(mse_MT[:, 0], final_M), lowest_M)
