"""Ten classes of 64x64 images whose diversity differs on purpose, as a folder of files (ours).

A stand-in for ImageNet that needs no download. Class i shows one photograph at a level of diversity
d = i/9: at d = 0 all images come from one narrow window at one zoom, at d = 1 from the whole of its
half of the photograph, in cuts whose sides differ up to 4.6-fold. The photographs stand in the
order of their contrast, so that content and level make classes diverse in the same direction.
Training images come from the left half and validation images from the right one, so that no
validation pixel was ever trained on; both windows grow from the border in the middle, where most
subjects are.
"""

import math
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from spectral_bias.artefacts import read_table, write_table
from spectral_bias.data.patches import photograph
from spectral_bias.errors import UserError
from spectral_bias.seeds import derived_generator

SIZE = 64
CONTRAST_ORDER = (
    *("galaxies", "rocket", "cat", "tissue", "retina", "flower", "coffee", "motorcycle"),
    *("astronaut", "china"),
)
"""The photographs by the mean standard deviation of their three channels, ascending."""
NARROW = 0.05
"""Fraction of the free places, along each axis, that the narrowest window leaves."""
ZOOM_IN, ZOOM_OUT = 1.5, 0.7
"""At d = 1 the side of a cut is 64 pixels times a power of 2 between -ZOOM_IN and ZOOM_OUT."""
LEVELS = "levels.csv"
ATTEMPTS = 20
"""Draws for each wanted image before there are taken to be too few distinct ones."""


def levels() -> dict[str, float]:
    """The level of diversity of each class, 0 to 1."""
    last = len(CONTRAST_ORDER) - 1
    return {name: rank / last for rank, name in enumerate(CONTRAST_ORDER)}


def places(
    height: int, columns: range, part: str, level: float, count: int, rng: np.random.Generator
) -> list[tuple[int, int, int]]:
    """`count` distinct cuts (side, first row, first column) of a photograph.

    Args:
        height: rows of the photograph.
        columns: those of the part.
        part: "train", which ends at the border between the parts, or another, which begins there.
        level: d, 0 to 1.
        count: how many.
        rng: draws them; a larger `count` adds to those of a smaller one.

    Raises:
        UserError: there are fewer distinct ones.
    """
    share = NARROW + (1 - NARROW) * level
    most = min(height, len(columns))
    found: dict[tuple[int, int, int], None] = {}
    for _ in range(ATTEMPTS * count):
        side = min(most, round(SIZE * 2 ** (level * rng.uniform(-ZOOM_IN, ZOOM_OUT))))
        free_rows, free_columns = height - side, len(columns) - side
        row = free_rows * (1 - share) / 2 + share * free_rows * rng.random()
        inwards = share * free_columns * rng.random()
        column = free_columns - inwards if part == "train" else inwards
        found[side, math.floor(row), columns.start + math.floor(column)] = None
        if len(found) == count:
            return list(found)
    raise UserError(
        f"photographs: {count} images of a class ask for more than the narrowest window of a "
        "photograph has; ask for fewer"
    )


def views(name: str, part: str, count: int, seed: int) -> np.ndarray:
    """(count, 64, 64, 3) uint8 of one class; part is "train" or "val"."""
    image = photograph(name)
    height, width, _ = image.shape
    columns = range(width // 2) if part == "train" else range(width // 2, width)
    rng = derived_generator(seed, "photographs", name, part)
    cuts = places(height, columns, part, levels()[name], count, rng)
    pieces = (Image.fromarray(image[r : r + s, c : c + s]) for s, r, c in cuts)
    resized = (piece.resize((SIZE, SIZE), Image.Resampling.BICUBIC) for piece in pieces)
    return np.stack([np.asarray(piece) for piece in resized])


def write_photographs(folder: str | Path, n_train: int, n_val: int, seed: int) -> None:
    """Writes folder/{train,val}/<class>/NNN.png, n of each class, and the levels of diversity."""
    for part, count in (("train", n_train), ("val", n_val)):
        for name in CONTRAST_ORDER:
            place = Path(folder) / part / name
            place.mkdir(parents=True, exist_ok=True)
            for number, pixels in enumerate(views(name, part, count, seed)):
                Image.fromarray(pixels).save(place / f"{number:03d}.png")
    table = pd.DataFrame({"class_name": list(levels()), "level": list(levels().values())})
    write_table(Path(folder) / LEVELS, table)


def read_levels(folder: str | Path) -> dict[str, float]:
    """Level of diversity by class, if the folder states one; else empty."""
    path = Path(folder) / LEVELS
    if not path.is_file():
        return {}
    table = read_table(path)
    return dict(zip(table["class_name"].astype(str), table["level"].astype(float), strict=True))
