"""Classifier training: schedule, updates against a plain loop, targets, stopping, resuming."""

import math
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from spectral_bias.artefacts import read_tensors
from spectral_bias.data.images import ImageSet
from spectral_bias.errors import UserError
from spectral_bias.models.named import build_network
from spectral_bias.models.resnet import resnet
from spectral_bias.runtime.job import _terminate
from spectral_bias.seeds import derived_seed
from spectral_bias.training.classifier.augmentation.pipeline import Augmentation
from spectral_bias.training.classifier.label_smoothing import LabelSmoothing, Wave
from spectral_bias.training.classifier.normalisation import Normalisation
from spectral_bias.training.classifier.settings import ClassifierSettings
from spectral_bias.training.classifier.sources import LoadedImages
from spectral_bias.training.classifier.train import kept_epochs, train_classifier

CPU = torch.device("cpu")
SETTINGS = ClassifierSettings(
    epochs=4,
    batch_size=8,
    learning_rate=0.05,
    schedule="cosine",
    momentum=0.9,
    weight_decay=1e-3,
    augmentation=Augmentation("flip_crop", flip_crop=True),
    precision="float32",
)


@pytest.fixture(scope="module")
def images():
    """Two classes that differ in brightness: 20 training and 6 test images of 8x8 pixels."""
    rng = np.random.default_rng(0)

    def part(count):
        labels = np.arange(count) % 2
        pixels = rng.integers(0, 120, (count, 8, 8, 3)) + 120 * labels[:, None, None, None]
        return pixels.astype(np.uint8), labels

    return ImageSet(*part(20), *part(6), ("dark", "light"))


def trained(images, settings=SETTINGS, **options):
    network = resnet(8, 4, 2, seed=0)
    return train_classifier(network, LoadedImages.of(images, CPU), settings, seed=5, **options)


def linear():
    torch.manual_seed(1)
    return nn.Sequential(nn.Flatten(), nn.Linear(192, 2))


def test_a_source_takes_the_first_images_of_each_class(images):
    source = LoadedImages.of(images, CPU, n_train=6)
    assert source.n_train == 6 and source.train_labels.tolist() == [0, 1, 0, 1, 0, 1]
    np.testing.assert_array_equal(source.mean, images.mean)
    (pixels, labels), *_ = source.train_batches([torch.tensor([3, 0])])
    np.testing.assert_array_equal(pixels.permute(0, 2, 3, 1), images.train_images[[3, 0]])
    assert labels.tolist() == [1, 0] and pixels.dtype == torch.uint8
    assert sum(len(labels) for _, labels in source.test_batches()) == 6


def test_schedules():
    cosine = replace(SETTINGS, learning_rate=2.0)
    assert [cosine.learning_rate_at(s) for s in (0.0, 0.5, 1.0)] == pytest.approx([2, 1, 0])
    assert cosine.learning_rate_at(0.25) == pytest.approx(1 + math.cos(math.pi / 4))
    step = replace(cosine, schedule="step")
    rates = [step.learning_rate_at(s) for s in (0.0, 0.49, 0.5, 0.74, 0.75, 0.99)]
    assert rates == pytest.approx([2, 2, 0.2, 0.2, 0.02, 0.02])
    with pytest.raises(ValueError, match="unknown schedule"):
        replace(cosine, schedule="linear").learning_rate_at(0)


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("clip", [None, 0.5])
def test_updates_equal_a_plain_loop(images, nesterov, clip):
    """SGD written out: the penalty's gradient counts for the clipped norm."""
    settings = replace(
        SETTINGS,
        augmentation=Augmentation("none"),
        epochs=2,
        weight_decay=0.5,
        nesterov=nesterov,
        gradient_clip=clip,
    )
    network, source = linear(), LoadedImages.of(images, CPU)
    result = train_classifier(network, source, settings, seed=5)
    reference = linear()
    x_all = Normalisation.of(images.mean, images.std, CPU)(source.train_NCHW)
    parameters = list(reference.parameters())
    velocity = [torch.zeros_like(p) for p in parameters]
    for epoch in (1, 2):
        generator = torch.Generator().manual_seed(derived_seed(5, "epoch", epoch))
        order = torch.randperm(20, generator=generator)
        for batch in range(2):  # 20 images: two whole batches of 8, four images left out
            chosen = order[8 * batch : 8 * batch + 8]
            loss = F.cross_entropy(reference(x_all[chosen]), source.train_labels[chosen])
            gradients = torch.autograd.grad(loss, parameters)
            gradients = [g + 0.5 * p.detach() for g, p in zip(gradients, parameters, strict=True)]
            norm = math.sqrt(sum((g**2).sum().item() for g in gradients))
            scale = 1.0 if clip is None else min(1.0, clip / norm)
            assert clip is None or norm > clip  # else this test would not see the clipping
            share = (epoch - 1 + batch / 2) / 2
            rate = 0.05 * (1 + math.cos(math.pi * share)) / 2
            with torch.no_grad():
                for p, v, g in zip(parameters, velocity, gradients, strict=True):
                    v.mul_(0.9).add_(scale * g)
                    p.sub_(rate * (scale * g + 0.9 * v if nesterov else v))
    for ours, theirs in zip(network.parameters(), parameters, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-6)
    assert result.history["learning_rate"].tolist() == pytest.approx([0.05, 0.025])


def test_classes_that_differ_are_learnt(images):
    history = trained(images, replace(SETTINGS, epochs=12)).history
    assert history["test_accuracy"][-1] == 1
    assert history["training_loss"][-1] < 0.5 * history["training_loss"][0]
    assert history["epoch"].tolist() == list(range(1, 13))


def test_a_wave_smooths_the_labels_that_are_trained_on(images):
    """One batch with everything, learning rate 0: the loss is that of the smoothed labels."""
    wave = Wave("radial", 0.1, 0.3)
    settings = replace(
        SETTINGS,
        augmentation=Augmentation("none"),
        epochs=1,
        batch_size=20,
        wave=wave,
        learning_rate=1e-12,
    )
    network, source = linear(), LoadedImages.of(images, CPU)
    history = train_classifier(network, source, settings, seed=5).history
    x = Normalisation.of(images.mean, images.std, CPU)(source.train_NCHW)
    r = LabelSmoothing(wave, (3, 8, 8), CPU).rate(x, source.train_labels)
    p = linear()(x).softmax(1)
    targets = (1 - r)[:, None] * F.one_hot(source.train_labels, 2) + r[:, None] / 2
    expected = -(targets * p.log()).sum(1).mean()
    assert history["training_loss"][0] == pytest.approx(expected.item(), rel=1e-5)
    assert r.std() > 0.05


def test_a_teacher_gives_part_of_the_targets(images):
    """With a = 0 and a sure teacher that errs always, the student errs always."""

    class Wrong(nn.Module):
        def forward(self, x):
            dark = x.mean(dim=(1, 2, 3)) < 0
            return 50 * torch.stack([~dark, dark], 1).float()

    settings = replace(SETTINGS, epochs=12, teacher_weight=0.0)
    assert trained(images, settings, teacher=Wrong()).history["test_accuracy"][-1] == 0
    settings = replace(SETTINGS, epochs=12, teacher_weight=0.9)
    assert trained(images, settings, teacher=Wrong()).history["test_accuracy"][-1] == 1


def test_training_ends_early_where_it_is_told_to(images):
    long = replace(SETTINGS, epochs=30)
    free = trained(images, long).history["training_loss"]
    level = free[5]
    stopped = trained(images, replace(long, stop_loss=level)).history["training_loss"]
    assert len(stopped) == np.argmax(free <= level) + 1 < 30
    accuracy = trained(images, replace(long, stop_accuracy=1.0)).history["test_accuracy"]
    assert accuracy[-1] == 1 and (accuracy[:-1] < 1).all() and len(accuracy) < 30


def test_parameters_of_chosen_epochs_are_kept(images, tmp_path):
    checkpoint = tmp_path / "resume" / "c.pt"
    checkpoint.parent.mkdir()
    (checkpoint.parent / "epoch1.safetensors").touch()  # of a training with other settings
    settings = replace(SETTINGS, checkpoint_epochs=(0, 2))
    result = trained(images, settings, checkpoint=checkpoint, fingerprint="f")
    kept = {epoch: read_tensors(file) for epoch, file in kept_epochs(checkpoint).items()}
    assert list(kept) == [0, 2]
    untrained = resnet(8, 4, 2, seed=0).state_dict()
    assert all(torch.equal(kept[0][name], tensor) for name, tensor in untrained.items())
    last = result.network.state_dict()
    assert not torch.equal(kept[2]["head.weight"], last["head.weight"])


AUGMENTATION = Augmentation("all", flip_crop=True, cutout=4, mixup_alpha=0.5)
WAVE = Wave("random", 0.1, 0.2)
RANDOM = replace(
    SETTINGS, augmentation=AUGMENTATION, wave=WAVE, probes=(WAVE,), checkpoint_epochs=(0, 2, 3)
)
"""Every source of randomness: augmentation, mixing, and the weights of Shake-Shake itself."""


def shaken(images, hook=lambda: None, **options):
    """A training of a network that calls `hook` at the start of each forward pass."""
    network = build_network("shake_shake", {"depth": 8, "width": 8}, 2, seed=0)
    network.register_forward_pre_hook(lambda *_: (hook(), None)[1])
    return train_classifier(network, LoadedImages.of(images, CPU), RANDOM, seed=5, **options)


def assert_identical(one, two):
    theirs = two.network.state_dict()
    for name, tensor in one.network.state_dict().items():
        assert torch.equal(theirs[name], tensor), name
    for name, values in one.history.items():
        np.testing.assert_array_equal(two.history[name], values, err_msg=name)


@pytest.fixture
def sigterm():
    """SIGTERM as a job has it."""
    before = signal.signal(signal.SIGTERM, _terminate)
    yield lambda: os.kill(os.getpid(), signal.SIGTERM)
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("passes", [1, 2, 3, 5, 8, 12])
def test_sigterm_at_any_moment_loses_nothing(images, tmp_path, sigterm, passes):
    """Every epoch has three forward passes: two updates, one over the test images."""
    checkpoint = tmp_path / "c.pt"
    options = {"fingerprint": "f", "checkpoint": checkpoint}
    whole = shaken(images)
    left = iter([*[False] * (passes - 1), True])
    with pytest.raises(SystemExit) as ended:
        shaken(images, lambda: next(left) and sigterm(), **options)
    assert ended.value.code == 143
    counted = []
    resumed = shaken(images, lambda: counted.append(1), **options)
    # Only a pass over the test images is done again.
    assert len(counted) == 12 - passes + (passes % 3 == 0)
    assert resumed.resumed and not whole.resumed
    assert_identical(whole, resumed)
    assert list(kept_epochs(checkpoint)) == [0, 2, 3]
    assert not shaken(images, **{**options, "fingerprint": "g"}).resumed


@pytest.mark.parametrize("epoch", [3, 4])
def test_what_an_observer_or_ctrl_c_ends_goes_on_from_there(images, tmp_path, epoch):
    options = {"fingerprint": "f", "checkpoint": tmp_path / "c.pt"}

    def killed(number, history):
        if number == epoch:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        shaken(images, observer=killed, **options)
    epochs = []
    resumed = shaken(images, observer=lambda number, history: epochs.append(number), **options)
    assert epochs == [*range(epoch + 1, 5)]
    assert_identical(shaken(images), resumed)


def test_a_checkpoint_is_written_within_an_epoch_when_it_is_due(images, tmp_path):
    """SIGKILL leaves what was saved before it."""
    options = {"fingerprint": "f", "checkpoint": tmp_path / "c.pt", "checkpoint_seconds": 0.0}
    left = iter([*[False] * 4, True])

    class Killed(Exception):
        pass

    def kill():
        if next(left):
            raise Killed

    with pytest.raises(Killed):
        shaken(images, kill, **options)
    counted = []
    assert_identical(shaken(images), shaken(images, lambda: counted.append(1), **options))
    assert len(counted) == 12 - 4


@pytest.mark.parametrize(("seconds", "epoch"), [(30.0, 1), (0.0, 1)])
def test_a_loss_that_is_no_number_ends_training(images, tmp_path, seconds, epoch):
    """Before it can get into a checkpoint."""
    settings = replace(SETTINGS, learning_rate=1e30)
    checkpoint = tmp_path / "c.pt"
    line = rf"^the training loss is (nan|inf) in epoch {epoch} with learning_rate 1e\+30; choose a "
    with pytest.raises(UserError, match=line):
        trained(images, settings, checkpoint=checkpoint, checkpoint_seconds=seconds)
    if checkpoint.exists():
        state = torch.load(checkpoint)["state"]["training"]
        assert all(value.isfinite().all() for value in (state["sums"], *state["network"].values()))
    assert len(trained(images, replace(SETTINGS, learning_rate=10.0)).history["epoch"]) == 4


def test_fewer_images_than_a_batch_make_one_batch(images):
    history = trained(images, replace(SETTINGS, batch_size=64, epochs=1)).history
    assert len(history["training_loss"]) == 1 and np.isfinite(history["training_loss"]).all()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_cuda_learns_too(images, precision):
    settings = replace(SETTINGS, epochs=12, precision=precision)
    network = resnet(8, 4, 2, seed=0)
    source = LoadedImages.of(images, torch.device("cuda"))
    history = train_classifier(network, source, settings, seed=5).history
    assert history["test_accuracy"][-1] == 1


@pytest.mark.parametrize("harm", [Path.unlink, lambda file: file.write_bytes(b"half")])
def test_without_a_kept_epoch_training_starts_afresh(images, tmp_path, harm):
    """Else the epochs of the run would lack one, and nobody would notice."""
    settings = replace(SETTINGS, checkpoint_epochs=(0, 1))
    options = {"checkpoint": tmp_path / "c.pt", "fingerprint": "f", "checkpoint_seconds": 0.0}
    trained(images, settings, **options)
    assert trained(images, settings, **options).resumed
    harm(tmp_path / "epoch1.safetensors")
    assert not trained(images, settings, **options).resumed
    assert {*kept_epochs(tmp_path / "c.pt")} == {0, 1}
