"""Breakpoints and slopes of a one-dimensional ReLU network on [0, 1], without sampling.

A ReLU network R → R is continuous and piecewise linear. Wherever all units of one layer are linear,
a unit of the next crosses zero at most once, at a place that the values at the ends give. So the
breakpoints follow layer by layer, exactly up to float64 rounding, at the cost of one forward pass
on the breakpoints found so far.

Shape suffixes: X nodes (breakpoints with both ends), I = X - 1 intervals between them, U units.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import nn

Layers = Sequence[tuple[np.ndarray, np.ndarray]]
"""(weight (out, in), bias (out,)) of every linear layer, first to last, a ReLU between two."""

SAME_PLACE = 1e-14
"""Nodes this close are one: about a hundred roundings of a number of order 1."""
NO_KINK = 1e-12
"""Slopes that differ by less than this fraction of the steepest one are the same slope."""


@dataclass(frozen=True)
class PiecewiseLinear:
    """A continuous piecewise linear function on [0, 1] with B breakpoints inside.

    Attributes:
        nodes: (B + 2,), 0, the breakpoints in increasing order, 1.
        values: (B + 2,), the function at the nodes.
        slopes: (B + 1,), its derivative between them; not from differences of values, which would
            lose digits where nodes are close.
    """

    nodes: np.ndarray
    values: np.ndarray
    slopes: np.ndarray

    @property
    def breakpoints(self) -> np.ndarray:
        """(B,): where the slope changes, in (0, 1)."""
        return self.nodes[1:-1]

    @property
    def slope_jumps(self) -> np.ndarray:
        """(B,): change of the slope at each breakpoint."""
        return np.diff(self.slopes)

    def __call__(self, z: np.ndarray) -> np.ndarray:
        """The function at z in [0, 1], same shape."""
        return np.interp(z, self.nodes, self.values)


def piecewise_linear(layers: Layers) -> PiecewiseLinear:
    """The function that a ReLU network computes on [0, 1].

    Args:
        layers: weights and biases, taken as exact numbers; the first layer has one input, the last
            one output.

    Raises:
        ValueError: the layers do not fit together, or a parameter is not finite.
    """
    _check(layers)
    x_X = np.array([0.0, 1.0])
    values_XU, slopes_IU = x_X[:, None], np.ones((1, 1))
    for weight, bias in layers[:-1]:
        values_XU, slopes_IU = values_XU @ weight.T + bias, slopes_IU @ weight.T
        x_X, values_XU, slopes_IU = _split_at_zeros(x_X, values_XU, slopes_IU)
        # No unit changes sign inside an interval any more, so the sum of the ends has that sign.
        slopes_IU = slopes_IU * (values_XU[:-1] + values_XU[1:] > 0)
        values_XU = np.maximum(values_XU, 0.0)
    weight, bias = layers[-1]
    return _without_idle_nodes(
        x_X, (values_XU @ weight.T + bias)[:, 0], (slopes_IU @ weight.T)[:, 0]
    )


def affine_layers(network: nn.Sequential) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights and biases of Linear, ReLU, …, Linear in float64; a missing bias is zero.

    Raises:
        ValueError: `network` is built from anything else.
    """
    modules = list(network)
    for place, module in enumerate(modules):
        wanted = nn.ReLU if place % 2 else nn.Linear
        if type(module) is not wanted:
            raise ValueError(
                f"module {place} is {type(module).__name__}, where {wanted.__name__} is wanted; "
                "only Linear, ReLU, Linear, …, Linear has an exact spectrum here"
            )
    if len(modules) % 2 == 0:
        raise ValueError("the network must end with a Linear module")
    layers = []
    for linear in modules[::2]:
        weight = linear.weight.detach().cpu().double().numpy()
        bias = np.zeros(len(weight))
        if linear.bias is not None:
            bias = linear.bias.detach().cpu().double().numpy()
        layers.append((weight, bias))
    return layers


def _check(layers: Layers) -> None:
    outputs = 1
    for number, (weight, bias) in enumerate(layers, 1):
        if weight.ndim != 2 or weight.shape[1] != outputs or bias.shape != weight.shape[:1]:
            raise ValueError(
                f"layer {number}: weight {weight.shape} and bias {bias.shape} do not take "
                f"{outputs} input(s); the network must map one number to one number"
            )
        if not (np.isfinite(weight).all() and np.isfinite(bias).all()):
            raise ValueError(f"layer {number} has parameters that are not finite: it diverged")
        outputs = len(weight)
    if outputs != 1 or not layers:
        raise ValueError(f"the last layer has {outputs} outputs; one is wanted")


def _split_at_zeros(
    x_X: np.ndarray, values_XU: np.ndarray, slopes_IU: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nodes, values and slopes with a node more wherever a unit crosses zero inside an interval."""
    left_IU, right_IU = values_XU[:-1], values_XU[1:]
    interval, unit = np.nonzero(np.sign(left_IU) * np.sign(right_IU) < 0)
    at_left, at_right = left_IU[interval, unit], right_IU[interval, unit]
    share = at_left / (at_left - at_right)
    new_x = x_X[interval] + share * (x_X[interval + 1] - x_X[interval])
    change = right_IU[interval] - left_IU[interval]
    new_values = left_IU[interval] + share[:, None] * change
    new_values[np.arange(len(unit)), unit] = 0.0

    all_x = np.concatenate([x_X, new_x])
    order = np.argsort(all_x, kind="stable")
    order = order[_distinct(all_x[order])]
    nodes = all_x[order]
    parent = np.searchsorted(x_X, (nodes[:-1] + nodes[1:]) / 2) - 1
    return nodes, np.concatenate([values_XU, new_values])[order], slopes_IU[parent]


def _distinct(sorted_x: np.ndarray) -> np.ndarray:
    """Which of some increasing nodes to keep: both ends, and one of those at the same place."""
    keep = np.append(True, np.diff(sorted_x) > SAME_PLACE)
    last = len(keep) - 1
    keep[np.flatnonzero(sorted_x >= 1.0 - SAME_PLACE)] = False
    keep[last] = True
    return keep


def _without_idle_nodes(
    x_X: np.ndarray, values_X: np.ndarray, slopes_I: np.ndarray
) -> PiecewiseLinear:
    """Drops nodes at which a hidden unit has a kink that does not reach the output."""
    kink = np.abs(np.diff(slopes_I)) > NO_KINK * np.abs(slopes_I).max()
    keep = np.concatenate([[True], kink, [True]])
    return PiecewiseLinear(x_X[keep], values_X[keep], slopes_I[keep[:-1]])
