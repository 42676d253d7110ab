"""Tables measured from runs that are made by hand."""

import numpy as np
import pandas as pd
import pytest
import torch

from spectral_bias.data.problem import Problem
from spectral_bias.data.signals import sinusoid_sum, uniform_grid
from spectral_bias.experiments.rahaman2018.label_noise import measure as label_noise
from spectral_bias.experiments.rahaman2018.perturbation.measure import perturbation_table
from spectral_bias.experiments.rahaman2018.sinusoids import measure as sinusoids
from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.measurements.tidy import long_table
from spectral_bias.models.batched import NetworkShape, initial_parameters
from spectral_bias.training.ensemble.metrics import run_metrics

K, A, Z = np.array([2.0, 5.0]), np.array([0.5, 1.0]), uniform_grid(20)
LEARNT = np.array([0.0, 0.5, 1.0])  # share of the target at each of three records


def sinusoid_run(**more):
    target = sinusoid_sum(Z, K, A, np.array([[0.3, 0.7], [1.0, 2.0]]))
    history = {
        "loss_iteration": np.array([0, 5, 10]),
        "loss": np.arange(6.0).reshape(3, 2),
        "record_iteration": np.array([0, 5, 10]),
        "prediction": LEARNT[:, None, None] * target,
        "spectral_norm": np.arange(12.0).reshape(3, 2, 2),
    }
    problem = Problem(Z[:, None], target, [1, 2])
    record = {"run_key": "k", "run": "r", "seed": 0, "settings": {}}
    return FinishedRun(problem, {"frequencies": K, "amplitudes": A}, history, record, None)


def test_long_table_names_every_element():
    table = long_table("v", np.arange(6).reshape(2, 3), {"a": [10, 20], "b": [1, 2, 3]})
    assert table[(table.a == 20) & (table.b == 2)].v.item() == 4
    with pytest.raises(ValueError, match="axes of lengths"):
        long_table("v", np.zeros((2, 2)), {"a": [1, 2], "b": [1]})


def test_spectrum_is_the_learnt_share_of_each_target_amplitude():
    table = sinusoids.spectrum_table(sinusoid_run())
    assert len(table) == 3 * 2 * 2
    wanted = table.iteration.map(dict(zip([0, 5, 10], LEARNT, strict=True)))
    np.testing.assert_allclose(table.amplitude, wanted, atol=1e-12)


def test_norms_losses_and_snapshots():
    run = sinusoid_run()
    norms = sinusoids.norms_table(run)
    assert norms.query("iteration == 5 and member == 1 and layer == 2").spectral_norm.item() == 7
    loss = sinusoids.loss_table(run)
    assert loss.query("iteration == 10 and member == 0").mse.item() == 4
    function = sinusoids.function_table(run, [5, 10])
    half = function.query("iteration == 5")
    np.testing.assert_allclose(half.prediction, 0.5 * half.target)
    np.testing.assert_allclose(half.z, Z)


def test_label_noise_losses_keep_setting_and_curve_together():
    history = {
        "loss_iteration": np.array([0, 1]),
        "loss": np.array([[1.0, 2.0], [3.0, 4.0]]),
        "validation_loss": np.array([[5.0, 6.0], [7.0, 8.0]]),
    }
    facts = {
        "number": np.array([0, 0]),
        "frequency": np.array([np.nan, 0.1]),
        "beta": np.array([0.0, 1.0]),
    }
    run = FinishedRun(None, facts, history, {}, None)
    table = label_noise.loss_table(run)
    assert len(table) == 8
    row = table.query("frequency == 0.1 and iteration == 1 and curve == 'validation'")
    assert row.mse.item() == 8.0
    clean = table[table.frequency.isna() & (table.iteration == 0) & (table.curve == "training")]
    assert clean.mse.item() == 1.0


def test_perturbation_table_covers_members_deltas_and_frequencies(tmp_path):
    shape = NetworkShape(1, 8, 3)
    run = sinusoid_run()
    run.record["settings"] = {"network": {"width": 8, "depth": 3}}
    run.__dict__["parameters"] = initial_parameters(shape, [1, 2], torch.float32)
    seen = []
    options = {"delta_max": 2.0, "n_deltas": 3, "n_directions": 2, "device": torch.device("cpu")}
    table = perturbation_table(run, **options, on_member=seen.append)
    assert seen == [0, 1]
    assert sorted(table.delta.unique()) == [0.0, 1.0, 2.0]
    assert len(table) == 2 * 3 * 2
    np.testing.assert_allclose(table.query("delta == 0").relative_amplitude, 1, rtol=1e-5)
    pd.testing.assert_frame_equal(table, perturbation_table(run, **options))


def test_metrics_are_means_over_members():
    run = sinusoid_run()
    metrics = run_metrics(run.history, run.facts).set_index(["metric", "iteration"]).value
    assert metrics["loss/training", 5] == 2.5
    assert metrics["amplitude/k_005", 5] == pytest.approx(0.5)
    assert metrics["spectral_norm/layer_2", 0] == 2.0
    assert "loss/validation" not in metrics.index.get_level_values(0)


def test_metrics_of_members_of_different_settings_are_kept_apart():
    history = {"loss_iteration": np.array([0]), "loss": np.array([[1.0, 3.0, 10.0]])}
    metrics = run_metrics(history, {"setting": np.array(["a", "a", "b"])})
    assert dict(zip(metrics.metric, metrics.value, strict=True)) == {
        "loss/training/a": 2.0,
        "loss/training/b": 10.0,
    }


def test_long_curves_are_thinned_but_keep_both_ends():
    history = {"loss_iteration": np.arange(5001), "loss": np.ones((5001, 1))}
    metrics = run_metrics(history, {})
    assert len(metrics) <= 501
    assert {0, 5000} <= set(metrics.iteration)
    shorter = run_metrics({"loss_iteration": np.arange(601), "loss": np.ones((601, 1))}, {})
    assert set(range(0, 600, 16)) <= set(shorter.iteration)
