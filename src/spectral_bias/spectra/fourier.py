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
    k = _below_nyquist(frequencies, n)
    return 2 * np.abs(np.fft.rfft(samples, axis=-1)[..., k]) / n


def fourier_probe(n_points: int, frequencies: np.ndarray) -> np.ndarray:
    """Columns that turn samples into Fourier coefficients: f @ probe = (Re f~(k), Im f~(k)).

    A few coefficients take less room than all samples; f~ as in `single_sided_amplitude`.

    Args:
        n_points: N; samples are at z_j = j/N.
        frequencies: (K,) integers with 0 < k < N/2.

    Returns:
        (N, 2K): real parts of all k, then imaginary parts.

    Raises:
        ValueError: for a frequency that is no integer or not inside (0, N/2).
    """
    k = _below_nyquist(frequencies, n_points)
    angle = 2 * np.pi * np.outer(np.arange(n_points) / n_points, k)
    return np.concatenate([np.cos(angle), -np.sin(angle)], axis=1) / n_points


def amplitudes_from_probe(values: np.ndarray) -> np.ndarray:
    """Single-sided amplitudes 2 |f~(k)|, (..., K), from f @ `fourier_probe`, (..., 2K)."""
    real, imaginary = np.split(values, 2, axis=-1)
    return 2 * np.hypot(real, imaginary)


def _below_nyquist(frequencies: np.ndarray, n: int) -> np.ndarray:
    k = np.asarray(frequencies)
    if (k != np.round(k)).any() or (k <= 0).any() or (2 * k >= n).any():
        raise ValueError(f"frequencies must be integers in (0, {n / 2:g}), got {k.tolist()}")
    return k.astype(int)
