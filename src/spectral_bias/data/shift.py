"""Test images of another distribution than the training images.

CIFAR-10.1 as in Fridovich-Keil et al. 2021; where networks were not trained on CIFAR-10, the test
images themselves seen from nearer (ours), or a folder of image files.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from spectral_bias.artefacts import read_arrays, write_arrays
from spectral_bias.data import cifar10_1
from spectral_bias.data.image_files import Listing
from spectral_bias.data.imagefolder import read_listing
from spectral_bias.data.images import WHITE, ImageSet, class_counts
from spectral_bias.errors import UserError
from spectral_bias.provenance import digest

ZOOM = 3 / 4
"""Part of the height and width of an image that zooming keeps."""
DOWNLOADS = Path("results/data/download")
BATCH = 1000


@dataclass(frozen=True)
class ShiftedImages:
    """Images of C classes that no network is trained on.

    Attributes:
        images: (M, h, w, 3) uint8, red, green, blue from 0 to 255.
        labels: (M,) int64, 0 to C - 1.
        class_names: C names, in the order of the labels.
    """

    images: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]

    @property
    def checksum(self) -> str:
        """Changes when any image, label or name does."""
        return digest(self.images.tobytes(), self.labels.tobytes(), *self.class_names)


def zoomed(images_MHWC: np.ndarray) -> np.ndarray:
    """The central 3/4 of each image, height and width, enlarged to full size; uint8 as given.

    Bilinear, with the low-pass filter that torchvision calls antialias (which enlarging needs not).
    """
    import torch
    from torch.nn import functional as F

    height, width = images_MHWC.shape[1:3]
    kept = round(ZOOM * height), round(ZOOM * width)
    top, left = (height - kept[0]) // 2, (width - kept[1]) // 2
    central = images_MHWC[:, top : top + kept[0], left : left + kept[1]]
    larger = np.empty_like(images_MHWC)
    for start in range(0, len(central), BATCH):
        x_BCHW = torch.as_tensor(central[start : start + BATCH]).permute(0, 3, 1, 2).float()
        x_BCHW = F.interpolate(x_BCHW, (height, width), mode="bilinear", antialias=True)
        pixels = x_BCHW.round().clamp(0, WHITE).to(torch.uint8)
        larger[start : start + BATCH] = pixels.permute(0, 2, 3, 1).numpy()
    return larger


def check_shift(shift: Mapping[str, Any], data_root: str | Path | None) -> None:
    """Does nothing if the files that settings `shift` need are there or can be downloaded.

    Raises:
        UserError: names what is missing or damaged.
    """
    if shift["source"] == "cifar10.1" and data_root is not None:
        cifar10_1.cifar10_1_folder(data_root)
    if shift["source"] == "imagefolder" and not Path(shift["folder"]).is_dir():
        raise UserError(
            f"shift.folder: no folder {shift['folder']!r}; an image folder holds <class>/ with "
            "image files"
        )


def shifted_images(
    shift: Mapping[str, Any], images: ImageSet, data_root: str | Path | None
) -> ShiftedImages:
    """The test images that settings `shift` name, of the same classes and size as `images`.

    Args:
        shift: source ("cifar10.1", "zoom", "imagefolder") and folder.
        images: what the networks are trained and tested on.
        data_root: folder that holds CIFAR-10.1; None to download it.

    Raises:
        UserError: files are missing or damaged, or hold other classes or sizes than `images`.
    """
    if shift["source"] == "zoom":
        return ShiftedImages(zoomed(images.test_images), images.test_labels, images.class_names)
    if shift["source"] == "imagefolder":
        listing = Listing.within(Path(shift["folder"]))
        found = ShiftedImages(*read_listing(listing, None, "shift"), listing.class_names)
    else:
        found = _cifar10_1(data_root)
    if found.class_names != images.class_names:
        other = sorted(set(found.class_names) ^ set(images.class_names))
        raise UserError(
            f"shift: source {shift['source']} and the training images do not hold the same "
            f"classes: {', '.join(other[:5])}{', …' * (len(other) > 5)}; give both the same, or "
            "set shift.source: zoom"
        )
    if found.images.shape[1:] != images.test_images.shape[1:]:
        raise UserError(
            f"shift: source {shift['source']} has images of {_size(found.images)} pixels, the "
            f"training images have {_size(images.test_images)}; scale them to one size"
        )
    return found


def _cifar10_1(data_root: str | Path | None) -> ShiftedImages:
    """From the user's own folder, else downloaded; the download serves all scales."""
    if data_root is None:
        cifar10_1.download_cifar10_1(DOWNLOADS)
    folder = cifar10_1.cifar10_1_folder(data_root or DOWNLOADS)
    return ShiftedImages(*cifar10_1.read_cifar10_1(folder), cifar10_1.CLASSES)


def _size(images_MHWC: np.ndarray) -> str:
    return f"{images_MHWC.shape[2]}x{images_MHWC.shape[1]}"


def write_shifted(path: str | Path, images: ShiftedImages, source: str) -> None:
    """One .npz with images, labels, class names, and facts about them."""
    arrays = {
        "images": images.images,
        "labels": images.labels,
        "class_names": np.array(images.class_names),
    }
    meta = {
        "source": source,
        "data_checksum": images.checksum,
        "counts": class_counts(images.labels, images.class_names),
        "mean": (images.images.mean(axis=(0, 1, 2), dtype=np.float64) / WHITE).tolist(),
        "std": (images.images.std(axis=(0, 1, 2), dtype=np.float64) / WHITE).tolist(),
    }
    write_arrays(path, arrays, meta)


def read_shifted(path: str | Path) -> tuple[ShiftedImages, dict]:
    """(images, facts) of a file made by `write_shifted`.

    The facts: source, data_checksum, images of each class (counts), mean and std of each channel in
    [0, 1].
    """
    arrays, meta = read_arrays(path)
    names = tuple(str(name) for name in arrays["class_names"])
    return ShiftedImages(arrays["images"], arrays["labels"], names), meta
