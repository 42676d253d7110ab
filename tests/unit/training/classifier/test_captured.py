"""A recorded training step against the same step done as it is.

On a CPU the recorder is a stand-in: like a CUDA graph it does its work on the same tensors each
time, and leaves its results in the same ones.
"""

import logging
import random

import numpy as np
import pytest
import torch
from torch import nn

from spectral_bias.data.images import ImageSet
from spectral_bias.models.named import build_network
from spectral_bias.training.classifier import captured, epochs
from spectral_bias.training.classifier.augmentation.settings import Augmentation
from spectral_bias.training.classifier.captured import CapturedStep
from spectral_bias.training.classifier.settings import ClassifierSettings
from spectral_bias.training.classifier.sources import LoadedImages
from spectral_bias.training.classifier.train import train_classifier
from spectral_bias.training.precision import tuned_convolutions

CPU = torch.device("cpu")
SETTINGS = ClassifierSettings(
    epochs=3,
    batch_size=8,
    learning_rate=0.05,
    schedule="cosine",
    momentum=0.9,
    weight_decay=1e-3,
    nesterov=True,
    gradient_clip=1.0,
    augmentation=Augmentation("a", flip_crop=True, cutout=4, mixup_alpha=0.5),
)


@pytest.fixture(scope="module")
def images():
    """Two classes that differ in brightness: 40 training and 6 test images of 8x8 pixels."""
    rng = np.random.default_rng(0)

    def part(count):
        labels = np.arange(count) % 2
        pixels = rng.integers(0, 120, (count, 8, 8, 3)) + 120 * labels[:, None, None, None]
        return pixels.astype(np.uint8), labels

    return ImageSet(*part(40), *part(6), ("dark", "light"))


def trained(images, device=CPU, settings=SETTINGS, network=None, **options):
    """Shake-Shake draws random numbers of its own; its batch norms have buffers."""
    network = network or build_network("shake_shake", {"depth": 8, "width": 8}, 2, seed=0)
    source = LoadedImages.of(images, torch.device(device))
    return train_classifier(network, source, settings, seed=5, **options)


class Recorder:
    """Stands in for `cuda_graph`; counts how often the step is done."""

    def __init__(self, fails_after=None):
        self.recordings, self.replays, self.fails_after = 0, 0, fails_after

    def __call__(self, work, device):
        self.recordings += 1
        results = [work() for _ in range(4)][-1]
        if self.fails_after == "warming up":
            raise RuntimeError("it cannot be\nrecorded")

        def replay():
            self.replays += 1
            for result, value in zip(results, work(), strict=True):
                result.copy_(value)

        return results, replay


def with_recorder(monkeypatch, recorder):
    monkeypatch.setattr(
        epochs,
        "captured_on_gpu",
        lambda step, state, device: CapturedStep(step, state, recorder),
    )


def assert_alike(first, second, compare):
    theirs = second.network.state_dict()
    for name, tensor in first.network.state_dict().items():
        compare(tensor.cpu(), theirs[name].cpu())
    for name, values in first.history.items():
        compare(torch.as_tensor(values), torch.as_tensor(second.history[name]))


def close(first, second):
    torch.testing.assert_close(first, second, rtol=1e-4, atol=1e-5)


def same(first, second):
    assert torch.equal(first, second)


def test_a_replayed_step_does_what_the_step_does(images, monkeypatch):
    plain = trained(images)
    recorder = Recorder()
    with_recorder(monkeypatch, recorder)
    # Recording changes neither parameters nor batch norm nor the numbers that are drawn.
    assert_alike(trained(images), plain, close)
    assert (recorder.recordings, recorder.replays) == (1, 1 + 15)  # the first only tries it


def test_a_resumed_training_is_recorded_from_its_own_state(images, tmp_path, monkeypatch):
    with_recorder(monkeypatch, Recorder())
    whole = trained(images)
    options = {"checkpoint": tmp_path / "c.pt", "fingerprint": "f", "checkpoint_seconds": 0.0}

    def killed(epoch, history):
        if epoch == 2:
            raise SystemExit

    with pytest.raises(SystemExit):
        trained(images, observer=killed, **options)
    resumed = trained(images, **options)
    assert resumed.resumed
    assert_alike(resumed, whole, same)


def test_a_step_that_cannot_be_recorded_is_done_as_it_is(images, monkeypatch, caplog):
    plain = trained(images)
    recorder = Recorder(fails_after="warming up")
    with_recorder(monkeypatch, recorder)
    with caplog.at_level(logging.INFO):
        assert_alike(trained(images), plain, same)
    assert (recorder.recordings, recorder.replays) == (1, 0)
    (line,) = caplog.messages
    assert "without a CUDA graph" in line and line.endswith("it cannot be")


def test_what_a_failed_step_left_behind_is_cleared():
    weight = nn.Parameter(torch.ones(2))

    def step(x, y, rate):
        (weight * x).sum().backward()
        raise RuntimeError("stop")

    descend = CapturedStep(step, [weight], lambda work, device: work())
    with pytest.raises(RuntimeError, match="stop"):
        descend(torch.ones(2), torch.ones(2), 0.1)
    # The first try was dropped: this is the gradient of the second alone.
    assert torch.equal(weight.grad, torch.ones(2))


def test_batches_are_copied_and_keep_their_layout():
    seen = []

    def step(x, y, rate):
        seen.append((x.data_ptr(), y.data_ptr(), rate.data_ptr()))
        assert x.is_contiguous(memory_format=torch.channels_last)
        return (x.mean() * rate + y.sum(),)

    descend = CapturedStep(step, [], Recorder())
    for value in (1.0, 2.0, 3.0):
        x = torch.full((2, 3, 4, 4), value).contiguous(memory_format=torch.channels_last)
        (found,) = descend(x, torch.full((2,), 10 * value), 0.5 * value)
        assert found.item() == 0.5 * value**2 + 20 * value
    assert len(set(seen)) == 1 and seen[0][0] != x.data_ptr()


def test_on_a_cpu_nothing_is_recorded():
    def step(x, y, rate):
        return ()

    assert captured.captured_on_gpu(step, [], CPU) is step


def test_convolutions_are_tuned_in_training_alone(images):
    before = torch.backends.cudnn.benchmark
    seen = []
    trained(images, observer=lambda *_: seen.append(torch.backends.cudnn.benchmark))
    assert all(seen) and torch.backends.cudnn.benchmark == before
    with pytest.raises(KeyError), tuned_convolutions():
        raise KeyError
    assert torch.backends.cudnn.benchmark == before


DEVICES = [f"cuda:{number}" for number in range(max(1, torch.cuda.device_count()))]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_a_cuda_graph_does_what_the_step_does(images, device, precision, monkeypatch, caplog):
    """On every GPU, not only the current one; with other random numbers in every step."""
    settings = ClassifierSettings(**{**vars(SETTINGS), "precision": precision})
    recorded = trained(images, device, settings)
    assert "without a CUDA graph" not in caplog.text
    monkeypatch.setattr(epochs, "captured_on_gpu", lambda step, state, device: step)
    loose = {"float32": 1e-3, "bf16": 0.1}[precision]
    plain = trained(images, device, settings)
    assert recorded.history["training_loss"][2] != recorded.history["training_loss"][0]
    torch.testing.assert_close(
        torch.tensor(recorded.history["training_loss"]),
        torch.tensor(plain.history["training_loss"]),
        rtol=loose,
        atol=loose,
    )


class Waiting(nn.Module):
    """Its forward pass needs a number on the CPU."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(192, 2)

    def forward(self, x):
        x = x.flatten(1)
        return self.head(x if x.sum().item() > 0 else -x)


class Drawing(Waiting):
    """Its forward pass draws a number on the CPU."""

    def forward(self, x):
        return self.head(x.flatten(1) * random.random())


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("network", [Waiting, Drawing])
def test_networks_that_a_graph_cannot_hold_are_trained_without(images, network, caplog):
    history = trained(images, "cuda", network=network()).history
    assert caplog.text.count("without a CUDA graph") == 1
    assert np.isfinite(history["training_loss"]).all()
