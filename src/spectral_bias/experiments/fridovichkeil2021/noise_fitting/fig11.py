"""Figure 11: waves along directions of one spatial frequency."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spectral_bias.experiments.fridovichkeil2021 import noise_curves
from spectral_bias.experiments.fridovichkeil2021.axis_labels import frequency_axis
from spectral_bias.experiments.fridovichkeil2021.source_settings import NUMBERED
from spectral_bias.figures import panels, style

TITLE = "Readiness to fit waves along image directions of low and high spatial frequency"
TABLES = ("noise_minima",)
CAPTION = f"""\
Waves along image directions, as in the experiments on image frequency of Fridovich-Keil et al. \
(2021), who find that spectral bias is sensitive to the low frequencies that prevail in natural \
images. {noise_curves.NOISE} Here d is a real 2-D Fourier basis image, the same in the three \
channels. (a) Minimum noise fitting by the frequency f of the wave and the spatial frequency of d \
(cycles per image); (b) the same numbers as curves. {noise_curves.FLOOR} How far images vary along \
d decides how many periods of the wave they cover: natural images vary most along low spatial \
frequencies, and where they hardly vary any wave is nearly constant. {noise_curves.MINIMUM} Here \
({{scale}} scale): {{baseline_text}}; {{seeds_text}} for each cell. {{deviations}} The frequencies \
are ours. {NUMBERED}"""

COLUMNS = [
    *("panel", "source", "labels", "frequency", "spatial_frequency", "n_networks"),
    *("noise_fitting", "noise_fitting_low", "noise_fitting_high"),
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """One row for each cell, of several networks their mean, and one for its floor."""
    settings = context["settings"]["cifar10"]
    own = noise_curves.of_kinds(tables["noise_minima"], settings, ["fourier"])
    cells = noise_curves.trained(own).groupby(["frequency", "spatial_frequency"])["noise_fitting"]
    cells = cells.agg(["mean", "size"]).reset_index()
    cells = cells.rename(columns={"mean": "noise_fitting", "size": "n_networks"})
    floor = noise_curves.even_floor(own, ["frequency", "spatial_frequency"])
    floor = floor.assign(panel="b", labels="uniform")
    together = pd.concat([cells.assign(panel="a b", labels="wave"), floor], ignore_index=True)
    return together.assign(source="ours").reindex(columns=COLUMNS)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 11 from the table made by `drawn`."""
    figure, axes = style.new_figure([["a", "b"]], height=2.5, width_ratios=[1, 1.1])
    panels.title(axes["a"], "a", "minimum noise fitting")
    panels.title(axes["b"], "b")
    floor, data = data[data["labels"] == "uniform"], data[data["labels"] == "wave"]
    if data.empty:
        for panel in axes.values():
            panels.empty(panel, "no network was trained\non waves along directions")
        return figure
    _heatmap(axes["a"], data)
    shades = style.colours("spatial", data["spatial_frequency"])
    for spatial, rows in data.groupby("spatial_frequency"):
        rows = rows.sort_values("frequency")
        look = {"color": shades[spatial], "marker": "o", "markersize": 3, "linewidth": 0.9}
        axes["b"].plot(rows["frequency"], rows["noise_fitting"], label=f"{spatial:g}", **look)
        own_floor = floor[floor["spatial_frequency"] == spatial]
        noise_curves.draw_floor(axes["b"], own_floor, shades[spatial])
    frequency_axis(axes["b"], data["frequency"])
    axes["b"].set_ylabel("minimum noise fitting")
    beside = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.1}
    axes["b"].legend(title="spatial\nfrequency\nof $d$", handlelength=1.2, **beside)
    return figure


def _heatmap(axes: Axes, data: pd.DataFrame) -> None:
    """One cell of equal size for each pair of frequencies, with its number."""
    grid = data.pivot(index="spatial_frequency", columns="frequency", values="noise_fitting")
    mesh = axes.imshow(grid, origin="lower", aspect="auto", cmap=style.HEATMAP)
    middle = (grid.min().min() + grid.max().max()) / 2
    for row, values in enumerate(grid.to_numpy()):
        for column, value in enumerate(values):
            colour = "black" if value > middle else "white"
            text = "" if pd.isna(value) else f"{value:.2f}".replace("-", "−")
            axes.text(column, row, text, color=colour, ha="center", va="center", fontsize=5.5)
    axes.set_facecolor(style.MISSING)
    axes.set_xticks(range(grid.shape[1]), [f"{f:g}" for f in grid.columns])
    axes.set_yticks(range(grid.shape[0]), [f"{spatial:g}" for spatial in grid.index])
    axes.tick_params(length=0)
    axes.set(xlabel="frequency $f$ of the wave", ylabel="spatial frequency of $d$")
    bar = axes.figure.colorbar(mesh, ax=axes)
    bar.outline.set_linewidth(0.6)


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: networks in a cell."""
    counts = data["n_networks"].dropna()
    seeds = int(counts.max()) if len(counts) else 0
    found = noise_curves.facts(context["settings"]["cifar10"], seeds, noise_curves.ALONG)
    return found | ({"seeds_text": f"mean of {seeds} networks"} if seeds > 1 else {})
