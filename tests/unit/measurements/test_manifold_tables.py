"""Tables of Experiments 5 and 6, from runs that are made by hand."""

import numpy as np
import pytest
import torch
from torch.nn.utils import vector_to_parameters

from spectral_bias.data.problem import Problem
from spectral_bias.experiments.rahaman2018.manifolds import (
    classification as manifold_classification,
)
from spectral_bias.experiments.rahaman2018.manifolds import measure as manifolds
from spectral_bias.measurements import evaluation
from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.models.batched import NetworkShape, initial_parameters
from spectral_bias.models.mlp import relu_mlp
from spectral_bias.spectra.fourier import fourier_probe
from spectral_bias.training.ensemble.metrics import relative_amplitude, run_metrics

K = np.array([2.0, 5.0])
RUN = {
    "run": "manifold_classification",
    "seed": 0,
    "n_runs": 2,
    "n_points": 41,
    "frequencies": [3, 10],
    "lobes": [0, 4],
    "decision": {"frequency": 10, "lobes": 4, "twins": 1},
    "network": {"width": 8, "depth": 3},
}


def regression_run():
    """Two L with two networks each; network m has learnt m + 1 tenths of k = 2 at record 1."""
    z, probe = np.arange(20) / 20, fourier_probe(20, K)
    shares = np.outer([0.0, 1.0], [0.1, 0.2, 0.3, 0.4])
    predictions = shares[:, :, None] * np.cos(2 * np.pi * 2 * z + 1.0)
    history = {
        "record_iteration": np.array([0, 7]),
        "probe": predictions @ probe,
        "loss_iteration": np.array([0, 3, 7]),
        "loss": np.arange(12.0).reshape(3, 4),
    }
    facts = {
        "frequencies": K,
        "amplitudes": np.array([0.5, 1.0]),
        "lobes": np.array([0, 0, 4, 4]),
        "number": np.array([0, 1, 0, 1]),
        "setting": np.array(["L_00", "L_00", "L_04", "L_04"]),
    }
    problem = Problem(np.zeros((4, 20, 2)), np.zeros((4, 20)), [1, 2, 1, 2])
    return FinishedRun(problem, facts, history, {}, None)


def test_spectrum_and_loss_name_the_curve_and_the_network():
    table = manifolds.spectrum_table(regression_run())
    assert len(table) == 2 * 4 * 2
    cell = table.query("iteration == 7 and lobes == 4 and member == 1")
    np.testing.assert_allclose(cell.query("frequency == 2").amplitude, 0.4 / 0.5)
    np.testing.assert_allclose(cell.query("frequency == 5").amplitude, 0, atol=1e-14)
    loss = manifolds.loss_table(regression_run())
    assert loss.query("iteration == 3 and lobes == 4 and member == 0").mse.item() == 6


def test_metrics_show_the_amplitudes_of_a_probe():
    run = regression_run()
    metrics = run_metrics(run.history, run.facts).set_index(["metric", "iteration"]).value
    assert metrics["amplitude/k_002/L_00", 7] == pytest.approx(0.15 / 0.5)
    assert metrics["amplitude/k_002/L_04", 7] == pytest.approx(0.35 / 0.5)
    assert metrics["loss/training/L_04", 3] == 6.5


def test_other_probes_have_no_amplitudes():
    run = regression_run()
    other = {**run.history, "probe": np.zeros((2, 4, 3))}
    assert relative_amplitude(other, run.facts) is None
    assert relative_amplitude(run.history, {}) is None


def classification_run(seeds=None):
    problem, facts = manifold_classification.build(RUN)
    shape = NetworkShape(2, 8, 3)
    record = {"settings": RUN}
    run = FinishedRun(problem, facts, {}, record, None)
    run.__dict__["parameters"] = initial_parameters(shape, seeds or problem.seeds, torch.float32)
    return run


def network(run, row):
    module = relu_mlp(2, 8, 3, 0)
    vector_to_parameters(run.parameters[row], module.parameters())
    return lambda x: module(torch.as_tensor(x, dtype=torch.float32)).detach().numpy()[:, 0]


@pytest.mark.parametrize("chunk_bytes", [1, 3 * 4 * 41 * 8 * 3, 10**9])
def test_outputs_equal_those_of_plain_networks_whatever_the_chunks(monkeypatch, chunk_bytes):
    monkeypatch.setattr(evaluation, "CHUNK_BYTES", chunk_bytes)
    run = classification_run()
    own = evaluation.outputs(run.parameters, run.shape, run.problem.inputs)
    shared = evaluation.outputs(run.parameters, run.shape, run.problem.inputs[0])
    for row, inputs in enumerate(run.problem.inputs):
        np.testing.assert_allclose(own[row], network(run, row)(inputs), atol=1e-6)
        expected = network(run, row)(run.problem.inputs[0])
        np.testing.assert_allclose(shared[row], expected, atol=1e-6)


def test_accuracy_is_the_share_of_samples_on_the_right_side_and_leaves_out_twins():
    run = classification_run()
    table = manifolds.accuracy_table(run)
    assert len(table) == 2 * 2 * 2
    assert table.groupby(["frequency", "lobes"]).size().eq(2).all()
    for row in table.itertuples():
        logits = network(run, row.Index)(run.problem.inputs[row.Index])
        labels = run.problem.targets[row.Index]
        right = [(y > 0) == (label == 1) for y, label in zip(logits, labels, strict=True)]
        assert row.accuracy == pytest.approx(np.mean(right))


def test_decision_shows_the_two_networks_of_equal_labels_on_a_square():
    run = classification_run()
    rows = manifolds.shown_members(run)
    assert run.facts["number"][rows].tolist() == [0, 2]
    np.testing.assert_array_equal(*run.problem.targets[rows])
    table = manifolds.decision_table(run, 5)
    assert len(table) == 2 * 25
    np.testing.assert_allclose(sorted(table.x1.unique()), [-1.6, -0.8, 0, 0.8, 1.6], atol=1e-12)
    for number, row in enumerate(rows):
        mine = table[table.network == number]
        expected = network(run, row)(mine[["x1", "x2"]].to_numpy())
        np.testing.assert_allclose(mine.logit, expected, atol=1e-6)


def test_samples_lie_on_the_curve_with_their_labels():
    run = classification_run()
    table = manifolds.samples_table(run)
    row = manifolds.shown_members(run)[1]
    mine = table[table.network == 1]
    np.testing.assert_array_equal(mine[["x1", "x2"]].to_numpy(), run.problem.inputs[row])
    np.testing.assert_array_equal(mine.label, run.problem.targets[row])
    np.testing.assert_allclose(mine.logit, network(run, row)(run.problem.inputs[row]), atol=1e-6)
