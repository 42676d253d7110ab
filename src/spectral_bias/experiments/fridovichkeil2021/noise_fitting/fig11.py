"""Figure 11: waves along directions of one spatial frequency."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spectral_bias.experiments.fridovichkeil2021 import noise_curves
from spectral_bias.experiments.fridovichkeil2021.axis_labels import cycles_axis
from spectral_bias.experiments.fridovichkeil2021.source_settings import NUMBERED
from spectral_bias.figures import panels, style

TITLE = "Readiness to fit waves along image directions of low and high spatial frequency"
TABLES = ("wave_fits",)
CAPTION = f"""\
Waves along image directions, as in the experiments on image frequency of Fridovich-Keil et al. \
(2021), who find that spectral bias is sensitive to the low frequencies that prevail in natural \
images. {noise_curves.NOISE} Here d is a real 2-D Fourier basis image, the same in the three \
channels. {noise_curves.CYCLES} {noise_curves.PARTS} {noise_curves.EXCESS} (a) The covariance \
above the floor after the last epoch, over the variance of r, by cycles and spatial frequency of d \
(cycles per image; sd beside it); (b) the same numbers as curves, crosses: waves that are not \
fitted, whose covariance does not end above the floor by three of its standard deviations; (c) \
minimum noise fitting, the paper's measure, dotted: that of the floor. {noise_curves.MINIMUM} The \
released code's directions are diagonal with index int(f / sqrt 2): below 1.41 they are the \
constant image, f = 2 is 1.41, 3 and 4 are 2.83, 8 is 7.07; ours are the nearest ones of the grid. \
Here ({{scale}} scale): {{baseline_text}}; {{seeds_text}} for each cell. {{deviations}} The cycles \
are ours. {NUMBERED}"""

VALUES = ["fit", "noise_fitting", "floor_noise_fitting", "frequency", "deviation"]
COLUMNS = [
    *("panel", "source", "cycles", "spatial_frequency", "frequency", "deviation", "n_networks"),
    *("fit", "fitted", "noise_fitting", "floor_noise_fitting"),
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """One row for each cell, of several networks their mean; fitted: in all of them."""
    fits = tables["wave_fits"]
    if fits.empty:
        return pd.DataFrame(columns=COLUMNS)
    cells = fits.groupby(["cycles", "spatial_frequency"])
    found = cells[VALUES].mean()
    found["fitted"], found["n_networks"] = cells["fitted"].all(), cells.size()
    found = found.reset_index().assign(panel="a b c", source="ours")
    return found.reindex(columns=COLUMNS)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 11 from the table made by `drawn`."""
    figure, axes = style.new_figure([["a", "b", "c"]], height=2.4, width_ratios=[1.25, 1, 1])
    panels.title(axes["a"], "a", "fit of the wave")
    panels.title(axes["b"], "b", "fit of the wave")
    panels.title(axes["c"], "c", "minimum noise fitting")
    if data.empty:
        for panel in axes.values():
            panels.empty(panel, "no network was trained\non waves along directions")
        return figure
    _heatmap(axes["a"], data)
    shades = style.colours("spatial", data["spatial_frequency"])
    for letter, value in (("b", "fit"), ("c", "noise_fitting")):
        _curves(axes[letter], data, value, shades)
    axes["b"].axhline(0, color="0.6", linewidth=0.6, zorder=0)
    axes["b"].set_ylabel("excess covariance / variance of $r$")
    axes["c"].set_ylabel("clean − noisy test loss")
    beside = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.1}
    axes["c"].legend(title="spatial\nfrequency\nof $d$", handlelength=1.2, **beside)
    return figure


def _curves(axes: Axes, data: pd.DataFrame, value: str, shades: Mapping[float, str]) -> None:
    for spatial, rows in data.groupby("spatial_frequency"):
        rows, colour = rows.sort_values("cycles"), shades[spatial]
        axes.plot(rows["cycles"], rows[value], color=colour, linewidth=0.9, label=f"{spatial:g}")
        for fitted, marker in ((True, "o"), (False, "x")):
            some = rows[rows["fitted"].astype(bool) == fitted]
            look = {"color": colour, "markersize": 3.5, "linestyle": "none"}
            axes.plot(some["cycles"], some[value], marker=marker, **look)
        if value == "noise_fitting":
            noise_curves.draw_floor(axes, rows, "cycles", "floor_noise_fitting", colour)
    cycles_axis(axes, data["cycles"])


def _heatmap(axes: Axes, data: pd.DataFrame) -> None:
    """One cell of equal size for each pair of frequencies, with its number."""
    grid = data.pivot(index="spatial_frequency", columns="cycles", values="fit")
    deviations = data.groupby("spatial_frequency")["deviation"].first()
    mesh = axes.imshow(grid, origin="lower", aspect="auto", cmap=style.HEATMAP)
    middle = (grid.min().min() + grid.max().max()) / 2
    for row, values in enumerate(grid.to_numpy()):
        for column, value in enumerate(values):
            colour = "black" if value > middle else "white"
            text = "" if pd.isna(value) else f"{value:.2f}".replace("-", "−")
            axes.text(column, row, text, color=colour, ha="center", va="center", fontsize=5.5)
    axes.set_facecolor(style.MISSING)
    axes.set_xticks(range(grid.shape[1]), [f"{cycles:g}" for cycles in grid.columns])
    names = [f"{spatial:g} (sd {deviations[spatial]:.2g})" for spatial in grid.index]
    axes.set_yticks(range(grid.shape[0]), names)
    axes.tick_params(length=0)
    axes.set(xlabel="cycles, $f$ · sd", ylabel="spatial frequency of $d$")
    bar = axes.figure.colorbar(mesh, ax=axes)
    bar.outline.set_linewidth(0.6)


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: networks in a cell."""
    counts = data["n_networks"].dropna()
    seeds = int(counts.max()) if len(counts) else 0
    found = noise_curves.facts(context["settings"]["cifar10"], seeds, noise_curves.ALONG)
    return found | ({"seeds_text": f"mean of {seeds} networks"} if seeds > 1 else {})
