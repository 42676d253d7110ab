"""Training autoencoders: what they learn, what is repeatable, what is refused."""

import os
import signal
from dataclasses import replace

import numpy as np
import pytest
import torch

from spectral_bias.artefacts import read_arrays, read_json
from spectral_bias.data.digits import bundled_digits, write_digits
from spectral_bias.errors import UserError
from spectral_bias.models.autoencoder import autoencoder
from spectral_bias.runtime.job import _terminate
from spectral_bias.runtime.record import JobContext
from spectral_bias.training.autoencoder import train
from spectral_bias.training.autoencoder.job import (
    autoencoder_metrics,
    flat_images,
    train_autoencoder_run,
)
from spectral_bias.training.autoencoder.settings import AutoencoderSettings
from spectral_bias.training.autoencoder.train import (
    mean_image_loss,
    reconstructed,
    require_reconstruction,
    train_autoencoder,
)
from spectral_bias.training.runs import AutoencoderRun

SETTINGS = AutoencoderSettings(
    noise=0.05, learning_rate=1e-2, batch_size=32, epochs=40, precision="float32"
)
RUN = AutoencoderRun(
    paper="rahaman2018",
    run="autoencoder",
    training=AutoencoderSettings(noise=0.1, learning_rate=5e-3, batch_size=64, epochs=30),
    network={"hidden": [32], "features": 4},
    data={"source": "digits"},
    train_fraction=0.8,
    n_samples=20,
)
CONTEXT = JobContext("tiny", "c")


def curve(n, seed=0):
    """Points on a curve in [0, 1]^6: one number says where."""
    t = torch.rand(n, 1, generator=torch.Generator().manual_seed(seed))
    return 0.5 + 0.4 * torch.sin(t * torch.arange(1.0, 7.0) + torch.arange(6.0))


def trained(settings=SETTINGS, seed=5, **options):
    network = autoencoder(6, [24], 1, seed=0)
    result = train_autoencoder(network, curve(256), curve(64, 1), settings, seed, **options)
    return network, result.history


def test_one_feature_reconstructs_a_curve():
    network, history = trained()
    validation = curve(64, 1)
    assert history["epoch"].tolist() == list(range(41))
    left = (reconstructed(network, validation, chunk=7) - validation).square().mean().item()
    assert history["validation_loss"][-1] == pytest.approx(left)
    assert left < 0.1 * mean_image_loss(curve(256), validation)
    assert history["validation_loss"][0] > 0.5 * mean_image_loss(curve(256), validation)


def test_same_seed_same_network_and_no_trace_in_the_global_state():
    torch.manual_seed(3)
    before = torch.get_rng_state()
    short = replace(SETTINGS, epochs=3)
    (_, one), (_, two), (_, other) = trained(short), trained(short), trained(short, seed=6)
    assert torch.equal(before, torch.get_rng_state())
    np.testing.assert_array_equal(one["training_loss"], two["training_loss"])
    assert one["training_loss"][-1] != other["training_loss"][-1]


def test_more_epochs_continue_the_same_way():
    (_, short), (_, long) = (
        trained(replace(SETTINGS, epochs=2)),
        trained(replace(SETTINGS, epochs=3)),
    )
    np.testing.assert_array_equal(short["training_loss"], long["training_loss"][:3])


def test_without_noise_and_batches_an_update_is_that_of_adam_by_hand():
    settings = replace(SETTINGS, noise=0.0, batch_size=256, epochs=1)
    network, _ = trained(settings)
    reference = autoencoder(6, [24], 1, seed=0)
    x = curve(256)
    (reference(x) - x).square().mean().backward()
    for parameter, expected in zip(network.parameters(), reference.parameters(), strict=True):
        # The first step of Adam has the length of the learning rate, up to its epsilon.
        step = settings.learning_rate * expected.grad / (expected.grad.abs() + 1e-8)
        torch.testing.assert_close(parameter, expected - step, rtol=1e-4, atol=2e-4)


def test_observer_sees_every_epoch():
    seen = []
    trained(replace(SETTINGS, epochs=3), observer=lambda e, h: seen.append((e, len(h["epoch"]))))
    assert seen == [(1, 2), (2, 3), (3, 4)]


@pytest.mark.parametrize("moment", [0, 1, 7, 8, 9, 16])
def test_sigterm_at_any_moment_loses_nothing(tmp_path, monkeypatch, moment):
    """Eight batches an epoch; the signal comes in the middle of an update, or in an evaluation."""
    settings, network = replace(SETTINGS, epochs=3), autoencoder(6, [24], 1, seed=0)
    before = signal.signal(signal.SIGTERM, _terminate)
    descend, calls = train._descend, []

    def counted(*arguments):
        calls.append(1)
        if len(calls) == moment:
            os.kill(os.getpid(), signal.SIGTERM)
        descend(*arguments)

    def observer(epoch, history):
        if moment == 0 and epoch == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(train, "_descend", counted)
    options = {"fingerprint": "f", "checkpoint": tmp_path / "a.pt"}
    data = curve(256), curve(64, 1), settings, 5
    try:
        with pytest.raises((SystemExit, KeyboardInterrupt)):
            train_autoencoder(network, *data, observer, **options)
    finally:
        signal.signal(signal.SIGTERM, before)
    other = autoencoder(6, [24], 1, seed=1)
    resumed = train_autoencoder(other, *data, **options)
    assert resumed.resumed and len(calls) == 24
    whole, history = trained(settings)
    for name, values in history.items():
        np.testing.assert_array_equal(resumed.history[name], values)
    for name, tensor in whole.state_dict().items():
        assert torch.equal(tensor, other.state_dict()[name]), name
    assert not train_autoencoder(
        other, *data, fingerprint="g", checkpoint=tmp_path / "a.pt"
    ).resumed


def test_a_loss_that_is_no_number_ends_training():
    line = r"^the (training|validation) loss is (nan|inf) in epoch 1 with learning_rate 1e\+30;"
    with pytest.raises(UserError, match=line):
        trained(replace(SETTINGS, learning_rate=1e30))


def test_mean_image_loss_is_the_variance_of_the_data():
    x = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    assert mean_image_loss(x, x) == 0.25
    assert mean_image_loss(x, x + 1) == 1.25


@pytest.mark.parametrize("loss", [0.05, 0.0500001, float("nan"), float("inf")])
def test_a_reconstruction_no_better_than_the_mean_is_refused(loss):
    with pytest.raises(UserError, match=r"section: the autoencoder has .* no better"):
        require_reconstruction(loss, 0.05, "section")


def test_a_better_reconstruction_is_accepted():
    require_reconstruction(0.049, 0.05, "section")


@pytest.fixture
def digits(tmp_path):
    images, labels, white = bundled_digits()
    write_digits(tmp_path / "digits.npz", "digits", images[:200], labels[:200], white)
    return tmp_path / "digits.npz"


def test_job_writes_reconstructions_and_what_every_run_has(digits, tmp_path):
    train_autoencoder_run(RUN, digits, tmp_path / "out", CONTEXT)
    arrays, meta = read_arrays(tmp_path / "out/reconstructions.npz")
    record = read_json(tmp_path / "out/run.json")
    assert meta["run_key"] == record["run_key"] and record["members"] == 1
    assert arrays["reconstructions"].shape == (20, 64)
    history, _ = read_arrays(tmp_path / "out/history.npz")
    assert meta["validation_loss"] == history["validation_loss"][-1] < meta["mean_image_loss"]
    x, checksum = flat_images(digits, 1)
    assert record["data_checksum"] == checksum
    expected = (x[160:] - x[:160].mean(axis=0)) ** 2
    assert meta["mean_image_loss"] == pytest.approx(expected.mean(), rel=1e-5)
    assert (tmp_path / "out/model.safetensors").exists()


def test_job_that_does_not_converge_leaves_nothing(digits, tmp_path):
    untrained = replace(RUN, training=replace(RUN.training, epochs=0))
    with pytest.raises(UserError, match="no better than the mean image"):
        train_autoencoder_run(untrained, digits, tmp_path / "out", CONTEXT)
    assert not (tmp_path / "out").exists()


def test_data_set_smaller_than_asked(digits, tmp_path):
    with pytest.raises(UserError, match=r"n_samples: 201 samples, but digits.npz holds 200 images"):
        train_autoencoder_run(replace(RUN, n_samples=201), digits, tmp_path / "out", CONTEXT)


def test_metrics_name_both_curves():
    history = {
        "epoch": np.array([0, 1]),
        "training_loss": np.array([2.0, 1.0]),
        "validation_loss": np.array([3.0, 2.5]),
    }
    table = autoencoder_metrics(history)
    rows = list(table.itertuples(index=False, name=None))
    assert rows == [
        (0, "loss/training", 2.0),
        (0, "loss/validation", 3.0),
        (1, "loss/training", 1.0),
        (1, "loss/validation", 2.5),
    ]
