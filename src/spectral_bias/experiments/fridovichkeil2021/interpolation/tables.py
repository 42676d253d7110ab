"""The tables of measurement B of Fridovich-Keil et al. 2021 for one network at one epoch."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from spectral_bias.measurements.classifier import LabelledImages
from spectral_bias.measurements.interpolation import (
    BETWEEN,
    FRACTIONS,
    WITHIN,
    PathSpectra,
    class_pairs,
    path_spectra,
)
from spectral_bias.measurements.tidy import long_table
from spectral_bias.spectra.paths import Sampling
from spectral_bias.training.precision import float32_mode

KINDS = (WITHIN, BETWEEN)
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


@contextmanager
def looked_at(network: nn.Module) -> Iterator[None]:
    """Evaluation mode and exact float32 products for the duration.

    Products in TF32 would add noise of all frequencies to the logits.
    """
    training = network.training
    network.eval()
    try:
        with float32_mode("float32"), torch.no_grad():
            yield
    finally:
        network.train(training)


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
        Tables, each with run and epoch: interpolation_paths (see `path_table`),
        interpolation_fractions (see `fraction_table`), interpolation_spectra (kind,
        relative_frequency, and magnitude and power as means over the paths of that kind),
        class_accuracy (class_name, test_accuracy) and interpolation_summary (test_accuracy,
        shifted_accuracy and for each kind the means of `mean_fractions`).

    Raises:
        UserError: a class has too few images, see `class_pairs`.
    """
    counts = settings.n_within, settings.n_between
    pairs = class_pairs(test.labels, *counts, settings.seed, test.class_names)
    with looked_at(network):
        spectra = path_spectra(
            network,
            ends(test.x, pairs),
            settings.sampling,
            batch_size=settings.batch_size,
            high=settings.high,
            on_path=on_path,
        )
        right, confidence = answers(network, test, settings.batch_size)
        shifted_accuracy = np.nan
        if shifted is not None:
            shifted_accuracy = answers(network, shifted, settings.batch_size)[0].mean()
    paths = path_table(pairs, spectra, confidence)
    fractions = fraction_table(paths)
    summary = {"test_accuracy": right.mean(), "shifted_accuracy": shifted_accuracy}
    tables = {
        "interpolation_paths": paths,
        "interpolation_fractions": fractions,
        "interpolation_spectra": spectrum_table(pairs, spectra, settings.sampling),
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


def answers(
    network: nn.Module, images: LabelledImages, batch_size: int
) -> tuple[np.ndarray, np.ndarray]:
    """What a network, in the mode it is in, says of each image.

    Returns:
        (M,) bool, whether the image is classified correctly, and (M,) the probability of its class.
    """
    with torch.no_grad():
        logits_MK = torch.cat([network(x) for x in images.x.split(batch_size)]).float()
    labels_M = torch.as_tensor(images.labels, dtype=torch.int64, device=logits_MK.device)
    right_M = logits_MK.argmax(1) == labels_M
    own_M = logits_MK.softmax(1).gather(1, labels_M[:, None])[:, 0]
    return right_M.cpu().numpy(), own_M.double().cpu().numpy()


def path_table(pairs: pd.DataFrame, spectra: PathSpectra, confidence_M: np.ndarray) -> pd.DataFrame:
    """One row for each path.

    Args:
        pairs: made by `class_pairs`.
        spectra: of these paths.
        confidence_M: for each image the probability of its own class.

    Returns:
        The columns of `pairs`, then distance, n_points, `FRACTIONS`, and confidence_a and
        confidence_b, at the images at the path's ends (the far one is no point of the path).
    """
    return pairs.assign(
        distance=spectra.distance,
        n_points=spectra.n_points,
        **{name: getattr(spectra, name) for name in FRACTIONS},
        confidence_a=confidence_M[pairs["index_a"]],
        confidence_b=confidence_M[pairs["index_b"]],
    )


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


def spectrum_table(pairs: pd.DataFrame, spectra: PathSpectra, sampling: Sampling) -> pd.DataFrame:
    """kind, relative_frequency, magnitude, power: means over the paths of each kind."""
    kinds = [kind for kind in KINDS if (pairs["kind"] == kind).any()]
    chosen = [(pairs["kind"] == kind).to_numpy() for kind in kinds]
    axes = {"kind": kinds, "relative_frequency": sampling.relative_frequency}
    magnitude, power = (
        np.stack([values[some].mean(axis=0) for some in chosen])
        for values in (spectra.magnitude, spectra.power)
    )
    return long_table("magnitude", magnitude, axes).assign(power=power.ravel())
