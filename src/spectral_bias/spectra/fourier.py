"""Discrete Fourier spectra of sampled functions."""

import numpy as np


def single_sided_amplitude(samples: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """2 |f~(k)| with f~(k) = (1/N) sum_j f(z_j) exp(-2 pi i k j / N).

    A sine A sin(2 pi k z + phi) sampled at z_j = j/N has the single-sided amplitude A at k,
    whatever phi. Rahaman et al. 2018, Section 3 (Figure 1 draws it divided by A_i).

    Args:
        samples: (..., N), f at z_j = j/N.
        frequencies: (K,) integers with 0 < k < N/2; above, a frequency is indistinguishable from a
            lower one, and at N/2 the phase enters.

    Returns:
        (..., K), in the units of f.

    Raises:
        ValueError: for a frequency that is no integer or not inside (0, N/2).
    """
    n = samples.shape[-1]
    k = np.asarray(frequencies)
    if (k != np.round(k)).any() or (k <= 0).any() or (2 * k >= n).any():
        raise ValueError(f"frequencies must be integers in (0, {n / 2:g}), got {k.tolist()}")
    return 2 * np.abs(np.fft.rfft(samples, axis=-1)[..., k.astype(int)]) / n
