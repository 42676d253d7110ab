"""Points on the unit circle, from which transforms in closed form are summed."""

import numpy as np


def turned(turns: np.ndarray) -> np.ndarray:
    """exp(-2 pi i turns), complex, same shape.

    Whole turns are dropped before the factor 2 pi, so that many turns keep their digits.
    """
    angles = -2 * np.pi * (turns - np.floor(turns))
    found = np.empty(angles.shape, dtype=complex)
    # Sine and cosine apart take less time than a complex exponential, which scales them too.
    np.cos(angles, out=found.real)
    np.sin(angles, out=found.imag)
    return found
