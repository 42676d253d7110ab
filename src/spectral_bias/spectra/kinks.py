"""Exact spectra of very many small ReLU networks R → R at once, without their chords.

On [0, 1] such a network is piecewise linear, and less its chord it has the coefficients

    f~(k) = - (sum_j D_j exp(-2 pi i k b_j)) / (2 pi k)^2,   k = 1, 2, ...,

from its kinks: the jumps D_j of the slope at the breakpoints b_j, and at b = 0 the jump D_0 where
the period closes (derived in spectra/exact.py; breakpoints as in spectra/piecewise_linear.py, whose
results these equal). Here all networks of one shape go through each step together, in arrays that
are padded with kinks of no size at the end of the interval.

Shape suffixes: R networks, X nodes (breakpoints with both ends and padding), I = X - 1 intervals,
U units, J kinks, K frequencies.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from spectral_bias.spectra.piecewise_linear import NO_KINK

BatchedLayers = Sequence[tuple[np.ndarray, np.ndarray]]
"""(weight (R, out, in), bias (R, out)) of every linear layer, first to last, a ReLU between two."""

BLOCK = 32
"""Frequencies that are computed together: as many powers of exp(-2 pi i b) are kept."""


@dataclass(frozen=True)
class Kinks:
    """Jumps of the slope of R periodic functions.

    Attributes:
        places_RJ: (R, J) in [0, 1]; the first is 0, where the period closes.
        jumps_RJ: (R, J), 0 where a function has fewer kinks than others.
    """

    places_RJ: np.ndarray
    jumps_RJ: np.ndarray

    @property
    def constants(self) -> np.ndarray:
        """(R,): C = sum_j |D_j| / (2 pi)^2, the constant of |f~(k)| <= C / k^2."""
        return np.abs(self.jumps_RJ).sum(axis=1) / (2 * np.pi) ** 2

    def at(self, index: np.ndarray) -> "Kinks":
        """The functions named by `index`, without columns that are empty for all of them."""
        jumps_RJ = self.jumps_RJ[index]
        used = max(1, int((jumps_RJ != 0).sum(axis=1).max(initial=0)))
        # The closing jump stays first, even where it is 0.
        return Kinks(self.places_RJ[index, : used + 1], jumps_RJ[:, : used + 1])


def kinks(layers: BatchedLayers) -> Kinks:
    """The kinks of R networks of one shape.

    Args:
        layers: the first has one input, the last one output.

    Raises:
        ValueError: a parameter is not finite.
    """
    for number, pair in enumerate(layers, 1):
        if not all(np.isfinite(part).all() for part in pair):
            raise ValueError(f"layer {number} has parameters that are not finite")
    x_RX = np.tile([0.0, 1.0], (len(layers[0][0]), 1))
    values_RXU, slopes_RIU = x_RX[:, :, None], np.ones((len(x_RX), 1, 1))
    for weight, bias in layers[:-1]:
        weight_T = weight.transpose(0, 2, 1)
        values_RXU, slopes_RIU = values_RXU @ weight_T + bias[:, None], slopes_RIU @ weight_T
        x_RX, values_RXU, slopes_RIU = _split_at_zeros(x_RX, values_RXU, slopes_RIU)
        # No unit changes sign inside an interval any more, so the sum of the ends has that sign.
        slopes_RIU = slopes_RIU * (values_RXU[:, :-1] + values_RXU[:, 1:] > 0)
        values_RXU = np.maximum(values_RXU, 0.0)
    slopes_RI = (slopes_RIU @ layers[-1][0].transpose(0, 2, 1))[..., 0]
    return _packed(x_RX, slopes_RI)


def amplitudes(functions: Kinks, highest: np.ndarray) -> Iterator[tuple[int, int, np.ndarray]]:
    """|f~(k)| of every function for all k from 1 to its own highest, block by block.

    Args:
        functions: R of them, in order of decreasing `highest`.
        highest: (R,) integers, how far each is wanted.

    Yields:
        (k, n, amplitudes (n, K)): of the first n functions at k, k + 1, …; those that follow have
        reached their highest frequency before k. The array is overwritten by the next step.
    """
    turns_RJ = -2j * np.pi * functions.places_RJ
    powers_RKJ = np.exp(turns_RJ[:, None, :] * np.arange(BLOCK)[:, None])
    for first in range(1, int(highest.max(initial=0)) + 1, BLOCK):
        n = int(np.searchsorted(-highest, -first, side="right"))
        # Whole turns are dropped before the factor 2 pi, so that large k keep their digits.
        start_RJ = np.exp(-2j * np.pi * np.mod(first * functions.places_RJ[:n], 1.0))
        sums_RK = (powers_RKJ[:n] @ (functions.jumps_RJ[:n] * start_RJ)[..., None])[..., 0]
        k = np.arange(first, first + BLOCK)
        yield first, n, np.abs(sums_RK) / (2 * np.pi * k) ** 2


def _split_at_zeros(
    x_RX: np.ndarray, values_RXU: np.ndarray, slopes_RIU: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nodes, values and slopes with a node more wherever a unit crosses zero inside an interval."""
    (networks, nodes), positive_RXU = x_RX.shape, np.sign(values_RXU)
    network, interval, unit = np.nonzero(positive_RXU[:, :-1] * positive_RXU[:, 1:] < 0)
    left, right = values_RXU[network, interval], values_RXU[network, interval + 1]
    each = np.arange(len(unit))
    fraction = left[each, unit] / (left[each, unit] - right[each, unit])
    x_left, x_right = x_RX[network, interval], x_RX[network, interval + 1]
    new_values = left + fraction[:, None] * (right - left)
    new_values[each, unit] = 0.0

    found = np.bincount(network, minlength=networks)
    place = nodes + each - np.repeat(np.cumsum(found) - found, found)
    extra = int(found.max(initial=0))
    # Networks with fewer zeros get copies of the right end: intervals of no length.
    all_x = np.concatenate([x_RX, np.repeat(x_RX[:, -1:], extra, axis=1)], axis=1)
    all_values = np.concatenate([values_RXU, np.repeat(values_RXU[:, -1:], extra, axis=1)], axis=1)
    all_x[network, place] = x_left + fraction * (x_right - x_left)
    all_values[network, place] = new_values

    order = np.argsort(all_x, axis=1, kind="stable")
    parent = np.minimum(np.cumsum(order < nodes, axis=1)[:, :-1] - 1, nodes - 2)
    row = np.arange(networks)[:, None]
    return all_x[row, order], all_values[row, order], slopes_RIU[row, parent]


def _packed(x_RX: np.ndarray, slopes_RI: np.ndarray) -> Kinks:
    """Closing jump and jumps at the nodes; those that do not reach the output go last, as 0."""
    jumps_RJ = np.diff(slopes_RI, axis=1)
    idle = np.abs(jumps_RJ) <= NO_KINK * np.abs(slopes_RI).max(axis=1, keepdims=True)
    jumps_RJ[idle] = 0.0
    order = np.argsort(idle, axis=1, kind="stable")
    row = np.arange(len(order))[:, None]
    closing = -jumps_RJ.sum(axis=1, keepdims=True)
    places = np.concatenate([np.zeros_like(closing), x_RX[:, 1:-1][row, order]], axis=1)
    everything = Kinks(places, np.concatenate([closing, jumps_RJ[row, order]], axis=1))
    return everything.at(np.arange(len(order)))
