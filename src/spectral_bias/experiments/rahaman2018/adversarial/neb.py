"""Low paths between points: the nudged elastic band without springs, grown as in AutoNEB.

A path is a polygon through *pivots*; its two ends never move. The inner pivots descend the energy,
but only across the path: what a pivot would gain by sliding along it is projected out (Jónsson et
al. 1998). There are no springs that would keep distances, since pivots that cannot slide need none.
New pivots are put in where the energy between two of them is highest (AutoNEB, Kolsbjerg et al.
2016; Draxler et al. 2018). All paths are relaxed together; their pivots lie in one tensor, path
after path, so that paths may have different numbers of them.

Shape suffixes: P paths, T pivots of all paths, S samples; D stands for all axes of a point.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Energy = Callable[[Tensor, Tensor], Tensor]
"""(points (B, D), number of the path of each (B,)) → energies (B,), differentiable."""


@dataclass(frozen=True)
class NebSettings:
    """How paths are found.

    Attributes:
        pivots: inner pivots of the straight line at the start.
        iterations: times that pivots are put in and then relaxed.
        insertions: most pivots that an iteration puts into one path.
        samples: points between two neighbouring pivots at which the energy is evaluated for that.
        steps: gradient steps of an iteration.
        learning_rate: of these steps.
        momentum: of these steps; each iteration starts at rest.
        batch_size: points that the energy is computed for at once.
    """

    pivots: int
    iterations: int
    insertions: int
    samples: int
    steps: int
    learning_rate: float
    momentum: float
    batch_size: int


@dataclass(frozen=True)
class Paths:
    """P polygons: all pivots (T, D), path after path, and the path of each (T,), increasing."""

    points: Tensor
    path: Tensor

    @property
    def inner(self) -> Tensor:
        """(T,) whether a pivot lies between two others of its path."""
        same = self.path[1:] == self.path[:-1]
        edge = same.new_zeros(1)
        return torch.cat([edge, same]) & torch.cat([same, edge])

    @property
    def segments(self) -> Tensor:
        """Indices of the first pivot of each segment, path after path."""
        return torch.nonzero(self.path[1:] == self.path[:-1]).squeeze(1)

    @property
    def n_paths(self) -> int:
        """P."""
        return int(self.path[-1]) + 1

    def lengths(self) -> Tensor:
        """(P,) Euclidean length of each path."""
        first = self.segments
        distance = norm(self.points[first + 1] - self.points[first])
        return distance.new_zeros(self.n_paths).index_add_(0, self.path[first], distance)

    def at(self, share: Tensor) -> Tensor:
        """(P, S, D): the points of each path at fractions (S,) of its length, from 0 to 1."""
        first, n_paths = self.segments, self.n_paths
        path = self.path[first]
        distance = norm(self.points[first + 1] - self.points[first])
        total = self.lengths()
        # Length walked before each segment, in its own path.
        walked = distance.cumsum(0) - distance
        numbers = torch.arange(n_paths, device=path.device)
        start = torch.searchsorted(path, numbers)
        last = torch.searchsorted(path, numbers, right=True) - 1
        walked = walked - walked[start][path]
        wanted_PS = share * total[:, None]
        # Positions along all paths laid one after another, so that one search serves all of them.
        gap = total.max() + 1
        place = torch.searchsorted(walked + path * gap, _offset(wanted_PS, gap), right=True) - 1
        segment = torch.minimum(torch.maximum(place, start[:, None]), last[:, None])
        part = (wanted_PS - walked[segment]) / distance[segment].clamp_min(1e-30)
        before, after = self.points[first[segment]], self.points[first[segment] + 1]
        part = part.clamp(0, 1).reshape(*part.shape, *[1] * (before.dim() - 2))
        return before + part.to(before.dtype) * (after - before)


def _offset(values_PS: Tensor, gap: Tensor) -> Tensor:
    """Each row shifted by its number times `gap`."""
    rows = torch.arange(len(values_PS), device=values_PS.device)[:, None]
    return values_PS + rows * gap


def norm(points: Tensor) -> Tensor:
    """(B,) Euclidean norm of points (B, D), in float64."""
    return points.flatten(1).double().norm(dim=1)


def straight(starts: Tensor, ends: Tensor, inner: int) -> Paths:
    """Straight lines from `starts` to `ends` (P, D), with `inner` pivots at equal distances."""
    share = torch.linspace(0, 1, inner + 2, dtype=starts.dtype, device=starts.device)
    share = share.reshape(-1, *[1] * (starts.dim() - 1))
    points = starts[:, None] + share * (ends - starts)[:, None]
    points[:, -1] = ends  # start + (end - start) need not be the end to the last digit
    path = torch.arange(len(starts), device=starts.device).repeat_interleave(inner + 2)
    return Paths(points.flatten(0, 1), path)


def auto_neb(
    starts: Tensor,
    ends: Tensor,
    energy: Energy,
    settings: NebSettings,
    bounds: tuple[float, float] | None = None,
) -> Paths:
    """Paths of low energy from `starts` to `ends` (P, D), found from the straight lines.

    Args:
        starts: one end of each path.
        ends: the other.
        energy: see `Energy`.
        settings: see there.
        bounds: least and largest value of a coordinate; None for none.
    """
    paths = straight(starts, ends, settings.pivots)
    for _ in range(settings.iterations):
        paths = refined(paths, energy, settings)
        paths = relaxed(paths, energy, settings, bounds)
    return paths


def relaxed(
    paths: Paths,
    energy: Energy,
    settings: NebSettings,
    bounds: tuple[float, float] | None = None,
) -> Paths:
    """The paths after `settings.steps` gradient steps across themselves."""
    inner = torch.nonzero(paths.inner).squeeze(1)
    points, velocity = paths.points.clone(), torch.zeros_like(paths.points[inner])
    energies = energies_of(points, paths.path, energy, settings.batch_size)
    shape = (-1, *[1] * (points.dim() - 1))
    for _ in range(settings.steps):
        values, gradient = _gradients(points[inner], paths.path[inner], energy, settings.batch_size)
        energies[inner] = values
        tangent = _tangents(points, energies, inner)
        along = (gradient * tangent).flatten(1).sum(1).reshape(shape)
        velocity.mul_(settings.momentum).add_(gradient - along * tangent)
        moved = points[inner] - settings.learning_rate * velocity
        if bounds is not None:
            moved = moved.clamp(*bounds)
        points[inner] = moved
    return Paths(points, paths.path)


def refined(paths: Paths, energy: Energy, settings: NebSettings) -> Paths:
    """The paths with new pivots where the energy between two pivots exceeds that of both.

    A segment gets at most one, at the highest of its samples; a path at most
    `settings.insertions`, the highest ones.
    """
    first = paths.segments
    energies = energies_of(paths.points, paths.path, energy, settings.batch_size)
    share = torch.arange(1, settings.samples + 1, device=first.device) / (settings.samples + 1)
    highest = torch.full_like(energies[first], -torch.inf)
    at = torch.zeros_like(highest)
    for part in share.to(highest.dtype):
        middle = torch.lerp(paths.points[first], paths.points[first + 1], part)
        value = energies_of(middle, paths.path[first], energy, settings.batch_size)
        at = torch.where(value > highest, part, at)
        highest = torch.maximum(highest, value)
    above = highest > torch.maximum(energies[first], energies[first + 1])
    chosen = torch.nonzero(above).squeeze(1)
    chosen = chosen[_rank_within(paths.path[first[chosen]], -highest[chosen]) < settings.insertions]
    before = first[chosen]
    part = at[chosen].reshape(-1, *[1] * (paths.points.dim() - 1))
    new = torch.lerp(paths.points[before], paths.points[before + 1], part)
    # A stable sort by half-way indices puts each new pivot between its two neighbours.
    place = torch.cat([torch.arange(len(paths.path), device=before.device) * 2, before * 2 + 1])
    order = place.argsort()
    return Paths(
        torch.cat([paths.points, new])[order], torch.cat([paths.path, paths.path[before]])[order]
    )


def energies_of(points: Tensor, path: Tensor, energy: Energy, batch_size: int) -> Tensor:
    """(B,) energies without gradients, `batch_size` points at a time."""
    with torch.no_grad():
        parts = zip(points.split(batch_size), path.split(batch_size), strict=True)
        return torch.cat([energy(x, p) for x, p in parts])


def _gradients(
    points: Tensor, path: Tensor, energy: Energy, batch_size: int
) -> tuple[Tensor, Tensor]:
    """Energies (B,) and their gradients (B, D)."""
    values, gradients = [], []
    for x, p in zip(points.split(batch_size), path.split(batch_size), strict=True):
        x = x.detach().requires_grad_(True)
        value = energy(x, p)
        gradients.append(torch.autograd.grad(value.sum(), x)[0])
        values.append(value.detach())
    return torch.cat(values), torch.cat(gradients)


def _tangents(points: Tensor, energies: Tensor, inner: Tensor) -> Tensor:
    """Unit tangents at the inner pivots: towards the neighbour of higher energy.

    This choice keeps paths from kinking (Henkelman and Jónsson 2000).
    """
    up = (energies[inner + 1] > energies[inner - 1]).reshape(-1, *[1] * (points.dim() - 1))
    here = points[inner]
    tangent = torch.where(up, points[inner + 1] - here, here - points[inner - 1])
    length = norm(tangent).to(tangent.dtype).clamp_min(1e-30)
    return tangent / length.reshape(up.shape)


def _rank_within(group: Tensor, key: Tensor) -> Tensor:
    """(B,) rank, from 0, of each entry among those of its group by increasing `key`."""
    by_key = key.argsort(stable=True)
    order = by_key[group[by_key].argsort(stable=True)]
    start = torch.searchsorted(group[order].contiguous(), group[order].contiguous())
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(order), device=order.device) - start
    return rank
