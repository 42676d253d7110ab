"""Training runs as flat mappings and back, and where their names and seeds come from."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from spectral_bias.config.load import load_settings
from spectral_bias.experiments import training_runs
from spectral_bias.training.autoencoder.settings import AutoencoderSettings
from spectral_bias.training.ensemble.settings import TrainSettings
from spectral_bias.training.runs import AutoencoderRun, MlpRun, run_of

ROOT = Path(__file__).parents[3]


def runs(paper="rahaman2018", **settings):
    return training_runs(load_settings({"scale": "tiny"} | settings, ROOT), paper)


def test_every_run_of_the_first_paper_goes_through_json_and_back():
    for name, run in runs().items():
        settings = run.settings()
        assert json.loads(json.dumps(settings)) == settings
        assert run_of(settings) == run
        assert type(run).of(settings) == run
        assert (run.paper, run.run, settings["kind"]) == ("rahaman2018", name, run.KIND)


def test_an_ensemble_is_flat_and_keeps_its_target():
    run = MlpRun(
        **{"paper": "p", "run": "r", "seed": 3, "problem": "sinusoids", "n_runs": 2},
        training=TrainSettings(8, 3, "mse", 1e-3, 50, 10, ("prediction",), (0, 50), "bf16"),
        target={"n_points": 20, "frequencies": [1, 2]},
    )
    settings = run.settings()
    assert settings == {
        **{"kind": "mlp", "paper": "p", "run": "r", "seed": 3, "problem": "sinusoids", "n_runs": 2},
        **{"network": {"width": 8, "depth": 3, "activation": "relu"}, "optimiser": "adam"},
        **{"loss": "mse", "learning_rate": 1e-3},
        **{"iterations": 50, "loss_every": 10, "records": ["prediction"], "record_every": [0, 50]},
        **{"precision": "bf16", "parameters_at": [], "n_points": 20, "frequencies": [1, 2]},
    }
    kept = replace(run, training=replace(run.training, parameters_at=(0, 50)))
    assert kept.settings()["parameters_at"] == [0, 50] and run_of(kept.settings()) == kept
    assert MlpRun.of(settings) == run_of(settings) == run
    assert run.length == 50
    target = {"n_points": 20, "frequencies": [1, 2], "n_runs": 2, "seed": 3, "run": "r"}
    assert run.problem_settings() == target


def test_an_autoencoder_is_flat_and_comes_back():
    run = AutoencoderRun(
        **{"paper": "p", "run": "r", "seed": 3, "train_fraction": 0.8, "n_samples": 7},
        training=AutoencoderSettings(0.1, 1e-3, 64, 30, "tf32"),
        network={"hidden": [32], "features": 4},
        data={"source": "digits"},
    )
    settings = run.settings()
    assert settings["kind"] == "autoencoder" and settings["network"]["hidden"] == [32]
    assert (settings["noise"], settings["epochs"], settings["precision"]) == (0.1, 30, "tf32")
    assert AutoencoderRun.of(settings) == run_of(settings) == run
    assert run.length == 30


@pytest.mark.parametrize("kind", ["perceptron", None])
def test_an_unknown_kind_is_named(kind):
    said = f"kind: {kind!r} is an unknown kind of run; known: mlp, classifier, autoencoder"
    with pytest.raises(ValueError, match=said):
        run_of({"kind": kind} if kind else {})


def test_seed_and_precision_of_the_settings_are_those_of_every_run():
    before, seeded, precise = runs(), runs(seed=1), runs(precision="bf16")
    assert all(seeded[name] != run and seeded[name].seed == 1 for name, run in before.items())
    assert {run.training.precision for run in precise.values()} == {"bf16"}
