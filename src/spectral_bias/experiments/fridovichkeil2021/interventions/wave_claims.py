"""Claims of the paper's first version on who fits waves faster (figures 5, 7, 8, 9).

Its abstract says that larger models learn high frequencies faster, and that regularisation delays
them. Networks of both extremes of an intervention are compared, in pairs by seed, by how well they
fit the highest wave that one of them fits, averaged over training: of two networks that end alike
the one that is faster is ahead.
"""

from collections.abc import Callable
from functools import partial

import pandas as pd

from spectral_bias.claims.registry import Claim, OtherMeasure, Tables
from spectral_bias.experiments.fridovichkeil2021.baseline import PAPER
from spectral_bias.experiments.fridovichkeil2021.interventions.extremes import (
    PLACES,
    UNIT,
    means_text,
    names_of,
    pairs_of,
    variants_of,
)
from spectral_bias.experiments.fridovichkeil2021.purposes import COMPARED, NONE
from spectral_bias.statistics import Estimate, paired_difference, require

TABLES = ("wave_fits", "extremes", "classifiers", "interventions")
MARGIN = 0.02
Choice = Callable[[Tables, pd.DataFrame], str]
"""Tables and the rows of the extremes' waves → the place of the larger or regularised variant."""


def waves_of(tables: Tables, intervention: str) -> pd.DataFrame:
    """Rows of wave_fits of both extremes of an intervention, with place and variant.

    Raises:
        UndecidedError: there are none.
    """
    fits = tables["wave_fits"]
    own = tables["extremes"].query("intervention == @intervention")[["place", "variant", "run"]]
    rows = own.merge(
        fits[fits["purpose"] == COMPARED].drop(columns="run"), left_on="run", right_on="base"
    )
    require(len(rows) > 0, "no extreme variant was trained on a wave")
    return rows


def highest_fitted(rows: pd.DataFrame) -> float:
    """The highest frequency whose wave every network of one extreme fits, or of both.

    Networks of the other extreme that never begin to fit it are the slowest of all.

    Raises:
        UndecidedError: there is none.
    """
    complete = rows.groupby("frequency")["place"].transform("nunique") == len(PLACES)
    fitted = rows["fitted"].astype(bool)[complete]
    whole = fitted.groupby([rows["frequency"], rows["place"]]).all().groupby("frequency").any()
    tried = ", ".join(f"{f:g}" for f in sorted(rows["frequency"].unique()))
    require(
        bool(whole.any()),
        f"no wave is fitted by all networks of either extreme (f = {tried})",
        len(rows),
    )
    return float(whole.index[whole].max())


def difference(tables: Tables, intervention: str, choose: Choice, value: str) -> Estimate:
    """Fit of the larger or regularised extreme minus that of the other, over seeds.

    Args:
        tables: has `TABLES`.
        intervention: one of those of Figures 5 to 9.
        choose: which extreme that is.
        value: "mean_fit", over training, or "fit", after the last epoch.

    Raises:
        UndecidedError: no wave is fitted by all of one extreme, or see `paired_difference`.
    """
    names, rows = variants_of(tables, intervention), waves_of(tables, intervention)
    f = highest_fitted(rows)
    pairs = pairs_of(rows[rows["frequency"] == f], names, choose(tables, rows))
    note = f"f = {f:g}: {means_text(pairs, [value])} of {' and '.join(pairs.names)}"
    values = (part[value].to_numpy(dtype=float) for part in (pairs.first, pairs.second))
    return paired_difference(
        *values, f"{note}; {len(pairs.first)} seeds each, test accuracy {_accuracies(pairs)}",
        pairs.count,
    )  # fmt: skip


def _accuracies(pairs: object) -> str:
    means = (100 * part["test_accuracy"].mean() for part in (pairs.first, pairs.second))
    return " and ".join(f"{mean:.0f} %" for mean in means)


def larger(tables: Tables, rows: pd.DataFrame) -> str:
    """The place of the architecture with more parameters."""
    sizes = rows["run"].map(tables["classifiers"].set_index("run")["n_parameters"])
    means = sizes.groupby(rows["place"]).mean()
    require(means.nunique() == len(PLACES), "the extremes have as many parameters", len(rows))
    return str(means.idxmax())


def augmented(tables: Tables, rows: pd.DataFrame) -> str:
    """The place of the variant with augmentation."""
    with_any = rows.loc[rows["variant"] != NONE, "place"].unique()
    require(len(with_any) == 1, "neither extreme is without augmentation", len(rows))
    return str(with_any[0])


def of_value(tables: Tables, rows: pd.DataFrame, intervention: str, highest: bool) -> str:
    """The place of the variant of the highest, or lowest, value of a sweep."""
    table = tables["interventions"]
    table = table[table["intervention"] == intervention]
    values = rows["variant"].map(table.set_index("variant")["value"])
    by_place = values.groupby(rows["place"]).first()
    require(by_place.nunique() == len(PLACES), "the extremes have the same value", len(rows))
    return str(by_place.idxmax() if highest else by_place.idxmin())


def _claim(intervention: str, choose: Choice, **fields: object) -> Claim:
    def measure(value: str) -> partial[Estimate]:
        return partial(difference, intervention=intervention, choose=choose, value=value)

    return Claim(
        paper=PAPER,
        threshold=0.0,
        threshold_reason="The claim is an order, and 0 is where it turns; less than 0.02 nats per "
        "unit of smoothing, where a wave that is fitted reaches 1 and more, is too little to "
        "count.",
        tables=TABLES,
        measure=measure("mean_fit"),
        margin=MARGIN,
        unit=UNIT,
        measure_name="mean over training",
        others=(OtherMeasure("after the last epoch", measure("fit")),),
        subject=partial(names_of, intervention=intervention),
        **fields,
    )


def _delayed(intervention: str, choose: Choice, id_: str, what: str, figure: str) -> Claim:
    return _claim(
        intervention,
        choose,
        id=id_,
        statement=f"{what} delays the fit of a radial wave of high frequency in the labels "
        "({subject}).",
        figures=(figure,),
        statistic="Fit of the highest wave that all networks of one kind fit (covariance above the "
        "floor over the variance of r, nats per unit of smoothing), mean over the epochs, of "
        "networks with it minus that of networks without or with less, in pairs by seed",
        direction="below",
    )


CLAIMS = (
    _claim(
        "architecture",
        larger,
        id="larger_models_fit_waves_faster",
        statement="The larger of two architectures fits a radial wave of high frequency in the "
        "labels faster ({subject}).",
        figures=("fig05",),
        statistic="Fit of the highest wave that all networks of one kind fit (covariance above the "
        "floor over the variance of r, nats per unit of smoothing), mean over the epochs, of "
        "networks with more parameters minus that of networks with fewer, in pairs by seed",
        direction="above",
    ),
    _delayed("augmentation", augmented, "augmentation_delays_waves", "Data augmentation", "fig07"),
    _delayed(
        "distillation",
        partial(of_value, intervention="distillation", highest=False),
        "distillation_delays_waves",
        "Self-distillation",
        "fig08",
    ),
    _delayed(
        "weight_decay",
        partial(of_value, intervention="weight_decay", highest=True),
        "weight_decay_delays_waves",
        "Weight decay",
        "fig09",
    ),
)
