"""The dip of a validation loss, which Experiments 3 and 4 of Rahaman et al. 2018 look for."""

import numpy as np

FINAL_FRACTION = 0.05


def dip_depth(mse_MT: np.ndarray) -> np.ndarray:
    """(M,): how far the losses of each run (M, T) rise on both sides of their minimum.

    min(first, final) / minimum; `final` is the median of the last 5 % of records, so that no single
    jump of Adam counts. It is 1 if the minimum is the first record or the curve still falls at the
    end.
    """
    last = max(1, round(FINAL_FRACTION * mse_MT.shape[1]))
    final_M = np.median(mse_MT[:, -last:], axis=1)
    lowest_M = np.fmin(mse_MT.min(axis=1), final_M)
    return np.fmin(mse_MT[:, 0], final_M) / lowest_M
