"""Labelled images of any kind, read some at a time, normalised, on a device.

Shape suffixes: B images, C channels, H and W pixels, M images of the set.
"""

import inspect
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from spectral_bias.data.image_files import (
    TEST,
    TRAIN,
    Listing,
    View,
    opened,
    part_folder,
    stated_numbers,
)
from spectral_bias.errors import UserError
from spectral_bias.toolkit.datasets import class_names_of, labels_of, normalisation_of
from spectral_bias.training.classifier.normalisation import Normalisation

AHEAD = 2
"""Groups of images that are read while the network works."""
PARTS = {TRAIN, TEST, "test", "valid", "validation"}
"""Names of folders that hold parts of a data set and not a class."""


@dataclass(frozen=True, eq=False)
class ImageData:
    """M labelled images.

    Attributes:
        source: a folder's listing, or a map-style data set of (image, label).
        view: how image files, and other images that are not tensors, become one; None if none do.
        labels: (M,) 0 to the number of classes - 1.
        class_names: one for each class.
        names: of each image: the path within the folder, or the index.
        stated: how images are normalised and scaled, one line.
        normalisation: mean and standard deviation of each channel, as far as they are known.
        threads: that decode images; one for a data set, which need not bear more.
        modes: the images of other modes than RGB that were met, by mode.
    """

    source: Any
    view: View | None
    labels: np.ndarray
    class_names: tuple[str, ...]
    names: Sequence[str]
    stated: str
    normalisation: tuple[tuple[float, ...], tuple[float, ...]] | None
    threads: int = 1
    modes: dict[str, set[int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.labels)

    def item(self, index: int) -> Tensor:
        """One image (C, H, W): uint8 pixels, or floats that are normalised already.

        Raises:
            UserError: it cannot be read; names it.
        """
        if isinstance(self.source, Listing):
            image = opened(self.source.paths[index])
            if image.mode != "RGB":
                self.modes.setdefault(image.mode, set()).add(index)
        else:
            image = self._given(index)
        try:
            return self._tensor(image)
        except (ValueError, TypeError) as error:
            raise UserError(f"{self.names[index]}: {' '.join(str(error).split())}") from None

    def _given(self, index: int) -> Any:
        try:
            return self.source[index][0]
        except UserError:
            raise
        except Exception as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            raise UserError(f"image {self.names[index]}: cannot be read ({reason})") from None

    def _tensor(self, image: Any) -> Tensor:
        if isinstance(image, np.ndarray):
            image = Image.fromarray(image)
        if isinstance(image, Image.Image):
            if self.view is None:
                raise ValueError("is no tensor; say with a view how images become one")
            pixels = np.ascontiguousarray(self.view(image).transpose(2, 0, 1))
            return torch.from_numpy(pixels)
        if not isinstance(image, Tensor) or image.ndim != 3:
            what = tuple(image.shape) if isinstance(image, Tensor) else type(image).__name__
            raise ValueError(f"is {what}, not an image of shape (channels, height, width)")
        return image

    @property
    def normalises(self) -> bool:
        """Whether pixels are still to be normalised here."""
        return self.view is not None

    def unreadable(self, indices: Iterable[int]) -> dict[int, str]:
        """Those of some images that cannot be read, with the reason."""
        found = {}

        def reason(index: int) -> str | None:
            try:
                self.item(index)
            except UserError as error:
                return str(error)
            return None

        indices = list(indices)
        with ThreadPoolExecutor(self.threads) as pool:
            for index, text in zip(indices, pool.map(reason, indices), strict=True):
                if text is not None:
                    found[index] = text
        return found

    def batches(
        self,
        groups: Iterable[Sequence[int]],
        device: torch.device,
        memory_format: torch.memory_format = torch.contiguous_format,
    ) -> Iterator[Tensor]:
        """(B, C, H, W) float32, normalised, on the device, for each group of indices.

        The next groups are read while the caller works on one.

        Raises:
            UserError: an image cannot be read, or is of another size than the first of its group.
        """
        normalise = None
        if self.view is not None:
            normalise = Normalisation.of(self.view.mean, self.view.std, device)
        for pixels in self._read_ahead(groups):
            if device.type == "cuda":
                pixels = pixels.pin_memory()
            x = pixels.to(device, non_blocking=True)
            x = x.contiguous(memory_format=memory_format)
            # Whole numbers are pixels up to 255; floats are taken as normalised.
            whole = normalise is not None and not x.is_floating_point()
            yield normalise(x) if whole else x.float()

    def _read_ahead(self, groups: Iterable[Sequence[int]]) -> Iterator[Tensor]:
        waiting: deque[tuple[Sequence[int], list[Future]]] = deque()
        pool = ThreadPoolExecutor(self.threads)
        try:
            for group in groups:
                group = [int(index) for index in group]
                waiting.append((group, [pool.submit(self.item, index) for index in group]))
                if len(waiting) > AHEAD:
                    yield self._stacked(*waiting.popleft())
            while waiting:
                yield self._stacked(*waiting.popleft())
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _stacked(self, group: Sequence[int], futures: Sequence[Future]) -> Tensor:
        items = [future.result() for future in futures]
        for index, item in zip(group, items, strict=True):
            if item.shape != items[0].shape:
                first, other = ("×".join(map(str, t.shape)) for t in (items[0], item))
                raise UserError(
                    f"{self.names[index]}: {other} numbers where {self.names[group[0]]} has "
                    f"{first}; give a size, so that all are scaled to one"
                )
        return torch.stack(items)


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
        source = torch.utils.data.TensorDataset(source, torch.as_tensor(np.asarray(labels)))
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
    inside = {entry.name for entry in folder.iterdir() if entry.is_dir()}
    if inside and inside <= PARTS:
        folder = part_folder(folder, TEST)
    listing = Listing.within(folder)
    names = [str(Path(path).relative_to(folder)) for path in listing.paths]
    labels = np.asarray(listing.labels)
    stated, numbers = view.stated, (tuple(view.mean), tuple(view.std))
    return ImageData(listing, view, labels, listing.class_names, names, stated, numbers, threads)


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
        return ImageData(dataset, view, labels, *names_and_text, numbers)
    again = data._given(0)
    if not torch.equal(torch.nan_to_num(first), torch.nan_to_num(again)):
        raise UserError(
            "images: the data set gives another image each time the same one is asked for: its "
            "transform holds a random augmentation; measure without it"
        )
    return data


def _kind(image: Any) -> str:
    if isinstance(image, Tensor):
        return f"tensors of {str(image.dtype).removeprefix('torch.')}"
    return f"objects of {inspect.getmodule(type(image)).__name__}.{type(image).__name__}"
