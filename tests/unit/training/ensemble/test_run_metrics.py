"""The curves of an ensemble that MLflow shows: means over members, by setting, thinned."""

import numpy as np
import pytest

from spectral_bias.data.signals import sinusoid_sum, uniform_grid
from spectral_bias.training.ensemble.metrics import run_metrics


def test_metrics_are_means_over_members():
    k, amplitudes = np.array([2.0, 5.0]), np.array([0.5, 1.0])
    phases = np.array([[0.3, 0.7], [1.0, 2.0]])
    target = sinusoid_sum(uniform_grid(20), k, amplitudes, phases)
    history = {
        **dict.fromkeys(("loss_iteration", "record_iteration"), np.array([0, 5])),
        "loss": np.array([[0.0, 1.0], [2.0, 3.0]]),
        "prediction": np.array([0.0, 0.5])[:, None, None] * target,
        "spectral_norm": np.arange(8.0).reshape(2, 2, 2),
    }
    metrics = run_metrics(history, {"frequencies": k, "amplitudes": amplitudes})
    metrics = metrics.set_index(["metric", "iteration"]).value
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
    long, shorter = (
        run_metrics({"loss_iteration": np.arange(n), "loss": np.ones((n, 1))}, {})
        for n in (5001, 601)
    )
    assert len(long) <= 501
    assert {0, 5000} <= set(long.iteration)
    assert set(range(0, 600, 16)) <= set(shorter.iteration)
