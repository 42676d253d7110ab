"""Claims on waves in the labels of one class alone (fridovichkeil2021, figure 17)."""

from functools import partial

from spectral_bias.claims.registry import Claim, OtherMeasure, Tables
from spectral_bias.experiments.fridovichkeil2021.baseline import PAPER, require_learnt
from spectral_bias.statistics import Estimate, estimate_of, require

TABLES = ("single_classes", "single_class_correlations")


def order(tables: Tables, x: str, y: str) -> Estimate:
    """The measured correlation of two columns over classes."""
    rows = tables["single_classes"]
    require(len(rows) > 0, "no network was trained on a wave on one class")
    require_learnt(rows["test_accuracy"].mean(), len(rows))
    table = tables["single_class_correlations"].set_index(["x", "y"])
    return estimate_of(table.loc[(x, y)])


CLAIMS = (
    Claim(
        id="classes_of_higher_frequency_fit_waves_more_readily",
        paper=PAPER,
        statement="A wave on the labels of one class is fitted the better, the higher the "
        "frequency of the function within that class (our reading: the two measures of function "
        "frequency agree class by class).",
        figures=("fig17",),
        statistic="Spearman's rank correlation over classes between the fit of a wave on that "
        "class alone (covariance above the floor over the variance of r within the class) and the "
        "high-frequency fraction on paths within the class (-1 to 1, no unit)",
        threshold=0.0,
        threshold_reason="Two measures of one thing agree in order, and 0 is where the order "
        "turns. The interval includes 0 unless fewer than one in twenty permutations show so "
        "strong an order.",
        direction="above",
        tables=TABLES,
        measure=partial(order, x="high_frequency_fraction", y="fit"),
        unit="classes (one network each)",
        measure_name="raw fraction",
        others=(
            OtherMeasure("with a Hann window", partial(order, x="hann_fraction", y="fit")),
            OtherMeasure(
                "minimum noise fitting, raw fraction",
                partial(order, x="high_frequency_fraction", y="noise_fitting"),
            ),
        ),
    ),
)
