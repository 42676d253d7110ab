"""Images in a folder as the source of a classifier's training; see `training.sources.ImageSource`.

Shape suffixes: B images of a batch, C channels, H and W pixels.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from spectral_bias.artefacts import read_json
from spectral_bias.data.image_files import TEST, TRAIN, Listing, View, require_same_classes
from spectral_bias.data.lazy_folder import LazyImages
from spectral_bias.training.runs import ClassifierRun

EVALUATION_BATCH = 256


class FolderImages:
    """Training and validation images of a folder, never whole in memory; an `ImageSource`.

    Args:
        train: images that are trained on.
        test: images of the same classes that are not.
    """

    def __init__(self, train: LazyImages, test: LazyImages) -> None:
        self.train, self.test = train, test
        self.n_train = len(train.listing)
        self.n_classes = len(train.listing.class_names)
        self.image_shape = (3, train.view.crop, train.view.crop)
        self.mean, self.std = np.array(train.view.mean), np.array(train.view.std)
        self.device = train.device

    @classmethod
    def of(
        cls, folder: str | Path, size: int, device: torch.device, workers: int
    ) -> "FolderImages":
        """From <folder>/train/<class>/… and <folder>/val/<class>/….

        Args:
            folder: holds both parts.
            size: side of the images; the shorter side is scaled to it, the middle is cut out.
            device: where batches go.
            workers: processes that decode each part; 0 decodes in this one.

        Raises:
            UserError: a part is missing, or its classes differ from the other's.
        """
        listings = [Listing.of(folder, part) for part in (TRAIN, TEST)]
        require_same_classes(*listings)
        return cls(
            *(LazyImages(listing, View(size, size), device, workers) for listing in listings)
        )

    def train_batches(self, order: Sequence[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
        """See `ImageSource`."""
        return self.train.batches(chosen.tolist() for chosen in order)

    def test_batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        """See `ImageSource`."""
        return self.test.batches(in_order(len(self.test.listing), EVALUATION_BATCH))


def in_order(count: int, batch_size: int) -> list[range]:
    """The indices from 0 to count - 1 in batches."""
    return [range(i, min(i + batch_size, count)) for i in range(0, count, batch_size)]


def folder_images(
    run: ClassifierRun, index: str | Path, workers: int, device: torch.device
) -> tuple[FolderImages, str]:
    """The images that a run is trained on, from the index of their folder, and their checksum."""
    facts = read_json(index)
    return FolderImages.of(facts["folder"], run.data["size"], device, workers), facts["checksum"]
