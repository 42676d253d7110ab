"""Figure 12: waves along directions with a natural, an anti-natural and no spectrum."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from spectral_bias.experiments.fridovichkeil2021 import noise_curves
from spectral_bias.experiments.fridovichkeil2021.axis_labels import cycles_axis
from spectral_bias.experiments.fridovichkeil2021.source_settings import NUMBERED
from spectral_bias.figures import panels, style

TITLE = "Readiness to fit waves along natural, anti-natural and random image directions"
TABLES = ("wave_fits",)
CAPTION = f"""\
Waves along directions with the spectrum of natural images and with others, after Fridovich-Keil \
et al. (2021). {noise_curves.NOISE} Here d is the sum of all real 2-D Fourier basis images, \
weighted by 1/f^2 (as in natural images) or by f^2 of the spatial frequency f (at least 1), or a \
random direction. The weights are amplitudes, all phases are equal, as in the released code: the \
1/f^2 direction is a smooth spot, and 71 % of the energy of the f^2 direction lie in one corner \
pixel. {noise_curves.CYCLES} {noise_curves.PARTS} {noise_curves.EXCESS} (a) The covariance above \
the floor after the last epoch, over the variance of r, crosses: waves that are not fitted; (b) \
its onset, the epoch from which on it stays above the floor by three of its standard deviations; \
(c) minimum noise fitting, the paper's measure, dotted: that of the floor. \
{noise_curves.MINIMUM} Here ({{scale}} scale): {{baseline_text}}; {{counts}}. {{deviations}} The \
cycles are ours. {NUMBERED}"""

LOOKS: dict[str, dict[str, Any]] = {
    "1/f2": {"color": style.NATURAL, "marker": "o", "label": "$1/f^2$ (natural)"},
    "f2": {"color": style.ANTINATURAL, "marker": "s", "label": "$f^2$ (anti-natural)"},
    "random": {"color": "0.55", "marker": "D", "label": "random"},
}
PANELS = {
    "a": ("fit", "fit of the wave", "excess covariance / variance of $r$"),
    "b": ("onset", "onset", "epoch"),
    "c": ("noise_fitting", "minimum noise fitting", "clean − noisy test loss"),
}
VALUES = ["fit", "onset", "noise_fitting", "floor_noise_fitting"]
COLUMNS = [
    *("panel", "source", "kind", "cycles", "frequency", "deviation", "n_networks", "fitted"),
    *(f"{value}{end}" for value in VALUES for end in ("", "_low", "_high")),
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Mean and range over random directions, one row for each kind and number of cycles."""
    fits, by = tables["wave_fits"], ["kind", "cycles"]
    if fits.empty:
        return pd.DataFrame(columns=COLUMNS)
    points = noise_curves.summary(fits, by, VALUES)
    cells = fits.groupby(by)
    counts = cells[["frequency", "deviation"]].mean()
    counts["n_networks"], counts["fitted"] = cells["run"].nunique(), cells["fitted"].all()
    points = points.merge(counts.reset_index(), on=by).assign(panel="a b c", source="ours")
    return points.reindex(columns=COLUMNS)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 12 from the table made by `drawn`."""
    figure, axes = style.new_figure([list(PANELS)], height=2.4)
    for letter, (value, title, label) in PANELS.items():
        panels.title(axes[letter], letter, title)
        _points(axes[letter], data, value)
        if not data.empty:
            axes[letter].set_ylabel(label)
    if not data.empty:
        axes["a"].axhline(0, color="0.6", linewidth=0.6, zorder=0)
        axes["b"].yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10], integer=True))
        beside = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.1}
        axes["c"].legend(title="direction", alignment="left", **beside)
    return figure


def _points(axes: Axes, data: pd.DataFrame, value: str) -> None:
    if data.empty:
        panels.empty(axes, "no network was trained\non waves along directions")
        return
    for kind, look in LOOKS.items():
        rows = data[data["kind"] == kind].sort_values("cycles")
        if rows.empty:
            continue
        low, high = rows[f"{value}_low"], rows[f"{value}_high"]
        if (high > low).any():
            axes.fill_between(
                rows["cycles"], low, high, color=look["color"], alpha=0.15, linewidth=0
            )
        label = f"{look['label']}, sd {rows['deviation'].mean():.2g}"
        line = {"color": look["color"], "linewidth": 0.9}
        axes.plot(rows["cycles"], rows[value], **line, label=label, marker=look["marker"],
                  markersize=3.5)  # fmt: skip
        missed = rows[~rows["fitted"].astype(bool)]
        axes.plot(missed["cycles"], missed[value], "x", color="white", markersize=2.5)
        if value == "noise_fitting":
            noise_curves.draw_floor(axes, rows, "cycles", "floor_noise_fitting", look["color"])
    cycles_axis(axes, data["cycles"])


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: how many networks stand behind a point of each kind."""
    counts = data.groupby("kind")["n_networks"].max()
    many = [f"{int(counts[kind])} {kind}" for kind in LOOKS if counts.get(kind, 1) > 1]
    text = "one network for each direction and number of cycles"
    if many:
        text += f" (mean and range of {' and '.join(many)} ones)"
    found = noise_curves.facts(context["settings"]["cifar10"], 1, noise_curves.ALONG)
    return found | {"counts": text}
