"""Many networks of one shape, evaluated together: one tensor of parameters, batched products.

Shape suffixes: R networks, N samples, D inputs, W width, P parameters of one network.
"""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils import parameters_to_vector

from spectral_bias.models.activations import ACTIVATIONS
from spectral_bias.models.mlp import mlp
from spectral_bias.models.shape import NetworkShape, layer_sizes


def initial_parameters(shape: NetworkShape, seeds: list[int], dtype: torch.dtype) -> Tensor:
    """(R, P): row r is `parameters_to_vector` of the network that `mlp` makes from seed r.

    Every activation starts from the same values, PyTorch's default for linear layers.
    """
    rows = []
    for seed in seeds:
        network = mlp(shape.d_in, shape.width, shape.depth, seed, dtype)
        rows.append(parameters_to_vector(network.parameters()).detach())
    return torch.stack(rows)


def layer_views(flat_RP: Tensor, shape: NetworkShape) -> list[tuple[Tensor, Tensor]]:
    """Views (weight (R, out, in), bias (R, out)) of every layer into a (R, P) tensor."""
    views, start = [], 0
    for inputs, outputs in layer_sizes(shape.d_in, shape.width, shape.depth):
        end = start + inputs * outputs
        weight = flat_RP[:, start:end].unflatten(1, (outputs, inputs))
        views.append((weight, flat_RP[:, end : end + outputs]))
        start = end + outputs
    return views


def network_layers(
    parameters: Tensor, shape: NetworkShape
) -> Iterator[list[tuple[np.ndarray, np.ndarray]]]:
    """Weights (out, in) and biases (out,), in float64, of each network in a tensor (R, P).

    Raises:
        UserError: the networks are not piecewise linear, which what takes layers relies on.
    """
    shape.require_piecewise_linear()
    views = [(w.numpy(), b.numpy()) for w, b in layer_views(parameters.double(), shape)]
    for member in range(len(parameters)):
        yield [(weight[member], bias[member]) for weight, bias in views]


def _as_batch(x: Tensor, members: int) -> Tensor:
    """Shared inputs (N, D) become a stride-0 view (R, N, D); per-member inputs pass through."""
    return x.expand(members, *x.shape) if x.dim() == 2 else x


class ForwardPass:
    """Buffers and views to evaluate a group on fixed inputs; `run()` refreshes `output_RN`.

    The first and last layer and the inputs stay in the parameters' own precision, since points
    such as j/200 collide in bfloat16; hidden products run in `hidden.dtype`. If it is `trained`,
    `kept_RNW` holds what the backward pass of each hidden layer's activation asks for.
    """

    def __init__(
        self,
        inputs: Tensor,
        flat_RP: Tensor,
        hidden_RP: Tensor,
        shape: NetworkShape,
        trained: bool = False,
    ) -> None:
        members, (n, _) = len(flat_RP), inputs.shape[-2:]
        self.x_RND = _as_batch(inputs, members)
        self.edge, self.hidden = layer_views(flat_RP, shape), layer_views(hidden_RP, shape)
        make = flat_RP.new_empty
        self.first_RNW = make(members, n, shape.width)
        low = hidden_RP.dtype
        self.same_precision = low == flat_RP.dtype
        self.h_RNW = [self.first_RNW if self.same_precision else self.first_RNW.to(low)]
        self.h_RNW += [make(members, n, shape.width, dtype=low) for _ in range(shape.depth - 2)]
        self.last_RNW = self.h_RNW[-1] if self.same_precision else torch.empty_like(self.first_RNW)
        self.output_RN = make(members, n)
        self.activation = ACTIVATIONS[shape.activation]
        self.kept_RNW = self.h_RNW
        self.derivative_RNW: list[Tensor | None] = [None] * len(self.h_RNW)
        if trained and self.activation.keeps_derivative:
            self.kept_RNW = self.derivative_RNW = [torch.empty_like(h) for h in self.h_RNW]

    def run(self) -> Tensor:
        """Evaluates every member; the result (R, N) is overwritten by the next call.

        With L linear layers W_l (R, out, in), b_l (R, out) and h_0 = x:
        h_l = phi(h_{l-1} W_l^T + b_l) for 0 < l < L, output = h_{L-1} W_L^T + b_L.
        """
        weight, bias = self.edge[0]  # W_1 (R, W, D), b_1 (R, W)
        first = self.first_RNW
        if self.x_RND.shape[-1] <= 4:
            # x W_1^T as a sum of D outer products, x[..., d] (R, N, 1) times W_1[..., d] (R, 1, W):
            # an inner dimension of 1 or 2 is 10-20 times slower as a matrix product.
            torch.addcmul(bias.unsqueeze(1), self.x_RND[..., :1], weight[:, None, :, 0], out=first)
            for d in range(1, self.x_RND.shape[-1]):
                first.addcmul_(self.x_RND[..., d : d + 1], weight[:, None, :, d])
        else:
            # (R, 1, W) + (R, N, D) (R, D, W)
            torch.baddbmm(bias.unsqueeze(1), self.x_RND, weight.mT, out=first)
        self.activation.forward(first, self.derivative_RNW[0])  # h_1 (R, N, W)
        if not self.same_precision:
            self.h_RNW[0].copy_(first)
        for layer in range(1, len(self.h_RNW)):
            weight, bias = self.hidden[layer]  # W_{l+1} (R, W, W), b_{l+1} (R, W)
            h = self.h_RNW[layer]
            # (R, 1, W) + (R, N, W) (R, W, W)
            torch.baddbmm(bias.unsqueeze(1), self.h_RNW[layer - 1], weight.mT, out=h)
            self.activation.forward(h, self.derivative_RNW[layer])
        if not self.same_precision:
            self.last_RNW.copy_(self.h_RNW[-1])
        weight, bias = self.edge[-1]  # W_L (R, 1, W), b_L (R, 1)
        # Transposed, (R, 1, 1) + (R, 1, W) (R, W, N) = output^T (R, 1, N), written through a view:
        # a product with a column vector, (R, N, W) (R, W, 1), is far slower.
        torch.baddbmm(bias.unsqueeze(2), weight, self.last_RNW.mT, out=self.output_RN.unsqueeze(1))
        return self.output_RN
