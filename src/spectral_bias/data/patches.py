"""Ten classes of natural image patches from ten photographs inside scikit-learn and scikit-image.

A stand-in for CIFAR-10 that needs no download: a patch belongs to the class of the photograph it is
cut from. Training patches come from the left three quarters of each photograph and test patches
from the rest, so that no test pixel was ever trained on. Patches of one part may overlap. Only
files that the packages' wheels hold are used; scikit-image's own loaders would fetch others.
"""

from importlib.resources import as_file, files

import numpy as np

from spectral_bias.data.images import ImageSet
from spectral_bias.errors import UserError
from spectral_bias.seeds import derived_generator

TRAIN_SHARE = 0.75
"""Part of a photograph's width, from the left, that training patches are cut from."""
PHOTOGRAPHS = {
    "china": ("sklearn.datasets", "images/china.jpg"),
    "flower": ("sklearn.datasets", "images/flower.jpg"),
    "astronaut": ("skimage", "data/astronaut.png"),
    "cat": ("skimage", "data/chelsea.png"),
    "coffee": ("skimage", "data/coffee.png"),
    "galaxies": ("skimage", "data/hubble_deep_field.jpg"),
    "tissue": ("skimage", "data/ihc.png"),
    "motorcycle": ("skimage", "data/motorcycle_left.png"),
    "retina": ("skimage", "data/retina.jpg"),
    "rocket": ("skimage", "data/rocket.jpg"),
}
"""Package and file of each class, in the order of the labels."""


def photograph(name: str) -> np.ndarray:
    """(h, w, 3) uint8 of one of `PHOTOGRAPHS`.

    Raises:
        UserError: the installed package lacks the file.
    """
    from skimage.io import imread

    package, inside = PHOTOGRAPHS[name]
    with as_file(files(package).joinpath(inside)) as path:
        if not path.is_file():
            raise UserError(
                f"{path}: no such photograph in the installed {package.split('.')[0]}; install the "
                "versions of requirements.lock"
            )
        return imread(path)[..., :3]


def regions(width: int) -> dict[str, range]:
    """Columns of a photograph that the patches of each part may cover; they share none."""
    border = int(TRAIN_SHARE * width)
    return {"train": range(border), "test": range(border, width)}


def cut(
    image: np.ndarray, columns: range, count: int, size: int, rng: np.random.Generator
) -> np.ndarray:
    """(count, size, size, 3) patches at distinct random places within some columns.

    A larger `count` with the same generator state adds patches to those of a smaller one.

    Raises:
        UserError: there are fewer places than that.
    """
    n_rows, n_columns = image.shape[0] - size + 1, len(columns) - size + 1
    if n_rows < 1 or n_columns < 1 or count > n_rows * n_columns:
        raise UserError(
            f"data: {count} patches of {size}x{size} do not fit into {image.shape[0]}x"
            f"{len(columns)} pixels of a photograph; ask for fewer or smaller ones"
        )
    rows, offsets = np.divmod(rng.permutation(n_rows * n_columns)[:count], n_columns)
    every = np.lib.stride_tricks.sliding_window_view(image, (size, size), axis=(0, 1))
    return np.moveaxis(every[rows, columns.start + offsets], 1, -1)


def patches(n_train: int, n_test: int, size: int, seed: int) -> ImageSet:
    """n_train and n_test patches of size x size pixels, as many of each class, class after class.

    Raises:
        UserError: a photograph is missing or too small.
    """
    counts = {"train": n_train // len(PHOTOGRAPHS), "test": n_test // len(PHOTOGRAPHS)}
    found: dict[str, list[np.ndarray]] = {part: [] for part in counts}
    for name in PHOTOGRAPHS:
        image = photograph(name)
        for part, columns in regions(image.shape[1]).items():
            rng = derived_generator(seed, "patches", name, part)
            found[part].append(cut(image, columns, counts[part], size, rng))
    label = np.arange(len(PHOTOGRAPHS))
    return ImageSet(
        train_images=np.concatenate(found["train"]),
        train_labels=label.repeat(counts["train"]),
        test_images=np.concatenate(found["test"]),
        test_labels=label.repeat(counts["test"]),
        class_names=tuple(PHOTOGRAPHS),
    )
