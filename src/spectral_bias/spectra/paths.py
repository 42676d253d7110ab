"""Spectra of class probabilities along straight paths (Fridovich-Keil et al. 2021, measurement B).

*Path length.* A path is sampled either at a fixed distance, at t = 0, spacing, 2 spacing, … below
its length d (the authors' way), so that longer paths have more points, S = ceil(d / spacing), and
one relative frequency is one frequency per unit of distance on all of them; or at S points
whatever its length, at t = j d/S, so that one relative frequency is one number of periods per path.
Neither holds the far end, just as z_j = j/N does not in `spectra.fourier`.

*Normalisation.* f~(k) = (1/S) sum_j f(t_j) exp(-2 pi i k j / S) at the bins k = 0, …, floor(S/2): a
sine of amplitude a that fits the path has |f~| = a/2 at its bin, a constant its value at k = 0.

*High frequencies.* The paper calls what lies above a tenth of the band high. Which bins these are
is fixed by the first author's later code (`pixel_interpolation.py` of RobustNets, written for
*Models Out of Line*, 2022), which is followed here to the bin: of F bins those from
k = ceil(0.1 F) to F - 2 count as high, all F count in the sum that is divided by. So the constant
counts below, and the last bin below only. The fraction is taken path by path and then averaged.
The code released with the paper has no such fraction: it shows the power spectrum of
||p(t) - p(0)||_2 (`distance_power`).

*Ends.* Paths are cut out by a rectangle. What differs at the two ends of a path jumps in the
periodic continuation, so that a ramp of height h leaks h / (2 pi k) into every bin. Where a network
tells two classes apart, paths between them have such a jump; the authors' measure counts it in. Two
further fractions (ours) do not: one of probabilities under a Hann window, and one of probabilities
without the straight line between the first and the last point. A Hann window spreads the constant
over k = 0 and 1, so that paths with fewer than 20 points, where k = 1 counts as high, have none.

Shape suffixes: P paths of S points, K classes, F = floor(S/2) + 1 bins, N common frequencies.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


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


def class_magnitude(p_PSK: Tensor) -> Tensor:
    """(..., F), float64: |f~_c(k)| of the probability of each class c, mean over the classes.

    Args:
        p_PSK: (..., S, K), probabilities at the points of one or more paths of S points.
    """
    return torch.fft.rfft(p_PSK.double(), dim=-2).abs().mean(dim=-1) / p_PSK.shape[-2]


def distance_power(p_PSK: Tensor) -> Tensor:
    """(..., F), float64: |f~(k)|^2 of ||p(t) - p(0)||_2 along a path, as in the released code.

    Args:
        p_PSK: as in `class_magnitude`.
    """
    p = p_PSK.double()
    moved = torch.linalg.vector_norm(p - p[..., :1, :], dim=-1)
    return (torch.fft.rfft(moved, dim=-1).abs() / p.shape[-2]) ** 2


def high_bins(n_bins: int, high: float) -> slice:
    """The bins that count as high: from ceil(high F) up to the last but one.

    Args:
        n_bins: F.
        high: the fraction of the band above which a frequency is high, such as 0.1.
    """
    return slice(math.ceil(high * n_bins), n_bins - 1)


def high_frequency_fraction(magnitude_PF: Tensor, high: float) -> Tensor:
    """(...): sum of the magnitudes in `high_bins` over the sum of all, the constant's among them.

    A function that hardly changes has a fraction near 0.

    Args:
        magnitude_PF: (..., F), made by `class_magnitude`.
        high: see `high_bins`.
    """
    band = high_bins(magnitude_PF.shape[-1], high)
    return magnitude_PF[..., band].sum(dim=-1) / magnitude_PF.sum(dim=-1)


def hann_fraction(p_PSK: Tensor, high: float) -> Tensor:
    """(...): `high_frequency_fraction` of p_j (1 - cos(2 pi j / S)).

    NaN for paths where k = 1 counts as high: the window moves half of the constant there.

    Args:
        p_PSK: as in `class_magnitude`.
        high: see `high_bins`.
    """
    n_points = p_PSK.shape[-2]
    turn = torch.arange(n_points, dtype=torch.float64, device=p_PSK.device) / n_points
    window_S1 = (1 - torch.cos(2 * torch.pi * turn))[:, None]
    found = high_frequency_fraction(class_magnitude(p_PSK.double() * window_S1), high)
    reached = high_bins(n_points // 2 + 1, high).start < 2
    return torch.full_like(found, torch.nan) if reached else found


def chord_free_fraction(p_PSK: Tensor, high: float) -> Tensor:
    """(...): `high_frequency_fraction` of p_j - (p_{S-1} - p_0) (j / (S - 1) - 1/2).

    The straight line between the first and the last point is taken off; the mean stays.

    Args:
        p_PSK: as in `class_magnitude`.
        high: see `high_bins`.
    """
    p = p_PSK.double()
    line_S1 = torch.linspace(-0.5, 0.5, p.shape[-2], dtype=torch.float64, device=p.device)[:, None]
    chord = (p[..., -1:, :] - p[..., :1, :]) * line_S1
    return high_frequency_fraction(class_magnitude(p - chord), high)


def variation_distance(p_K: Tensor, q_K: Tensor) -> Tensor:
    """(...), float64: (1/2) sum_c |p_c - q_c|, the total variation distance, in [0, 1].

    Args:
        p_K: (..., K), probabilities.
        q_K: (..., K), others.
    """
    return (p_K.double() - q_K.double()).abs().sum(dim=-1) / 2


def total_variation(p_PSK: Tensor) -> Tensor:
    """(...), float64: sum of the `variation_distance` of neighbouring points (ours).

    It is at least that of the two ends, with equality where every class changes in one direction
    alone; what goes beyond it is answers that come and go on the way. Unlike a fraction of the
    spectrum it knows nothing of how fast that happens.

    Args:
        p_PSK: as in `class_magnitude`.
    """
    return variation_distance(p_PSK[..., 1:, :], p_PSK[..., :-1, :]).sum(dim=-1)


def on_common_axis(values_PF: Tensor, n_points: int, common_N: Tensor) -> Tensor:
    """(..., N): spectra at common relative frequencies, so that paths of any length are averaged.

    Linear between the two nearest bins; with odd S the last bin lies below 1 and its value is kept
    from there on. Heights of peaks between bins are lost, so fractions are taken before this.

    Args:
        values_PF: (..., F), spectra of paths of S points.
        n_points: S.
        common_N: relative frequencies, 0 to 1.
    """
    last = values_PF.shape[-1] - 1
    bins_N = (common_N * (n_points / 2)).clamp(max=last)
    below_N = bins_N.long().clamp(max=last - 1)
    share_N = bins_N - below_N
    return torch.lerp(values_PF[..., below_N], values_PF[..., below_N + 1], share_N)
