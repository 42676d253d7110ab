"""The tables of measurement B of Fridovich-Keil et al. 2021 for one network at one epoch."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from spectral_bias.measurements.classifier import LabelledImages
from spectral_bias.measurements.interpolation import FRACTIONS
from spectral_bias.measurements.measured_paths import looked_at, measure_paths
from spectral_bias.measurements.pairs import KINDS, class_pairs
from spectral_bias.spectra.paths import Sampling

SUMMARISED = {
    "high_frequency_fraction": "fraction",
    "hann_fraction": "hann_fraction",
    "chord_free_fraction": "chord_free_fraction",
    "confidence": "confidence",
}
"""Columns of interpolation_fractions, and what interpolation_summary calls them after the kind."""


@dataclass(frozen=True)
class Interpolation:
    """How paths are chosen and measured.

    Attributes:
        n_within: paths within each class.
        n_between: paths of each pair of classes.
        sampling: see `Sampling`.
        high: fraction of the band above which a frequency is high.
        seed: of the images that are drawn; the same for all networks that are compared.
        batch_size: points that the network sees at one time, see `points_at_once`.
    """

    n_within: int
    n_between: int
    sampling: Sampling
    high: float
    seed: int
    batch_size: int

    @classmethod
    def of(cls, settings: Mapping, seed: int, batch_size: int) -> "Interpolation":
        """From the settings of the same names, and spacing, n_samples and n_bins."""
        sampling = Sampling(*(settings[name] for name in ("spacing", "n_samples", "n_bins")))
        counts = settings["n_within"], settings["n_between"]
        return cls(*counts, sampling, settings["high"], seed, batch_size)


def tables_of(
    network: nn.Module,
    test: LabelledImages,
    settings: Interpolation,
    *,
    run: str,
    epoch: int,
    shifted: LabelledImages | None = None,
    on_path: Callable[[int], None] = lambda done: None,
) -> dict[str, pd.DataFrame]:
    """Spectra along the paths between test images, and accuracies; training goes on unchanged.

    Args:
        network: takes normalised images.
        test: test images, between which the paths lie.
        settings: of the measurement.
        run: name of the training run, written into the tables.
        epoch: after which the network is evaluated, 0 for an untrained one.
        shifted: test images of another distribution; None leaves their accuracy empty.
        on_path: called with the number of paths that are done.

    Returns:
        Tables, each with run and epoch: interpolation_paths (`MeasuredPaths.table`),
        interpolation_fractions (see `fraction_table`), interpolation_spectra (kind,
        relative_frequency, and magnitude and power as means over the paths of that kind),
        class_accuracy (class_name, test_accuracy) and interpolation_summary (test_accuracy,
        shifted_accuracy and for each kind the means of `mean_fractions`).

    Raises:
        UserError: a class has too few images, see `class_pairs`.
    """
    counts = settings.n_within, settings.n_between
    pairs = class_pairs(test.labels, *counts, settings.seed, test.class_names)
    measured = measure_paths(
        network,
        pairs,
        ends(test.x, pairs),
        settings.sampling,
        batch_size=settings.batch_size,
        labels_M=test.labels,
        high=settings.high,
        on_path=on_path,
    )
    with looked_at(network):
        right = correctly_classified(network, test, settings.batch_size)
        shifted_accuracy = np.nan
        if shifted is not None:
            shifted_accuracy = correctly_classified(network, shifted, settings.batch_size).mean()
    paths = measured.table
    fractions = fraction_table(paths)
    summary = {"test_accuracy": right.mean(), "shifted_accuracy": shifted_accuracy}
    tables = {
        "interpolation_paths": paths,
        "interpolation_fractions": fractions,
        "interpolation_spectra": measured.mean_spectra,
        "class_accuracy": class_accuracy_table(test, right),
        "interpolation_summary": pd.DataFrame([summary | mean_fractions(fractions)]),
    }
    for table in tables.values():
        table.insert(0, "run", run)
        table.insert(1, "epoch", epoch)
    return tables


def ends(x_MCHW: Tensor, pairs: pd.DataFrame) -> Iterator[tuple[Tensor, Tensor]]:
    """The two images of each pair made by `class_pairs`."""
    for a, b in zip(pairs["index_a"], pairs["index_b"], strict=True):
        yield x_MCHW[a], x_MCHW[b]


def correctly_classified(network: nn.Module, images: LabelledImages, batch_size: int) -> np.ndarray:
    """(M,) bool: whether a network, in the mode it is in, names the class of each image."""
    with torch.no_grad():
        named = torch.cat([network(x).argmax(1) for x in images.x.split(batch_size)])
    return named.cpu().numpy() == images.labels


def fraction_table(paths: pd.DataFrame) -> pd.DataFrame:
    """Means over the paths of each class, and of each pair of classes.

    Returns:
        kind, class_a, class_b, n_paths, `FRACTIONS`, confidence (of both ends) and mean_distance.
        Paths without a fraction (see `spectra.paths.hann_fraction`) are left out of its mean.
    """
    both = paths.assign(confidence=(paths["confidence_a"] + paths["confidence_b"]) / 2)
    grouped = both.groupby(["kind", "class_a", "class_b"], sort=False)
    means = grouped[[*FRACTIONS, "confidence", "distance"]].mean()
    means.insert(0, "n_paths", grouped.size())
    return means.rename(columns={"distance": "mean_distance"}).reset_index()


def mean_fractions(fractions: pd.DataFrame) -> dict[str, float]:
    """Means over the class pairs of each kind, such as within_fraction and within_hann_fraction.

    Every class pair of a kind has as many paths, so that these are means over its paths, too.
    """
    means = fractions.groupby("kind")[list(SUMMARISED)].mean()
    return {
        f"{kind}_{name}": means[column].get(kind, np.nan)
        for column, name in SUMMARISED.items()
        for kind in KINDS
    }


def class_accuracy_table(images: LabelledImages, right_M: np.ndarray) -> pd.DataFrame:
    """class_name, test_accuracy."""
    names = list(images.class_names)
    accuracy = [right_M[images.labels == label].mean() for label in range(len(names))]
    return pd.DataFrame({"class_name": names, "test_accuracy": accuracy})
