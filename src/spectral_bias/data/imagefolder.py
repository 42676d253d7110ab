"""Images in files: <folder>/train/<class>/… and <folder>/test/<class>/…, all of one size."""

from pathlib import Path

import numpy as np

from spectral_bias.data.images import ImageSet, first_of_each_class
from spectral_bias.errors import UserError

PARTS = ("train", "test")


def check_imagefolder(folder: str | Path) -> None:
    """Does nothing if both parts are there.

    Raises:
        UserError: names what is missing.
    """
    for part in PARTS:
        if not (Path(folder) / part).is_dir():
            raise UserError(
                f"data.folder: no folder {str(Path(folder) / part)!r}; an image folder holds "
                "train/<class>/ and test/<class>/ with image files"
            )


def require_test_images(folder: str | Path, needed: int, setting: str) -> None:
    """Does nothing if every class has `needed` test images, counted by their files.

    Raises:
        UserError: names the class with the fewest, and the setting that asks for them.
    """
    classes = sorted(path for path in (Path(folder) / "test").iterdir() if path.is_dir())
    counts = {path.name: sum(file.is_file() for file in path.iterdir()) for path in classes}
    name = min(counts, key=counts.__getitem__, default="")
    if name and counts[name] < needed:
        raise UserError(
            f"{setting}: {needed // 2} paths within a class need {needed} test images, and "
            f"{Path(folder) / 'test' / name} holds {counts[name]}; ask for at most "
            f"{counts[name] // 2}, or put more there"
        )


def read_imagefolder(folder: str | Path, n_train: int | None, n_test: int | None) -> ImageSet:
    """The first n_train and n_test images, the same number of each class, by file name.

    Classes are the sub-folders in alphabetical order; grey images become coloured ones.

    Raises:
        UserError: a part is missing or holds other classes than the other, a class has too few
            images, or a file is no image or of another size than the first.
    """
    check_imagefolder(folder)
    loaded = {
        part: read_part(Path(folder) / part, total, f"data.n_{part}")
        for part, total in zip(PARTS, (n_train, n_test), strict=True)
    }
    (train_images, train_labels, names), (test_images, test_labels, test_names) = loaded.values()
    if names != test_names:
        other = ", ".join(sorted(set(names) ^ set(test_names)))
        raise UserError(f"{folder}: only one of train and test has a class {other}; give both all")
    if train_images.shape[1:] != test_images.shape[1:]:
        raise UserError(f"{folder}: training and test images differ in size; scale them to one")
    return ImageSet(train_images, train_labels, test_images, test_labels, names)


def read_part(
    folder: Path, total: int | None, setting: str
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Images (N, h, w, 3), labels (N,) and class names of a folder <folder>/<class>/….

    Args:
        folder: its sub-folders, in alphabetical order, are the classes.
        total: how many images to take, the same number of each class; None for all.
        setting: the setting that asks for `total`, for errors.

    Raises:
        UserError: see `read_imagefolder`.
    """
    from torchvision.datasets import ImageFolder

    try:
        listed = ImageFolder(str(folder))
    except FileNotFoundError as error:
        raise UserError(f"{folder}: {str(error).splitlines()[0]}; put images there") from None
    labels = np.array(listed.targets)
    chosen = first_of_each_class(labels, total, listed.classes, f"{setting} in {folder}")
    pixels = [_read_file(listed.samples[i][0], listed.loader) for i in chosen]
    for index, image in zip(chosen, pixels, strict=True):
        if image.shape != pixels[0].shape:
            raise UserError(
                f"{listed.samples[index][0]}: {image.shape[1]}x{image.shape[0]} pixels where the "
                f"first image has {pixels[0].shape[1]}x{pixels[0].shape[0]}; scale all to one size"
            )
    return np.stack(pixels), labels[chosen], tuple(listed.classes)


def _read_file(path: str, loader: object) -> np.ndarray:
    """(h, w, 3) uint8; a damaged file is named."""
    try:
        return np.asarray(loader(path))
    except (OSError, ValueError, SyntaxError) as error:
        raise UserError(
            f"{path}: cannot be read as an image ({error}); mend or remove it"
        ) from None
