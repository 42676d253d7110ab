"""CIFAR-10.1, a later test set of the classes of CIFAR-10: downloaded, or from the user's folder.

Recht et al. 2018, "Do CIFAR-10 Classifiers Generalize to CIFAR-10?" (arXiv:1806.00451); version 6,
2000 images, 200 of each class.
"""

from pathlib import Path
from urllib.error import URLError

import numpy as np

from spectral_bias.errors import UserError

FOLDER = "cifar-10.1"
ADDRESS = "https://github.com/modestyachts/CIFAR-10.1/raw/master/datasets"
PIXELS, LABELS = "cifar10.1_v6_data.npy", "cifar10.1_v6_labels.npy"
MD5 = {
    PIXELS: "4fcae82cb1326aec9ed1dc1fc62345b8",
    LABELS: "09a97fb7c430502fcbd69d95093a3f85",
}
CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
"""Those of CIFAR-10, in the order of the labels."""


def cifar10_1_folder(data_root: str | Path) -> Path:
    """The folder that holds both files: `data_root`/cifar-10.1, or `data_root` itself.

    Raises:
        UserError: a file is missing or damaged; names all that matter.
    """
    from torchvision.datasets.utils import check_integrity

    places = [Path(data_root) / FOLDER, Path(data_root)]
    folder = max(places, key=lambda place: sum((place / name).is_file() for name in MD5))
    missing = [name for name in MD5 if not (folder / name).is_file()]
    if missing:
        raise UserError(
            f"data_root: CIFAR-10.1 needs the files {', '.join(MD5)} in {places[0]}; missing: "
            f"{', '.join(missing)}; put them there, or set shift.source: zoom, which needs none"
        )
    for name, md5 in MD5.items():
        if not check_integrity(folder / name, md5):
            raise UserError(
                f"{folder / name}: checksum differs from that of CIFAR-10.1; fetch the file again"
            )
    return folder


def download_cifar10_1(folder: Path) -> None:
    """Fetches both files to `folder`/cifar-10.1 and verifies their checksums.

    Raises:
        UserError: if there is no way to the server; says which files are expected where.
    """
    from torchvision.datasets.utils import download_url

    try:
        for name, md5 in MD5.items():
            download_url(f"{ADDRESS}/{name}", str(folder / FOLDER), name, md5)
    except (RuntimeError, URLError, OSError) as error:
        raise UserError(
            f"CIFAR-10.1 could not be downloaded ({error}); without a network put the files "
            f"{', '.join(MD5)} into a folder <root>/{FOLDER} and call with --config "
            "data_root=<root>, or set shift.source: zoom, which needs none"
        ) from None


def read_cifar10_1(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """(images (2000, 32, 32, 3) uint8, labels (2000,)) of what `cifar10_1_folder` found."""
    images, labels = (np.load(folder / name, allow_pickle=False) for name in MD5)
    return images, labels.astype(np.int64)
