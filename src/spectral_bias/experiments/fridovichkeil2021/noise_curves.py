"""What figures 1, 3, 5 to 9, 11, 12 and 17 share: noise fitting, its parts and its floor.

Noise fitting is clean minus noisy test loss. `labels` names what a network was trained on: a "wave"
or "even" smoothing of the same amount. To the latter the wave is no more than a probe: it is the
floor, what a network shows that fits none of it. See `noise_fitting.measure`.
"""

from collections.abc import Mapping, Sequence
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
PARTS = """\
With m, how sure the network is of an image's class (mean over classes of -log p minus that of the \
true class), noise fitting is the sum of -mean(r) mean(m), confidence, which knows nothing of the \
wave, and of -Cov(r, m), the fit of the wave (this decomposition is ours)."""
EXCESS = """\
The covariance is shown as far as it exceeds that of networks whose labels were smoothed as much \
for every image, which fit no wave (the floor, ours); over the variance of r it is the slope with \
which confidence falls as labels are smoothed more."""
RADIAL = {
    "formula": "sin(2 pi f (|x| - c))",
    "symbols": "c the expected norm of standard normal noise",
}
ALONG = {"formula": "sin(2 pi f <x, d>)", "symbols": "d a direction of unit norm"}
CYCLES = """\
Images differ along these directions by very different amounts, so waves are compared at equal \
cycles: f times the standard deviation sd of the training images along d."""
MINIMUM = """\
The minimum is taken over training after {cifar10[wave][warm_up]} epochs of warm-up (ours)."""


def draw_floor(axes: Axes, floor: pd.DataFrame, x: str, value: str, colour: str) -> None:
    """Dotted: a column of `wave_fits` that belongs to the floor, over the column x."""
    rows = floor.dropna(subset=[value]).sort_values(x)
    if len(rows):
        axes.plot(rows[x], rows[value], ":", color=colour, linewidth=0.9)


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
    settings: Mapping[str, Any],
    n_seeds: int,
    wave: Mapping[str, str],
    *more: str,
    length: bool = False,
) -> dict[str, Any]:
    """Caption facts that figures of noise fitting share.

    Args:
        settings: resolved settings of cifar10.
        n_seeds: networks behind a mean.
        wave: `RADIAL` or `ALONG`.
        more: sections of the settings, besides that of the waves, that may deviate.
        length: whether the networks are those of Figures 1 and 3, whose training has a length of
            its own.
    """
    band = (
        "one network"
        if n_seeds < 2
        else (f"mean of {n_seeds} networks, band from the lowest to the highest")
    )
    epochs = (settings["wave"]["epochs"] if length else None) or settings["epochs"]
    settings = {**settings, "epochs": epochs}
    return {
        "baseline_text": baseline_text(settings),
        "deviations": deviations(settings, "wave", *more),
        "seeds_text": band,
        **wave,
    }
