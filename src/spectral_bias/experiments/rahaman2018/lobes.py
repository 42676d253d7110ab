"""Curves with many lobes against curves with few, which Figures 9 and 22 both ask about.

Shape suffixes: M members, G numbers of lobes L, K frequencies.
"""

import numpy as np

from spectral_bias.statistics import require

FEW_LOBES, MANY_LOBES = 4, 10
"""Curves with at most and with at least so many lobes are compared."""


def few_and_many(accuracy_MGK: np.ndarray, lobes_G: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(M,) and (M,): accuracy on curves with few and with many lobes, averaged over k.

    Two groups and no order of single L: where L divides k a curve is easier than its neighbours.

    Raises:
        UndecidedError: no curve of either group was run.
    """
    groups = lobes_G <= FEW_LOBES, lobes_G >= MANY_LOBES
    reason = f"no curve with at most {FEW_LOBES} or none with at least {MANY_LOBES} lobes was run"
    require(all(chosen.any() for chosen in groups), reason, len(accuracy_MGK))
    few_M, many_M = (accuracy_MGK[:, chosen].mean(axis=(1, 2)) for chosen in groups)
    return few_M, many_M
