"""Target functions: sums of sinusoids and waves over input space."""

import numpy as np


def uniform_grid(n_points: int) -> np.ndarray:
    """(N,): z_j = j/N in [0, 1), float64."""
    return np.arange(n_points) / n_points


def sinusoid_sum(
    z: np.ndarray, frequencies: np.ndarray, amplitudes: np.ndarray, phases: np.ndarray
) -> np.ndarray:
    """lambda(z) = sum_i A_i sin(2 pi k_i z + phi_i); Rahaman et al. 2018, Section 3.

    Args:
        z: (N,), in periods of the unit interval.
        frequencies: (K,), k_i.
        amplitudes: (K,), A_i.
        phases: (..., K), phi_i in radians.

    Returns:
        (..., N).
    """
    waves = np.sin(2 * np.pi * np.multiply.outer(frequencies, z) + phases[..., None])
    return np.einsum("k,...kn->...n", amplitudes, waves)


def radial_wave(x: np.ndarray, frequency: float) -> np.ndarray:
    """sin(2 pi k |x|_2) for each row of x (N, D); returns (N,).

    The factor 2 pi is that of the authors' code (k counts periods); the text of Rahaman et al.
    2018, Section 4, writes sin(k |x|).
    """
    return np.sin(2 * np.pi * frequency * np.linalg.norm(x, axis=1))
