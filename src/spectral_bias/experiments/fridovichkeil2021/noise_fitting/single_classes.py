"""Waves on the labels of one class alone (Fridovich-Keil et al. 2021, figure 17)."""

from collections.abc import Mapping

import pandas as pd

from spectral_bias.experiments.fridovichkeil2021.noise_fitting.measure import (
    noise_tables,
    runs_of,
)
from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.statistics import Estimate, estimate_row, rank_correlation, require

MIN_CLASSES = 5
CORRELATED = ("high_frequency_fraction", "test_accuracy")


def measured(job: MeasuringJob, bases: Mapping[str, str], warm_up: int) -> dict[str, pd.DataFrame]:
    """The tables of Figure 17.

    Args:
        job: input runs, the networks trained on a wave on one class; interpolation_fractions and
            class_accuracy of the network trained without waves.
        bases: see `noise_fitting_table`.
        warm_up: see `minima_table`.

    Returns:
        single_classes, see `by_class`; single_class_correlations, Spearman's correlation over
        classes of the minimum with each of `CORRELATED`, columns as in `statistics.estimate_row`.
    """
    minima = noise_tables(runs_of(job), bases, warm_up)["noise_minima"]
    classes = by_class(minima, job.table("interpolation_fractions"), job.table("class_accuracy"))
    rows = [
        {"column": column, **estimate_row(lambda column=column: correlation(classes, column))}
        for column in CORRELATED
    ]
    return {"single_classes": classes, "single_class_correlations": pd.DataFrame(rows)}


def by_class(minima: pd.DataFrame, fractions: pd.DataFrame, accuracy: pd.DataFrame) -> pd.DataFrame:
    """One row for each class that was noised alone.

    Args:
        minima: of noise fitting, of networks trained on a wave on one class.
        fractions: the table interpolation_fractions of the network without waves.
        accuracy: its table class_accuracy, whose rows count the classes.

    Returns:
        class_name, noise_fitting (minimum), high_frequency_fraction (paths within the class) and
        test_accuracy (of the class), the last two after the last epoch.
    """
    accuracy = _last(accuracy)
    classes = accuracy[["class_name", "test_accuracy"]].assign(noise_class=range(len(accuracy)))
    within = _last(fractions)
    within = within[within["kind"] == "within"].rename(columns={"class_a": "class_name"})
    classes = classes.merge(
        within[["class_name", "high_frequency_fraction"]], "left", on="class_name"
    )
    rows = minima[["noise_class", "noise_fitting"]].astype({"noise_class": int})
    return rows.merge(classes, on="noise_class").drop(columns="noise_class")


def _last(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["epoch"] == table["epoch"].max()]


def correlation(rows: pd.DataFrame, value: str) -> Estimate:
    """Spearman's correlation over classes of the minimum of noise fitting with a column.

    Raises:
        UndecidedError: fewer than five classes, or no differences between them.
    """
    complete = rows.dropna(subset=[value, "noise_fitting"])
    count = len(complete)
    require(count >= MIN_CLASSES, f"{count} classes, where {MIN_CLASSES} are needed", count)
    note = f"{count} classes, one network for each"
    return rank_correlation(complete[value], complete["noise_fitting"], note)
