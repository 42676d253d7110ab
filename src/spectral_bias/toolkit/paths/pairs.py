"""Which images a measurement joins by paths: about as many as asked for, spread over the classes.

Within classes every class has equally many paths; between them every pair of classes has, as long
as there are fewer pairs of classes than paths. With more (ImageNet's 1,000 classes have 499,500
pairs) images are shuffled and paired off, so that all classes occur about equally often.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from spectral_bias.errors import UserError, among
from spectral_bias.measurements.pairs import (
    BETWEEN,
    KINDS,
    WITHIN,
    class_pairs,
    paired_off,
)
from spectral_bias.seeds import derived_generator

DEFAULT = 1000
"""Paths of each kind where no number is given and the images allow as many (ours)."""
COLUMNS = ["kind", "class_a", "class_b", "index_a", "index_b"]


@dataclass(frozen=True)
class Counts:
    """Paths within each class; between each pair of classes, or sampled from all of these.

    Attributes:
        within: paths within each class.
        between: paths of each pair of classes.
        sampled: paths between classes where not every pair has one; `between` is then 0.
    """

    within: int
    between: int
    sampled: int


def kinds_of(wanted: Sequence[str] | str | None, n_classes: int) -> tuple[str, ...]:
    """The kinds of paths that are measured: those named, by default both.

    Raises:
        UserError: another kind, or paths between classes where there is one class alone.
    """
    names = KINDS if wanted is None else (wanted,) if isinstance(wanted, str) else tuple(wanted)
    for name in names:
        if name not in KINDS:
            raise UserError(f"kinds: unknown kind {name!r}{among(name, KINDS)}")
    if not names:
        raise UserError(f"kinds: none is named; name one or more of {', '.join(KINDS)}")
    if BETWEEN in names and n_classes < 2:
        raise UserError(
            "images: all are of one class, so that there are no paths between classes; give images "
            "of several classes, or ask for kinds=within alone"
        )
    return tuple(kind for kind in KINDS if kind in names)


def counts_for(
    labels: np.ndarray, names: Sequence[str], kinds: Sequence[str], n_pairs: int | None
) -> Counts:
    """How many paths each class and pair of classes gets.

    Args:
        labels: (M,) of the images that may be used; -1 for those that may not.
        names: of the classes; those that no label names are left aside.
        kinds: see `kinds_of`.
        n_pairs: paths of each kind, rounded up to equally many for all; None is `DEFAULT`, or as
            many as the smallest class allows.

    Raises:
        UserError: a class has too few images; names it, and how many paths there can be.
    """
    sizes = {
        name: count for label, name in enumerate(names) if (count := int((labels == label).sum()))
    }
    n_classes = len(sizes)
    smallest = min(sizes, key=sizes.__getitem__)
    fewest, class_pairs_ = sizes[smallest], n_classes * (n_classes - 1) // 2
    wanted = DEFAULT if n_pairs is None else n_pairs
    if wanted < 1:
        raise UserError(f"pairs: {wanted} paths; ask for 1 or more")
    within = between = sampled = 0
    if WITHIN in kinds:
        if fewest < 2:
            raise UserError(
                f"images: class {smallest!r} has one image, and a path within a class needs two; "
                "add images, leave the class out (classes), or ask for kinds=between alone"
            )
        within = _each(wanted, n_classes, fewest // 2, n_pairs is None, f"class {smallest!r}", 2)
    if BETWEEN in kinds and wanted >= class_pairs_:
        between = _each(wanted, class_pairs_, fewest, n_pairs is None, f"class {smallest!r}", 1)
    elif BETWEEN in kinds:
        sampled = wanted  # fewer than pairs of classes, each of which has images
    return Counts(within, between, sampled)


def _each(wanted: int, parts: int, most: int, fewer_will_do: bool, where: str, ends: int) -> int:
    """Paths of each of `parts` classes or pairs of classes, at most `most`."""
    each = -(-wanted // parts)
    if each <= most or fewer_will_do:
        return min(each, most)
    raise UserError(
        f"pairs: {wanted} paths are {each} of each {'class' if ends == 2 else 'pair of classes'}, "
        f"which need {ends * each} images of {where}; it has images for {most}, so ask for at most "
        f"{most * parts} pairs, or add images"
    )


def chosen_pairs(
    labels: np.ndarray, names: Sequence[str], counts: Counts, seed: int
) -> pd.DataFrame:
    """kind, class_a, class_b (names), index_a, index_b of the paths.

    Args:
        labels: as in `counts_for`.
        names: of the classes.
        counts: made by `counts_for`.
        seed: of the choice of images; the same for networks that are compared.
    """
    present = [label for label in range(len(names)) if (labels == label).any()]
    # Classes without images would ask for some.
    places = {label: number for number, label in enumerate(present)}
    own = np.array([places.get(int(label), -1) for label in labels])
    shown = [names[label] for label in present]
    table = class_pairs(own, counts.within, counts.between, seed, shown)
    if counts.sampled:
        usable = np.flatnonzero(own >= 0)
        rng = derived_generator(seed, "between")
        index = usable[paired_off(own[usable], counts.sampled, rng)]
        classes = np.asarray(shown)[own[index]]
        sampled = {"class_a": classes[:, 0], "class_b": classes[:, 1]}
        ends = {"index_a": index[:, 0], "index_b": index[:, 1]}
        table = pd.concat(
            [table, pd.DataFrame({"kind": BETWEEN, **sampled, **ends})], ignore_index=True
        )
    return table[COLUMNS].astype({"index_a": int, "index_b": int})


def of_classes(
    labels: np.ndarray, names: Sequence[str], wanted: Sequence[str] | int | None, seed: int
) -> np.ndarray:
    """(M,) labels, -1 for images of classes that are not wanted.

    Args:
        labels: (M,) of all images.
        names: of all classes.
        wanted: names of classes, or how many, drawn by the seed; None for all.
        seed: of the choice.

    Raises:
        UserError: there are no such classes.
    """
    if wanted is None:
        return labels
    if isinstance(wanted, int):
        if not 1 <= wanted <= len(names):
            raise UserError(f"classes: {wanted} of {len(names)}; ask for 1 to {len(names)}")
        kept = derived_generator(seed, "classes").permutation(len(names))[:wanted]
    else:
        wanted = [wanted] if isinstance(wanted, str) else wanted
        for name in wanted:
            if name not in names:
                raise UserError(f"classes: there is no class {name!r}{among(name, names[:30])}")
        if not wanted:
            raise UserError("classes: none is named; name some, say how many, or leave it out")
        kept = [names.index(name) for name in wanted]
    return np.where(np.isin(labels, kept), labels, -1)
