"""Curves in the plane, and the problems of Experiments 5 and 6 on them."""

import numpy as np
import pytest

from spectral_bias.data.manifolds import flower
from spectral_bias.data.signals import uniform_grid
from spectral_bias.experiments.rahaman2018.manifolds import (
    classification as manifold_classification,
)
from spectral_bias.experiments.rahaman2018.manifolds import regression as manifold_regression
from spectral_bias.spectra.fourier import single_sided_amplitude

REGRESSION = {
    "run": "manifold_regression",
    "seed": 0,
    "n_runs": 3,
    "n_points": 50,
    "frequencies": [2, 7],
    "amplitudes": [0.5, 1.0],
    "lobes": [0, 4],
}
CLASSIFICATION = {
    "run": "manifold_classification",
    "seed": 0,
    "n_runs": 2,
    "n_points": 101,
    "frequencies": [3, 10],
    "lobes": [0, 2, 4],
    "decision": {"frequency": 10, "lobes": 4, "twins": 2},
}


@pytest.mark.parametrize("n", [40, 41])
@pytest.mark.parametrize("lobes", [0, 1, 10])
def test_flower_has_its_radius_at_its_angle(n, lobes):
    z = uniform_grid(n)
    x = flower(z, lobes)
    position = x[:, 0] + 1j * x[:, 1]
    radius = 1 + np.sin(2 * np.pi * lobes * z) / 2
    np.testing.assert_allclose(position, radius * np.exp(2j * np.pi * z), atol=1e-14)
    if lobes == 0:
        np.testing.assert_allclose(np.linalg.norm(x, axis=1), 1)


def test_flower_has_as_many_outermost_points_as_lobes():
    radius = np.linalg.norm(flower(uniform_grid(1000), 5), axis=1)
    outermost = (radius > np.roll(radius, 1)) & (radius >= np.roll(radius, -1))
    assert outermost.sum() == 5
    np.testing.assert_allclose(radius[outermost], 1.5)


@pytest.mark.parametrize("n", [50, 51])
def test_regression_shares_targets_and_weights_over_curves(n):
    problem, facts = manifold_regression.build({**REGRESSION, "n_points": n})
    assert problem.inputs.shape == (6, n, 2)
    assert facts["lobes"].tolist() == [0, 0, 0, 4, 4, 4]
    assert facts["number"].tolist() == [0, 1, 2, 0, 1, 2]
    assert facts["setting"].tolist() == ["L_00"] * 3 + ["L_04"] * 3
    np.testing.assert_array_equal(problem.targets[:3], problem.targets[3:])
    assert problem.seeds[:3] == problem.seeds[3:] and len(set(problem.seeds)) == 3
    np.testing.assert_array_equal(problem.inputs[4], flower(uniform_grid(n), 4))
    amplitudes = single_sided_amplitude(problem.targets, np.array([2, 7]))
    np.testing.assert_allclose(amplitudes, np.tile([0.5, 1.0], (6, 1)), atol=1e-12)


def test_labels_are_the_sign_of_the_sine_with_a_phase_for_each_member():
    problem, facts = manifold_classification.build(CLASSIFICATION)
    z = uniform_grid(101)
    for row, label in enumerate(problem.targets):
        wave = np.sin(2 * np.pi * facts["frequency"][row] * z + facts["phase"][row])
        assert label.tolist() == [float(value > 0) for value in wave]
        np.testing.assert_array_equal(problem.inputs[row], flower(z, facts["lobes"][row]))
    grid = facts["number"] < 2
    assert grid.sum() == 2 * 3 * 2
    assert len(set(facts["phase"][grid])) == grid.sum()
    assert len(set(problem.seeds)) == len(problem.seeds)


def test_twins_have_the_labels_of_the_first_network_and_other_weights():
    problem, facts = manifold_classification.build(CLASSIFICATION)
    cell = (facts["frequency"] == 10) & (facts["lobes"] == 4)
    assert facts["number"][cell].tolist() == [0, 1, 2, 3]
    first, second, *twins = problem.targets[cell]
    assert all((twin == first).all() for twin in twins)
    assert not (second == first).all()


def test_a_network_does_not_depend_on_the_rest_of_the_grid():
    whole, facts = manifold_classification.build(CLASSIFICATION)
    few = {**CLASSIFICATION, "frequencies": [10], "lobes": [4], "n_runs": 1}
    part, _ = manifold_classification.build({**few, "decision": {**few["decision"], "twins": 0}})
    row = np.flatnonzero((facts["frequency"] == 10) & (facts["lobes"] == 4))[0]
    assert part.seeds == [whole.seeds[row]]
    np.testing.assert_array_equal(part.targets[0], whole.targets[row])


@pytest.mark.parametrize("module", [manifold_regression, manifold_classification])
def test_seed_changes_every_draw(module):
    run = REGRESSION if module is manifold_regression else CLASSIFICATION
    one, _ = module.build(run)
    two, _ = module.build({**run, "seed": 1})
    assert not set(one.seeds) & set(two.seeds)
    assert not (one.targets == two.targets).all(axis=1).any()
