"""The network of Rahaman et al. 2018, as a plain PyTorch module."""

import torch
from torch import Tensor, nn

from spectral_bias.models.activations import ACTIVATIONS
from spectral_bias.models.shape import layer_sizes


class Elementwise(nn.Module):
    """An activation of `ACTIVATIONS`, as a module."""

    def __init__(self, activation: str) -> None:
        super().__init__()
        self.function = ACTIVATIONS[activation].function

    def forward(self, a: Tensor) -> Tensor:
        """phi(a), in the shape of `a`."""
        return self.function(a)


def mlp(
    d_in: int,
    width: int,
    depth: int,
    seed: int,
    dtype: torch.dtype = torch.float32,
    activation: str = "relu",
) -> nn.Sequential:
    """A fully connected network R^d_in → R with PyTorch's default initialisation.

    Args:
        d_in: input dimension.
        width: units in each hidden layer.
        depth: number of linear layers, at least 2.
        seed: determines the weights; the global random state is left as it was.
        dtype: the weights are drawn in float32 and then converted, so that networks of one seed
            start from the same values in every precision.
        activation: a key of `ACTIVATIONS`; it changes nothing about the weights.

    Returns:
        Linear, activation, …, Linear; maps (N, d_in) to (N, 1).
    """
    layers: list[nn.Module] = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for inputs, outputs in layer_sizes(d_in, width, depth):
            # The exact spectra recognise nn.ReLU, and no other module as piecewise linear.
            between = nn.ReLU() if activation == "relu" else Elementwise(activation)
            layers += [nn.Linear(inputs, outputs), between]
    return nn.Sequential(*layers[:-1]).to(dtype)
