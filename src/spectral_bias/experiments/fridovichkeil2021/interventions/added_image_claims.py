"""Claims on images that are added to the training images (fridovichkeil2021, figure 13).

Labels are smoothed where images are added, and that changes the frequency by itself; so networks
are compared with each other, and with those of the same smoothing without images.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from spectral_bias.claims.registry import Claim, OtherMeasure, Tables
from spectral_bias.experiments.fridovichkeil2021.baseline import PAPER, require_learnt
from spectral_bias.experiments.fridovichkeil2021.fractions import column, last_epoch
from spectral_bias.experiments.fridovichkeil2021.interventions.claims import MARGIN, NAMES
from spectral_bias.experiments.fridovichkeil2021.purposes import IMAGES, SMOOTHING, split_seed
from spectral_bias.statistics import Estimate, mean_interval, require

KINDS = ("1/f2", "f2")
TABLES = ("interventions", "interpolation_summary")


def networks(tables: Tables) -> pd.DataFrame:
    """variant, value (norm of the images) and seed of every network of the intervention.

    Returns:
        Also the columns of interpolation_summary after the last epoch.
    """
    table = tables["interventions"]
    variants = table.loc[table["intervention"] == IMAGES, ["variant", "value", "run"]]
    summary = last_epoch(tables["interpolation_summary"]).reset_index(drop=True)
    names = [split_seed(str(run)) for run in summary["run"]]
    summary = summary.assign(first=[n for n, _ in names], seed=[seed for _, seed in names])
    return variants.rename(columns={"run": "first"}).merge(summary, on="first")


def by_seed(tables: Tables, wanted: Sequence[str], name: str) -> tuple[pd.DataFrame, float]:
    """A fraction of several variants, at the norm of which most networks were trained.

    Args:
        tables: has `TABLES`.
        wanted: variants.
        name: the fraction's column.

    Returns:
        Rows seeds, columns variants; and the norm.

    Raises:
        UndecidedError: a variant was not measured, or the networks have not learnt the classes.
    """
    rows = networks(tables)
    images = rows[rows["variant"].isin(KINDS)]
    require(
        set(wanted) <= set(rows["variant"]),
        "no networks with images of both spectra, and with smoothing alone, were trained",
        len(rows),
    )
    norm = float(images.groupby("value")["run"].nunique().idxmax())
    rows = rows[rows["variant"].isin(wanted)]
    rows = rows[(rows["value"] == norm) | (rows["variant"] == SMOOTHING)]
    require_learnt(float(rows["test_accuracy"].mean()), len(rows))
    return rows.pivot(index="seed", columns="variant", values=name).dropna(), norm


def spectrum_difference(tables: Tables, measure: str) -> Estimate:
    """Between-class fraction with images of spectrum 1/f² minus that with f² images."""
    found, norm = by_seed(tables, KINDS, column("between", measure))
    difference_M = (found["1/f2"] - found["f2"]).to_numpy(dtype=float)
    return mean_interval(difference_M, _note(found, norm), 2 * len(found))


def image_effect(tables: Tables, measure: str) -> Estimate:
    """Size of the change of the between-class fraction by added images, mean of both spectra.

    The interval is that of the change with its sign left off: from 0 where it includes 0.
    """
    found, norm = by_seed(tables, (*KINDS, SMOOTHING), column("between", measure))
    change_M = (found[list(KINDS)].mean(axis=1) - found[SMOOTHING]).to_numpy(dtype=float)
    signed = mean_interval(change_M, n_runs=3 * len(found))
    ends = np.abs([signed.ci_low, signed.ci_high])
    low = 0.0 if signed.ci_low <= 0 <= signed.ci_high else ends.min()
    note = f"change {signed.value:+.4f}; {_note(found, norm)}"
    return Estimate(abs(signed.value), float(low), float(ends.max()), signed.n_runs, note)


def _note(found: pd.DataFrame, norm: float) -> str:
    means = ", ".join(f"{name} {found[name].mean():.4f}" for name in found)
    return f"norm {norm:g}: {means}; {len(found)} seeds each"


def _claim(measure: object, **fields: object) -> Claim:
    return Claim(
        paper=PAPER,
        figures=("fig13",),
        threshold=0.0,
        tables=TABLES,
        measure=partial(measure, measure="raw"),
        margin=MARGIN,
        unit="networks (seeds)",
        measure_name=NAMES["raw"],
        others=tuple(
            OtherMeasure(NAMES[name], partial(measure, measure=name))
            for name in ("hann", "chord_free")
        ),
        **fields,
    )


CLAIMS = (
    _claim(
        spectrum_difference,
        id="natural_images_lower_between_class_frequency",
        statement="Adding images with the spectrum of natural images (1/f²) gives functions of "
        "lower frequency between classes than adding images with the opposite spectrum (f²) and "
        "the same norm (our reading of 'sensitive to the low frequencies of natural images').",
        statistic="High-frequency fraction on paths between classes of networks with 1/f² images "
        "minus that of networks with f² images, in pairs by seed (-1 to 1, no unit; t-interval "
        "over seeds)",
        threshold_reason="The claim is an order, and 0 is where it turns; less than "
        f"{MARGIN:g} is within the resolution of the paths.",
        direction="below",
    ),
    _claim(
        image_effect,
        id="added_images_change_between_class_frequency",
        statement="Adding images to the training images changes the frequency of functions "
        "between classes, beyond what the label smoothing that goes with it does alone.",
        statistic="Size of the change of the high-frequency fraction on paths between classes from "
        "networks with the smoothing alone to those with images, mean of both spectra, in pairs by "
        "seed (0 to 1, no unit; t-interval over seeds of the change, without its sign)",
        threshold_reason="No change is 0; the interval starts there unless that of the change "
        f"leaves 0 out. Less than {MARGIN:g} is within the resolution of the paths.",
        direction="above",
    ),
)
