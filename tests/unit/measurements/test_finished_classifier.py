"""A finished classifier is loaded from its files as it was trained, with all epochs kept."""

from functools import partial

import numpy as np
import pytest
import torch

from spectral_bias.artefacts import write_tensors
from spectral_bias.data.images import ImageSet, write_images
from spectral_bias.measurements.classifier import FinishedClassifier, as_pixels
from spectral_bias.runtime.record import JobContext
from spectral_bias.training.classifier.augmentation.settings import Augmentation
from spectral_bias.training.classifier.job import train_classifier_run
from spectral_bias.training.classifier.settings import ClassifierSettings
from spectral_bias.training.classifier.sources import loaded_images
from spectral_bias.training.runs import ClassifierRun, NetworkSpec

CPU = torch.device("cpu")
RUN = ClassifierRun(
    **{"paper": "fridovichkeil2021", "run": "small", "experiment": "cifar10"},
    **{"architecture": "wrn", "data": {"source": "patches"}, "n_train": None},
    network=NetworkSpec("wide_resnet", {"depth": 10, "width": 2, "stem": 2}),
    training=ClassifierSettings(
        **{"epochs": 3, "batch_size": 4, "learning_rate": 0.05, "schedule": "cosine"},
        **{"momentum": 0.9, "weight_decay": 0.0, "checkpoint_epochs": (0, 2)},
        augmentation=Augmentation("none"),
    ),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    labels = np.arange(16) % 2
    noise = np.random.default_rng(0).integers(0, 120, (16, 8, 8, 3))
    pixels = (noise + 120 * labels[:, None, None, None]).astype("u1")
    images = ImageSet(pixels, labels, pixels, labels, ("dark", "light"))
    write_images(folder / "images.npz", images, "test")
    load = partial(loaded_images, RUN, folder / "images.npz")
    train_classifier_run(
        RUN, load, folder, JobContext("tiny", "c", threads=torch.get_num_threads())
    )
    return folder


@pytest.fixture
def run(folder):
    return FinishedClassifier.of(folder, folder / "images.npz", CPU)


def test_network_and_images_are_ready_to_be_measured(run):
    assert run.name == "small" and run.last_epoch == 3 and not run.network.training
    assert not any(parameter.requires_grad for parameter in run.network.parameters())
    assert run.test.x.mean().abs() < 1e-5  # normalised by the training images, here the same
    assert run.test.labels.tolist() == run.images.test_labels.tolist()
    x = run.placed(run.images.test_images)
    torch.testing.assert_close(run.on_pixels(x), run.network(run.test.x), rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(as_pixels(x), run.images.test_images)


def test_every_kept_epoch_and_the_last_one_have_their_own_parameters(run):
    states = run.states()
    assert list(states) == [0, 2, 3]
    for name, tensor in run.network.state_dict().items():
        assert torch.equal(states[3][name], tensor), name
    assert not any(torch.equal(states[a]["head.weight"], states[3]["head.weight"]) for a in (0, 2))


def test_without_kept_epochs_there_is_the_last_one(run):
    kept = run.folder / "epochs.safetensors"
    before = kept.read_bytes()
    write_tensors(kept, {}, {"run_key": "k"})
    try:
        assert list(run.states()) == [3]
    finally:
        kept.write_bytes(before)
