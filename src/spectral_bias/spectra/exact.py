"""Fourier coefficients of piecewise linear functions in closed form, and their exact constant.

For f on [0, 1] with slope s_0 at 0, s_1 at 1 and slope jumps D_j at breakpoints b_j, two
integrations by parts give, for integers k > 0,

    f~(k) = int_0^1 f(z) exp(-2 pi i k z) dz
          = (f(0) - f(1)) / (2 pi i k)  -  (D_0 + sum_j D_j exp(-2 pi i k b_j)) / (2 pi k)^2

with D_0 = s_0 - s_1, the slope jump where the period closes.

The ends. The first term, of order 1/k, comes from cutting f off at 0 and 1, where its periodic
continuation jumps; it says nothing about the network. The statement |f~(k)| = O(k^-2) (Rahaman et
al. 2018, abstract of the first version) is one about continuous functions whose transform exists:
of compact support, or periodic. So f is taken here without its chord, the straight line from
(0, f(0)) to (1, f(1)). What is left vanishes at both ends and is continuous on R, continued by zero
as well as periodically; breakpoints and all jumps, D_0 too, stay the same; the first term is gone.

The constant. |f~(k)| <= C / k^2 with C = (|D_0| + sum_j |D_j|) / (2 pi)^2. No smaller C will do if
the breakpoints are rationally independent, as those of random networks are with probability one:
then k b_j mod 1 comes as close as one likes to any place, and all terms line up (Kronecker).

The largest constant. Continue g by its end values and let V(g) be the total variation of g' on R.
ReLU does not enlarge V: the jumps that it adds, |g'| at each zero crossing, are at most what the
variation of g' loses where g < 0. Layer by layer, V(f) <= |W_L| ... |W_1| V(z) with V(z) = 2, so

    C <= 2 |W_L| |W_(L-1)| ... |W_1| / (2 pi)^2        (absolute values entry by entry),

and networks of width w and depth L (linear layers) with weights in [-K, K] have at most

    C = K^L w^(L-1) / (2 pi^2).

They attain it: all weights K, first biases -K/2, other biases 0 is the hinge
K^L w^(L-1) max(z - 1/2, 0), with k^2 |f~(k)| = C at every odd k.
"""

import numpy as np
from torch import nn

from spectral_bias.spectra.piecewise_linear import (
    Layers,
    PiecewiseLinear,
    affine_layers,
    piecewise_linear,
)


def exact_spectrum(network: nn.Sequential, frequencies: np.ndarray) -> np.ndarray:
    """|f~(k)| of a ReLU network R → R on [0, 1], without its chord (see above), without sampling.

    Args:
        network: Linear, ReLU, …, Linear with one input and one output.
        frequencies: (K,) positive integers, as high as wanted: nothing aliases.

    Returns:
        (K,) float64, one-sided: a sine A sin(2 pi k z) would have A/2 at k.

    Raises:
        ValueError: another kind of network or of frequency.
    """
    return np.abs(fourier_coefficients(piecewise_linear(affine_layers(network)), frequencies))


def fourier_coefficients(
    function: PiecewiseLinear, frequencies: np.ndarray, without_chord: bool = True
) -> np.ndarray:
    """f~(k) in closed form.

    Args:
        function: f.
        frequencies: (K,) positive integers.
        without_chord: of f less the straight line between its end values; otherwise of f itself,
            whose coefficients have the term (f(0) - f(1)) / (2 pi i k) more.

    Returns:
        (K,) complex, in units of f.

    Raises:
        ValueError: a frequency that is no positive integer.
    """
    k = np.asarray(frequencies, dtype=np.float64)
    if (k != np.round(k)).any() or (k <= 0).any():
        raise ValueError(f"frequencies must be positive integers, got {k.tolist()}")
    # Whole turns are dropped before the factor 2 pi, so that large k keep their digits.
    angle = 2 * np.pi * np.mod(np.multiply.outer(k, function.breakpoints), 1.0)
    even, odd = np.cos(angle) @ function.slope_jumps, np.sin(angle) @ function.slope_jumps
    coefficients = -(_closing_jump(function) + even - 1j * odd) / (2 * np.pi * k) ** 2
    if not without_chord:
        coefficients += (function.values[0] - function.values[-1]) / (2j * np.pi * k)
    return coefficients


def decay_constant(function: PiecewiseLinear) -> float:
    """C = (|D_0| + sum_j |D_j|) / (2 pi)^2, the constant of |f~(k)| <= C / k^2; see above."""
    variation = np.abs(_closing_jump(function)) + np.abs(function.slope_jumps).sum()
    return float(variation / (2 * np.pi) ** 2)


def largest_constant(layers: Layers) -> float:
    """2 |W_L| … |W_1| / (2 pi)^2: no network with weights of these magnitudes has a larger C."""
    paths = np.ones((1, 1))
    for weight, _ in layers:
        paths = np.abs(weight) @ paths
    return float(2 * paths[0, 0] / (2 * np.pi) ** 2)


def hinge_layers(width: int, depth: int, bound: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """The network with the largest constant of all with |parameters| <= bound; see above."""
    sizes = [1, *[width] * (depth - 1), 1]
    shapes = zip(sizes[1:], sizes[:-1], strict=True)
    layers = [(np.full(shape, bound), np.zeros(shape[0])) for shape in shapes]
    layers[0][1][:] = -bound / 2
    return layers


def decay_exponent(frequencies: np.ndarray, amplitudes: np.ndarray) -> float:
    """Least-squares slope of log |f~(k)| over log k; NaN where an amplitude is zero.

    Args:
        frequencies: (K,).
        amplitudes: (K,), |f~(k)|.
    """
    if len(frequencies) < 2 or not (amplitudes > 0).all():
        return float("nan")
    x, y = np.log(frequencies), np.log(amplitudes)
    centred = x - x.mean()
    return float((centred * y).sum() / (centred**2).sum())


def _closing_jump(function: PiecewiseLinear) -> float:
    """D_0, the jump of the slope from the end of one period to the start of the next."""
    return function.slopes[0] - function.slopes[-1]
