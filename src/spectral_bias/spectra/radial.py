"""Spectra of functions in the plane, integrated over the angle.

Shape suffixes: M points along each axis of a square box, B radii.
"""

import numpy as np


def hann_window(points: int) -> np.ndarray:
    """(M, M): product of a periodic Hann window along each axis, divided by its mean.

    It and its slope vanish at the edge of the box, where the periodic continuation of a function
    would otherwise jump. A jump makes |f~| fall as slowly as 1/k along the axes, whatever the
    function inside; with the window what the edge contributes falls as k^-3. A plane wave keeps
    its amplitude, spread over the next Fourier cells in each direction.
    """
    hann = 1 - np.cos(2 * np.pi * np.arange(points) / points)
    return np.outer(hann, hann)


def radial_spectrum(
    samples: np.ndarray, side: float, windowed: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """zeta(k) = k times the integral of |f~(k, phi)| over the angle phi from 0 to 2 pi.

    f~(k) is the integral of f(x) exp(-2 pi i k·x) over the box, by the rectangle rule: the DFT
    times the area of a grid cell. f is zero outside of the box unless it is periodic in it. The
    integral over the angle is 2 pi times the mean of |f~| over the Fourier cells of a ring, those
    whose |k| is nearest to one multiple of 1/side, so that it does not depend on how many there
    are; the radius of a ring is the mean |k| of its cells.
    Rahaman et al. 2018, Appendix E (Figure 22).

    Args:
        samples: (..., M, M), f on the grid x = -side/2 + side (i, j)/M of a square box.
        side: of the box, a length.
        windowed: take the mean away (it would spread to the lowest radii), then apply
            `hann_window`; else f as it is, for functions that vanish at the edge.

    Returns:
        Radii k (B,) in cycles per unit length, close to the multiples 1, …, M/2 - 1 of 1/side
        (above, circles leave the square of known frequencies); zeta (..., B), f times length.

    Raises:
        ValueError: if the grid is not square or has fewer than four points along an axis.
    """
    points = samples.shape[-1]
    if samples.shape[-2:] != (points, points) or points < 4:
        raise ValueError(f"a square grid of at least 4 x 4 points is needed, got {samples.shape}")
    if windowed:
        window = hann_window(points)
        mean = (samples * window).mean(axis=(-2, -1), keepdims=True)
        samples = (samples - mean) * window
    magnitude = np.abs(np.fft.fft2(samples)) * (side / points) ** 2
    cells = np.fft.fftfreq(points, 1 / points)
    distance = np.hypot(cells[:, None], cells)
    ring = np.rint(distance).astype(int).ravel()
    rings = slice(1, points // 2)
    count = np.bincount(ring)[rings]
    flat = magnitude.reshape(-1, points * points)
    mean = np.stack([np.bincount(ring, row)[rings] for row in flat]) / count
    radii = np.bincount(ring, distance.ravel())[rings] / count / side
    zeta = 2 * np.pi * radii * mean
    return radii, zeta.reshape(*samples.shape[:-2], len(radii))


def decay_exponent(radii: np.ndarray, zeta: np.ndarray) -> np.ndarray:
    """Exponent a of the least-squares fit zeta ~ k^a, in the logarithms of both.

    Args:
        radii: (B,), k > 0, at least two different ones.
        zeta: (..., B), positive; a zero gives a NaN.

    Returns:
        (...), without unit; the more negative, the faster the decay.
    """
    x = np.log(radii)
    positive = np.where(zeta > 0, zeta, np.nan)
    centred = x - x.mean()
    return (np.log(positive) * centred).sum(axis=-1) / (centred**2).sum()
