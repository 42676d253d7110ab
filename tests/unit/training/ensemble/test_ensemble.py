"""Ensembles: members are independent, records are where they are said to be, resuming is exact."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from spectral_bias.data.problem import Problem
from spectral_bias.errors import UserError
from spectral_bias.models.activations import ACTIVATIONS
from spectral_bias.models.batched import initial_parameters
from spectral_bias.models.mlp import mlp
from spectral_bias.models.shape import NetworkShape
from spectral_bias.runtime.checkpoint import load_checkpoint, save_checkpoint
from spectral_bias.runtime.job import _terminate
from spectral_bias.training.ensemble.groups import member_bytes, plan_groups
from spectral_bias.training.ensemble.optimisers import OPTIMISERS
from spectral_bias.training.ensemble.settings import TrainSettings
from spectral_bias.training.ensemble.train import train

CPU = torch.device("cpu")
SETTINGS = TrainSettings(
    width=16, depth=3, loss="mse", learning_rate=1e-2, iterations=70, loss_every=1,
    records=("prediction", "spectral_norm"), record_every=20,
)  # fmt: skip


def problem(members=5, n=24, seed=0, validated=False):
    rng = np.random.default_rng(seed)
    return Problem(
        inputs=np.arange(n)[:, None] / n,
        targets=rng.normal(size=(members, n)),
        seeds=list(range(100, 100 + members)),
        validation_inputs=rng.uniform(size=(7, 1)) if validated else None,
        validation_targets=rng.normal(size=7) if validated else None,
    )


def only(whole: Problem, member: int) -> Problem:
    return replace(whole, targets=whole.targets[member : member + 1], seeds=[whole.seeds[member]])


@pytest.mark.parametrize("threads", [1, 2])
def test_member_of_an_ensemble_equals_the_same_network_alone(threads):
    settings = replace(SETTINGS, dtype="float64", iterations=200)
    together = train(problem(), settings, device=CPU, threads=threads)
    for member in range(5):
        alone = train(only(problem(), member), settings, device=CPU)
        torch.testing.assert_close(
            together.parameters[member], alone.parameters[0], rtol=0, atol=1e-9
        )
        np.testing.assert_allclose(
            together.history["prediction"][:, member], alone.history["prediction"][:, 0], atol=1e-9
        )


def test_adding_members_does_not_change_the_others():
    settings = replace(SETTINGS, dtype="float64")
    few = problem(3)
    many = problem(9)
    many = replace(many, targets=np.concatenate([few.targets, many.targets[3:]]))
    first = train(few, settings, device=CPU).parameters
    torch.testing.assert_close(
        train(many, settings, device=CPU).parameters[:3], first, rtol=0, atol=1e-10
    )


def test_records_stand_at_the_stated_iterations():
    history = train(problem(validated=True), SETTINGS, device=CPU, threads=2).history
    assert history["loss_iteration"].tolist() == list(range(71))
    assert history["record_iteration"].tolist() == [0, 20, 40, 60, 70]
    assert history["loss"].shape == history["validation_loss"].shape == (71, 5)
    assert history["prediction"].shape == (5, 5, 24)
    assert history["spectral_norm"].shape == (5, 5, 3)
    residual = history["prediction"] - problem().targets
    np.testing.assert_allclose(
        (residual**2).mean(axis=2), history["loss"][[0, 20, 40, 60, 70]], rtol=1e-4
    )


def test_listed_iterations_and_probes_are_recorded():
    probe = np.random.default_rng(3).normal(size=(24, 2))
    settings = replace(SETTINGS, records=("prediction", "probe"), record_every=(3, 50))
    history = train(replace(problem(), probe=probe), settings, device=CPU, threads=2).history
    assert history["record_iteration"].tolist() == [3, 50]
    np.testing.assert_allclose(history["probe"], history["prediction"] @ probe, atol=1e-5)


def test_parameters_are_kept_at_listed_iterations():
    settings = replace(SETTINGS, parameters_at=(0, 30, 70))
    result = train(problem(), settings, device=CPU, threads=2)
    history = result.history
    assert history["parameters_iteration"].tolist() == [0, 30, 70]
    assert history["record_iteration"].tolist() == [0, 20, 40, 60, 70]
    start = initial_parameters(NetworkShape(1, 16, 3), problem().seeds, torch.float32)
    np.testing.assert_array_equal(history["parameters"][0], start)
    np.testing.assert_array_equal(history["parameters"][2], result.parameters)
    shorter = train(problem(), replace(SETTINGS, iterations=30), device=CPU, threads=2)
    np.testing.assert_array_equal(history["parameters"][1], shorter.parameters)
    without = train(problem(), SETTINGS, device=CPU).history
    assert "parameters" not in without and "parameters_iteration" not in without


def test_unknown_record_activation_or_optimiser_is_named():
    with pytest.raises(ValueError, match="unknown record 'weights'; known: prediction, probe"):
        replace(SETTINGS, records=("weights",))
    with pytest.raises(ValueError, match="unknown activation 'rleu'; known: relu, tanh, sine"):
        replace(SETTINGS, activation="rleu")
    with pytest.raises(ValueError, match="unknown optimiser 'lbfgs'; known: adam, sgd"):
        replace(SETTINGS, optimiser="lbfgs")


def test_weights_are_clipped_after_every_step_member_by_member():
    clip = np.array([0.05, 0.1, np.inf, 0.2, 0.01])
    settings = replace(SETTINGS, dtype="float64")
    result = train(replace(problem(), weight_clip=clip), settings, device=CPU, threads=2)
    largest = result.parameters.abs().amax(dim=1).numpy()
    np.testing.assert_allclose(largest[[0, 1, 3, 4]], clip[[0, 1, 3, 4]])
    network = mlp(1, 16, 3, 100, torch.float64)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-2)
    x, y = (torch.tensor(a) for a in (problem().inputs, problem().targets[0]))
    for _ in range(70):
        optimiser.zero_grad()
        torch.nn.functional.mse_loss(network(x).squeeze(1), y).backward()
        optimiser.step()
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.clamp_(-0.05, 0.05)
    slow = torch.nn.utils.parameters_to_vector(network.parameters())
    torch.testing.assert_close(result.parameters[0], slow, rtol=0, atol=1e-9)


def test_recording_does_not_change_training():
    silent = replace(SETTINGS, loss_every=70, records=())
    a = train(problem(validated=True), SETTINGS, device=CPU).parameters
    b = train(problem(), silent, device=CPU).parameters
    assert torch.equal(a, b)


def test_zero_iterations_record_the_initial_state():
    history = train(problem(), replace(SETTINGS, iterations=0), device=CPU).history
    assert history["record_iteration"].tolist() == [0]
    assert history["loss"].shape == (1, 5)


@pytest.mark.parametrize(
    ("number", "answer"),
    [(signal.SIGTERM, _terminate), (signal.SIGINT, signal.default_int_handler)],
)
def test_interrupted_training_resumes_bit_for_bit(tmp_path, number, answer):
    """With everything that can be recorded."""
    records = ("prediction", "probe", "spectral_norm")
    settings = replace(SETTINGS, iterations=9000, records=records, parameters_at=(0, 5, 8999))
    probe = np.random.default_rng(3).normal(size=(24, 2))
    given = replace(problem(validated=True), probe=probe)
    whole = train(given, settings, device=CPU, threads=2)

    def interrupt(view):
        if view.share_done > 0:
            os.kill(os.getpid(), number)

    options = {
        "device": CPU,
        "threads": 2,
        "fingerprint": "f",
        "checkpoint_dir": tmp_path,
        "observe_seconds": 0.01,
    }
    before = signal.signal(number, answer)  # as a job has it, wherever the tests were started
    try:
        with pytest.raises((SystemExit, KeyboardInterrupt)):
            train(given, settings, **options, observer=interrupt)
    finally:
        signal.signal(number, before)
    resumed = train(given, settings, **options)
    assert resumed.resumed and {"validation_loss", *records} <= set(whole.history)
    assert torch.equal(whole.parameters, resumed.parameters)
    for name, array in whole.history.items():
        np.testing.assert_array_equal(array, resumed.history[name], err_msg=name)


KILLED = """
import sys, torch
sys.path.insert(0, {here!r})
from test_ensemble import CPU, SETTINGS, problem, replace, train
from pathlib import Path
result = train(problem(), replace(SETTINGS, iterations=4000), device=CPU, threads=2,
               fingerprint="f", checkpoint_dir=Path({folder!r}), checkpoint_seconds=0.0)
torch.save({{"parameters": result.parameters, "resumed": result.resumed,
            "prediction": torch.tensor(result.history["prediction"])}}, {output!r})
"""


def test_sigkill_at_random_moments_changes_nothing(tmp_path):
    folder, output = tmp_path / "resume", tmp_path / "result.pt"
    code = KILLED.format(here=os.path.dirname(__file__), folder=str(folder), output=str(output))
    kills, moments = 0, random.Random(time.time_ns())
    while not output.exists():
        job = subprocess.Popen([sys.executable, "-c", code])
        if kills < 3:
            while not list(folder.glob("*.pt")) and job.poll() is None:
                time.sleep(0.02)
            time.sleep(moments.uniform(0.0, 0.5))
            job.send_signal(signal.SIGKILL)
            kills += 1
        assert job.wait() in (0, -signal.SIGKILL)
    result = torch.load(output)
    whole = train(problem(), replace(SETTINGS, iterations=4000), device=CPU, threads=2)
    assert result["resumed"]
    assert torch.equal(result["parameters"], whole.parameters)
    assert torch.equal(result["prediction"], torch.tensor(whole.history["prediction"]))


def test_checkpoint_of_other_settings_or_half_written_is_not_taken_up(tmp_path, caplog):
    path = tmp_path / "group.pt"
    save_checkpoint(path, "one", {"iteration": 3})
    assert load_checkpoint(path, "one") == {"iteration": 3}
    assert load_checkpoint(path, "two") is None
    assert "other settings or code" in caplog.text
    path.write_bytes(path.read_bytes()[:20])
    assert load_checkpoint(path, "one") is None
    assert "starts afresh" in caplog.text
    assert load_checkpoint(tmp_path / "none.pt", "one") is None


def test_a_failing_worker_ends_training_with_its_error():
    bad = problem()
    bad = replace(bad, validation_inputs=np.zeros((7, 1)), validation_targets=np.zeros(8))
    with pytest.raises(RuntimeError, match="size of tensor"):
        train(bad, SETTINGS, device=CPU, threads=2)


@pytest.mark.parametrize(("rate", "activation"), [(1e30, "relu"), (1e30, "tanh")])
@pytest.mark.parametrize("every", [1, 50])
def test_a_loss_that_is_no_number_ends_training(rate, activation, every, tmp_path):
    """With spectral norms, whose matrices overflow too; no checkpoint holds what is no number."""
    settings = replace(
        SETTINGS, learning_rate=rate, activation=activation, loss_every=every, iterations=100_000
    )
    line = r"^member 0: the training loss is (inf|nan) at iteration \d+ with learning"
    with pytest.raises(UserError, match=line + r"_rate 1e\+30; choose a smaller learning_rate$"):
        train(problem(), settings, device=CPU, fingerprint="f", checkpoint_dir=tmp_path)
    assert not list(tmp_path.glob("*.pt"))


def test_the_member_and_the_first_iteration_are_named_that_are_not_finite():
    """One member of nine, in another group than the first, has targets that are out of range."""
    targets = problem(9).targets
    targets[7] = 1e30
    with pytest.raises(UserError, match=r"^member 7: the training loss is inf at "):
        train(replace(problem(9), targets=targets), SETTINGS, device=CPU, threads=2)
    goal = np.full(7, 1e30)
    bad = replace(problem(validated=True), validation_targets=goal)
    with pytest.raises(UserError, match=r"^member 0: the validation loss is inf at iteration 0"):
        train(bad, SETTINGS, device=CPU)


def test_a_divergence_between_two_records_is_seen_all_the_same():
    settings = replace(SETTINGS, learning_rate=1e30, loss_every=10**7, iterations=10**7, records=())
    with pytest.raises(UserError, match=r"the training loss is nan at iteration \d{1,5} with"):
        train(problem(), settings, device=CPU)


def test_groups_cover_all_members_once_and_keep_threads_busy():
    for members, threads, width in [(10, 2, 256), (3, 2, 256), (88, 2, 16), (1, 4, 64)]:
        shape = NetworkShape(1, width, 6)
        plan = plan_groups(shape, 200, members, threads, CPU)
        assert [m for group in plan for m in group] == list(range(members))
        assert len(plan) >= min(threads, members)
    assert len(plan_groups(NetworkShape(1, 256, 6), 200, 10, 2, CPU)) == 10
    assert member_bytes(NetworkShape(1, 256, 6), 200) > 4 * 4 * 263_937


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_cuda_graph_equals_the_cpu_in_float64(activation, optimiser):
    settings = replace(SETTINGS, dtype="float64", activation=activation, optimiser=optimiser)
    expected = train(problem(validated=True), settings, device=CPU)
    ours = train(problem(validated=True), settings, device=torch.device("cuda"))
    torch.testing.assert_close(ours.parameters, expected.parameters, rtol=0, atol=1e-8)
    for name, array in expected.history.items():
        np.testing.assert_allclose(ours.history[name], array, atol=1e-7, err_msg=name)
