"""Classifier training: augmentation, schedule, updates against a plain loop, resuming."""

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from spectral_bias.artefacts import read_arrays, read_tensors
from spectral_bias.data.images import ImageSet, write_images
from spectral_bias.models.resnet import resnet
from spectral_bias.seeds import derived_seed
from spectral_bias.training.augmentation import augmented, random_crop, random_flip
from spectral_bias.training.classifier import (
    ClassifierSettings,
    LoadedImages,
    evaluate,
    normalised,
    train_classifier,
)
from spectral_bias.training.classifier_job import classifier_metrics, train_classifier_run

CPU = torch.device("cpu")
SETTINGS = ClassifierSettings(
    epochs=4,
    batch_size=8,
    learning_rate=0.05,
    schedule="cosine",
    momentum=0.9,
    weight_decay=1e-3,
    augmentation="flip_crop",
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
    return train_classifier(network, images, settings, seed=5, device=CPU, **options)


def test_normalised_images_have_mean_0_and_deviation_1(images):
    x = normalised(images.train_images, images, CPU)
    assert x.shape == (20, 3, 8, 8)
    torch.testing.assert_close(x.mean(dim=(0, 2, 3)), torch.zeros(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(x.std(dim=(0, 2, 3), correction=0), torch.ones(3))
    assert x.is_contiguous(memory_format=torch.channels_last)


def test_flip_mirrors_about_half_of_the_images():
    x = torch.rand(400, 3, 4, 4)
    flipped = random_flip(x, torch.Generator().manual_seed(0))
    mirrored = (flipped == x.flip(3)).flatten(1).all(1)
    kept = (flipped == x).flatten(1).all(1)
    assert (mirrored ^ kept).all()
    assert 150 < mirrored.sum() < 250


def test_crop_is_a_window_of_the_padded_image_at_every_place():
    x = torch.rand(300, 2, 5, 6)
    cropped = random_crop(x, torch.Generator().manual_seed(0), padding=1)
    padded = F.pad(x, (1, 1, 1, 1))
    seen = set()
    for image, whole in zip(cropped, padded, strict=True):
        windows = {(r, c): whole[:, r : r + 5, c : c + 6] for r in range(3) for c in range(3)}
        found = [place for place, window in windows.items() if torch.equal(image, window)]
        assert found
        seen |= set(found)
    assert len(seen) == 9


def test_augmentation_is_chosen_by_name():
    x, generator = torch.rand(2, 3, 4, 4), torch.Generator().manual_seed(0)
    assert torch.equal(augmented("none", x, generator), x)
    with pytest.raises(ValueError, match="unknown augmentation 'blur'; known: none, flip_crop"):
        augmented("blur", x, generator)


def test_schedules():
    cosine = replace(SETTINGS, learning_rate=2.0)
    assert [cosine.learning_rate_at(s) for s in (0.0, 0.5, 1.0)] == pytest.approx([2, 1, 0])
    assert cosine.learning_rate_at(0.25) == pytest.approx(1 + math.cos(math.pi / 4))
    step = replace(cosine, schedule="step")
    rates = [step.learning_rate_at(s) for s in (0.0, 0.49, 0.5, 0.74, 0.75, 0.99)]
    assert rates == pytest.approx([2, 2, 0.2, 0.2, 0.02, 0.02])
    with pytest.raises(ValueError, match="unknown schedule"):
        replace(cosine, schedule="linear").learning_rate_at(0)


def test_updates_equal_a_plain_loop_in_numpy_order(images):
    """Momentum SGD written out, on a linear network without augmentation."""
    settings = replace(SETTINGS, augmentation="none", epochs=2)

    def linear():
        torch.manual_seed(1)
        return nn.Sequential(nn.Flatten(), nn.Linear(192, 2))

    network = linear()
    result = train_classifier(network, images, settings, seed=5, device=CPU)
    reference, loaded = linear(), LoadedImages.of(images, CPU)
    parameters = list(reference.parameters())
    velocity = [torch.zeros_like(p) for p in parameters]
    for epoch in (1, 2):
        order = torch.randperm(
            20, generator=torch.Generator().manual_seed(derived_seed(5, "epoch", epoch))
        )
        for batch in range(2):  # 20 images: two whole batches of 8, four images left out
            chosen = order[8 * batch : 8 * batch + 8]
            loss = F.cross_entropy(
                reference(loaded.train_NCHW[chosen]), loaded.train_labels[chosen]
            )
            gradients = torch.autograd.grad(loss, parameters)
            share = (epoch - 1 + batch / 2) / 2
            rate = 0.05 * (1 + math.cos(math.pi * share)) / 2
            with torch.no_grad():
                for p, v, g in zip(parameters, velocity, gradients, strict=True):
                    v.mul_(0.9).add_(g + 1e-3 * p)
                    p.sub_(rate * v)
    for ours, theirs in zip(network.parameters(), parameters, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-6)
    assert result.history["learning_rate"].tolist() == pytest.approx([0.05, 0.025])


def test_classes_that_differ_are_learnt(images):
    history = trained(images, replace(SETTINGS, epochs=12)).history
    assert history["test_accuracy"][-1] == 1
    assert history["training_loss"][-1] < 0.5 * history["training_loss"][0]
    assert history["epoch"].tolist() == list(range(1, 13))


def test_evaluation_is_mean_loss_and_share_right():
    network = nn.Flatten()
    x = torch.tensor([[2.0, 0.0], [0.0, 1.0], [3.0, 0.0]]).reshape(3, 2, 1, 1)
    loss, accuracy = evaluate(network, x, torch.tensor([0, 1, 1]))
    losses = [math.log(1 + math.exp(-2)), math.log(1 + math.exp(-1)), math.log(1 + math.exp(3))]
    assert loss == pytest.approx(sum(losses) / 3)
    assert accuracy == pytest.approx(2 / 3)


def test_resumed_training_is_bit_identical(images, tmp_path):
    whole = trained(images)
    options = {
        "fingerprint": "f",
        "checkpoint": tmp_path / "c.pt",
        "checkpoint_seconds": 0.0,
    }

    def killed(epoch, history):
        if epoch == 3:  # the checkpoint of epoch 2 is the last one
            raise SystemExit

    with pytest.raises(SystemExit):
        trained(images, observer=killed, **options)
    epochs = []
    resumed = trained(images, observer=lambda epoch, history: epochs.append(epoch), **options)
    assert epochs == [3, 4] and resumed.resumed and not whole.resumed
    for name, tensor in whole.network.state_dict().items():
        assert torch.equal(resumed.network.state_dict()[name], tensor), name
    for name, values in whole.history.items():
        np.testing.assert_array_equal(resumed.history[name], values)
    other = trained(images, **{**options, "fingerprint": "g"})
    assert not other.resumed


def test_fewer_images_than_a_batch_make_one_batch(images):
    history = trained(images, replace(SETTINGS, batch_size=64, epochs=1)).history
    assert len(history["training_loss"]) == 1 and np.isfinite(history["training_loss"]).all()


def test_job_writes_the_files_and_record_of_every_training(images, tmp_path):
    write_images(tmp_path / "images.npz", images, "test")
    folder = tmp_path / "results/tiny/rahaman2018/adversarial_classifier"
    folder.mkdir(parents=True)
    run = {
        **{name: getattr(SETTINGS, name) for name in SETTINGS.__dataclass_fields__},
        "network": {"depth": 8, "width": 4},
        "data": {},
        "paper": "rahaman2018",
        "run": "adversarial_classifier",
        "seed": 0,
    }
    train_classifier_run(
        run,
        tmp_path / "images.npz",
        folder,
        scale="tiny",
        code_version="c",
        device="cpu",
        threads=torch.get_num_threads(),
        tracking_uri=None,
        live_after_seconds=60,
    )
    record = json.loads((folder / "run.json").read_text())
    assert set(record) == {
        *("paper", "run", "scale", "run_key", "settings", "code_version", "data_checksum"),
        *("members", "seed", "device", "precision", "versions", "started", "finished"),
        *("wall_seconds", "resumed", "result_path", "status"),
    }
    assert (record["members"], record["data_checksum"]) == (1, images.checksum)
    history, meta = read_arrays(folder / "history.npz")
    assert meta["run_key"] == record["run_key"] and len(history["test_loss"]) == 4
    assert read_tensors(folder / "model.safetensors")["stem.weight"].shape == (4, 3, 3, 3)
    metrics = pd.read_csv(folder / "metrics.csv")
    assert set(metrics["metric"]) == {
        *("loss/training", "accuracy/training", "loss/test", "accuracy/test", "learning_rate")
    }
    assert metrics["iteration"].is_monotonic_increasing
    assert not (folder / "resume").exists()


def test_metrics_keep_values_with_their_names():
    names = ("training_loss", "training_accuracy", "test_loss", "test_accuracy", "learning_rate")
    history = {name: np.array([i, i + 0.5]) for i, name in enumerate(names)}
    metrics = classifier_metrics({"epoch": np.array([1, 2]), **history})
    values = metrics.set_index(["metric", "iteration"])["value"]
    assert values["accuracy/test", 2] == 3.5 and values["loss/training", 1] == 0


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_cuda_learns_too(images, precision):
    settings = replace(SETTINGS, epochs=12, precision=precision)
    network = resnet(8, 4, 2, seed=0)
    cuda = torch.device("cuda")
    history = train_classifier(network, images, settings, seed=5, device=cuda).history
    assert history["test_accuracy"][-1] == 1
