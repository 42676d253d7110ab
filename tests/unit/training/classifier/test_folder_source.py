"""A folder of images as the source of a training: the same as all images in memory."""

import numpy as np
import pytest
import torch
from PIL import Image

from spectral_bias.data.image_files import IMAGENET_MEAN, IMAGENET_STD
from spectral_bias.data.images import ImageSet
from spectral_bias.errors import UserError
from spectral_bias.models.named import build_network
from spectral_bias.training.classifier.augmentation.pipeline import Augmentation
from spectral_bias.training.classifier.folder_source import FolderImages
from spectral_bias.training.classifier.settings import ClassifierSettings
from spectral_bias.training.classifier.sources import LoadedImages
from spectral_bias.training.classifier.train import train_classifier

CPU = torch.device("cpu")
NAMES = ("ant", "cat")
SIZE = 8


@pytest.fixture
def images():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (20, SIZE, SIZE, 3)).astype(np.uint8)
    labels = np.arange(2)
    return ImageSet(pixels[:12], labels.repeat(6), pixels[12:], labels.repeat(4), NAMES)


@pytest.fixture
def folder(images, tmp_path):
    for part, pixels, labels in (
        ("train", images.train_images, images.train_labels),
        ("val", images.test_images, images.test_labels),
    ):
        for number, (image, label) in enumerate(zip(pixels, labels, strict=True)):
            place = tmp_path / part / NAMES[label]
            place.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(place / f"{number:02d}.png")
    return tmp_path


class InMemory(LoadedImages):
    """The same images, normalised as those of folders are."""

    @classmethod
    def of(cls, images):
        found = LoadedImages.of(images, CPU)
        parts = {name: getattr(found, name) for name in found.__dataclass_fields__}
        return LoadedImages(
            **parts | {"mean": np.array(IMAGENET_MEAN), "std": np.array(IMAGENET_STD)}
        )


def test_batches_are_those_of_images_in_memory(folder, images):
    lazy, loaded = FolderImages.of(folder, SIZE, CPU, 0), InMemory.of(images)
    assert (lazy.n_train, lazy.n_classes, lazy.image_shape) == (12, 2, (3, SIZE, SIZE))
    assert lazy.mean == pytest.approx(loaded.mean) and lazy.std == pytest.approx(loaded.std)
    order = torch.randperm(12).split(5)
    for ours, theirs in zip(lazy.train_batches(order), loaded.train_batches(order), strict=True):
        assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))
    together = [torch.cat(part) for part in zip(*lazy.test_batches(), strict=True)]
    assert torch.equal(together[0], loaded.test_MCHW)
    assert torch.equal(together[1], loaded.test_labels)


@pytest.mark.parametrize("workers", [0, 1])
def test_training_gives_the_same_network_as_with_images_in_memory(folder, images, workers):
    settings = ClassifierSettings(
        *(2, 5, 0.05, "cosine", 0.9, 5e-4, Augmentation("flip_crop", flip_crop=True), "float32")
    )
    results = []
    for source in (FolderImages.of(folder, SIZE, CPU, workers), InMemory.of(images)):
        network = build_network("wide_resnet", {"depth": 10, "width": 2, "stem": 2}, 2, seed=0)
        results.append(train_classifier(network, source, settings, seed=3))
    lazy, loaded = results
    assert lazy.history["test_loss"] == pytest.approx(loaded.history["test_loss"], rel=1e-5)
    for name, tensor in lazy.network.state_dict().items():
        assert torch.allclose(tensor, loaded.network.state_dict()[name], atol=1e-5), name


def test_images_are_brought_to_the_size(folder):
    lazy = FolderImages.of(folder, 4, CPU, 0)
    pixels, _ = next(lazy.test_batches())
    assert lazy.image_shape == (3, 4, 4) and pixels.shape[1:] == (3, 4, 4)


def test_parts_with_other_classes_are_refused(folder):
    (folder / "val" / "ant").rename(folder / "val" / "bee")
    with pytest.raises(UserError, match="only one of train and val has a class ant, bee"):
        FolderImages.of(folder, SIZE, CPU, 0)
