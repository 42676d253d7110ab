"""What is told and recorded of a measurement beside its numbers."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spectral_bias.errors import UserError
from spectral_bias.measurements.measured_paths import MeasuredPaths
from spectral_bias.toolkit.inputs.image_data import ImageData
from spectral_bias.toolkit.paths.summary import proportion

NEAR_CHANCE = 0.1
"""Part of the way from guessing to no errors below which a wrong order of classes is likely."""


def output_labels(
    data: ImageData, n_outputs: int, output_of_class: Mapping[int, int] | bool | None
) -> np.ndarray | None:
    """(M,) the network's output for the class of each image; None if that is not known.

    Args:
        data: the images.
        n_outputs: of the network.
        output_of_class: see `measure`.

    Raises:
        UserError: a class has an output that the network does not have.
    """
    n_classes = len(data.class_names)
    if output_of_class is None:
        output_of_class = n_outputs == n_classes
    if output_of_class is False:
        return None
    places = range(n_classes)
    if output_of_class is not True:
        places = [int(output_of_class.get(label, -1)) for label in range(n_classes)]
    found = np.asarray(places)[data.labels]
    if found.min() < 0 or found.max() >= n_outputs:
        raise UserError(
            f"output_of_class: the images have {n_classes} classes, the network has {n_outputs} "
            "outputs; name one of these for each class"
        )
    return found


def accuracy_of(measured: MeasuredPaths, labels_M: np.ndarray) -> dict[str, float]:
    """Fraction of the distinct images at the ends that are correctly classified, with interval."""
    index = measured.pairs[["index_a", "index_b"]].to_numpy().ravel()
    right = measured.spectra.named.ravel() == labels_M[index]
    distinct, first = np.unique(index, return_index=True)
    value, low, high = proportion(int(right[first].sum()), len(distinct))
    return {"value": value, "ci_low": low, "ci_high": high, "n_images": len(distinct)}


def notes_on(
    data: ImageData,
    accuracy: Mapping[str, float] | None,
    n_outputs: int,
    precision: str,
) -> list[str]:
    """Sentences on what may surprise in the images or the precision."""
    notes = []
    if accuracy is None:
        n_classes = len(data.class_names)
        classes = "1 class" if n_classes == 1 else f"{n_classes} classes"
        notes.append(
            f"The network has {n_outputs} outputs, the images have {classes}: confidence and "
            "accuracy are not known."
        )
    elif accuracy["value"] * n_outputs < 1 + NEAR_CHANCE * (n_outputs - 1):
        notes.append(
            f"Only {100 * accuracy['value']:.0f} % of the images are correctly classified: are "
            "the classes in the order of the network's outputs, and the images normalised as it "
            "expects?"
        )
    for mode, which in sorted(data.modes.items()):
        to = "RGB" if data.view is None or len(data.view.mean) == 3 else "grey"
        images = "1 image" if len(which) == 1 else f"{len(which)} images"
        notes.append(f"{images} of mode {mode} converted to {to}.")
    if precision != "float32":
        notes.append(f"Products were computed in {precision}, which adds noise of all frequencies.")
    return notes


def named_paths(table: pd.DataFrame, data: ImageData) -> pd.DataFrame:
    """Paths with the names of their images in place of the indices."""
    names = np.asarray(data.names, dtype=object)
    images = {f"image_{side}": names[table[f"index_{side}"]] for side in "ab"}
    rest = [name for name in table if name not in ("kind", "class_a", "class_b")]
    shown = table.assign(**images)[["kind", "class_a", "class_b", *images, *rest]]
    return shown.drop(columns=["index_a", "index_b"])


def image_facts(
    data: ImageData, shape: Sequence[int], skipped: Mapping[int, str]
) -> dict[str, Any]:
    """What the images are, as far as it is known."""
    folder = getattr(data.source, "folder", None)
    return {
        "source": Path(folder).name if folder is not None else type(data.source).__name__,
        "n_images": len(data),
        "class_names": list(data.class_names),
        "shape": list(shape),
        "transform": data.stated,
        "normalisation": data.normalisation,
        "skipped": [data.names[index] for index in skipped],
    }
