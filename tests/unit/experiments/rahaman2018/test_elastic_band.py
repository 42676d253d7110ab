"""The elastic band on energies whose lowest paths are known."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from spectral_bias.experiments.rahaman2018.adversarial.neb import (
    NebSettings,
    Paths,
    auto_neb,
    energies_of,
    refined,
    relaxed,
    straight,
)

SETTINGS = NebSettings(
    pivots=7,
    iterations=4,
    insertions=2,
    samples=5,
    steps=200,
    learning_rate=0.02,
    momentum=0.9,
    batch_size=5,
)
STARTS = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
ENDS = torch.tensor([[0.0, 1.0]], dtype=torch.float64)


def ring(x, path):
    """Lowest, 0, on the unit circle: the low path between two of its points is the arc."""
    return (x.norm(dim=1) - 1) ** 2


def flat(x, path):
    return x.sum(dim=1) * 0


def test_straight_line_has_equidistant_pivots_and_exact_ends():
    paths = straight(STARTS, ENDS, 3)
    share = torch.tensor([0, 0.25, 0.5, 0.75, 1], dtype=torch.float64)
    torch.testing.assert_close(paths.points, torch.stack([1 - share, share], dim=1))
    assert paths.inner.tolist() == [False, True, True, True, False]
    assert paths.lengths().item() == pytest.approx(math.sqrt(2))


def test_path_bends_to_the_arc():
    paths = auto_neb(STARTS, ENDS, ring, SETTINGS)
    torch.testing.assert_close(
        paths.points.norm(dim=1),
        torch.ones(len(paths.path), dtype=torch.float64),
        atol=1e-3,
        rtol=0,
    )
    assert paths.lengths().item() == pytest.approx(math.pi / 2, rel=0.01)
    angles = torch.atan2(paths.points[:, 1], paths.points[:, 0])
    assert (angles.diff() > 0).all()


def test_ends_never_move_even_where_the_energy_would_push_them():
    starts, ends = STARTS * 3, ENDS * 2
    paths = auto_neb(starts, ends, ring, SETTINGS)
    assert torch.equal(paths.points[0], starts[0])
    assert torch.equal(paths.points[-1], ends[0])


def test_flat_energy_leaves_the_line_straight_and_gets_no_pivots():
    paths = auto_neb(STARTS, ENDS, flat, SETTINGS)
    assert torch.equal(paths.points, straight(STARTS, ENDS, SETTINGS.pivots).points)


def test_pivots_do_not_slide_along_the_path():
    """Energy that falls along the line only: nothing may happen."""
    paths = straight(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]), 3)
    after = relaxed(paths, lambda x, path: -5 * x[:, 0], SETTINGS)
    torch.testing.assert_close(after.points, paths.points, atol=1e-6, rtol=0)


def test_one_step_without_momentum_is_the_gradient_across_the_path():
    settings = replace(SETTINGS, steps=1, learning_rate=0.1)
    points = torch.tensor([[0.0, 0.0], [1.0, 0.0], [2.0, 2.0]], dtype=torch.float64)

    def energy(x, path):
        return x[:, 0] + 3 * x[:, 1]

    # The energy rises to the right, so the tangent points to the right neighbour: (1, 2) / √5.
    tangent = np.array([1, 2]) / math.sqrt(5)
    gradient = np.array([1.0, 3.0])
    expected = np.array([1.0, 0.0]) - 0.1 * (gradient - gradient @ tangent * tangent)
    after = relaxed(Paths(points, torch.zeros(3, dtype=torch.long)), energy, settings)
    np.testing.assert_allclose(after.points[1], expected)


def test_momentum_sums_gradients():
    """On a line across a constant force the displacement is known after any number of steps."""
    settings = replace(SETTINGS, steps=3, learning_rate=0.1, momentum=0.5)
    paths = straight(torch.zeros(1, 2), torch.tensor([[1e6, 0.0]]), 1)
    after = relaxed(paths, lambda x, path: 2 * x[:, 1] + 0 * x[:, 0], settings)
    assert after.points[1, 1].item() == pytest.approx(-0.1 * 2 * (1 + 1.5 + 1.75), rel=1e-4)


def test_pivots_go_where_the_energy_is_highest():
    def bump(x, path):
        return torch.exp(-(((x[:, 0] - 0.375) / 0.05) ** 2))

    settings = replace(SETTINGS, samples=3)
    line = straight(torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]), 1)  # pivots at 0, 0.5, 1
    paths = refined(line, bump, settings)
    torch.testing.assert_close(paths.points[:, 0], torch.tensor([0, 0.375, 0.5, 1]))
    assert paths.path.tolist() == [0, 0, 0, 0]


def test_a_path_gets_at_most_so_many_pivots_the_highest_ones():
    def bumps(x, path):
        """One in each quarter, the third the highest, for path 1; path 0 is flat."""
        place = x[:, 0]
        height = torch.tensor([1.0, 2.0, 4.0, 3.0])
        quarter = (place * 4).long().clamp(0, 3)
        return (path == 1) * height[quarter] * (1 - ((place * 8) % 2 - 1).abs())

    starts, ends = torch.zeros(2, 2), torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    line = straight(starts, ends, 3)
    settings = replace(SETTINGS, samples=1, insertions=2)
    paths = refined(line, bumps, settings)
    assert paths.path.tolist() == [0] * 5 + [1] * 7
    new = set(paths.points[paths.path == 1, 0].tolist()) - {0, 0.25, 0.5, 0.75, 1}
    assert new == {0.625, 0.875}
    assert refined(line, bumps, replace(settings, insertions=0)).path.tolist() == [0] * 5 + [1] * 5


def test_many_paths_at_once_equal_one_by_one():
    generator = torch.Generator().manual_seed(0)
    starts, ends = torch.randn(2, 6, 3, generator=generator, dtype=torch.float64)
    weights = torch.rand(6, generator=generator, dtype=torch.float64)

    def energy(x, path):
        return weights[path] * torch.sin(3 * x).sum(dim=1)

    settings = replace(SETTINGS, steps=5, pivots=2)
    together = auto_neb(starts, ends, energy, settings)
    for p in range(6):
        alone = auto_neb(
            starts[p : p + 1], ends[p : p + 1], lambda x, path, p=p: energy(x, path + p), settings
        )
        torch.testing.assert_close(together.points[together.path == p], alone.points)


def test_energies_do_not_depend_on_the_batch_size():
    points, path = torch.randn(23, 4), torch.arange(23) // 5
    energy = lambda x, p: x.sum(dim=1) * (p + 1)  # noqa: E731
    whole = energies_of(points, path, energy, 100)
    torch.testing.assert_close(energies_of(points, path, energy, 3), whole)


def test_bounds_hold():
    paths = auto_neb(
        torch.tensor([[0.0, 0.5]]),
        torch.tensor([[1.0, 0.5]]),
        lambda x, path: 10 * x[:, 1] + 0 * x[:, 0],
        SETTINGS,
        bounds=(0.0, 1.0),
    )
    inner = paths.points[paths.inner]
    torch.testing.assert_close(inner[:, 1], torch.zeros(len(inner)))


def test_points_at_shares_of_the_length():
    """Two polygons of different numbers of pivots and lengths, against interpolation by hand."""
    corner = [[0.0, 0.0], [3.0, 0.0], [3.0, 1.0]]
    line = [[0.0, 5.0], [0.0, 5.5], [0.0, 6.5], [0.0, 7.0]]
    paths = Paths(torch.tensor(corner + line, dtype=torch.float64), torch.tensor([0] * 3 + [1] * 4))
    assert paths.lengths().tolist() == [4.0, 2.0]
    share = torch.tensor([0, 0.25, 0.75, 0.875, 1], dtype=torch.float64)
    expected = [
        [[0, 0], [1, 0], [3, 0], [3, 0.5], [3, 1]],
        [[0, 5], [0, 5.5], [0, 6.5], [0, 6.75], [0, 7]],
    ]
    np.testing.assert_allclose(paths.at(share), expected)


def test_a_path_of_no_length_stays_where_it_is():
    points = straight(torch.ones(1, 2), torch.ones(1, 2), 2).at(torch.tensor([0, 0.5, 1]).double())
    np.testing.assert_allclose(points, np.ones((1, 3, 2)))
