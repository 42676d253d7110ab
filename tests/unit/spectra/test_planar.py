"""Exact transforms of two-dimensional networks against quadrature and known functions."""

import numpy as np
import pytest
import torch

from spectral_bias.models.batched import initial_parameters, network_layers
from spectral_bias.models.shape import NetworkShape
from spectral_bias.spectra.exact import decay_exponent
from spectral_bias.spectra.planar import (
    Facets,
    facets,
    linear_regions,
    transform,
    unit_vectors,
)

ANGLES = np.array([0.3, 1.1, 2.0, 2.9])
K = np.array([0.2, 0.7, 1.3, 2.6, 4.0])


def forward(layers, x):
    """The network's values (N,) at points (N, 2)."""
    for weight, bias in layers[:-1]:
        x = np.maximum(x @ weight.T + bias, 0)
    return (x @ layers[-1][0].T + layers[-1][1])[:, 0]


def compact(seed=0):
    """relu(3 - 4(|x1| + |x2|) + random units): a network that vanishes outside a neighbourhood."""
    generator = np.random.default_rng(seed)
    absolute = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    units, offsets = generator.uniform(-1, 1, (5, 2)), generator.uniform(-0.5, 0.5, 5)
    weight = np.concatenate([-4 * np.ones(4), generator.uniform(-0.5, 0.5, 5)])
    return [
        (np.concatenate([absolute, units]), np.concatenate([np.zeros(4), offsets])),
        (weight[None], np.array([3.0])),
        (np.ones((1, 1)), np.zeros(1)),
    ]


def random_network(depth=4, width=6, seed=1):
    shape = NetworkShape(2, width, depth)
    return next(network_layers(initial_parameters(shape, [seed], torch.float64), shape))


def quadrature(layers, half_side, k):
    """int f exp(-2 pi i k x) dx over the square, by 40 x 40 Gauss points in each triangle."""
    nodes, weights = np.polynomial.legendre.leggauss(40)
    s, t = np.meshgrid((nodes + 1) / 2, (nodes + 1) / 2, indexing="ij")
    products = np.outer(weights, weights) / 4
    total = 0
    for region in linear_regions(layers, half_side):
        a = region.corners[0]
        for b, c in zip(region.corners[1:-1], region.corners[2:], strict=True):
            # Duffy: the unit square onto the triangle a, b, c.
            x = a + s[..., None] * (b - a) + (s * t)[..., None] * (c - b)
            edge, other = b - a, c - a
            area = abs(edge[0] * other[1] - edge[1] * other[0])
            values = forward(layers, x.reshape(-1, 2)).reshape(s.shape)
            total += (products * s * area * values * np.exp(-2j * np.pi * (x @ k))).sum()
    return total


def test_regions_are_linear_and_fill_the_square():
    layers = random_network()
    regions = linear_regions(layers, 3.0)
    area, step = 0.0, 1e-5
    for region in regions:
        x, y = region.corners.T
        area += (x * np.roll(y, -1) - y * np.roll(x, -1)).sum() / 2
        middle = region.corners.mean(axis=0)
        moves = middle + step * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
        values = forward(layers, moves)
        slopes = np.array([values[0] - values[1], values[2] - values[3]]) / (2 * step)
        if np.abs(region.corners - middle).min() > 10 * step:
            np.testing.assert_allclose(slopes, region.gradient, atol=1e-9)
    assert len(regions) > 20 and area == pytest.approx(36.0, rel=1e-12)


def test_transform_of_a_compact_network_equals_quadrature():
    layers = compact()
    found = facets(layers, 2.0)
    assert not (found.open_starts | found.open_ends).any() and len(found.jumps) > 20
    assert forward(layers, 1.9 * unit_vectors(np.linspace(0, 7, 50))).max() == 0
    ours = transform(found, unit_vectors(ANGLES), K)
    for row, u in enumerate(unit_vectors(ANGLES)):
        theirs = [quadrature(layers, 2.0, k * u) for k in K]
        np.testing.assert_allclose(ours[row], theirs, atol=1e-10)
    assert np.abs(ours).max() > 0.1


def test_along_the_normal_of_a_facet_too():
    layers = compact(seed=3)
    found = facets(layers, 2.0)
    normals = found.normals[np.argsort(-found.lengths)[:3]]
    for u, row in zip(normals, transform(found, normals, K), strict=True):
        np.testing.assert_allclose(row, [quadrature(layers, 2.0, k * u) for k in K], atol=1e-10)


def test_a_pyramid_has_its_textbook_transform():
    # max(0, 1 - |x1| - |x2|), along the first axis: int (1 - |x|)^2 exp(-2 pi i k x) dx.
    layers = compact()
    layers[0] = (layers[0][0][:4], np.zeros(4))
    layers[1] = (-np.ones((1, 4)), np.ones(1))
    w = 2 * np.pi * K
    (ours,) = transform(facets(layers, 2.0), np.array([[1.0, 0.0]]), K)
    np.testing.assert_allclose(ours, 4 / w**2 * (1 - np.sin(w) / w), atol=1e-14)


def test_the_size_of_the_square_does_not_matter_beyond_the_last_corner():
    layers = random_network(depth=3, width=3, seed=5)
    directions, k = unit_vectors(ANGLES), np.geomspace(0.5, 50, 7)
    small, large = (facets(layers, half_side) for half_side in (30.0, 60.0))
    corners = np.concatenate([small.starts, small.ends])
    assert len(small.jumps) == len(large.jumps) > 6
    assert np.abs(corners[~np.concatenate([small.open_starts, small.open_ends])]).max() < 29
    ours, theirs = transform(small, directions, k), transform(large, directions, k)
    np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-14)
    assert (np.abs(ours) > 1e-9).all()


def test_an_end_at_infinity_contributes_nothing():
    # The transform of exp(-e s) on s > 0 for e → 0, by quadrature over the substituted line.
    one = np.array([True])
    facet = Facets(np.zeros((1, 2)), np.array([[1.0, 0.0]]), np.ones(1), ~one, one)
    u = unit_vectors(np.array([0.8]))
    (ours,) = transform(facet, u, np.array([2.0]))
    turn = 2j * np.pi * 2.0 * np.cos(0.8)
    limit = [1 / (turn + e) for e in (1e-3, 1e-6, 1e-9)]
    wanted = np.sin(0.8) ** 2 * limit[-1] / (4 * np.pi) ** 2
    np.testing.assert_allclose(ours, wanted, rtol=1e-8)


def test_a_network_with_one_hidden_layer_has_no_corners():
    layers = random_network(depth=2, width=12)
    found = facets(layers, 4.0)
    amplitudes = np.abs(transform(found, unit_vectors(ANGLES), np.array([3.0])))
    assert len(found.jumps) > 20 and not found.bounded().any()
    # Where whole lines cross, the corners of their pieces cancel.
    pieces = np.abs(found.jumps).max() / (2 * np.pi * 3.0) ** 3
    assert amplitudes.max() < 1e-12 * pieces


def test_decay_is_that_of_the_theorem():
    found = facets(random_network(depth=3, width=16, seed=2), 1.0)
    k = np.geomspace(1e5, 1e7, 80)
    strength = np.where(found.bounded(), np.abs(found.jumps) * found.lengths, 0)
    normals = found.normals[np.argsort(-strength)[:4]]
    for amplitudes, exponent in (
        (np.abs(transform(found, normals, k)), -2),
        (np.abs(transform(found, unit_vectors(ANGLES), k)), -3),
    ):
        slopes = [decay_exponent(k, row) for row in amplitudes]
        assert np.mean(slopes) == pytest.approx(exponent, abs=0.05)


def test_normals_of_unbounded_facets_are_refused():
    found = facets(random_network(depth=3, width=8), 1.0)
    first = np.flatnonzero(found.open_ends)[0]
    with pytest.raises(ValueError, match="is the normal of an unbounded facet"):
        transform(found, found.normals[[first]], K)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda layers: [(layers[0][0][:, :1], layers[0][1]), *layers[1:]], "two numbers to one"),
        (lambda layers: [(layers[0][0] * np.nan, layers[0][1]), *layers[1:]], "not finite"),
    ],
)
def test_other_networks_are_refused(change, said):
    with pytest.raises(ValueError, match=said):
        linear_regions(change(compact()), 1.0)
