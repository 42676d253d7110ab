"""Fourier basis images: plane waves over the pixels, the same in all channels, of unit norm.

A basis image of the grid frequency (i, j) is

    phi_ij(y, x) = (cos t - sin t) / sqrt(H W),  t = 2 pi (i y / H + j x / W),

the real part of a wave of phase pi/4, as in the released code of Fridovich-Keil et al. 2021. For i
and j over the whole grid of the DFT these images form an orthonormal basis (of the discrete
Hartley transform): the waves of (i, j) and (-i, -j) are one shifted by a quarter period.
The spatial frequency of an image is the norm sqrt(i² + j²), in cycles per image side.

Shape suffixes: C channels, H and W pixels.
"""

import math

import torch
from torch import Tensor

from spectral_bias.spectra.composites import COMPOSITES

Shape = tuple[int, int, int]
"""(C, H, W)"""


def grid_frequencies(size: int) -> Tensor:
    """(size,) whole cycles per side in the order of the DFT: 0, 1, …, then the negative ones."""
    return torch.fft.fftfreq(size, 1 / size, dtype=torch.float64)


def spatial_frequencies(height: int, width: int) -> Tensor:
    """(H, W): the norm sqrt(i² + j²) of each grid frequency, in the order of the 2-D DFT."""
    return torch.hypot(grid_frequencies(height)[:, None], grid_frequencies(width))


def nearest_grid_frequency(spatial_frequency: float, height: int, width: int) -> tuple[int, int]:
    """The grid frequency (i, j), i <= j, whose norm is nearest to the wanted one (ours).

    Of several that are equally near, the one nearest to the diagonal i = j. The released code
    truncates both parts of the point on the diagonal instead, (int(f/sqrt 2), int(f/sqrt 2)): there
    every f below sqrt 2 means the constant image, and the norm may be too small by up to 1.4.

    Raises:
        ValueError: if it lies above the highest spatial frequency of the grid.
    """
    highest = math.hypot(height // 2, width // 2)
    if not 0 <= spatial_frequency <= highest:
        raise ValueError(
            f"spatial_frequency: {spatial_frequency:g} is not among those of images of {height} x "
            f"{width} pixels; choose one from 0 to {highest:.4g} cycles per side"
        )
    candidates = [
        (round(abs(math.hypot(i, j) - spatial_frequency), 9), j - i, (i, j))
        for i in range(height // 2 + 1)
        for j in range(i, width // 2 + 1)
    ]
    return min(candidates)[2]


def synthesised(weights: Tensor, n_channels: int) -> Tensor:
    """Images that are weighted sums of all basis images.

    Args:
        weights: (..., H, W) real, of the grid frequencies in the order of the 2-D DFT.
        n_channels: C channels, all alike.

    Returns:
        (..., C, H, W); the Euclidean norm of an image is that of its weights.
    """
    height, width = weights.shape[-2:]
    wave = torch.fft.ifft2(weights) * math.sqrt(height * width / n_channels)
    image = wave.real - wave.imag
    return image.unsqueeze(-3).expand(*weights.shape[:-2], n_channels, height, width)


def basis_image(i: int, j: int, shape: Shape) -> Tensor:
    """(C, H, W) float64: the basis image of i cycles down and j cycles across, of norm 1."""
    n_channels, height, width = shape
    weights = torch.zeros(height, width, dtype=torch.float64)
    weights[i, j] = 1
    return synthesised(weights, n_channels)


def composite_weights(kind: str, height: int, width: int) -> Tensor:
    """(H, W) float64: f² or 1/f² for each grid frequency, with norm 1; f is at least 1.

    Args:
        kind: one of `COMPOSITES`.
        height: H.
        width: W.

    Raises:
        ValueError: the kind is unknown.
    """
    if kind not in COMPOSITES:
        raise ValueError(f"kind: {kind!r} is no sum of basis images; known: {list(COMPOSITES)}")
    weights = spatial_frequencies(height, width).clamp(min=1) ** COMPOSITES[kind]
    return weights / weights.norm()


def composite_image(kind: str, shape: Shape) -> Tensor:
    """(C, H, W) float64: all basis images summed with weights f² or 1/f², scaled to norm 1.

    The quarter-period shifts cancel in the sum, so the image is even about its first pixel: with
    1/f² a smooth spot there (as of natural images), with f² a sharp one.
    """
    n_channels, height, width = shape
    return synthesised(composite_weights(kind, height, width), n_channels)
