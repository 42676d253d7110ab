"""Figure 3: waves of low frequency are fitted first and most readily."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from spectral_bias.experiments.fridovichkeil2021 import noise_curves
from spectral_bias.experiments.fridovichkeil2021.axis_labels import frequency_axis
from spectral_bias.experiments.fridovichkeil2021.source_settings import NUMBERED
from spectral_bias.figures import panels, style

TITLE = "Low frequencies are learned first"
TABLES = ("noise_fitting", "noise_minima")
CAPTION = f"""\
The networks of Fridovich-Keil et al. (2021) learn waves of low frequency f first. \
{noise_curves.NOISE} (a) Noise fitting over training for several f; dots mark the minimum, the \
dip. (b) Epoch of the dip over f{{unturned}}; (c) the minimum over f, bars from the lowest to the \
highest network. {{floor}} {noise_curves.MINIMUM} Here ({{scale}} scale): {{baseline_text}}; \
{{seeds_text}}. {{deviations}} The frequencies are ours. {NUMBERED}"""

FLOORS = {
    "uniform": "Grey: the same of networks whose labels were smoothed as much for every image, "
    "which fit no wave (ours).",
    "true labels": "Grey: the same of networks trained on true labels, which fit no wave and, "
    "being surer, lie lower also for other reasons (ours).",
    "": "Networks that saw no wave were not measured.",
}
VALUES = ["noise_fitting", "epoch"]
COLUMNS = [
    *("panel", "source", "labels", "frequency", "n_networks", "epoch", "epoch_low"),
    *("epoch_high", "noise_fitting", "noise_fitting_low", "noise_fitting_high", "last_epoch"),
]
KEYS = ["labels", "frequency"]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Panel "a": curves; panel "b c": epoch and height of the minimum, also without waves."""
    settings = context["settings"]["cifar10"]
    curves = noise_curves.trained(noise_curves.radial(tables["noise_fitting"], settings))
    last = curves["epoch"].max()
    curves = noise_curves.thinned_epochs(curves)
    curves = noise_curves.summary(curves, [*KEYS, "epoch"], ["noise_fitting"]).assign(panel="a")
    minima = noise_curves.radial(tables["noise_minima"], settings)
    minima = pd.concat([noise_curves.trained(minima), noise_curves.floor(minima)])
    points = noise_curves.summary(minima, KEYS, VALUES)
    seeds = minima.groupby(KEYS)["run"].nunique().rename("n_networks").reset_index()
    points = points.merge(seeds, on=KEYS).assign(panel="b c", last_epoch=last)
    together = pd.concat([curves, points], ignore_index=True).assign(source="ours")
    return together.reindex(columns=COLUMNS)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 3 from the table made by `drawn`."""
    figure, axes = style.new_figure([["a", "b", "c"]], height=2.3, width_ratios=[1.5, 1, 1])
    points = data[data["panel"] == "b c"]
    own = points[points["labels"] == "wave"]
    shades = style.colours("frequency", own["frequency"])
    _curves(axes["a"], data[data["panel"] == "a"], own, shades)
    for letter, value, label in (
        ("b", "epoch", "epoch of the dip"),
        ("c", "noise_fitting", "minimum noise fitting"),
    ):
        panels.title(axes[letter], letter)
        _over_frequency(axes[letter], points, value, shades)
        if not own.empty:
            axes[letter].set_ylabel(label)
    return figure


def _curves(
    axes: Axes, curves: pd.DataFrame, minima: pd.DataFrame, shades: Mapping[float, str]
) -> None:
    panels.title(axes, "a", "noise fitting")
    if curves.empty:
        panels.empty(axes, "no network was trained on a wave")
        return
    for f, rows in curves.groupby("frequency"):
        noise_curves.epoch_curve(axes, rows, "noise_fitting", shades[f], label=f"$f = {f:g}$")
    for point in minima.itertuples():
        place = ([point.epoch], [point.noise_fitting])
        look = {"markersize": 3.5, "markeredgecolor": "white", "markeredgewidth": 0.5}
        axes.plot(*place, "o", color=shades[point.frequency], zorder=3, **look)
    noise_curves.epoch_axis(axes)
    axes.set_ylabel("clean − noisy test loss")
    above = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.1}
    axes.legend(handlelength=1.0, **above)


def _over_frequency(
    axes: Axes, points: pd.DataFrame, value: str, shades: Mapping[float, str]
) -> None:
    """Means joined by a line, bars from the lowest to the highest network."""
    own = points[points["labels"] == "wave"].sort_values("frequency")
    if own.empty:
        panels.empty(axes, "no minimum")
        return
    if value == "noise_fitting":
        _floor(axes, noise_curves.floor(points).sort_values("frequency"))
    axes.plot(own["frequency"], own[value], color="0.3", linewidth=0.8, zorder=1)
    for point in own.itertuples():
        height, low, high = (getattr(point, f"{value}{end}") for end in ("", "_low", "_high"))
        colour = shades[point.frequency]
        axes.plot([point.frequency] * 2, [low, high], color=colour, linewidth=1.2)
        axes.plot([point.frequency], [height], "o", color=colour, markersize=4)
    frequency_axis(axes, points["frequency"])
    if value == "epoch":
        axes.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10], integer=True))


def _floor(axes: Axes, floor: pd.DataFrame) -> None:
    """The minimum of networks that never saw the wave, grey."""
    low, high = floor["noise_fitting_low"], floor["noise_fitting_high"]
    axes.fill_between(floor["frequency"], low, high, color="0.85", linewidth=0, zorder=0)
    marker = "o" if len(floor) == 1 else ""
    look = {"color": "0.6", "linewidth": 0.8, "marker": marker, "markersize": 3}
    axes.plot(floor["frequency"], floor["noise_fitting"], zorder=1, **look)


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: networks, waves that were not yet fitted at the end, the grey line."""
    settings = context["settings"]["cifar10"]
    points = data[data["panel"] == "b c"]
    own, floor = points[points["labels"] == "wave"], noise_curves.floor(points)
    seeds = int(own["n_networks"].max()) if len(own) else 0
    late = own.loc[own["epoch_high"] >= own["last_epoch"], "frequency"]
    waves = ", ".join(f"{f:g}" for f in sorted(late))
    unturned = f" (f = {waves}: some minimum lies in the last epoch, so no dip was seen)"
    floors = floor["labels"].iloc[0] if len(floor) else ""
    return {
        **noise_curves.facts(settings, seeds, noise_curves.RADIAL),
        "unturned": unturned if len(late) else "",
        "floor": FLOORS[floors],
    }
