"""Figure 12: waves along directions with a natural, an anti-natural and no spectrum."""

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

TITLE = "Readiness to fit waves along natural, anti-natural and random image directions"
TABLES = ("noise_minima",)
CAPTION = f"""\
Waves along directions with the spectrum of natural images and with others, after Fridovich-Keil \
et al. (2021). {noise_curves.NOISE} Here d is the sum of all real 2-D Fourier basis images, \
weighted by 1/f^2 (as in natural images) or by f^2 of the spatial frequency f (at least 1), or a \
random direction; radial waves of the same network are shown for comparison, sin(2 pi f (|x| - c)) \
with c the expected norm of standard normal noise. (a) Minimum noise fitting and (b) the epoch of \
the minimum, over the frequency of the wave. {noise_curves.FLOOR} {noise_curves.MINIMUM} Images \
vary much more along the 1/f^2 direction than along the f^2 one, so that a wave of the same f has \
more periods over them. Here ({{scale}} scale): {{baseline_text}}; {{counts}}. {{deviations}} The \
frequencies and the radial waves are ours. {NUMBERED}"""

LOOKS: dict[str, dict[str, Any]] = {
    "1/f2": {"color": style.NATURAL, "marker": "o", "label": "$1/f^2$ (natural)"},
    "f2": {"color": style.ANTINATURAL, "marker": "s", "label": "$f^2$ (anti-natural)"},
    "random": {"color": "0.55", "marker": "D", "label": "random"},
    "radial": {"color": style.BASELINE, "marker": "^", "label": "radial", "linestyle": "--"},
}
PANELS = {"a": ("noise_fitting", "minimum noise fitting"), "b": ("epoch", "epoch of the minimum")}
VALUES = [value for value, _ in PANELS.values()]
COLUMNS = [
    *("panel", "source", "labels", "kind", "frequency", "n_networks"),
    *(f"{value}{end}" for value in VALUES for end in ("", "_low", "_high")),
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Mean and range over random directions or seeds, one row for each kind and frequency."""
    minima = noise_curves.of_kinds(tables["noise_minima"], context["settings"]["cifar10"], LOOKS)
    own, by = noise_curves.trained(minima), ["kind", "frequency"]
    points = noise_curves.summary(own, by, VALUES)
    counts = own.groupby(by)["run"].nunique().rename("n_networks").reset_index()
    points = points.merge(counts, on=by).assign(panel="a b", labels="wave")
    floor = noise_curves.even_floor(minima, by).assign(panel="a", labels="uniform")
    together = pd.concat([points, floor], ignore_index=True).assign(source="ours")
    return together.reindex(columns=COLUMNS)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 12 from the table made by `drawn`."""
    figure, axes = style.new_figure([list(PANELS)], height=2.4)
    floor, data = data[data["labels"] == "uniform"], data[data["labels"] == "wave"]
    for letter, (value, label) in PANELS.items():
        panels.title(axes[letter], letter)
        _points(axes[letter], data, value)
        if not data.empty:
            axes[letter].set_ylabel(label)
    if not data.empty:
        for kind, rows in floor.groupby("kind"):
            noise_curves.draw_floor(axes["a"], rows, LOOKS[kind]["color"])
        beside = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.1}
        axes["b"].legend(title="direction", alignment="left", **beside)
    return figure


def _points(axes: Axes, data: pd.DataFrame, value: str) -> None:
    if data.empty:
        panels.empty(axes, "no network was trained\non waves along directions")
        return
    for kind, look in LOOKS.items():
        rows = data[data["kind"] == kind].sort_values("frequency")
        if rows.empty:
            continue
        low, high = rows[f"{value}_low"], rows[f"{value}_high"]
        if (high > low).any():
            axes.fill_between(
                rows["frequency"], low, high, color=look["color"], alpha=0.15, linewidth=0
            )
        axes.plot(rows["frequency"], rows[value], markersize=3.5, linewidth=0.9, **look)
    frequency_axis(axes, data["frequency"])
    if value == "epoch":
        axes.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10], integer=True))


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: how many networks stand behind a point of each kind."""
    counts = data.groupby("kind")["n_networks"].max()
    many = [f"{int(counts[kind])} {kind}" for kind in LOOKS if counts.get(kind, 1) > 1]
    text = "one network for each direction and frequency"
    if many:
        text += f" (mean and range of {' and '.join(many)} ones)"
    found = noise_curves.facts(context["settings"]["cifar10"], 1, noise_curves.ALONG)
    return found | {"counts": text}
