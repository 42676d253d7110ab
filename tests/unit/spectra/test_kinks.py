"""Kinks and spectra of many networks at once against those of each network alone."""

from itertools import pairwise

import numpy as np
import pytest

from spectral_bias.spectra.exact import decay_constant, fourier_coefficients, hinge_layers
from spectral_bias.spectra.kinks import BLOCK, amplitudes, kinks
from spectral_bias.spectra.piecewise_linear import piecewise_linear


def random_layers(networks, width, depth, bound=1.0, seed=0):
    rng = np.random.default_rng(seed)
    sizes = [1, *[width] * (depth - 1), 1]
    return [
        (
            rng.uniform(-bound, bound, (networks, outputs, inputs)),
            rng.uniform(-bound, bound, (networks, outputs)),
        )
        for inputs, outputs in pairwise(sizes)
    ]


def one(layers, network):
    return [(weight[network], bias[network]) for weight, bias in layers]


def spectra(functions, highest):
    """(R, K) amplitudes up to the largest of `highest`, NaN beyond a function's own."""
    found = np.full((len(highest), highest.max() + BLOCK), np.nan)
    for some, block in amplitudes(functions, highest):
        found[some, : block.shape[1]] = block
    wanted = np.arange(1, found.shape[1] + 1) <= highest[:, None]
    return np.where(wanted, found, np.nan)[:, : highest.max()]


@pytest.mark.parametrize(
    ("width", "depth", "bound"), [(1, 2, 1.0), (1, 5, 1.0), (7, 2, 0.3), (12, 3, 1.0), (9, 6, 2.0)]
)
def test_equal_those_of_each_network_alone(width, depth, bound):
    layers = random_layers(40, width, depth, bound)
    functions = kinks(layers)
    k = np.arange(1, 101)
    found = spectra(functions, np.full(40, 100))
    for network in range(40):
        alone = piecewise_linear(one(layers, network))
        size = decay_constant(alone)
        assert functions.constants[network] == pytest.approx(size, rel=1e-11, abs=1e-15)
        wanted = np.abs(fourier_coefficients(alone, k))
        np.testing.assert_allclose(found[network], wanted, rtol=1e-9, atol=1e-12 * size)
        used = functions.jumps_RJ[network, 1:] != 0
        np.testing.assert_allclose(
            functions.places_RJ[network, 1:][used], alone.breakpoints, atol=1e-14
        )
        np.testing.assert_allclose(
            functions.jumps_RJ[network, 1:][used], alone.slope_jumps, rtol=1e-9, atol=1e-12
        )


def test_each_function_goes_as_far_as_wanted():
    layers = random_layers(5, 8, 3)
    highest = np.array([3 * BLOCK + 1, BLOCK + 5, BLOCK, 7, 0])
    found = spectra(kinks(layers), highest)
    assert np.isfinite(found).sum(axis=1).tolist() == highest.tolist()


def test_functions_that_go_as_far_come_together(monkeypatch):
    monkeypatch.setattr("spectral_bias.spectra.kinks.AT_ONCE", 4 * BLOCK)
    highest = np.array([9 * BLOCK, BLOCK + 1, BLOCK, 5, 3, 1, 0])
    found = list(amplitudes(kinks(random_layers(7, 8, 3)), highest))
    assert [range(7)[some] for some, _ in found] == [range(1), range(1, 3), range(3, 6)]
    assert [block.shape for _, block in found] == [(1, 9 * BLOCK), (2, 2 * BLOCK), (3, BLOCK)]


def test_high_frequencies_keep_their_digits():
    layers = random_layers(3, 16, 4)
    k = np.arange(1, 20_001)
    found = spectra(kinks(layers), np.full(3, 20_000))
    for network in range(3):
        alone = piecewise_linear(one(layers, network))
        wanted = np.abs(fourier_coefficients(alone, k))
        error = np.abs(found[network] - wanted) * k**2.0
        assert error.max() < 1e-10 * decay_constant(alone)


def test_the_hinge_and_networks_without_kinks():
    single = hinge_layers(4, 3, 0.5)
    flat = [(weight, bias - 9.0) for weight, bias in single]
    layers = [
        (np.stack([a, c]), np.stack([b, d])) for (a, b), (c, d) in zip(single, flat, strict=True)
    ]
    functions = kinks(layers)
    assert functions.constants[0] == pytest.approx(0.5**3 * 4**2 / (2 * np.pi**2))
    assert functions.constants[1] == 0
    k = np.arange(1, 11)
    wanted = np.where(k % 2, functions.constants[0] / k**2, 0.0)
    np.testing.assert_allclose(spectra(functions, np.array([10, 10]))[0], wanted, atol=1e-16)


def test_a_choice_of_functions_drops_empty_columns():
    functions = kinks(random_layers(30, 6, 3))
    few = int(np.argmin((functions.jumps_RJ != 0).sum(axis=1)))
    chosen = functions.at(np.array([few]))
    assert chosen.constants[0] == functions.constants[few]
    assert chosen.places_RJ.shape[1] < functions.places_RJ.shape[1]


def test_parameters_that_are_not_finite_are_refused():
    layers = random_layers(2, 3, 3)
    layers[1][1][1, 0] = np.nan
    with pytest.raises(ValueError, match="layer 2 has parameters that are not finite"):
        kinks(layers)
