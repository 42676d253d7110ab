"""The autoencoder's shape, its seed, and the dimension of what it makes."""

import numpy as np
import torch

from spectral_bias.models.autoencoder import autoencoder


def test_layers_are_mirrored_and_the_output_is_an_image():
    network = autoencoder(12, [8, 5], 3, seed=0)
    sizes = [(m.in_features, m.out_features) for m in network if isinstance(m, torch.nn.Linear)]
    assert sizes == [(12, 8), (8, 5), (5, 3), (3, 5), (5, 8), (8, 12)]
    made = network(10 * torch.randn(7, 12))
    assert made.shape == (7, 12) and made.min() >= 0 and made.max() <= 1


def test_the_seed_and_nothing_else_determines_the_weights():
    before = torch.get_rng_state()
    first, second, other = (autoencoder(6, [4], 2, seed=s) for s in (1, 1, 2))
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(first[0].weight, second[0].weight)
    assert not torch.equal(first[0].weight, other[0].weight)


def test_the_image_has_the_dimension_of_the_features():
    """The rank of the Jacobian at any point is at most the number of features."""
    network = autoencoder(10, [16], 3, seed=3, dtype=torch.float64)
    for point in torch.randn(4, 10, dtype=torch.float64):
        jacobian = torch.autograd.functional.jacobian(network, point).numpy()
        assert np.linalg.matrix_rank(jacobian, tol=1e-10) == 3


def test_features_may_be_negative():
    encoder = autoencoder(6, [8], 2, seed=0)[:3]
    assert (encoder(torch.randn(200, 6)) < 0).any()
