"""Inputs and targets of Experiment 8."""

import numpy as np
import pytest

from spectral_bias.artefacts import write_arrays
from spectral_bias.experiments.rahaman2018.random_labels.problem import build, flat_inputs, spread

RUN = {"run": "r", "seed": 0, "n_samples": 40, "n_runs": 3, "features": 4}


@pytest.fixture
def reconstructions(tmp_path):
    rng = np.random.default_rng(0)
    made = rng.uniform(size=(60, 12)).astype(np.float32)
    write_arrays(tmp_path / "r.npz", {"reconstructions": made}, {"run_key": "k"})
    return tmp_path / "r.npz", made


def built(path, inputs, **changes):
    return build(RUN | {"run": f"r_{inputs}", "inputs": inputs} | changes, path)


def test_curved_inputs_are_the_first_reconstructions(reconstructions):
    path, made = reconstructions
    problem, facts = built(path, "manifold")
    np.testing.assert_array_equal(problem.inputs, made[:40])
    assert problem.targets.shape == (3, 40) and facts["number"].tolist() == [0, 1, 2]


def test_flat_inputs_are_uniform_in_the_first_entries_of_the_same_space(reconstructions):
    x = built(reconstructions[0], "flat")[0].inputs
    assert x.shape == (40, 12)
    assert (x[:, 4:] == 0).all()
    assert x[:, :4].min() >= 0 and x[:, :4].max() <= 1
    assert np.linalg.matrix_rank(x) == 4


def test_moments_of_flat_inputs():
    x = flat_inputs(20_000, 3, 5, np.random.default_rng(1))
    np.testing.assert_allclose(x.mean(axis=0), [0.5, 0.5, 0.5, 0, 0], atol=0.01)
    assert spread(x) == pytest.approx(np.sqrt(3 / 12), abs=0.01)


def test_stretched_inputs_are_the_flat_ones_with_the_spread_of_the_curved(reconstructions):
    path, _ = reconstructions
    curved, flat, stretched = (
        built(path, kind)[0].inputs for kind in ("manifold", "flat", "flat_stretched")
    )
    assert spread(stretched) == pytest.approx(spread(curved))
    np.testing.assert_allclose(stretched * flat.max(), flat * stretched.max())


def test_runs_that_differ_in_inputs_share_weights_and_targets_by_number(reconstructions):
    path, _ = reconstructions
    one, two = (built(path, kind)[0] for kind in ("manifold", "flat"))
    assert one.seeds == two.seeds and len(set(one.seeds)) == 3
    np.testing.assert_array_equal(one.targets, two.targets)
    fewer, _ = built(path, "flat", n_runs=1)
    np.testing.assert_array_equal(fewer.targets, two.targets[:1])
    assert one.targets.min() >= 0 and one.targets.max() <= 1
    assert abs(np.corrcoef(one.targets)[0, 1]) < 0.5


def test_spread_by_loops():
    x = np.random.default_rng(2).normal(size=(9, 3))
    centre = x.mean(axis=0)
    expected = np.sqrt(np.mean([np.sum((row - centre) ** 2) for row in x]))
    assert spread(x) == pytest.approx(expected)
