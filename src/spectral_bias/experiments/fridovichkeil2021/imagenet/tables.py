"""The tables of all measured networks together, and sample images of classes that stand out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from spectral_bias.artefacts import read_json, read_table
from spectral_bias.data.image_files import TEST, Listing, View, opened
from spectral_bias.experiments.fridovichkeil2021.imagenet.orders import correlations
from spectral_bias.experiments.fridovichkeil2021.imagenet.pairs import plan
from spectral_bias.measurements.measuring import MeasuringJob

MEASURES = {
    "high_frequency_fraction": "",
    "hann_fraction": "hann_",
    "chord_free_fraction": "chord_free_",
}
"""The fractions of a path, and the part of the names of columns that tells their means apart."""
MODEL_COLUMNS = [
    *("model", "kind", "trained_here", "n_parameters", "n_classes", "n_images", "test_accuracy"),
    "published_accuracy",
    *(
        f"{kind}_{measure}{value}"
        for measure in MEASURES.values()
        for kind in ("within", "between")
        for value in ("fraction", "error")
    ),
    *("n_within", "n_between"),
]
SPECTRA_COLUMNS = ["model", "kind", "relative_frequency", "magnitude", "power"]
CLASS_COLUMNS = [
    *("model", "class_name", "n_images", "test_accuracy"),
    *(f"within_{measure}fraction" for measure in MEASURES.values()),
    *("path_length", "pixel_distance", "feature_distance", "compressed_bytes", "level"),
]
COLUMNS = {"models": MODEL_COLUMNS, "spectra": SPECTRA_COLUMNS, "classes": CLASS_COLUMNS}
SHOWN_CLASSES, SHOWN_IMAGES = 3, 8
"""At either end of the order, and of each class."""
SHOWN_SIDE = 64


def collected(job: MeasuringJob, paths: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The tables of all networks, and images of classes that stand out.

    Args:
        job: inputs models, spectra and classes, the tables of each network, and index, of the
            folder of images; all without files where nothing is measured.
        paths: settings: which images were used.
        seed: of their choice.
    """
    parts = [
        dict(zip(COLUMNS, map(read_table, files), strict=True))
        for files in zip(*(job.files[name] for name in COLUMNS), strict=True)
    ]
    tables = together(parts)
    listing, of_class, shown = None, [], []
    if parts:
        listing = Listing.of(read_json(job.file("index"))["folder"], TEST)
        counts = {key: paths[key] for key in ("class_images", "n_within", "n_between")}
        of_class = plan(listing, **counts, seed=seed).of_class
        shown = extreme_classes(tables["classes"])
    return {
        **{f"imagenet_{name}": table for name, table in tables.items()},
        "imagenet_correlations": correlations(tables["models"], tables["classes"]),
        "imagenet_samples.npz": sample_images(listing, shown, of_class),
    }


def together(parts: Iterable[Mapping[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """The tables of all networks by name; without rows where no network was measured."""
    parts = list(parts)
    if not parts:
        return {name: pd.DataFrame(columns=columns) for name, columns in COLUMNS.items()}
    return {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in COLUMNS}


def extreme_classes(classes: pd.DataFrame, count: int = SHOWN_CLASSES) -> list[str]:
    """Names of the classes of lowest and of highest within-class fraction, ascending.

    The fraction is the mean over networks. With fewer than 2 count classes each is named once.
    """
    order = classes.groupby("class_name")["within_fraction"].mean().sort_values(kind="stable")
    names = [str(name) for name in order.index]
    low, high = names[:count], names[count:][-count:]
    return [*low, *high]


def sample_images(
    listing: Listing | None, names: Sequence[str], of_class: Sequence[np.ndarray]
) -> dict[str, np.ndarray]:
    """images (classes, images, side, side, 3) uint8 and class_names (classes,).

    Args:
        listing: the files; None where nothing was measured.
        names: classes to show.
        of_class: for each class of the listing, the images that were evaluated.
    """
    side = SHOWN_SIDE
    if listing is None or not names:
        return {
            "images": np.empty((0, 0, side, side, 3), np.uint8),
            "class_names": np.empty(0, "<U1"),
        }
    view, shown = View(side, side), []
    each = min(SHOWN_IMAGES, *(len(of_class[listing.class_names.index(name)]) for name in names))
    for name in names:
        chosen = of_class[listing.class_names.index(name)][:each]
        shown.append(np.stack([view(opened(listing.paths[index])) for index in chosen]))
    return {"images": np.stack(shown), "class_names": np.array(names)}
