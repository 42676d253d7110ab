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
    WITHIN,
    PathSpectra,
    class_pairs,
    path_spectra,
)
from spectral_bias.measurements.tidy import long_table
from spectral_bias.spectra.paths import Sampling
from spectral_bias.training.precision import float32_mode

KINDS = (WITHIN, BETWEEN)


@dataclass(frozen=True)
class Interpolation:
    """How paths are chosen and measured.

    Attributes:
        n_pairs: paths of each class pair.
        sampling: see `Sampling`.
        high: fraction of the band above which a frequency is high.
        seed: of the images that are drawn; the same for all networks that are compared.
        batch_size: points that the network sees at one time, see `points_at_once`.
    """

    n_pairs: int
    sampling: Sampling
    high: float
    seed: int
    batch_size: int

    @classmethod
    def of(cls, settings: Mapping, seed: int, batch_size: int) -> "Interpolation":
        """From the settings n_pairs, spacing, n_samples, n_bins and high of config.yaml."""
        sampling = Sampling(*(settings[name] for name in ("spacing", "n_samples", "n_bins")))
        return cls(settings["n_pairs"], sampling, settings["high"], seed, batch_size)


@dataclass(frozen=True)
class Measured:
    """What one network gave at one epoch.

    Attributes:
        tables: by name, see `tables_of`.
        paths: one row for each path: the columns of `class_pairs`, distance, n_points and
            high_frequency_fraction.
    """

    tables: dict[str, pd.DataFrame]
    paths: pd.DataFrame


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
) -> Measured:
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
        Tables, each with run and epoch: interpolation_fractions (one row a class pair: kind,
        class_a, class_b, n_paths, high_frequency_fraction of its paths together, mean_distance),
        interpolation_spectra (kind, relative_frequency, and magnitude and power as means over the
        paths of that kind), class_accuracy (class_name, test_accuracy) and interpolation_summary
        (test_accuracy, shifted_accuracy, within_fraction, between_fraction: means over the class
        pairs of a kind).

    Raises:
        UserError: a class has too few images, see `class_pairs`.
    """
    pairs = class_pairs(test.labels, settings.n_pairs, settings.seed, test.class_names)
    with looked_at(network):
        spectra = path_spectra(
            network,
            ends(test.x, pairs),
            settings.sampling,
            batch_size=settings.batch_size,
            high=settings.high,
            on_path=on_path,
        )
        right = correct(network, test, settings.batch_size)
        shifted_accuracy = np.nan
        if shifted is not None:
            shifted_accuracy = correct(network, shifted, settings.batch_size).mean()
    fractions = fraction_table(pairs, spectra)
    summary = {"test_accuracy": right.mean(), "shifted_accuracy": shifted_accuracy}
    tables = {
        "interpolation_fractions": fractions,
        "interpolation_spectra": spectrum_table(pairs, spectra, settings.sampling),
        "class_accuracy": class_accuracy_table(test, right),
        "interpolation_summary": pd.DataFrame([summary | mean_fractions(fractions)]),
    }
    for table in tables.values():
        table.insert(0, "run", run)
        table.insert(1, "epoch", epoch)
    return Measured(tables, path_table(pairs, spectra))


def ends(x_MCHW: Tensor, pairs: pd.DataFrame) -> Iterator[tuple[Tensor, Tensor]]:
    """The two images of each pair made by `class_pairs`."""
    for a, b in zip(pairs["index_a"], pairs["index_b"], strict=True):
        yield x_MCHW[a], x_MCHW[b]


def correct(network: nn.Module, images: LabelledImages, batch_size: int) -> np.ndarray:
    """(M,) whether the network, in the mode it is in, calls each image its class."""
    called = torch.cat([network(x).argmax(1) for x in images.x.split(batch_size)])
    return called.cpu().numpy() == images.labels


def path_table(pairs: pd.DataFrame, spectra: PathSpectra) -> pd.DataFrame:
    """`pairs` with the distance, n_points and high_frequency_fraction of each path."""
    return pairs.assign(
        distance=spectra.distance,
        n_points=spectra.n_points,
        high_frequency_fraction=spectra.high / spectra.total,
    )


def fraction_table(pairs: pd.DataFrame, spectra: PathSpectra) -> pd.DataFrame:
    """kind, class_a, class_b, n_paths, high_frequency_fraction, mean_distance."""
    columns = ["kind", "class_a", "class_b"]
    rows = []
    for key, part in pairs.groupby(columns, sort=False):
        at = part.index.to_numpy()
        rows.append((*key, len(at), spectra.fraction(at), spectra.distance[at].mean()))
    more = ["n_paths", "high_frequency_fraction", "mean_distance"]
    return pd.DataFrame(rows, columns=[*columns, *more])


def mean_fractions(fractions: pd.DataFrame) -> dict[str, float]:
    """within_fraction and between_fraction: means over the class pairs of each kind."""
    means = fractions.groupby("kind")["high_frequency_fraction"].mean()
    return {f"{kind}_fraction": means.get(kind, np.nan) for kind in KINDS}


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
