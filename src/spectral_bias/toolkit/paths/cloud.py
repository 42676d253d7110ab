"""Whether a measurement can be held against the published networks, and how far off them it is."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from spectral_bias.data.cifar10 import CLASS_NAMES
from spectral_bias.figures.published import N_PUBLISHED, distances
from spectral_bias.measurements.interpolation import HIGH
from spectral_bias.measurements.pairs import KINDS

SHAPE, SPACING = (3, 32, 32), 1.0
MEAN, STD = (0.491, 0.482, 0.447), (0.247, 0.243, 0.262)
"""Of the published measurements, see reference/fridovichkeil2021."""
PUBLISHED = ["kind", "test_accuracy", "fraction", "expected", "residual", "spreads", "inside"]
CLOSE = 0.01
"""Difference of a mean or standard deviation that hardly changes a distance."""


def reasons_against(
    shape: Sequence[int],
    class_names: Sequence[str],
    normalisation: tuple[Sequence[float], Sequence[float]] | None,
    settings: Mapping[str, Any],
    accuracy: float | None,
) -> list[str]:
    """Why the published networks were measured otherwise; empty if they were not.

    Args:
        shape: (C, H, W) of the images.
        class_names: of the images.
        normalisation: mean and standard deviation of their channels; None if unknown.
        settings: spacing, n_samples and high of the measurement.
        accuracy: of the network on the images; None if unknown.
    """
    found = []
    if tuple(shape) != SHAPE:
        ours, theirs = ("×".join(map(str, s)) for s in (shape, SHAPE))
        found.append(f"images have {ours} numbers, theirs {theirs}")
    if not is_cifar10(class_names):
        found.append("the classes are not those of CIFAR-10")
    if normalisation is None:
        found.append("how the images were normalised is not known")
    elif len(normalisation[0]) != 3 or _apart(normalisation) > CLOSE:
        found.append(f"images are normalised otherwise than by mean {MEAN} and deviation {STD}")
    if settings["n_samples"] is not None or settings["spacing"] != SPACING:
        found.append("points are not at distance 1")
    if settings["high"] != HIGH:
        found.append(f"high means above {settings['high']:g} of the band, not {HIGH:g}")
    if accuracy is None:
        found.append("the network's accuracy is not known")
    elif not 0 < accuracy < 1:
        found.append(f"an accuracy of {accuracy:g} has no logit")
    return found


def _apart(normalisation: tuple[Sequence[float], Sequence[float]]) -> float:
    theirs = np.array([MEAN, STD])
    return float(np.abs(np.array(normalisation, dtype=float) - theirs).max())


def is_cifar10(class_names: Sequence[str]) -> bool:
    """Whether these are the ten classes, by their names or by numbers alone."""
    names = [name.lower() for name in class_names]
    return sorted(names) == sorted(CLASS_NAMES) or names == [str(i) for i in range(10)]


def beside_published(name: str, accuracy: float, summary: pd.DataFrame) -> pd.DataFrame:
    """Distance of one network from the line through the published ones.

    Returns:
        kind, test_accuracy, fraction, expected, residual, spreads (residual in standard deviations
        of the 153 networks about their line) and inside, whether one of them is as accurate.
    """
    raw = summary[summary["quantity"] == "high_frequency_fraction"].set_index("kind")["value"]
    point = {f"{kind}_fraction": raw.get(kind, np.nan) for kind in KINDS}
    point |= {"run": name, "epoch": 0, "test_accuracy": accuracy}
    table = distances(pd.DataFrame([point])).drop(columns=["run", "epoch"])
    return table.loc[table["fraction"].notna(), PUBLISHED].reset_index(drop=True)


ABOUT = (
    f"{N_PUBLISHED} ResNet-18 networks for CIFAR-10 that the first author published (RobustNets); "
    "distances are counted from a line over the logit of accuracy"
)
