"""CIFAR-10: downloaded by torchvision, or read from the user's own folder, checksums verified."""

from pathlib import Path
from urllib.error import URLError

import numpy as np

from spectral_bias.data.imagefolder import read_imagefolder
from spectral_bias.data.images import ImageSet
from spectral_bias.errors import UserError

FOLDER = "cifar-10-batches-py"
CLASS_NAMES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
SIDE = 32


def cifar10_folder(data_root: str | Path) -> Path:
    """The folder that torchvision takes as root: the one that holds `cifar-10-batches-py`.

    Raises:
        UserError: a file is missing or damaged; names all that matter.
    """
    from torchvision.datasets import CIFAR10
    from torchvision.datasets.utils import check_integrity

    given = Path(data_root)
    root = given.parent if given.name == FOLDER else given
    listed = [*CIFAR10.train_list, *CIFAR10.test_list]
    listed.append([CIFAR10.meta["filename"], CIFAR10.meta["md5"]])
    names = [name for name, _ in listed]
    missing = [name for name in names if not (root / FOLDER / name).is_file()]
    if missing:
        raise UserError(
            f"data_root: CIFAR-10 needs the files {', '.join(names)} in {root / FOLDER}; missing: "
            f"{', '.join(missing)}; unpack cifar-10-python.tar.gz there, or use scale=quick, which "
            "needs none"
        )
    for name, md5 in listed:
        if not check_integrity(root / FOLDER / name, md5):
            raise UserError(
                f"{root / FOLDER / name}: checksum differs from that of CIFAR-10; unpack the "
                "archive again"
            )
    return root


def download_cifar10(folder: Path) -> None:
    """Fetches and unpacks the archive through torchvision, which verifies its checksum.

    Raises:
        UserError: if there is no way to the server; says which files are expected where.
    """
    from torchvision.datasets import CIFAR10

    try:
        CIFAR10(str(folder), download=True)
    except (RuntimeError, URLError, OSError) as error:
        raise UserError(
            f"CIFAR-10 could not be downloaded ({error}); without a network unpack "
            f"{CIFAR10.filename} to a folder <root>/{FOLDER} and call with --config "
            "data_root=<root>, or use scale=quick, which needs none"
        ) from None


def read_cifar10(root: Path) -> ImageSet:
    """All 50000 training and 10000 test images of a folder that `cifar10_folder` found."""
    from torchvision.datasets import CIFAR10

    train, test = (CIFAR10(str(root), train=part) for part in (True, False))
    return ImageSet(
        train_images=train.data,
        train_labels=np.array(train.targets),
        test_images=test.data,
        test_labels=np.array(test.targets),
        class_names=tuple(train.classes),
    )


def read_cifar10_files(folder: str | Path, n_train: int | None, n_test: int | None) -> ImageSet:
    """CIFAR-10 as image files, such as PNG or JPEG, in <folder>/train/<class>/….

    The names of its classes are in alphabetical order, which is that of the labels.

    Raises:
        UserError: the classes or the size are not those of CIFAR-10; see `read_imagefolder`.
    """
    found = read_imagefolder(folder, n_train, n_test)
    if found.class_names != CLASS_NAMES:
        raise UserError(
            f"data.folder: {folder} holds the classes {', '.join(found.class_names)}, which are "
            "not those of CIFAR-10; set source: imagefolder"
        )
    if found.train_images.shape[1:3] != (SIDE, SIDE):
        height, width = found.train_images.shape[1:3]
        raise UserError(
            f"data.folder: images in {folder} have {height}x{width} pixels, those of CIFAR-10 "
            f"{SIDE}x{SIDE}; set source: imagefolder"
        )
    return found
