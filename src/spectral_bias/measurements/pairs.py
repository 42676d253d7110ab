"""Which images are joined by paths (Fridovich-Keil et al. 2021, measurement B)."""

from collections.abc import Sequence
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd

from spectral_bias.errors import UserError
from spectral_bias.seeds import derived_generator

WITHIN, BETWEEN = "within", "between"
KINDS = (WITHIN, BETWEEN)
"""Of paths: between images of one class, and of two."""


def class_pairs(
    labels: np.ndarray, n_within: int, n_between: int, seed: int, names: Sequence[str]
) -> pd.DataFrame:
    """kind, class_a, class_b (names), index_a, index_b: the ends of the paths.

    Images are drawn at random; no image ends two paths of one class or pair of classes. Every pair
    of classes draws from a generator of its own, so that another class or more of them changes no
    other's images, and more paths come after the same fewer ones.

    Args:
        labels: (M,), 0 to C - 1.
        n_within: paths within each of the C classes.
        n_between: paths of each of the C (C - 1)/2 pairs of classes.
        seed: of the drawing.
        names: C names of the classes.

    Raises:
        UserError: a class has fewer than 2 n_within or than n_between images.
    """
    places = [np.flatnonzero(np.asarray(labels) == label) for label in range(len(names))]
    smallest = min(range(len(names)), key=lambda label: len(places[label]))
    _require_images(names[smallest], len(places[smallest]), n_within, n_between)
    parts = []
    for a, b in combinations_with_replacement(range(len(names)), 2):
        rng = derived_generator(seed, "interpolation", names[a], names[b])
        if a == b:
            index_a, index_b = rng.permutation(places[a])[: 2 * n_within].reshape(n_within, 2).T
        else:
            index_a, index_b = (rng.permutation(places[c])[:n_between] for c in (a, b))
        part = {"kind": WITHIN if a == b else BETWEEN, "class_a": names[a], "class_b": names[b]}
        parts.append(pd.DataFrame({**part, "index_a": index_a, "index_b": index_b}))
    return pd.concat(parts, ignore_index=True)


def _require_images(name: str, found: int, n_within: int, n_between: int) -> None:
    """Raises UserError unless the smallest class, `name`, has images for all its paths."""
    wanted = {"n_within": (n_within, 2, "within"), "n_between": (n_between, 1, "from")}
    for key, (count, ends, where) in wanted.items():
        if found < ends * count:
            most = f"choose at most {found // ends}" if found >= ends else "give it more images"
            raise UserError(
                f"interpolation.{key}: {count} paths {where} class {name!r} need {ends * count} "
                f"images of it, but there are {found}; {most}"
            )


def most_between(labels: np.ndarray) -> int:
    """How many pairs of images there are of two classes; labels (M,) are 0 and above."""
    sizes = np.bincount(labels)
    return (len(labels) ** 2 - int((sizes**2).sum())) // 2


def paired_off(labels: np.ndarray, n_pairs: int, rng: np.random.Generator) -> np.ndarray:
    """(n_pairs, 2) distinct pairs of images of two classes, at most `most_between` of them.

    All images are shuffled and paired off; where more pairs are asked for, again. So images end
    about equally many paths, and a larger n_pairs adds to the pairs of a smaller one.
    """
    found: dict[tuple[int, int], None] = {}
    while len(found) < n_pairs:
        order = rng.permutation(len(labels))
        for a, b in order[: len(order) // 2 * 2].reshape(-1, 2).tolist():
            if labels[a] != labels[b]:
                found[min(a, b), max(a, b)] = None
    return np.array(list(found)[:n_pairs]).reshape(-1, 2)
