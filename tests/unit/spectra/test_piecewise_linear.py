"""Breakpoints and slopes against dense scans, automatic differentiation and known functions."""

import numpy as np
import pytest
import torch
from torch import nn

from spectral_bias.models.mlp import mlp
from spectral_bias.spectra.piecewise_linear import affine_layers, piecewise_linear


def layers_of(*pairs):
    return [(np.array(weight, dtype=float), np.array(bias, dtype=float)) for weight, bias in pairs]


def bounded(width, depth, seed):
    """All parameters uniform in [-1, 1]: more zero crossings than the default initialisation."""
    network = mlp(1, width, depth, seed, torch.float64)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.uniform_(-1, 1, generator=generator)
    return network


def values_and_slopes(network, z):
    inputs = torch.tensor(z, dtype=torch.float64)[:, None].requires_grad_()
    outputs = network(inputs)
    (slopes,) = torch.autograd.grad(outputs.sum(), inputs)
    return outputs.detach()[:, 0].numpy(), slopes[:, 0].numpy()


@pytest.mark.parametrize("make", [bounded, lambda *a: mlp(1, *a, torch.float64)])
@pytest.mark.parametrize(("width", "depth"), [(5, 2), (12, 3), (40, 4), (16, 7)])
def test_equals_the_network_and_its_derivative_everywhere(make, width, depth):
    network = make(width, depth, 3)
    function = piecewise_linear(affine_layers(network))
    z = np.linspace(0, 1, 4001)
    values, _ = values_and_slopes(network, z)
    size = np.abs(values).max()
    np.testing.assert_allclose(function(z), values, atol=1e-13 * size)
    middles = (function.nodes[1:] + function.nodes[:-1]) / 2
    _, slopes = values_and_slopes(network, middles)
    np.testing.assert_allclose(function.slopes, slopes, rtol=1e-10, atol=1e-12 * size)


@pytest.mark.parametrize("seed", range(3))
def test_breakpoints_are_those_of_a_dense_scan(seed):
    network = bounded(24, 3, seed)
    function = piecewise_linear(affine_layers(network))
    z = np.linspace(0, 1, 20_001)
    _, slopes = values_and_slopes(network, (z[1:] + z[:-1]) / 2)
    changes = np.abs(np.diff(slopes)) > 1e-9 * np.abs(slopes).max()
    # A breakpoint makes two neighbouring cells differ, at most one cell away from it.
    scanned = z[1:-1][changes]
    distance = np.abs(scanned[:, None] - function.breakpoints).min(axis=1)
    assert distance.max() <= z[1]
    missed = np.abs(function.breakpoints[:, None] - scanned).min(axis=1)
    assert missed.max() <= z[1]
    assert len(function.breakpoints) >= 5


def test_a_known_tent_with_an_idle_unit():
    # relu(z) - 2 relu(z - 1/2), and a unit with a kink at 1/4 that the output does not see.
    tent = layers_of(
        ([[1], [1], [1]], [0, -0.5, -0.25]),
        ([[1, -2, 0]], [0.25]),
    )
    function = piecewise_linear(tent)
    np.testing.assert_allclose(function.nodes, [0, 0.5, 1])
    np.testing.assert_allclose(function.values, [0.25, 0.75, 0.25])
    np.testing.assert_allclose(function.slopes, [1, -1])
    np.testing.assert_allclose(function.slope_jumps, [-2])


def test_a_composed_tent_doubles_its_kinks():
    # The tent map of tents: a sawtooth with 2^n teeth after n + 1 layers of two units.
    fold = ([[2, -4], [2, -4]], [0, -0.5])
    saw = layers_of(([[1], [1]], [0, -0.5]), fold, fold, ([[2, -4]], [0]))
    function = piecewise_linear(saw)
    np.testing.assert_allclose(function.nodes, np.arange(9) / 8, atol=1e-15)
    np.testing.assert_allclose(function.slopes, 8.0 * np.array([1, -1] * 4))


def test_units_that_bend_at_one_place_give_one_breakpoint():
    function = piecewise_linear(layers_of((np.ones((7, 1)), [-0.3] * 7), (np.ones((1, 7)), [0])))
    np.testing.assert_allclose(function.breakpoints, [0.3])
    np.testing.assert_allclose(function.slopes, [0, 7])


def test_no_breakpoint_at_the_ends_nor_for_a_straight_line():
    ends = layers_of(([[1], [1]], [0, -1]), ([[1, 1]], [0]))
    assert len(piecewise_linear(ends).breakpoints) == 0
    constant = layers_of(([[0], [0]], [1, -1]), ([[3, 5]], [1]))
    function = piecewise_linear(constant)
    assert (function.slopes.tolist(), function.values.tolist()) == ([0], [4, 4])


def test_a_single_linear_layer_and_one_without_bias():
    network = nn.Sequential(nn.Linear(1, 1, bias=False)).double()
    function = piecewise_linear(affine_layers(network))
    weight = network[0].weight.item()
    np.testing.assert_allclose(function.slopes, [weight])
    np.testing.assert_allclose(function(np.array([0.0, 0.5])), [0, weight / 2])


@pytest.mark.parametrize(
    ("network", "said"),
    [
        (nn.Sequential(nn.Linear(1, 2), nn.Tanh(), nn.Linear(2, 1)), "module 1 is Tanh, where"),
        (nn.Sequential(nn.Linear(1, 2), nn.ReLU()), "must end with a Linear"),
        (nn.Sequential(nn.Linear(1, 2), nn.Linear(2, 1)), "module 1 is Linear, where ReLU"),
        (nn.Sequential(), "must end with a Linear"),
    ],
)
def test_other_networks_are_refused(network, said):
    with pytest.raises(ValueError, match=said):
        affine_layers(network)


def test_layers_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"layer 1: weight .* do not take 1 input"):
        piecewise_linear(affine_layers(nn.Sequential(nn.Linear(2, 1))))
    with pytest.raises(ValueError, match="has 2 outputs; one is wanted"):
        piecewise_linear(affine_layers(nn.Sequential(nn.Linear(1, 2))))
    with pytest.raises(ValueError, match="layer 2 has parameters that are not finite"):
        piecewise_linear(layers_of(([[1]], [0]), ([[np.nan]], [0])))
