"""The pairs of images of a measurement, all of which can be read."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from spectral_bias.errors import UserError
from spectral_bias.toolkit.inputs.image_data import ImageData
from spectral_bias.toolkit.paths.pairs import chosen_pairs, counts_for, kinds_of, of_classes

NAMED = 5
"""Images that a sentence names."""


def readable_pairs(
    data: ImageData,
    n_pairs: int | None,
    kinds: Sequence[str] | None,
    classes: Sequence[str] | int | None,
    seed: int,
    strict: bool,
) -> tuple[pd.DataFrame, dict[int, str]]:
    """The pairs, all of whose images can be read, and the images that could not."""
    labels = of_classes(data.labels, list(data.class_names), classes, seed)
    present = len(np.unique(labels[labels >= 0]))
    wanted = kinds_of(kinds, present)
    good: set[int] = set()
    bad: dict[int, str] = {}
    while True:
        try:
            counts = counts_for(labels, data.class_names, wanted, n_pairs)
        except UserError as error:
            raise UserError(f"{error}{'; ' if bad else ''}{skipped_text(bad)}") from None
        table = chosen_pairs(labels, data.class_names, counts, seed)
        index = set(table[["index_a", "index_b"]].to_numpy().ravel().tolist())
        found = data.unreadable(sorted(index - good), min(good, default=None), strict)
        if not found:
            return table, bad
        bad |= found
        good |= index - found.keys()
        labels = labels.copy()
        labels[list(found)] = -1
        if len(np.unique(labels[labels >= 0])) < present:
            lost = next(i for i in found if not (labels == data.labels[i]).any())
            raise UserError(f"{found[lost]}; it was the last image of its class")


def skipped_text(skipped: Mapping[int, str]) -> str:
    """A sentence that counts and names images that could not be read."""
    if not skipped:
        return ""
    texts = list(skipped.values())
    more = f"; and {len(texts) - NAMED} more" if len(texts) > NAMED else ""
    images = "1 image" if len(texts) == 1 else f"{len(texts)} images"
    return f"{images} could not be read and others were taken: {'; '.join(texts[:NAMED])}{more}."
