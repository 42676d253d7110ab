"""Claims on waves in the labels of one class alone (fridovichkeil2021, figure 17)."""

import pandas as pd

from spectral_bias.claims.fridovichkeil2021.baseline import PAPER, baseline, require_learnt
from spectral_bias.claims.registry import Claim, Estimate, Tables
from spectral_bias.claims.statistics import rank_correlation, require

TABLES = ("noise_minima", "interpolation_fractions", "class_accuracy")
MIN_CLASSES = 5


def by_class(tables: Tables, name: str) -> pd.DataFrame:
    """One row for each class that was noised alone; `name` is the noise-free run.

    Returns:
        class_name, noise_fitting (minimum), high_frequency_fraction (paths within the class) and
        test_accuracy (of the class), the last two of the noise-free run after its last epoch. The
        numbers of classes count the rows of class_accuracy.
    """
    minima = tables["noise_minima"]
    own = minima["trained"].astype(bool) & (minima["base"] == name) & minima["noise_class"].notna()
    accuracy = _last(tables["class_accuracy"], name)
    classes = accuracy[["class_name", "test_accuracy"]].assign(noise_class=range(len(accuracy)))
    fractions = _last(tables["interpolation_fractions"], name)
    within = fractions[fractions["kind"] == "within"].rename(columns={"class_a": "class_name"})
    classes = classes.merge(
        within[["class_name", "high_frequency_fraction"]], "left", on="class_name"
    )
    rows = minima.loc[own, ["noise_class", "noise_fitting"]].astype({"noise_class": int})
    return rows.merge(classes, on="noise_class").drop(columns="noise_class")


def _last(table: pd.DataFrame, run: str) -> pd.DataFrame:
    rows = table[table["run"] == run]
    return rows[rows["epoch"] == rows["epoch"].max()]


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


def frequency_order(tables: Tables) -> Estimate:
    """`correlation` with the frequency within the class."""
    rows = by_class(tables, baseline(tables["noise_minima"]))
    require(len(rows) > 0, "no network was trained on a wave on one class")
    require_learnt(rows["test_accuracy"].mean(), len(rows))
    return correlation(rows, "high_frequency_fraction")


CLAIMS = (
    Claim(
        id="classes_of_higher_frequency_fit_waves_more_readily",
        paper=PAPER,
        statement="A wave on the labels of one class is fitted the more readily, the higher the "
        "frequency of the function within that class (our reading: the two measures of function "
        "frequency agree class by class).",
        figures=("fig17",),
        statistic="Spearman's rank correlation over classes between minimum noise fitting, with a "
        "wave on that class alone, and high-frequency fraction on paths within the class (-1 to "
        "1, no unit; one network for each class, interval over resampled classes)",
        threshold=0.0,
        threshold_reason="Two measures of one thing agree in order, and 0 is where the order "
        "turns. The interval includes 0 unless fewer than one in twenty permutations show so "
        "strong an order.",
        direction="above",
        tables=TABLES,
        measure=frequency_order,
    ),
)
