"""Where a classifier's training takes its images from.

Shape suffixes: N training images, M test images, B images of a batch, C channels, H and W pixels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from spectral_bias.data.images import ImageSet, first_of_each_class, read_images
from spectral_bias.training.runs import ClassifierRun

Batch = tuple[Tensor, Tensor]
"""Pixels (B, 3, H, W) uint8, red, green, blue from 0 to 255, and labels (B,), on the device."""
EVALUATION_BATCH = 1000


class ImageSource(Protocol):
    """Images for training and testing, batch by batch.

    Attributes:
        n_train: N.
        n_classes: number of classes.
        image_shape: (C, H, W).
        mean: (3,) of the channels, in [0, 1]; images are normalised by it and `std`.
        std: (3,).
        device: where the batches are.
    """

    n_train: int
    n_classes: int
    image_shape: tuple[int, int, int]
    mean: np.ndarray
    std: np.ndarray
    device: torch.device

    def train_batches(self, order: Sequence[Tensor]) -> Iterator[Batch]:
        """The training images whose indices each element of `order` names."""
        ...

    def test_batches(self) -> Iterator[Batch]:
        """All test images, in their order."""
        ...


@dataclass(frozen=True)
class LoadedImages:
    """All images on the training device, each part as one tensor; an `ImageSource`."""

    train_NCHW: Tensor
    train_labels: Tensor
    test_MCHW: Tensor
    test_labels: Tensor
    n_classes: int
    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def of(
        cls, images: ImageSet, device: torch.device, n_train: int | None = None
    ) -> "LoadedImages":
        """Both parts of a set; of its training images the first n_train, the same of each class.

        Mean and deviation are those of all training images, so that smaller parts see the same.
        """
        names = images.class_names
        chosen = first_of_each_class(images.train_labels, n_train, names, "n_train")

        def pixels(values: np.ndarray) -> Tensor:
            return torch.as_tensor(values, device=device).permute(0, 3, 1, 2)

        def labels(values: np.ndarray) -> Tensor:
            return torch.as_tensor(values, dtype=torch.long, device=device)

        return cls(
            pixels(images.train_images[chosen]),
            labels(images.train_labels[chosen]),
            pixels(images.test_images),
            labels(images.test_labels),
            images.n_classes,
            images.mean,
            images.std,
        )

    @property
    def n_train(self) -> int:
        """N."""
        return len(self.train_labels)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(C, H, W)."""
        return tuple(self.train_NCHW.shape[1:])

    @property
    def device(self) -> torch.device:
        """Where the images are."""
        return self.train_NCHW.device

    def train_batches(self, order: Sequence[Tensor]) -> Iterator[Batch]:
        """See `ImageSource`."""
        for chosen in order:
            yield self.train_NCHW[chosen], self.train_labels[chosen]

    def test_batches(self) -> Iterator[Batch]:
        """See `ImageSource`."""
        parts = (self.test_MCHW, self.test_labels)
        yield from zip(*(part.split(EVALUATION_BATCH) for part in parts), strict=True)


def loaded_images(
    run: ClassifierRun, file: str | Path, device: torch.device
) -> tuple[LoadedImages, str]:
    """The images that a run is trained on, from their file, and their checksum.

    Raises:
        UserError: a class has fewer images than the run's n_train asks for.
    """
    images, meta = read_images(file)
    return LoadedImages.of(images, device, run.n_train), meta["data_checksum"]
