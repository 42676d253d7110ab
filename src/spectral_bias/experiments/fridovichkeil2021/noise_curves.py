"""What figures 1, 3, 11, 12 and 17 share: noise fitting of the baseline.

Noise fitting is clean minus noisy test loss. `labels` names what networks were trained on: a
"wave", "uniform" smoothing of the same amount, or "true labels". To the last two the wave is no
more than a probe: their noise fitting is the floor, that of a network that fits none of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from spectral_bias.experiments.fridovichkeil2021.source_settings import baseline_text, deviations
from spectral_bias.figures import panels
from spectral_bias.figures.summarise import over_members

MOST_EPOCHS = 250

NOISE = """\
Labels are smoothed by r = s (1 + {formula}), {symbols}, x the normalised and augmented image, s \
such that r is {cifar10[wave][amplitude]} on average over a batch; the label is then (1 - r) \
one-hot + r / (number of classes). Noise fitting is clean minus noisy test loss (cross-entropy on \
labels without and with the wave). It falls while the network learns the classes but not the wave, \
which punishes its confidence, and turns up where the wave begins to be fitted."""
RADIAL = {
    "formula": "sin(2 pi f (|x| - c))",
    "symbols": "c the expected norm of standard normal noise",
}
ALONG = {"formula": "sin(2 pi f <x, d>)", "symbols": "d a direction of unit norm"}
FLOOR = """\
Dotted: the same waves in networks whose labels were smoothed as much for every image, which fit \
no wave (ours)."""
MINIMUM = """\
The minimum is taken over training after {cifar10[wave][warm_up]} epochs of warm-up (ours); a \
higher minimum means that the wave is fitted more readily."""


def of_baseline(table: pd.DataFrame, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Rows that belong to the baseline, of all its seeds."""
    first = table["base"].astype(str).str.replace(r"\.seed\d+$", "", regex=True)
    return table[first == settings["baseline"]]


def radial(table: pd.DataFrame, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of the baseline with radial waves on all classes, with the column `labels`."""
    return of_kinds(table, settings, ["radial"])


def of_kinds(
    table: pd.DataFrame, settings: Mapping[str, Any], kinds: Iterable[str]
) -> pd.DataFrame:
    """Rows of the baseline with waves of `kinds` on all classes, with the column `labels`."""
    own = of_baseline(table, settings)
    own = own[own["kind"].isin(list(kinds)) & own["noise_class"].isna()]
    return own.assign(labels=own["floor"].where(~own["trained"].astype(bool), "wave"))


def trained(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of networks trained on the wave."""
    return table[table["trained"].astype(bool)]


def floor(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the floor: of uniform smoothing or, where that was not run, of true labels."""
    found = [table[table["labels"] == labels] for labels in ("uniform", "true labels")]
    return found[0] if len(found[0]) else found[1]


def even_floor(table: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Mean, lowest and highest minimum over networks with even labels, one row for each of `by`."""
    return summary(table[table["labels"] == "uniform"], by, ["noise_fitting"])


def draw_floor(axes: Axes, floor: pd.DataFrame, colour: str) -> None:
    """Dotted: rows of `even_floor` over the frequency; nothing where there are none."""
    if floor.empty:
        return
    rows = floor.sort_values("frequency")
    axes.plot(rows["frequency"], rows["noise_fitting"], ":", color=colour, linewidth=0.9)


def summary(table: pd.DataFrame, by: Sequence[str], values: Sequence[str]) -> pd.DataFrame:
    """Mean, lowest and highest of each of `values` over seeds, one row for each of `by`."""
    parts = [over_members(table, by, value).set_index(list(by)) for value in values]
    return pd.concat(parts, axis=1).reset_index()


def thinned_epochs(table: pd.DataFrame) -> pd.DataFrame:
    """At most about `MOST_EPOCHS` evenly spaced epochs, the last one always."""
    if table.empty:
        return table
    last = int(table["epoch"].max())
    step = -(-last // MOST_EPOCHS)
    return table[(table["epoch"] % step == 0) | (table["epoch"] == last)]


def epoch_curve(axes: Axes, data: pd.DataFrame, value: str, colour: str, **line: object) -> None:
    """`value` over epochs with the band from `value`_low to `value`_high."""
    panels.curve(axes, data.rename(columns={"epoch": "iteration"}), value, colour, **line)


def epoch_axis(axes: Axes) -> None:
    """Labels a horizontal axis of epochs."""
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10], integer=True))
    axes.set_xlabel("epoch")


def facts(
    settings: Mapping[str, Any], n_seeds: int, wave: Mapping[str, str], *more: str
) -> dict[str, Any]:
    """Caption facts that figures of noise fitting share.

    Args:
        settings: resolved settings of cifar10.
        n_seeds: networks behind a mean.
        wave: `RADIAL` or `ALONG`.
        more: sections of the settings, besides that of the waves, that may deviate.
    """
    band = (
        "one network"
        if n_seeds < 2
        else (f"mean of {n_seeds} networks, band from the lowest to the highest")
    )
    return {
        "baseline_text": baseline_text(settings),
        "deviations": deviations(settings, "wave", *more),
        "seeds_text": band,
        **wave,
    }
