"""A folder of image files, a data set of any kind, or tensors, opened as labelled images.

Shape suffixes: C channels, H and W pixels, M images of the set.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from spectral_bias.data.image_files import TEST, TRAIN, Listing, View, part_folder, stated_numbers
from spectral_bias.errors import UserError
from spectral_bias.toolkit.inputs.datasets import class_names_of, labels_of, normalisation_of
from spectral_bias.toolkit.inputs.image_data import ImageData

ASKED_TWICE = 16
"""Images of a data set that are asked for twice: a flip by chance shows in one of two."""
PARTS = {TRAIN, TEST, "test", "valid", "validation"}
"""Names of folders that hold parts of a data set and not a class."""


def open_images(
    source: Any,
    view: View | None = None,
    labels: Sequence[int] | None = None,
    normalisation: tuple[Sequence[float], Sequence[float]] | None = None,
    threads: int = 4,
) -> ImageData:
    """A folder of image files, a data set, or tensors, as labelled images.

    Args:
        source: a folder that holds one folder of image files for each class (where it holds train/
            and val/ or test/ instead, the latter is taken); a map-style data set of (image, label),
            such as torchvision's; or images (M, C, H, W), normalised, with `labels`.
        view: what the network is shown of image files, and of a data set's images that are no
            tensors of floats: size, mean and standard deviation. A folder needs one.
        labels: of `source` if it is a tensor of images.
        normalisation: mean and standard deviation by which a data set's tensors were normalised, to
            be recorded; by default what is found in torchvision's transforms.
        threads: that decode the files of a folder.

    Raises:
        UserError: there is no such folder, a class without images, or labels that are no classes.
    """
    if isinstance(source, str | Path):
        return _of_folder(Path(source), view, threads)
    if isinstance(source, tuple | list) and len(source) == 2 and isinstance(source[0], Tensor):
        source, labels = source
    if isinstance(source, Tensor):
        if labels is None or len(labels) != len(source):
            given = "none" if labels is None else len(labels)
            raise UserError(f"labels: {given} for {len(source)} images; give one for each image")
        source = torch.utils.data.TensorDataset(source, torch.as_tensor(labels))
    if not (hasattr(source, "__getitem__") and hasattr(source, "__len__")):
        raise UserError(
            f"images: {type(source).__name__} is no map-style data set; give one with len() and "
            "[index] → (image, label), a folder, or a tensor with labels"
        )
    if len(source) == 0:
        raise UserError("images: the data set is empty")
    return _of_dataset(source, view, normalisation)


def _of_folder(folder: Path, view: View | None, threads: int) -> ImageData:
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder; name one that holds <class>/ and images")
    if view is None:
        raise UserError(
            f"{folder}: say how the network's images are normalised: their mean and standard "
            "deviation (0 and 1 for none)"
        )
    folder = _place_of_classes(folder)
    listing = Listing.within(folder)
    names = [str(Path(path).relative_to(folder)) for path in listing.paths]
    labels = np.asarray(listing.labels)
    stated, numbers = view.stated, (tuple(view.mean), tuple(view.std))
    return ImageData(listing, view, labels, listing.class_names, names, stated, numbers, threads)


def count_classes(folder: str | Path) -> int | None:
    """Folders of classes in a folder of images; None if there is nothing of the kind."""
    if not Path(folder).is_dir():
        return None
    return sum(entry.is_dir() for entry in _place_of_classes(Path(folder)).iterdir()) or None


def _place_of_classes(folder: Path) -> Path:
    """The folder itself, or its part that networks are tested on where it holds parts alone."""
    inside = {entry.name for entry in folder.iterdir() if entry.is_dir()}
    return part_folder(folder, TEST) if inside and inside <= PARTS else folder


def _of_dataset(
    dataset: Any,
    view: View | None,
    normalisation: tuple[Sequence[float], Sequence[float]] | None,
) -> ImageData:
    labels = labels_of(dataset)
    found = normalisation or normalisation_of(dataset)
    names = [str(index) for index in range(len(labels))]
    stated = "as the data set gives them"
    if found is not None:
        found = tuple(tuple(map(float, part)) for part in found)
        stated += f", normalised by {stated_numbers(*found)}"
    data = ImageData(dataset, None, labels, class_names_of(dataset, labels), names, stated, found)
    first = data._given(0)
    if not isinstance(first, Tensor) or not first.is_floating_point():
        if view is None:
            raise UserError(
                f"images: the data set gives {_kind(first)}, not tensors of floats; say by a view "
                "how they are normalised, or give it a transform such as torchvision's ToTensor "
                "and Normalize"
            )
        numbers = (tuple(view.mean), tuple(view.std))
        names_and_text = (data.class_names, names, view.stated)
        data = ImageData(dataset, view, labels, *names_and_text, numbers)
    elif view is not None:
        raise UserError(
            "view: the data set gives tensors of floats, which are taken as normalised already; "
            "leave the view out, and have the data set normalise"
        )
    if isinstance(first, Tensor):
        data.item(0)  # what is no image at all is an error at once, not an image to be left out
    _require_no_chance(data)
    data.modes.clear()
    return data


def _require_no_chance(data: ImageData) -> None:
    for index in range(min(len(data), ASKED_TWICE)):
        try:
            first, again = data.item(index), data.item(index)
        except UserError:  # left out later, or an error then
            continue
        if not torch.nan_to_num(first).equal(torch.nan_to_num(again)):
            raise UserError(
                "images: the data set gives another image each time the same one is asked for: its "
                "transform holds a random augmentation; measure without it"
            )


def _kind(image: Any) -> str:
    if isinstance(image, Tensor):
        return f"tensors of {str(image.dtype).removeprefix('torch.')}"
    return f"objects of {type(image).__module__}.{type(image).__name__}"
