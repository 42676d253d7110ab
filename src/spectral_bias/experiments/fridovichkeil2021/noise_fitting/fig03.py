"""Figure 3: waves of low frequency are fitted first and most readily."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from spectral_bias.experiments.fridovichkeil2021 import noise_curves
from spectral_bias.experiments.fridovichkeil2021.axis_labels import frequency_axis
from spectral_bias.experiments.fridovichkeil2021.source_settings import NUMBERED
from spectral_bias.figures import panels, style

TITLE = "Low frequencies are learned first"
TABLES = ("noise_fitting", "wave_fits")
CAPTION = f"""\
The networks of Fridovich-Keil et al. (2021) learn waves of low frequency f first. \
{noise_curves.NOISE} (a) Noise fitting over training for several f; dots mark the minimum, the \
dip. {noise_curves.PARTS} (b) The covariance above the floor. {noise_curves.EXCESS} (c) Filled: \
the onset, the epoch from which on the covariance stays above the floor by three of its standard \
deviations{{unfitted}}; open: the dip of noise fitting{{unturned}}. (d) Minimum noise fitting over \
f, grey: that of the floor, which differs between waves. (e) The covariance above the floor after \
the last epoch, over the variance of r. Bars from the lowest to the highest network. \
{noise_curves.MINIMUM} Here ({{scale}} scale): {{baseline_text}}; {{seeds_text}}. {{deviations}} \
The frequencies are ours. {NUMBERED}"""

CURVES = ["noise_fitting", "excess"]
POINTS = ["onset", "dip_epoch", "noise_fitting", "floor_noise_fitting", "fit"]
COLUMNS = [
    *("panel", "source", "frequency", "n_networks", "n_fitted", "epoch", "last_epoch"),
    *(f"{value}{end}" for value in ("excess", *POINTS) for end in ("", "_low", "_high")),
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Panel "a b": curves; panel "c d e": numbers of each f, mean over the networks."""
    curves = tables["noise_fitting"]
    curves = noise_curves.thinned_epochs(curves[curves["labels"] == "wave"])
    curves = noise_curves.summary(curves, ["frequency", "epoch"], CURVES).assign(panel="a b")
    fits = tables["wave_fits"]
    points = noise_curves.summary(fits, ["frequency"], POINTS)
    by = fits.groupby("frequency")
    counts = pd.DataFrame(
        {
            "n_networks": by["run"].nunique(),
            "n_fitted": by["fitted"].sum(),
            "last_epoch": by["epochs"].max(),
        }
    )
    points = points.merge(counts.reset_index(), on="frequency").assign(panel="c d e")
    together = pd.concat([curves, points], ignore_index=True).assign(source="ours")
    return together.reindex(columns=COLUMNS)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 3 from the table made by `drawn`."""
    mosaic = [["a"] * 3 + ["b"] * 3, ["c"] * 2 + ["d"] * 2 + ["e"] * 2]
    figure, axes = style.new_figure(mosaic, height=4.1)
    curves, points = (data[data["panel"] == name] for name in ("a b", "c d e"))
    shades = style.colours("frequency", points["frequency"])
    _curves(axes["a"], curves, "noise_fitting", shades)
    panels.title(axes["a"], "a", "noise fitting")
    _curves(axes["b"], curves, "excess", shades)
    panels.title(axes["b"], "b", "covariance above the floor")
    if not points.empty:
        _dips(axes["a"], points, shades)
        beside = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.1}
        axes["b"].legend(handlelength=1.0, title="$f$", **beside)
    panels.title(axes["c"], "c", "when")
    _epochs(axes["c"], points, shades)
    panels.title(axes["d"], "d", "minimum noise fitting")
    _over_frequency(axes["d"], points, "noise_fitting", shades)
    if not points.empty:
        noise_curves.draw_floor(axes["d"], points, "frequency", "floor_noise_fitting", "0.5")
        axes["d"].set_ylabel("clean − noisy test loss")
    panels.title(axes["e"], "e", "fit of the wave")
    _over_frequency(axes["e"], points, "fit", shades)
    if not points.empty:
        axes["e"].axhline(0, color="0.6", linewidth=0.6, zorder=0)
        axes["e"].set_ylabel("excess covariance / variance of $r$")
    return figure


def _curves(axes: Axes, curves: pd.DataFrame, value: str, shades: Mapping[float, str]) -> None:
    if curves.empty:
        panels.empty(axes, "no network was trained on a wave")
        return
    for f, rows in curves.groupby("frequency"):
        noise_curves.epoch_curve(axes, rows, value, shades[f], label=f"{f:g}")
    noise_curves.epoch_axis(axes)
    if value == "excess":
        axes.axhline(0, color="0.6", linewidth=0.6, zorder=0)
    axes.set_ylabel("nats")


def _dips(axes: Axes, points: pd.DataFrame, shades: Mapping[float, str]) -> None:
    for point in points.itertuples():
        look = {"markersize": 3.5, "markeredgecolor": "white", "markeredgewidth": 0.5}
        place = ([point.dip_epoch], [point.noise_fitting])
        axes.plot(*place, "o", color=shades[point.frequency], zorder=3, **look)


def _epochs(axes: Axes, points: pd.DataFrame, shades: Mapping[float, str]) -> None:
    if points.empty:
        panels.empty(axes, "nothing measured")
        return
    _over_frequency(axes, points.dropna(subset="onset"), "onset", shades)
    for point in points.itertuples():
        look = {"markersize": 3.5, "markerfacecolor": "none", "color": shades[point.frequency]}
        axes.plot([point.frequency], [point.dip_epoch], "s", **look)
    frequency_axis(axes, points["frequency"])
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10], integer=True))
    axes.set_ylabel("epoch")
    grey = {"color": "0.3", "linestyle": "none", "markersize": 3.5}
    handles = [
        Line2D([], [], marker="o", label="onset of the covariance", **grey),
        Line2D([], [], marker="s", markerfacecolor="none", label="dip of noise fitting", **grey),
    ]
    # Room for the legend above all marks.
    axes.set_ylim(0, 1.4 * points[["onset_high", "dip_epoch"]].max().max())
    axes.legend(handles=handles, handletextpad=0.2, loc="upper left")


def _over_frequency(
    axes: Axes, points: pd.DataFrame, value: str, shades: Mapping[float, str]
) -> None:
    """Means joined by a line, bars from the lowest to the highest network."""
    own = points.sort_values("frequency")
    if own.empty:
        panels.empty(axes, "nothing measured")
        return
    axes.plot(own["frequency"], own[value], color="0.3", linewidth=0.8, zorder=1)
    for point in own.itertuples():
        height, low, high = (getattr(point, f"{value}{end}") for end in ("", "_low", "_high"))
        colour = shades[point.frequency]
        axes.plot([point.frequency] * 2, [low, high], color=colour, linewidth=1.2)
        axes.plot([point.frequency], [height], "o", color=colour, markersize=4)
    frequency_axis(axes, points["frequency"])


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: networks, waves that were not fitted or whose dip was not seen."""
    points = data[data["panel"] == "c d e"]
    seeds = int(points["n_networks"].max()) if len(points) else 0
    late = points.loc[points["dip_epoch_high"] >= points["last_epoch"], "frequency"]
    never = points.loc[points["n_fitted"] < points["n_networks"], "frequency"]
    unturned = f" (f = {_listed(late)}: some lies in the last epoch, so that no dip was seen)"
    unfitted = f" (f = {_listed(never)}: not so in all networks, and not drawn)"
    return {
        **noise_curves.facts(
            context["settings"]["cifar10"], seeds, noise_curves.RADIAL, length=True
        ),
        "unturned": unturned if len(late) else "",
        "unfitted": unfitted if len(never) else "",
    }


def _listed(frequencies: pd.Series) -> str:
    return ", ".join(f"{f:g}" for f in sorted(frequencies))
