"""Exact Fourier transforms of ReLU networks R^2 → R along chosen directions, without sampling.

Such a network is linear on convex polygons. Let J_e be the jump of its gradient across the facet e
between two of them, along the unit normal n_e (continuity leaves no other part of the gradient
free to jump). For the unit vector u and the frequency k > 0, differentiating twice along u gives

    f~(k u) = int f(x) exp(-2 pi i k u x) dx = sum_e J_e (n_e u)^2 E_e(k u) / (2 pi k)^2,
    E_e(k u) = int_e exp(-2 pi i k u x) ds,

with J_e = (gradient on the side that n_e leaves - gradient on the side that it enters) n_e. With
unit tangent t_e, ends p and q = p + l t_e,

    E_e = (exp(-2 pi i k u p) - exp(-2 pi i k u q)) / (2 pi i k u t_e):

two corners of order 1/k, so that f~ decays as k^-3, but for u along n_e, where E_e has the modulus
l and f~ decays as k^-2 (Rahaman et al. 2018, Theorem 1: k^-(d+1) in almost every direction, slower
along normals of facets).

The whole plane. A network does not vanish at infinity. Its transform is a tempered distribution,
which away from u k = 0 and from the normals of unbounded facets is the function above, where the
end at infinity of an unbounded facet contributes nothing. Cutting the network off, as a square
does, would add facets and corners that are none of its own. So facets are found within a square,
and those that reach its border are continued straight for ever. Where two of these cross, their
jumps pass unchanged, which makes a corner of no contribution: what is transformed is a continuous
piecewise linear function on the whole plane that equals the network on the square.

Shape suffixes: F facets, S sides of regions, K frequencies, D directions, V corners, U units.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from spectral_bias.spectra.piecewise_linear import NO_KINK, Layers
from spectral_bias.spectra.turns import turned

SAME_POINT = 1e-10
"""Middles of two sides this close, relative to the square, are those of one facet."""
ON_LINE = 1e-13
"""A corner this close to a line, relative to the square, lies on it."""
PARALLEL = 1e-9
"""Sine of the angle below which two facets are parallel."""


@dataclass(frozen=True)
class Region:
    """A convex polygon on which a network is linear.

    Attributes:
        corners: (V, 2), counterclockwise.
        border: (V,), whether the side from each corner to the next lies on the square's border.
        gradient: (2,), of the network.
    """

    corners: np.ndarray
    border: np.ndarray
    gradient: np.ndarray


@dataclass(frozen=True)
class Facets:
    """Where a network on a square bends.

    Attributes:
        starts: (F, 2).
        ends: (F, 2).
        jumps: (F,), J_e; see above.
        open_starts: (F,), whether the facet continues beyond its start, out of the square.
        open_ends: (F,), likewise.
    """

    starts: np.ndarray
    ends: np.ndarray
    jumps: np.ndarray
    open_starts: np.ndarray
    open_ends: np.ndarray

    @property
    def lengths(self) -> np.ndarray:
        """(F,), within the square."""
        return np.linalg.norm(self.ends - self.starts, axis=1)

    @property
    def tangents(self) -> np.ndarray:
        """(F, 2), of unit length, from start to end."""
        return (self.ends - self.starts) / self.lengths[:, None]

    @property
    def normals(self) -> np.ndarray:
        """(F, 2), the tangents turned clockwise."""
        return self.tangents @ np.array([[0.0, -1.0], [1.0, 0.0]])

    def bounded(self) -> np.ndarray:
        """(F,): whether neither the facet nor any that is parallel to it leaves the square.

        Along the normals of the others the transform is no function.
        """
        t = self.tangents
        is_open = self.open_starts | self.open_ends
        sines = np.abs(t[:, :1] * t[None, is_open, 1] - t[:, 1:] * t[None, is_open, 0])
        return ~(sines < PARALLEL).any(axis=1)


def linear_regions(layers: Layers, half_side: float) -> list[Region]:
    """The polygons on which a ReLU network is linear, within [-half_side, half_side]^2.

    Args:
        layers: weights and biases, taken as exact numbers; the first layer has two inputs, the last
            one output.
        half_side: of the square.

    Raises:
        ValueError: the network does not map two numbers to one, or a parameter is not finite.
    """
    if layers[0][0].shape[1] != 2 or layers[-1][0].shape[0] != 1:
        raise ValueError("the network must map two numbers to one number")
    if not all(np.isfinite(part).all() for pair in layers for part in pair):
        raise ValueError("a parameter is not finite: the network diverged")
    square = half_side * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    pieces = [(square, np.ones(4, dtype=bool), np.eye(2), np.zeros(2))]
    for weight, bias in layers[:-1]:
        found = []
        for corners, border, slopes, offsets in pieces:
            # On this region the units are linear: slopes (U, 2), offsets (U,).
            slopes, offsets = weight @ slopes, weight @ offsets + bias
            for part in _split(corners, border, slopes, offsets, half_side):
                on = (slopes @ part[0].mean(axis=0) + offsets > 0)[:, None]
                found.append((*part, slopes * on, offsets * on[:, 0]))
        pieces = found
    weight = layers[-1][0]
    return [Region(corners, border, (weight @ s)[0]) for corners, border, s, _ in pieces]


def facets(layers: Layers, half_side: float) -> Facets:
    """Where a ReLU network bends within [-half_side, half_side]^2; arguments as above."""
    regions = linear_regions(layers, half_side)
    sizes = np.array([len(region.corners) for region in regions])
    starts = np.concatenate([region.corners for region in regions])
    border = np.concatenate([region.border for region in regions])
    gradients = np.repeat([region.gradient for region in regions], sizes, axis=0)
    # Of each side the next one of its region, and the one before.
    last = np.cumsum(sizes) - 1
    following = np.arange(1, len(starts) + 1)
    following[last] = last + 1 - sizes
    preceding = np.argsort(following)
    ends, after, before = starts[following], border[following], border[preceding]
    first, second = _pairs((starts + ends)[~border] / 2, half_side).T
    inside = np.flatnonzero(~border)
    one, other = inside[first], inside[second]
    found = Facets(starts[one], ends[one], np.zeros(len(one)), before[one], after[one])
    change = gradients[one] - gradients[other]
    jumps = (change * found.normals).sum(axis=1)
    bends = np.abs(jumps) > NO_KINK * max(np.abs(gradients).max(initial=0.0), 1e-300)
    kept = [part[bends] for part in (found.starts, found.ends, jumps, before[one], after[one])]
    return Facets(*kept)


def transform(facets: Facets, directions: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """f~(k u) in closed form.

    Args:
        facets: of the network.
        directions: (D, 2) unit vectors u, none along the normal of a facet that leaves the square.
        frequencies: (K,) positive k, in periods per unit of length.

    Returns:
        (D, K) complex, in units of f times area.

    Raises:
        ValueError: a direction along which the transform is no function.
    """
    k = np.asarray(frequencies, dtype=np.float64)
    tangents, lengths, normals = facets.tangents, facets.lengths, facets.normals
    closed = ~(facets.open_starts | facets.open_ends)
    middles = (facets.starts + facets.ends)[closed] / 2
    result = np.empty((len(directions), len(k)), dtype=complex)
    for row, u in enumerate(np.asarray(directions, dtype=np.float64)):
        weights, along = facets.jumps * (normals @ u) ** 2, tangents @ u
        if (np.abs(along[~closed]) < PARALLEL).any():
            raise ValueError(f"direction {u.tolist()} is the normal of an unbounded facet")
        sizes = weights[closed] * lengths[closed]
        sinc = np.sinc(np.outer(k, lengths[closed] * along[closed]))
        bounded = turned(np.outer(k, middles @ u)) * sinc
        # Of a facet that goes on for ever only the end within the square is a corner.
        ends = bounded @ sizes
        for points, is_open, sign in (
            (facets.starts, facets.open_starts, 1),
            (facets.ends, facets.open_ends, -1),
        ):
            corner = ~closed & ~is_open
            factors = sign * weights[corner] / along[corner]
            ends = ends + turned(np.outer(k, points[corner] @ u)) @ factors / (2j * np.pi * k)
        result[row] = ends / (2 * np.pi * k) ** 2
    return result


def unit_vectors(angles: np.ndarray) -> np.ndarray:
    """(D, 2) from angles (D,) to the first axis."""
    return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def _pairs(middles: np.ndarray, half_side: float) -> np.ndarray:
    """(F, 2): which of the sides inside the square, (S, 2) by their middles, are the same facet."""
    if len(middles) == 0:
        return np.empty((0, 2), dtype=int)
    pairs = cKDTree(middles).query_pairs(SAME_POINT * half_side, output_type="ndarray")
    if len(pairs) * 2 != len(middles) or len(np.unique(pairs)) != len(middles):
        raise ValueError("some linear regions are too small to be told apart in float64")
    return pairs


def _split(
    corners: np.ndarray,
    border: np.ndarray,
    slopes: np.ndarray,
    offsets: np.ndarray,
    half_side: float,
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Corners and borders of the parts of a polygon on which no unit changes sign."""
    values = corners @ slopes.T + offsets
    parts = [(corners, border)]
    for unit in np.flatnonzero((values.min(axis=0) < 0) & (values.max(axis=0) > 0)):
        slope, offset = slopes[unit], offsets[unit]
        least = ON_LINE * half_side * float(np.hypot(*slope))
        halved = []
        for part in parts:
            at = part[0] @ slope + offset
            at[np.abs(at) < least] = 0.0
            if at.min() < 0 < at.max():
                halved += [_half(*part, at), _half(*part, -at)]
            else:
                halved.append(part)
        parts = halved
    return parts


def _half(
    corners: np.ndarray, border: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The part of a convex polygon where a linear function, `values` at its corners, is >= 0."""
    found, sides, at = [], [], values.tolist()
    for here, start in enumerate(at):
        there = (here + 1) % len(at)
        end = at[there]
        crossing = (
            corners[here] + start / (start - end) * (corners[there] - corners[here])
            if start * end < 0
            else None
        )
        if start >= 0:
            found.append(corners[here])
            # Where the polygon is left at the corner itself, the next side is the dividing line.
            sides.append(bool(border[here]) if end >= 0 or start > 0 else False)
        if crossing is not None:
            found.append(crossing)
            sides.append(bool(border[here]) if end > 0 else False)
    return np.array(found), np.array(sides)
