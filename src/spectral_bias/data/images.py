"""Sets of small colour images of several classes, and the one file that holds them.

Whatever the source (photographs inside packages, CIFAR-10, a folder of image files), training and
measurement read the same .npz.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spectral_bias.artefacts import read_arrays, write_arrays
from spectral_bias.errors import UserError
from spectral_bias.provenance import digest

WHITE = 255


@dataclass(frozen=True)
class ImageSet:
    """Images of C classes, split into a training and a test set.

    Attributes:
        train_images: (N, h, w, 3) uint8, red, green, blue from 0 to 255.
        train_labels: (N,) int64, 0 to C - 1.
        test_images: (M, h, w, 3) uint8.
        test_labels: (M,) int64.
        class_names: C names, in the order of the labels.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    class_names: tuple[str, ...]

    @property
    def n_classes(self) -> int:
        """C."""
        return len(self.class_names)

    @property
    def mean(self) -> np.ndarray:
        """(3,) mean of each channel of the training images, in [0, 1]."""
        return self.train_images.mean(axis=(0, 1, 2), dtype=np.float64) / WHITE

    @property
    def std(self) -> np.ndarray:
        """(3,) standard deviation of each channel of the training images, in [0, 1]."""
        return self.train_images.std(axis=(0, 1, 2), dtype=np.float64) / WHITE

    @property
    def checksum(self) -> str:
        """Changes when any image, label or name does."""
        arrays = (self.train_images, self.train_labels, self.test_images, self.test_labels)
        return digest(*(array.tobytes() for array in arrays), *self.class_names)

    def first(self, n_train: int | None, n_test: int | None) -> "ImageSet":
        """The first n_train and n_test images, the same number of each class; None for all.

        Raises:
            UserError: a class holds fewer images than that.
        """
        names = self.class_names
        train = first_of_each_class(self.train_labels, n_train, names, "data.n_train")
        test = first_of_each_class(self.test_labels, n_test, names, "data.n_test")
        return ImageSet(
            self.train_images[train],
            self.train_labels[train],
            self.test_images[test],
            self.test_labels[test],
            names,
        )


def first_of_each_class(
    labels: np.ndarray, total: int | None, names: Sequence[str], what: str
) -> np.ndarray:
    """Indices of the first total/C images of each class, in their original order.

    Args:
        labels: (N,), 0 to C - 1.
        total: how many images to take, the same number of each class; None for all there are.
        names: C names of the classes.
        what: how messages call the images, with the setting that asks for them.

    Raises:
        UserError: a class holds fewer images than that.
    """
    if total is None:
        return np.arange(len(labels))
    each = total // len(names)
    rank = np.zeros(len(labels), dtype=np.int64)
    for label, name in enumerate(names):
        places = np.flatnonzero(labels == label)
        if len(places) < each:
            raise UserError(
                f"{what}: class {name!r} has {len(places)} images of the {each} that are asked "
                f"for; take at most {len(names) * len(places)} in all"
            )
        rank[places] = np.arange(len(places))
    return np.flatnonzero(rank < each)


def class_counts(labels: np.ndarray, names: Sequence[str]) -> dict[str, int]:
    """How many of the labels (N,) each class has, by its name."""
    counts = np.bincount(labels, minlength=len(names))
    return {name: int(count) for name, count in zip(names, counts, strict=True)}


def write_images(path: str | Path, images: ImageSet, source: str) -> None:
    """One .npz with images, labels, class names, channel mean and std, and facts about them."""
    arrays = {
        "train_images": images.train_images,
        "train_labels": images.train_labels,
        "test_images": images.test_images,
        "test_labels": images.test_labels,
        "class_names": np.array(images.class_names),
        "mean": images.mean,
        "std": images.std,
    }
    meta = {
        "source": source,
        "data_checksum": images.checksum,
        "train_counts": class_counts(images.train_labels, images.class_names),
        "test_counts": class_counts(images.test_labels, images.class_names),
        "mean": images.mean.tolist(),
        "std": images.std.tolist(),
    }
    write_arrays(path, arrays, meta)


def read_images(path: str | Path) -> tuple[ImageSet, dict]:
    """(images, facts) of a file made by `write_images`.

    The facts: source, data_checksum, images of each class for training and for testing
    (train_counts, test_counts), mean and std of each channel of the training images in [0, 1].
    """
    arrays, meta = read_arrays(path)
    names = tuple(str(name) for name in arrays["class_names"])
    parts = ("train_images", "train_labels", "test_images", "test_labels")
    return ImageSet(**{part: arrays[part] for part in parts}, class_names=names), meta
