"""Images in files, read when they are needed and decoded in worker processes.

For data sets that do not fit into memory: <folder>/<part>/<class>/… with the classes in
alphabetical order, as torchvision's ImageFolder lists them. Images of other modes than RGB (grey,
CMYK, with a palette) are converted; sizes are brought to one by a `View`.

Shape suffixes: B images, C channels, H and W pixels.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from spectral_bias.jobs import UserError

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
"""Of the channels of ImageNet's training images, in [0, 1], as all torchvision classifiers use."""


@dataclass(frozen=True)
class View:
    """What a network is shown of an image file.

    Attributes:
        resize: the shorter side is scaled to this many pixels.
        crop: side of the square that is then cut from the middle.
        interpolation: "bilinear" or "bicubic", with antialiasing.
        mean: of each channel, in [0, 1].
        std: of each channel.
    """

    resize: int
    crop: int
    interpolation: str = "bilinear"
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD

    def __call__(self, image: Image.Image) -> Tensor:
        """(3, crop, crop) uint8, not yet normalised."""
        from torchvision.transforms import functional as F

        mode = F.InterpolationMode(self.interpolation)
        resized = F.resize(image.convert("RGB"), [self.resize], mode, antialias=True)
        return F.pil_to_tensor(F.center_crop(resized, [self.crop]))


@dataclass(frozen=True)
class Listing:
    """Files of one part of a folder, class after class.

    Attributes:
        folder: the part, which holds a folder for each class.
        paths: of all images, by class and then by name.
        labels: (N,) 0 to C - 1.
        class_names: C names.
    """

    folder: Path
    paths: tuple[str, ...]
    labels: np.ndarray
    class_names: tuple[str, ...]

    @classmethod
    def of(cls, folder: str | Path, part: str) -> "Listing":
        """All images of <folder>/<part>.

        Raises:
            UserError: there is no such folder, or a class without images.
        """
        from torchvision.datasets import ImageFolder

        place = Path(folder) / part
        if not place.is_dir():
            raise UserError(
                f"{folder}: no folder {part!r} in it; an image folder holds {part}/<class>/ with "
                "image files"
            )
        try:
            found = ImageFolder(str(place))
        except FileNotFoundError as error:
            raise UserError(f"{place}: {str(error).splitlines()[0]}; put images there") from None
        paths = tuple(path for path, _ in found.samples)
        return cls(place, paths, np.array(found.targets), tuple(found.classes))

    def __len__(self) -> int:
        return len(self.paths)

    @cached_property
    def counts(self) -> dict[str, int]:
        """Images of each class."""
        numbers = np.bincount(self.labels, minlength=len(self.class_names))
        return dict(zip(self.class_names, numbers.tolist(), strict=True))

    def of_class(self, label: int) -> np.ndarray:
        """Indices of the images of one class."""
        return np.flatnonzero(self.labels == label)


def opened(path: str) -> Image.Image:
    """An image file, decoded whole.

    Raises:
        UserError: it is damaged or no image; names the file.
    """
    try:
        with Image.open(path) as image:
            image.load()
            return image
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        reason = " ".join(str(error).split())
        raise UserError(
            f"{path}: cannot be read as an image ({reason}); mend or remove it"
        ) from None


class _Files(Dataset):
    """Images by their index. A bad file gives its message: errors of workers lose their one line."""

    def __init__(self, listing: Listing, view: View) -> None:
        self.listing, self.view = listing, view

    def __len__(self) -> int:
        return len(self.listing)

    def __getitem__(self, index: int) -> Tensor | str:
        try:
            return self.view(opened(self.listing.paths[index]))
        except UserError as error:
            return str(error)


class _Order:
    """The batches of indices that the loader asks for next."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    def __iter__(self) -> Iterator[list[int]]:
        return iter(self.batches)


def first_error_or_stack(items: Sequence[Tensor | str]) -> Tensor | str:
    """(B, …) of tensors of one shape, or the first message among them."""
    return next((item for item in items if isinstance(item, str)), None) or torch.stack(list(items))


class LazyImages:
    """Batches of the images of a listing, in any order that is asked for.

    Args:
        listing: the files.
        view: what is shown of each.
        device: where batches go.
        workers: processes that decode, kept from one call to the next; 0 decodes in this one.
    """

    def __init__(self, listing: Listing, view: View, device: torch.device, workers: int) -> None:
        self.listing, self.view, self.device = listing, view, device
        self._labels = torch.as_tensor(listing.labels, dtype=torch.long)
        self._order = _Order()
        self._loader = DataLoader(
            _Files(listing, view),
            batch_sampler=self._order,
            num_workers=workers,
            collate_fn=first_error_or_stack,
            persistent_workers=workers > 0,
            pin_memory=device.type == "cuda",
            # Otherwise every pass would draw from the global generator, on which networks depend.
            generator=torch.Generator().manual_seed(0),
        )

    def batches(self, order: Iterable[Sequence[int]]) -> Iterator[tuple[Tensor, Tensor]]:
        """Pixels (B, 3, H, W) uint8 and labels (B,) on the device, for each list of indices.

        Raises:
            UserError: an image cannot be read; names the file.
        """
        self._order.batches = [[int(index) for index in batch] for batch in order]
        for chosen, pixels in zip(self._order.batches, self._loader, strict=True):
            if isinstance(pixels, str):
                raise UserError(pixels)
            labels = self._labels[chosen]
            yield tuple(t.to(self.device, non_blocking=True) for t in (pixels, labels))
