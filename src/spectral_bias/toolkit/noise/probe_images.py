"""Normalised images with labels, batch by batch and in one order, however a user holds them.

Shape suffixes: M images, B of a batch, C channels, H and W pixels.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, IterableDataset, SequentialSampler

from spectral_bias.errors import UserError
from spectral_bias.toolkit.inputs.images import ImageData
from spectral_bias.toolkit.noise.targets import tensor_of

Batch = tuple[Tensor, Tensor]
"""Normalised images (B, C, H, W), of any floating type, and their classes (B,), int64 on the
CPU."""
Passes = Callable[[], Iterator[Batch]]
"""Starts a pass over the images; every pass gives the same batches."""
IMAGE_KEYS, LABEL_KEYS = ("pixel_values", "image", "images"), ("labels", "label")
"""Names of the two parts where a data set gives dictionaries."""


def passes_over(images: Any, labels: Any = None, batch_size: int = 256, name: str = "") -> Passes:
    """How to read images again and again.

    Reading draws from no global generator of random numbers, so that a training goes on as if it
    had not been measured.

    Args:
        images: normalised images (M, C, H, W), a tensor or an array; or a map-style data set of
            (image, label) or of dictionaries with both; or a DataLoader over one that keeps its
            order, whose batch size and way of collating are used; or an `ImageData`.
        labels: (M,) classes; None where a data set holds them, or where they are not needed.
        batch_size: images that are read at one time.
        name: of the images in messages; "images" if empty.

    Raises:
        UserError: also on reading: the images are of another kind or not normalised, or the labels
            do not belong to them.
    """
    name = name or "images"
    if isinstance(images, np.ndarray):
        images = tensor_of(images)
    if isinstance(images, Tensor):
        _require_images(images, name)
        classes = torch.zeros(len(images)) if labels is None else labels
        return lambda: _slices(images, _classes(classes, len(images), name), batch_size)
    if labels is not None:
        raise UserError(f"labels: {name} is a data set, which holds its own; leave labels out")
    if isinstance(images, ImageData):
        return lambda: _files(images, batch_size)
    loader = _loader(images, batch_size, name)
    return lambda: (_pair(batch, name) for batch in _read(loader, name))


def _slices(images_MCHW: Tensor, labels_M: Tensor, batch_size: int) -> Iterator[Batch]:
    yield from zip(images_MCHW.split(batch_size), labels_M.split(batch_size), strict=True)


def _files(images: ImageData, batch_size: int) -> Iterator[Batch]:
    groups = torch.arange(len(images)).split(batch_size)
    batches = images.batches([group.tolist() for group in groups], torch.device("cpu"))
    labels_M = torch.as_tensor(images.labels, dtype=torch.long)
    for x_BCHW, group in zip(batches, groups, strict=True):
        yield x_BCHW, labels_M[group]


def _classes(labels: Any, count: int, name: str) -> Tensor:
    """(M,) int64 on the CPU."""
    labels_M = tensor_of(labels).cpu()
    if labels_M.shape != (count,):
        raise UserError(
            f"labels: have the shape {tuple(labels_M.shape)}, but {name} {count} images; give one "
            "class for each"
        )
    if labels_M.is_floating_point() and not torch.equal(labels_M, labels_M.round()):
        raise UserError("labels: are no whole numbers; give the index of each image's class")
    labels_M = labels_M.long()
    if count and labels_M.min() < 0:
        raise UserError(f"labels: {labels_M.min()} is no class; classes count from 0")
    return labels_M


def _require_images(x: Tensor, name: str) -> None:
    if x.dim() != 4 or not len(x):
        raise UserError(
            f"{name}: has the shape {tuple(x.shape)}; give images as (M, C, H, W), at least one"
        )
    if not x.is_floating_point():
        raise UserError(
            f"{name}: holds whole numbers ({str(x.dtype).removeprefix('torch.')}), so it is not "
            "normalised; give the images as the network gets them"
        )


def _loader(images: Any, batch_size: int, name: str) -> DataLoader:
    """Reads a data set, or that of a loader, in its order."""
    options: dict[str, Any] = {"batch_size": batch_size}
    if isinstance(images, DataLoader):
        theirs = images
        if not isinstance(theirs.sampler, SequentialSampler) or theirs.batch_size is None:
            raise UserError(
                f"{name}: the DataLoader shuffles or samples its images, but a wave needs them in "
                "one order; make it with shuffle=False, or give its data set"
            )
        images = theirs.dataset
        options = {
            "batch_size": theirs.batch_size,
            "collate_fn": theirs.collate_fn,
            "num_workers": theirs.num_workers,
        }
    there = isinstance(images, Dataset) or hasattr(images, "__getitem__")
    if isinstance(images, IterableDataset) or not there or not hasattr(images, "__len__"):
        raise UserError(
            f"{name}: cannot be read ({type(images).__name__}); give a tensor (M, C, H, W), or a "
            "data set of (image, label) with a length, or a DataLoader over one"
        )
    if not len(images):
        raise UserError(f"{name}: has no images; give some")
    # A loader without a generator of its own draws from the global one whenever it starts.
    return DataLoader(images, generator=torch.Generator(), **options)


def _read(loader: DataLoader, name: str) -> Iterator[Any]:
    try:
        yield from loader
    except TypeError as error:
        raise UserError(
            f"{name}: its items cannot be put into a batch ({' '.join(str(error).split())[:120]}); "
            "let the data set give normalised tensors"
        ) from None


def _pair(batch: Any, name: str) -> Batch:
    if isinstance(batch, Mapping):
        found = [
            next((batch[key] for key in keys if key in batch), None)
            for keys in (IMAGE_KEYS, LABEL_KEYS)
        ]
    else:
        found = list(batch) if isinstance(batch, list | tuple) else [batch]
    if len(found) != 2 or not all(isinstance(part, Tensor) for part in found):
        raise UserError(
            f"{name}: its items are no pairs of an image and a label; let it give (image, label), "
            "or a dictionary with pixel_values and labels"
        )
    x_BCHW, labels_B = found
    _require_images(x_BCHW, name)
    return x_BCHW, _classes(labels_B, len(x_BCHW), name)
