"""A fully connected autoencoder of images."""

from itertools import pairwise

import torch
from torch import nn


def autoencoder(
    n_pixels: int, hidden: list[int], features: int, seed: int, dtype: torch.dtype = torch.float32
) -> nn.Sequential:
    """An autoencoder with PyTorch's default initialisation; `features` numbers pass its middle.

    Linear layers of sizes n_pixels → hidden[0] → … → features → … → hidden[0] → n_pixels with ReLU
    between them, but none at the features, so that these may have either sign; a sigmoid at the
    end, since pixels lie in [0, 1]. The image of the decoder is a manifold of at most `features`
    dimensions; every piece of it is curved by the sigmoid.

    Args:
        n_pixels: D, of an image.
        hidden: units of the encoder's hidden layers, first to last; the decoder mirrors them.
        features: units in the middle.
        seed: determines the weights; the global random state is left as it was.
        dtype: of the weights, which are drawn in float32.

    Returns:
        Maps (N, D) to (N, D).
    """
    down = [n_pixels, *hidden, features]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder, decoder = _layers(down), _layers(down[::-1])
    return nn.Sequential(*encoder, *decoder, nn.Sigmoid()).to(dtype)


def _layers(sizes: list[int]) -> list[nn.Module]:
    """Linear layers with ReLU between them."""
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return layers[:-1]
