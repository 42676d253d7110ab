"""Waves on the labels of one class alone (Fridovich-Keil et al. 2021, figure 17)."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from spectral_bias.experiments.fridovichkeil2021.noise_fitting.measure import runs_of, wave_tables
from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.statistics import Estimate, estimate_row, rank_correlation, require

MIN_CLASSES = 5
CORRELATED = (
    ("high_frequency_fraction", "fit"),
    ("hann_fraction", "fit"),
    ("test_accuracy", "fit"),
    ("high_frequency_fraction", "noise_fitting"),
    ("rate_mean", "noise_fitting"),
)
"""Columns x and y whose order over classes is compared."""


def measured(
    job: MeasuringJob, waves: Sequence[Mapping[str, Any]], warm_up: int
) -> dict[str, pd.DataFrame]:
    """The tables of Figure 17.

    Args:
        job: input runs, the networks trained on a wave on one class and on even labels;
            interpolation_fractions and class_accuracy of the network trained without waves.
        waves: rows of `Plan.waves`.
        warm_up: see `fit_row`.

    Returns:
        single_classes, see `by_class`; single_class_correlations, Spearman's correlation over
        classes of each pair of `CORRELATED`, columns x, y and those of `statistics.estimate_row`.
    """
    fits = wave_tables(runs_of(job), waves, warm_up)["wave_fits"]
    classes = by_class(fits, job.table("interpolation_fractions"), job.table("class_accuracy"))
    rows = [
        {"x": x, "y": y, **estimate_row(lambda x=x, y=y: correlation(classes, x, y))}
        for x, y in CORRELATED
    ]
    return {"single_classes": classes, "single_class_correlations": pd.DataFrame(rows)}


def by_class(fits: pd.DataFrame, fractions: pd.DataFrame, accuracy: pd.DataFrame) -> pd.DataFrame:
    """One row for each class that was noised alone.

    Args:
        fits: the table wave_fits of networks trained on a wave on one class.
        fractions: the table interpolation_fractions of the network without waves.
        accuracy: its table class_accuracy, whose rows count the classes.

    Returns:
        noise_class, fit, fitted, noise_fitting (minimum), floor_noise_fitting, rate_mean and
        rate_variance (of the smoothing of the images of the class), class_name,
        high_frequency_fraction and hann_fraction (paths within the class) and test_accuracy (of
        the class), the last three after the last epoch.
    """
    accuracy = _last(accuracy)
    classes = accuracy[["class_name", "test_accuracy"]].assign(noise_class=range(len(accuracy)))
    within = _last(fractions)
    within = within[within["kind"] == "within"].rename(columns={"class_a": "class_name"})
    within = within[["class_name", "high_frequency_fraction", "hann_fraction"]]
    values = ["fit", "fitted", "noise_fitting", "floor_noise_fitting", "rate_mean", "rate_variance"]
    rows = fits[["noise_class", *values]].astype({"noise_class": int})
    return rows.merge(classes.merge(within, "left", on="class_name"), on="noise_class")


def _last(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["epoch"] == table["epoch"].max()]


def correlation(rows: pd.DataFrame, x: str, y: str) -> Estimate:
    """Spearman's correlation over classes of two columns.

    Raises:
        UndecidedError: fewer than five classes, or no differences between them.
    """
    complete = rows.dropna(subset=[x, y])
    count = len(complete)
    require(count >= MIN_CLASSES, f"{count} classes, where {MIN_CLASSES} are needed", count)
    note = f"{count} classes, one network for each"
    return rank_correlation(complete[x].to_numpy(), complete[y].to_numpy(), note)
