"""Curves in the plane on which targets of one variable live."""

import numpy as np


def flower(z: np.ndarray, lobes: int) -> np.ndarray:
    """The closed curve gamma_L(z) = (1 + sin(2 pi L z)/2) (cos 2 pi z, sin 2 pi z).

    It has L lobes and radii of 1/2 to 3/2; for L = 0 it is the unit circle. Rahaman et al. 2018,
    Experiments 5 and 6.

    Args:
        z: (N,), in [0, 1), one turn.
        lobes: L.

    Returns:
        (N, 2).
    """
    angle = 2 * np.pi * z
    radius = 1 + np.sin(lobes * angle) / 2
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
