"""Images in files, all of one size, read whole; `image_files` says how a folder is laid out."""

from pathlib import Path

import numpy as np

from spectral_bias.data.image_files import (
    TEST,
    TRAIN,
    Listing,
    opened,
    part_folder,
    require_same_classes,
)
from spectral_bias.data.images import ImageSet, first_of_each_class
from spectral_bias.errors import UserError


def require_test_images(folder: str | Path, paths: int, each: int, setting: str) -> None:
    """Does nothing if every class has test images for its paths.

    Args:
        folder: see `check_imagefolder`.
        paths: that end at images of the class.
        each: images of the class that one path ends at, 1 or 2.
        setting: that asks for the paths.

    Raises:
        UserError: names the class with the fewest, and the setting that asks for them.
    """
    listing = Listing.of(folder, TEST)
    name = min(listing.counts, key=listing.counts.__getitem__)
    found, needed = listing.counts[name], each * paths
    if found < needed:
        raise UserError(
            f"{setting}: {paths} paths need {needed} test images of a class, and "
            f"{listing.folder / name} holds {found}; ask for at most {found // each}, or add some"
        )


def check_imagefolder(folder: str | Path) -> None:
    """Does nothing if both parts are there.

    Raises:
        UserError: names the setting and what is missing.
    """
    for part in (TRAIN, TEST):
        try:
            part_folder(folder, part)
        except UserError as error:
            raise UserError(f"data.folder: {error}") from None


def read_imagefolder(folder: str | Path, n_train: int | None, n_test: int | None) -> ImageSet:
    """The first n_train and n_test images, the same number of each class, by file name.

    Raises:
        UserError: a part is missing or holds other classes than the other, a class has too few
            images, or a file is no image or of another size than the first.
    """
    train, test = (Listing.of(folder, part) for part in (TRAIN, TEST))
    require_same_classes(train, test)
    train_images, train_labels = read_listing(train, n_train, "data.n_train")
    test_images, test_labels = read_listing(test, n_test, "data.n_test")
    if train_images.shape[1:] != test_images.shape[1:]:
        raise UserError(f"{folder}: training and test images differ in size; scale them to one")
    return ImageSet(train_images, train_labels, test_images, test_labels, train.class_names)


def read_listing(
    listing: Listing, total: int | None, setting: str
) -> tuple[np.ndarray, np.ndarray]:
    """Images (N, h, w, 3) and labels (N,).

    Args:
        listing: their files.
        total: how many images to take, the same number of each class; None for all.
        setting: the setting that asks for `total`, for errors.

    Raises:
        UserError: see `read_imagefolder`.
    """
    names = list(listing.class_names)
    chosen = first_of_each_class(listing.labels, total, names, f"{setting} in {listing.folder}")
    pixels = [np.asarray(opened(listing.paths[i]).convert("RGB")) for i in chosen]
    for index, image in zip(chosen, pixels, strict=True):
        if image.shape != pixels[0].shape:
            raise UserError(
                f"{listing.paths[index]}: {image.shape[1]}x{image.shape[0]} pixels where the "
                f"first image has {pixels[0].shape[1]}x{pixels[0].shape[0]}; scale all to one size"
            )
    return np.stack(pixels), listing.labels[chosen]
