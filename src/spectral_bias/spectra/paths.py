"""Spectra of class probabilities along straight paths (Fridovich-Keil et al. 2021, measurement B).

*Path length.* A path is sampled either at a fixed distance, at t = 0, spacing, 2 spacing, … below
its length d (the authors' way), so that longer paths have more points, S = ceil(d / spacing), and
one relative frequency is one frequency per unit of distance on all of them; or at S points
whatever its length, at t = j d/S, so that one relative frequency is one number of periods per path.
Neither holds the far end, just as z_j = j/N does not in `spectra.fourier`.

*Normalisation.* f~(k) = (1/S) sum_j f(t_j) exp(-2 pi i k j / S) at the bins k = 0, …, floor(S/2): a
sine of amplitude a that fits the path has |f~| = a/2 at its bin, a constant its value at k = 0.

*Windowing.* None: the path is cut out by a rectangle. What differs at its two ends jumps in the
periodic continuation, so that a ramp of height h leaks h / (2 pi k) into every bin. Where a network
tells two classes apart, paths between them have such a jump; this measure counts it in.

Shape suffixes: S points of a path, K classes, F = floor(S/2) + 1 bins, N common frequencies.
"""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Sampling:
    """Where paths are sampled, and on which axis their spectra are averaged.

    Attributes:
        spacing: distance of neighbouring points, in the units of the path's length; None for
            `n_samples` points.
        n_samples: points of every path; None for a fixed spacing.
        n_bins: N, common relative frequencies, equidistant from 0 to 1.
    """

    spacing: float | None
    n_samples: int | None
    n_bins: int

    def __post_init__(self) -> None:
        if (self.spacing is None) == (self.n_samples is None):
            raise ValueError(
                f"give either spacing or n_samples and leave the other empty, got spacing = "
                f"{self.spacing} and n_samples = {self.n_samples}"
            )
        if self.spacing is not None and self.spacing <= 0:
            raise ValueError(f"spacing must be above 0, got {self.spacing}")
        if min(self.n_bins, self.n_samples or 2) < 2:
            raise ValueError("n_samples and n_bins must be 2 or more")

    def shares(self, distance: float) -> np.ndarray:
        """(S,) positions t_j / d of the points of a path of length d, from 0 on and below 1.

        A path that is not longer than the spacing has its two ends (ours), since a single point
        has no spectrum.
        """
        if self.spacing is None:
            return np.arange(self.n_samples) / self.n_samples
        if distance <= self.spacing:
            return np.array([0.0, 1.0])
        return np.arange(math.ceil(distance / self.spacing)) * self.spacing / distance

    @property
    def relative_frequency(self) -> np.ndarray:
        """(N,) common relative frequencies."""
        return np.linspace(0, 1, self.n_bins)


def relative_frequency(n_points: int) -> np.ndarray:
    """(F,) 2k/S: the frequency of each bin as a fraction of the Nyquist frequency, 0 to 1."""
    return 2 * np.arange(n_points // 2 + 1) / n_points


def class_magnitude(p_SK: np.ndarray) -> np.ndarray:
    """(..., F): |f~_c(k)| of the probability of each class c along a path, mean over the classes.

    Args:
        p_SK: (..., S, K), probabilities at the points of one or more paths of S points.
    """
    transform = np.fft.rfft(np.asarray(p_SK, np.float64), axis=-2)
    return np.abs(transform).mean(axis=-1) / np.shape(p_SK)[-2]


def distance_power(p_SK: np.ndarray) -> np.ndarray:
    """(..., F): |f~(k)|^2 of the function ||p(t) - p(0)||_2 along a path, the authors' measure.

    Args:
        p_SK: as in `class_magnitude`.
    """
    p = np.asarray(p_SK, np.float64)
    moved = np.linalg.norm(p - p[..., :1, :], axis=-1)
    return np.abs(np.fft.rfft(moved, axis=-1) / p.shape[-2]) ** 2


def frequency_sums(magnitude_F: np.ndarray, n_points: int, high: float) -> tuple:
    """What a high-frequency fraction is the quotient of.

    Every bin counts once, the constant term k = 0 among them: a function that hardly changes has a
    fraction near 0.

    Args:
        magnitude_F: (..., F), made by `class_magnitude`.
        n_points: S.
        high: the relative frequency above which a bin counts as high, such as 0.1.

    Returns:
        (sum over the bins above `high`, sum over all bins), each (...).
    """
    above = relative_frequency(n_points) > high
    return magnitude_F[..., above].sum(axis=-1), magnitude_F.sum(axis=-1)


def on_common_axis(values_F: np.ndarray, n_points: int, common_N: np.ndarray) -> np.ndarray:
    """(N,): a spectrum at common relative frequencies, so that paths of any length can be averaged.

    Linear between the two nearest bins; with odd S the last bin lies below 1 and its value is kept
    from there on. Heights of peaks between bins are lost, so sums are taken before this.

    Args:
        values_F: spectrum of a path of S points.
        n_points: S.
        common_N: relative frequencies, 0 to 1.
    """
    return np.interp(common_N, relative_frequency(n_points), values_F)
