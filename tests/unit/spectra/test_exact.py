"""Closed-form Fourier coefficients against quadrature, a fine DFT and known series."""

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from torch import nn

from spectral_bias.models.mlp import mlp
from spectral_bias.spectra.exact import (
    decay_constant,
    decay_exponent,
    exact_spectrum,
    fourier_coefficients,
    hinge_layers,
    largest_constant,
)
from spectral_bias.spectra.piecewise_linear import (
    PiecewiseLinear,
    affine_layers,
    piecewise_linear,
)

K = np.array([1, 2, 3, 7, 20])


def random_function(n, seed):
    """A continuous piecewise linear function with n random breakpoints and slopes."""
    rng = np.random.default_rng(seed)
    nodes = np.concatenate([[0], np.sort(rng.uniform(size=n)), [1]])
    slopes = rng.normal(size=n + 1)
    values = rng.normal() + np.concatenate([[0], np.cumsum(slopes * np.diff(nodes))])
    return PiecewiseLinear(nodes, values, slopes)


def without_chord(function):
    start, end = function.values[0], function.values[-1]
    return lambda z: function(z) - start - (end - start) * z


def quadrature(integrand, function, k):
    """f~(k), adaptive quadrature over each piece."""
    pieces = zip(function.nodes[:-1], function.nodes[1:], strict=True)
    return sum(
        quad(lambda z: integrand(z) * np.cos(2 * np.pi * k * z), *piece, epsabs=1e-13)[0]
        - 1j * quad(lambda z: integrand(z) * np.sin(2 * np.pi * k * z), *piece, epsabs=1e-13)[0]
        for piece in pieces
    )


@pytest.mark.parametrize("seed", range(3))
def test_equals_quadrature_with_and_without_chord(seed):
    function = random_function(6, seed)
    for chordless, integrand in ((True, without_chord(function)), (False, function)):
        found = fourier_coefficients(function, K, chordless)
        wanted = [quadrature(integrand, function, k) for k in K]
        np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_a_network_equals_quadrature_over_its_own_outputs():
    network = mlp(1, 10, 3, 4, torch.float64)
    function = piecewise_linear(affine_layers(network))

    def output(z):
        with torch.no_grad():
            return network(torch.tensor([[z]], dtype=torch.float64)).item()

    start, end = output(0.0), output(1.0)
    wanted = [quadrature(lambda z: output(z) - start - (end - start) * z, function, k) for k in K]
    np.testing.assert_allclose(exact_spectrum(network, K), np.abs(wanted), atol=1e-12)


def test_a_finer_dft_comes_closer_at_the_rate_of_a_kink():
    function = random_function(5, 8)
    exact = fourier_coefficients(function, K)
    errors = []
    for n in (500, 4000, 32_000):
        z = np.arange(n) / n
        dft = np.fft.fft(without_chord(function)(z))[K] / n
        errors.append(np.abs(dft - exact).max())
    # Aliases k ± N, … of a k^-2 spectrum: errors fall as N^-2, by 64 from one N to the next.
    assert errors[0] / errors[1] > 30 and errors[1] / errors[2] > 30
    assert errors[2] < 1e-8


def test_triangle_wave():
    # Height 1 at 1/2: f~(k) = -2 / (pi k)^2 for odd k, 0 for even k.
    triangle = PiecewiseLinear(np.array([0, 0.5, 1]), np.array([0.0, 1, 0]), np.array([2.0, -2]))
    odd = -2 / (np.pi * K) ** 2
    wanted = np.where(K % 2, odd, 0)
    for chordless in (True, False):
        np.testing.assert_allclose(fourier_coefficients(triangle, K, chordless), wanted, atol=1e-16)
    assert decay_constant(triangle) == pytest.approx(2 / np.pi**2)


def test_sawtooth_is_all_jump():
    # f = z has f~(k) = i / (2 pi k), and nothing is left without its chord.
    line = PiecewiseLinear(np.array([0.0, 1]), np.array([0.0, 1]), np.array([1.0]))
    np.testing.assert_allclose(fourier_coefficients(line, K, False), 1j / (2 * np.pi * K))
    np.testing.assert_array_equal(fourier_coefficients(line, K), 0)
    assert decay_constant(line) == 0


def test_constant_bounds_every_coefficient_and_is_nearly_reached():
    function = random_function(3, 2)
    k = np.arange(1, 200_001)
    scaled = np.abs(fourier_coefficients(function, k)) * k**2.0 / decay_constant(function)
    assert scaled.max() <= 1 + 1e-12
    assert scaled.max() > 0.995


@pytest.mark.parametrize("seed", range(5))
def test_no_network_exceeds_the_largest_constant_of_its_weights(seed):
    network = mlp(1, 6, 4, seed, torch.float64)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(3)
    layers = affine_layers(network)
    assert 0 < decay_constant(piecewise_linear(layers)) <= largest_constant(layers)
    # With weights of one sign and one hidden layer nothing cancels: the bound is reached.
    weights = np.abs(layers[0][0])
    convex = [(weights, -weights[:, 0] * np.linspace(0.1, 0.9, 6)), (np.ones((1, 6)), np.zeros(1))]
    assert decay_constant(piecewise_linear(convex)) == pytest.approx(largest_constant(convex))


@pytest.mark.parametrize(("width", "depth", "bound"), [(3, 2, 2.0), (5, 3, 0.7), (16, 6, 1.0)])
def test_the_hinge_attains_the_formula_at_odd_frequencies(width, depth, bound):
    layers = hinge_layers(width, depth, bound)
    assert max(np.abs(part).max() for pair in layers for part in pair) == bound
    formula = bound**depth * width ** (depth - 1) / (2 * np.pi**2)
    function = piecewise_linear(layers)
    assert largest_constant(layers) == pytest.approx(formula, rel=1e-12)
    assert decay_constant(function) == pytest.approx(formula, rel=1e-12)
    k = np.array([1, 3, 1001])
    scaled = np.abs(fourier_coefficients(function, k)) * k**2
    np.testing.assert_allclose(scaled, formula, rtol=1e-9)


def test_high_frequencies_keep_their_digits():
    # Breakpoints at 1/4 and 1/2 with jumps -2, 1 and so 1 at the end: |1 - 2 exp(-i pi k/2) +
    # exp(-i pi k)| is 2 for odd k, however large.
    slopes = np.array([1.0, -1.0, 0.0])
    function = PiecewiseLinear(np.array([0, 0.25, 0.5, 1]), np.array([0, 0.25, 0.0, 0.0]), slopes)
    k = np.array([1, 10**9 + 1])
    scaled = np.abs(fourier_coefficients(function, k)) * (2 * np.pi * k) ** 2
    np.testing.assert_allclose(scaled, 2, rtol=1e-12)


def test_exponent_of_a_power_law_and_of_a_spectrum_with_zeros():
    k = np.array([10, 100, 500, 1000])
    assert decay_exponent(k, 3.0 * k**-2.5) == pytest.approx(-2.5)
    assert np.isnan(decay_exponent(k, np.array([1, 0.5, 0.0, 0.1])))
    assert np.isnan(decay_exponent(k[:0], k[:0]))


@pytest.mark.parametrize("frequencies", [[0, 1], [-3], [1.5]])
def test_frequencies_that_are_no_positive_integers_are_refused(frequencies):
    with pytest.raises(ValueError, match="must be positive integers"):
        exact_spectrum(nn.Sequential(nn.Linear(1, 1)), np.array(frequencies))
