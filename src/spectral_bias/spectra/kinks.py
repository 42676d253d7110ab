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
from spectral_bias.spectra.turns import turned

BatchedLayers = Sequence[tuple[np.ndarray, np.ndarray]]
"""(weight (R, out, in), bias (R, out)) of every linear layer, first to last, a ReLU between two."""

BLOCK = 32
"""Frequencies whose powers of exp(-2 pi i b) are computed; those of others follow from them."""
AT_ONCE = 2**15
"""Amplitudes that are computed together: what that takes then stays in a core's cache."""


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
        slopes_RIU *= values_RXU[:, :-1] + values_RXU[:, 1:] > 0
        np.maximum(values_RXU, 0.0, out=values_RXU)
    slopes_RI = (slopes_RIU @ layers[-1][0].transpose(0, 2, 1))[..., 0]
    return _packed(x_RX, slopes_RI)


def amplitudes(functions: Kinks, highest: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """|f~(k)| of every function for all k from 1 to its own highest, a few functions at a time.

    Args:
        functions: R of them, in order of decreasing `highest`.
        highest: (R,) integers, how far each is wanted.

    Yields:
        Which functions, and their amplitudes (n, K) at k = 1, 2, …, K, where K is at least the
        highest of each of them. Functions with `highest` 0 come in none.
    """
    begin, end = 0, int(np.searchsorted(-highest, 0))
    while begin < end:
        n_blocks = -(-int(highest[begin]) // BLOCK)
        some = slice(begin, min(end, begin + max(1, AT_ONCE // (n_blocks * BLOCK))))
        yield some, _amplitudes(functions.at(np.arange(end)[some]), n_blocks)
        begin = some.stop


def _amplitudes(functions: Kinks, n_blocks: int) -> np.ndarray:
    """(R, K): |f~(k)| at k = 1, 2, …, K = n_blocks * BLOCK.

    With k = 1 + BLOCK n + m the power exp(-2 pi i k b) is one of n times one of m, so that the sums
    over kinks of all k of a function are one product of matrices.
    """
    start_RJ = functions.jumps_RJ * turned(functions.places_RJ)
    starts_RNJ = _powers(functions.places_RJ, BLOCK, n_blocks) * start_RJ[:, None]
    powers_RMJ = _powers(functions.places_RJ, 1, BLOCK)
    sums_RK = (starts_RNJ @ powers_RMJ.transpose(0, 2, 1)).reshape(len(start_RJ), -1)
    return np.abs(sums_RK) / (2 * np.pi * np.arange(1, sums_RK.shape[1] + 1)) ** 2


def _powers(places_RJ: np.ndarray, step: int, count: int) -> np.ndarray:
    """(R, M, J): exp(-2 pi i m b) at m = 0, step, 2 step, …, of which there are `count`.

    Every power is a product of those whose m are a power of two. Multiplying b by such an m is
    exact, so that large m keep their digits; `step` must be one.
    """
    networks, kinks_of_each = places_RJ.shape
    found = np.empty((networks, count, kinks_of_each), dtype=complex)
    found[:, 0] = 1.0
    known = 1
    while known < count:
        more = min(known, count - known)
        factor_RJ = turned(known * step * places_RJ)
        np.multiply(found[:, :more], factor_RJ[:, None], out=found[:, known : known + more])
        known += more
    return found


def _split_at_zeros(
    x_RX: np.ndarray, values_RXU: np.ndarray, slopes_RIU: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nodes, values and slopes with a node more wherever a unit crosses zero inside an interval."""
    networks, nodes = x_RX.shape
    up_RXU, down_RXU = values_RXU > 0, values_RXU < 0
    crossed_RIU = up_RXU[:, :-1] & down_RXU[:, 1:] | down_RXU[:, :-1] & up_RXU[:, 1:]
    network, interval, unit = np.unravel_index(np.flatnonzero(crossed_RIU), crossed_RIU.shape)
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
    all_x[network, place] = x_left + fraction * (x_right - x_left)

    order = np.argsort(all_x, axis=1, kind="stable")
    parent = np.minimum(np.cumsum(order < nodes, axis=1)[:, :-1] - 1, nodes - 2)
    all_values = _taken(values_RXU, np.minimum(order, nodes - 1))
    rank = np.argsort(order, axis=1)
    all_values[network, rank[network, place]] = new_values
    return _taken(all_x, order), all_values, _taken(slopes_RIU, parent)


def _taken(values_RX: np.ndarray, index_RY: np.ndarray) -> np.ndarray:
    """`values_RX[r, index_RY[r]]` of every network r; further axes of the values stay."""
    networks, nodes = values_RX.shape[:2]
    flat_RY = index_RY + nodes * np.arange(networks)[:, None]
    return values_RX.reshape(networks * nodes, *values_RX.shape[2:]).take(flat_RY, axis=0)


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
