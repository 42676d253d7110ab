"""Image files in folders: which there are, and what a network is shown of one.

A folder holds train/<class>/… and val/<class>/… with the classes in alphabetical order, as
ImageNet's does and torchvision's ImageFolder lists them; where there is no val/, test/ stands in.
Images of other modes than RGB (grey, CMYK, with a palette) are converted; sizes are brought to one
by a `View`, or are one already.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from spectral_bias.errors import UserError

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
"""Of the channels of ImageNet's training images, in [0, 1], as all torchvision classifiers use."""
TRAIN, TEST = "train", "val"
"""Names of the two parts, as ImageNet has them."""
OTHER_TEST = "test"
"""What the second part may be called instead."""
SUFFIXES = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")


@dataclass(frozen=True)
class View:
    """What a network is shown of an image file.

    Attributes:
        resize: the shorter side is scaled to this many pixels; None leaves the size as it is.
        crop: side of the square that is then cut from the middle; at most `resize`. None cuts
            nothing.
        interpolation: "bilinear" or "bicubic", with antialiasing.
        mean: of each channel, in [0, 1]; three of them, or one for grey images.
        std: of each channel.
    """

    resize: int | None
    crop: int | None
    interpolation: str = "bilinear"
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD

    def __call__(self, image: Image.Image) -> np.ndarray:
        """(H, W, channels) uint8, not yet normalised.

        Raises:
            ValueError: pixels whose range is not known, or too few of them for `crop`.
        """
        image = in_channels(image, len(self.mean))
        if self.resize is not None:
            way = Image.Resampling[self.interpolation.upper()]
            image = image.resize(self._scaled(*image.size), way)
        pixels = np.asarray(image)
        pixels = pixels[..., None] if pixels.ndim == 2 else pixels
        if self.crop is None:
            return pixels
        if min(pixels.shape[:2]) < self.crop:
            height, width = pixels.shape[:2]
            raise ValueError(
                f"is {width}×{height} pixels, too small to cut {self.crop}×{self.crop} out of it; "
                "give a size to which images are scaled before (resize)"
            )
        top, left = (round((side - self.crop) / 2) for side in pixels.shape[:2])
        return pixels[top : top + self.crop, left : left + self.crop]

    @property
    def stated(self) -> str:
        """What it does, in one line."""
        parts = []
        if self.resize is not None:
            parts.append(f"shorter side scaled to {self.resize} ({self.interpolation})")
        if self.crop is not None and self.crop != self.resize:
            parts.append(f"middle {self.crop}×{self.crop}")
        parts.append(f"pixels / 255 normalised by {stated_numbers(self.mean, self.std)}")
        return ", ".join(parts)

    def _scaled(self, width: int, height: int) -> tuple[int, int]:
        """Width and height after scaling; the longer side is rounded down, as in torchvision."""
        scale = self.resize / min(width, height)
        if width <= height:
            return self.resize, int(height * scale)
        return int(width * scale), self.resize


def stated_numbers(mean: Sequence[float], std: Sequence[float]) -> str:
    """ "mean 0.5, 0.5, 0.5 and standard deviation 0.2, 0.2, 0.2"."""
    texts = (", ".join(f"{value:.6g}" for value in values) for values in (mean, std))
    return "mean {} and standard deviation {}".format(*texts)


WORDS, BYTES = 65535, 257
"""Largest 16-bit value, and how many of its steps are one of 8 bits."""


def in_channels(image: Image.Image, channels: int) -> Image.Image:
    """An image of 8 bits with red, green and blue (3), or grey (1).

    16-bit grey values are scaled: Pillow's own conversion would cut them off at 255. Transparency
    is dropped, as torchvision's ImageFolder does.

    Raises:
        ValueError: floating-point or 32-bit pixels, whose range is not known.
    """
    if image.mode[0] in "IF":
        values = np.asarray(image)
        if image.mode == "F" or values.min() < 0 or values.max() > WORDS:
            raise ValueError(f"pixels of mode {image.mode} have no known range; save 8 or 16 bits")
        image = Image.fromarray(np.rint(values / BYTES).astype(np.uint8))
    if image.mode == "P" and "transparency" in image.info:
        image = image.convert("RGBA")  # the way that Pillow advises, and warns without
    return image.convert("RGB" if channels == 3 else "L")


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
        """All images of one part of a folder, see `part_folder`.

        Raises:
            UserError: there is no such folder, or a class without images.
        """
        return cls.within(part_folder(folder, part))

    @classmethod
    def within(cls, place: Path) -> "Listing":
        """All images of <place>/<class>/….

        Raises:
            UserError: there is no folder of a class, or a class without images.
        """
        if not place.is_dir():
            raise UserError(f"{place}: no such folder; name one that holds <class>/ and images")
        names = sorted(entry.name for entry in os.scandir(place) if entry.is_dir())
        if not names:
            raise UserError(f"{place}: has no folders, one for each class; put them there")
        paths: list[str] = []
        labels: list[int] = []
        for label, name in enumerate(names):
            found = sorted(_image_files(place / name))
            if not found:
                raise UserError(f"{place / name}: has no image files; put some there")
            paths += found
            labels += [label] * len(found)
        return cls(place, tuple(paths), np.array(labels), tuple(names))

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


def part_folder(folder: str | Path, part: str) -> Path:
    """The place of one part, `TRAIN` or `TEST`; where there is no val/, test/ stands in.

    Raises:
        UserError: there is no such folder.
    """
    place = Path(folder) / part
    if not place.is_dir() and part == TEST and (Path(folder) / OTHER_TEST).is_dir():
        return Path(folder) / OTHER_TEST
    if not place.is_dir():
        raise UserError(
            f"{folder}: no folder {part!r} in it; an image folder holds {TRAIN}/<class>/ and "
            f"{TEST}/<class>/ with image files"
        )
    return place


def require_same_classes(train: Listing, test: Listing) -> None:
    """Does nothing if both parts have the same classes.

    Raises:
        UserError: names those that only one has.
    """
    other = sorted({*train.class_names} ^ {*test.class_names})
    if other:
        raise UserError(
            f"{train.folder.parent}: only one of {train.folder.name} and {test.folder.name} has a "
            f"class {', '.join(other[:5])}; give both all"
        )


def _image_files(folder: Path) -> list[str]:
    """Files of image types in a folder and below it."""
    return [
        os.path.join(place, name)
        for place, _, names in os.walk(folder, followlinks=True)
        for name in names
        if name.lower().endswith(SUFFIXES)
    ]


def opened(path: str) -> Image.Image:
    """An image file, decoded whole.

    Raises:
        UserError: it is damaged or no image; names the file.
    """
    try:
        with Image.open(path) as image:
            image.load()
            return image
    except Exception as error:  # Pillow's readers raise whatever a damaged file makes them raise
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(
            f"{path}: cannot be read as an image ({reason}); repair or remove it"
        ) from None
