"""A job of an ensemble: a loss that explodes is told, one that is no number ends it."""

import numpy as np
import pytest

from spectral_bias.artefacts import read_json
from spectral_bias.data.problem import Problem, write_problem
from spectral_bias.errors import UserError
from spectral_bias.runtime.record import JobContext
from spectral_bias.training.ensemble.job import train_run
from spectral_bias.training.ensemble.settings import TrainSettings
from spectral_bias.training.runs import MlpRun


def train(tmp_path, learning_rate):
    x = np.arange(24)[:, None] / 24
    problem = Problem(
        inputs=x, targets=np.sin(2 * np.pi * np.stack([x[:, 0]] * 3)), seeds=[1, 2, 3]
    )
    write_problem(tmp_path / "problem.npz", problem, {}, {})
    settings = TrainSettings(
        width=16, depth=3, loss="mse", learning_rate=learning_rate, iterations=30, loss_every=10
    )
    run = MlpRun(run="waves", problem="sinusoids", training=settings, n_runs=3)
    folder = tmp_path / "waves"
    train_run(run, tmp_path / "problem.npz", folder, JobContext("tiny", "c"))
    return read_json(folder / "run.json")


def test_a_run_that_learns_has_no_warning(tmp_path):
    record = train(tmp_path, 1e-2)
    assert (record["status"], record["warnings"]) == ("finished", [])


def test_a_run_that_explodes_goes_on_and_says_so(tmp_path, capsys):
    record = train(tmp_path, 1e3)
    (line,) = record["warnings"]
    assert line.startswith("3 of 3 networks end at a training loss of up to ")
    assert "with learning_rate 1000" in line and f"[waves] {line}\n" in capsys.readouterr().err


def test_a_run_whose_loss_is_no_number_writes_nothing(tmp_path):
    with pytest.raises(UserError, match=r"^member 0: the training loss is (nan|inf) at iteration"):
        train(tmp_path, 1e30)
    assert not (tmp_path / "waves").exists()
