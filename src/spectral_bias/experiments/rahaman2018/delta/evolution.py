"""Figures 15 to 17: how the spectrum of a delta is learnt by networks of several sizes."""

from collections.abc import Mapping
from string import ascii_lowercase
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colorbar import Colorbar
from matplotlib.figure import Figure

from spectral_bias.experiments.rahaman2018.source_settings import PAPER, deviations
from spectral_bias.figures import panels, style
from spectral_bias.figures.captions import readable
from spectral_bias.figures.summarise import every, over_members, thinned

# Sweep: number of the figure, column of the tables, titles of panels.
VARIED = {
    "depth": (15, "depth", "depth {:g}"),
    "width": (16, "width", "width {:g}"),
    "clip": (17, "weight_clip", "$K = {:g}$"),
}
# More would push the csv beyond 1 MB.
ROWS = 75
IN_A_ROW = 4
# Colours reach beyond the target by this factor, so that its value is no end of the scale.
HEADROOM = 1.2
CAPTION = """\
Figure {number} of Rahaman et al. (2019). Target: 1 at z = {delta[position]}, 0 at the other \
points z_j = j/{delta[n_points]}. Colour: magnitude |f~(k)| (two-sided, f~(k) = (1/N) sum f(z_j) \
exp(-2 pi i k j/N)) of the learnt function at every k below N/2, mean over runs, {every} drawn; \
one colour scale for all panels, on which the target's value, {magnitude} at every k, is marked. \
({letter}) Fraction of the target's magnitude that is reached in the upper half of the band, \
k > N/4: |f~(k)| over the target's, clipped at 1, mean over these k; lines are means over runs, \
bands reach from the lowest to the highest run; ours, the paper draws no such panel. \
{delta[activation]} networks with {networks}; after each update every parameter is clamped to \
[-K, K], from the first \
on, whatever the initial weights. Full-batch {delta[optimiser]}, learning rate \
{delta[learning_rate]}, \
{iterations} iterations; {scale} scale: {delta[n_runs]} runs for each panel (a number of ours). \
Where colours darken all at once, {delta[optimiser]} has thrown a run off its fit, which it has \
to learn anew. \
{deviations}"""


def drawn(
    tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any], sweep: str
) -> pd.DataFrame:
    """Rows of the heatmaps (frequency, magnitude), of the fractions, and one of the target.

    Args:
        tables: delta_<sweep>_spectrum and delta_<sweep>_share.
        context: of the figure.
        sweep: "depth", "width" or "clip".
    """
    _, column, _ = VARIED[sweep]
    cells = thinned(tables[f"delta_{sweep}_spectrum"], ROWS)
    letters = dict(zip(sorted(cells[column].unique()), ascii_lowercase, strict=False))
    cells = cells.assign(panel=cells[column].map(letters), source="ours")
    table = thinned(tables[f"delta_{sweep}_share"])
    share = over_members(table[table["band"] == "high"], [column, "iteration"], "share")
    share = share.assign(panel="share", source="ours")
    n_points = context["settings"]["delta"]["n_points"]
    target = pd.DataFrame({"panel": ["target"], "source": ["target"], "magnitude": [1 / n_points]})
    columns = ["panel", "source", column, "iteration", "frequency", "magnitude"]
    columns += ["share", "share_low", "share_high"]
    return pd.concat([target, cells, share], ignore_index=True).reindex(columns=columns)


def draw(data: pd.DataFrame, sweep: str) -> Figure:
    """One heatmap for each setting, the fractions of all below."""
    _, column, words = VARIED[sweep]
    target = float(data.loc[data["panel"] == "target", "magnitude"].iloc[0])
    values = sorted(data[column].dropna().unique())
    letters = list(ascii_lowercase[: len(values)]) or ["a"]
    rows = grid_of(letters)
    figure, axes = style.new_figure(
        [*rows, ["share"] * len(rows[0])],
        height=1.9 * len(rows) + 1.5,
        height_ratios=[*[1.5] * len(rows), 1.0],
    )
    meshes = []
    for letter, value in zip(letters, values, strict=False):
        panel = axes[letter]
        cells = data[data["panel"] == letter]
        grid = cells.pivot(index="iteration", columns="frequency", values="magnitude")
        meshes.append(evolution(panel, grid, HEADROOM * target))
        panels.title(panel, letter, words.format(value))
        panel.set_xlabel("frequency $k$")
        if letter not in [row[0] for row in rows]:
            panel.set(ylabel=None, yticklabels=[])
    if meshes:
        _marked_bar(meshes[0], [axes[letter] for letter in letters], target)
    _shares(axes["share"], data[data["panel"] == "share"], column, words)
    panels.title(axes["share"], ascii_lowercase[len(values)])
    return figure


def grid_of(letters: list[str]) -> list[list[str]]:
    """Panels in rows of four, "." where the last row is not full."""
    rows = [letters[start : start + IN_A_ROW] for start in range(0, len(letters), IN_A_ROW)]
    return [row + ["."] * (len(rows[0]) - len(row)) for row in rows]


def evolution(axes: Axes, grid: pd.DataFrame, highest: float) -> QuadMesh:
    """Colours a quantity over its columns (horizontal) and training iteration (upwards).

    Args:
        axes: the panel.
        grid: index iteration, columns the equidistant values of the horizontal axis.
        highest: value of the lightest colour; 0 is the darkest.
    """
    grid = grid.sort_index()
    columns, rows = (axis.to_numpy(float) for axis in (grid.columns, grid.index))
    mesh = axes.pcolormesh(
        panels.edges(columns),
        panels.edges(rows),
        np.ma.masked_invalid(grid.to_numpy(float)),
        cmap=style.HEATMAP,
        vmin=0.0,
        vmax=highest,
        rasterized=True,
    )
    axes.set_facecolor(style.MISSING)
    style.iteration_axis(axes, "y")
    return mesh


def facts(data: pd.DataFrame, context: Mapping[str, Any], sweep: str) -> dict[str, Any]:
    """What CAPTION needs besides the settings."""
    number, column, _ = VARIED[sweep]
    settings = context["settings"]["delta"]
    networks = readable(settings[f"{sweep}_sweep"])
    return {
        "number": number,
        "networks": "{depth} linear layers, width {width}, K = {weight_clip}".format(**networks),
        "magnitude": 1 / settings["n_points"],
        "letter": ascii_lowercase[data[column].nunique()],
        "every": every(data[data["frequency"].notna()]),
        "iterations": settings[f"{sweep}_sweep"]["iterations"],
        "deviations": deviations_of(context, sweep),
    }


def deviations_of(context: Mapping[str, Any], sweep: str) -> str:
    """A sentence for the caption: which settings of one sweep are not the paper's."""
    others = [f"{name}_sweep" for name in VARIED if name != sweep]
    papers = {name: PAPER["delta"][name] for name in others}
    return deviations({"delta": {**context["settings"]["delta"], **papers}}, "delta")


def _marked_bar(mesh: QuadMesh, axes: list[Axes], target: float) -> Colorbar:
    """A colour bar with a line at the target's value."""
    bar = mesh.figure.colorbar(mesh, ax=axes, extend="max", aspect=25, pad=0.01)
    bar.set_ticks([0.0, target / 2, target], labels=["0", f"{target / 2:g}", f"{target:g} target"])
    bar.ax.axhline(target, color="white", linewidth=1.2)
    bar.set_label(r"$|\tilde{f}(k)|$")
    bar.outline.set_linewidth(0.6)
    return bar


def _shares(axes: Axes, shares: pd.DataFrame, column: str, words: str) -> None:
    shades = style.colours("capacity", shares[column])
    for value, curve in shares.groupby(column):
        panels.curve(axes, curve, "share", shades[value], label=words.format(value))
    style.iteration_axis(axes)
    axes.set(ylabel="fraction reached\nat high $k$", ylim=(0, 1))
    axes.margins(x=0)
    if shares.empty:
        panels.note(axes, "no data")
    else:
        above = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.2}
        axes.legend(ncols=shares[column].nunique(), **above)
