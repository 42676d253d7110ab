"""Figure 18: how the function itself approaches a delta under several weight clips."""

from collections.abc import Mapping
from string import ascii_lowercase
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.experiments.rahaman2018.delta.evolution import deviations_of, evolution, grid_of
from spectral_bias.figures import panels, style
from spectral_bias.figures.summarise import every, thinned

TITLE = "The function learnt under several weight clips"
TABLES = ("delta_clip_function",)
CAPTION = """\
Figure 18 of Rahaman et al. (2019). Colour: prediction at each of the {delta[n_points]} training \
points z_j = j/N for the weight clips K = {delta[clip_sweep][weight_clip]} of Figure 17, clipped \
to [0, 1], {every} drawn; first of {delta[n_runs]} runs, whose initial weights are the same for \
every K. The target is 1 at z = {delta[position]} and 0 elsewhere. The lower panels enlarge the \
surroundings of that point (ours). {delta[activation]} networks of \
{delta[clip_sweep][depth]} linear layers, width {delta[clip_sweep][width]}; full-batch \
{delta[optimiser]}, learning rate {delta[learning_rate]}, \
{delta[clip_sweep][iterations]} iterations ({scale} scale). {deviations} The csv holds the \
predictions unclipped, to four decimals."""

COLUMNS = ["panel", "source", "weight_clip", "iteration", "z", "prediction"]
# More would push the csv beyond 1 MB.
ROWS, DECIMALS = 40, 4
ZOOM = 0.05


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of the heatmaps, and one that says where the target is 1."""
    cells = thinned(tables["delta_clip_function"], ROWS)
    letters = dict(zip(sorted(cells["weight_clip"].unique()), ascii_lowercase, strict=False))
    cells = cells.assign(panel=cells["weight_clip"].map(letters), source="ours")
    cells["prediction"] = cells["prediction"].round(DECIMALS)
    position = context["settings"]["delta"]["position"]
    target = pd.DataFrame({"panel": ["target"], "source": ["target"], "z": [position]})
    return pd.concat([target, cells], ignore_index=True).reindex(columns=COLUMNS)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 18 from the table made by `drawn`."""
    position = float(data.loc[data["panel"] == "target", "z"].iloc[0])
    values = sorted(data["weight_clip"].dropna().unique())
    letters = list(ascii_lowercase[: len(values)]) or ["a"]
    whole = grid_of(letters)
    near = [[f"{name} near" if name != "." else name for name in row] for row in whole]
    rows = [row for pair in zip(whole, near, strict=True) for row in pair]
    figure, axes = style.new_figure(rows, height=1.7 * len(rows))
    mesh = None
    for letter, value in zip(letters, values, strict=False):
        cells = data[data["panel"] == letter]
        grid = cells.pivot(index="iteration", columns="z", values="prediction")
        for name in (letter, f"{letter} near"):
            mesh = evolution(axes[name], grid, highest=1.0)
            if name not in [row[0] for row in rows]:
                axes[name].set(ylabel=None, yticklabels=[])
        axes[f"{letter} near"].set_xlim(position - ZOOM, position + ZOOM)
        axes[f"{letter} near"].set_xlabel("input $z$")
        panels.title(axes[letter], letter, f"$K = {value:g}$")
    if mesh is not None:
        bar = figure.colorbar(mesh, ax=list(axes.values()), extend="both", aspect=40, pad=0.01)
        bar.set_label("prediction")
        bar.outline.set_linewidth(0.6)
    return figure


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: which records are drawn, settings that are not the paper's."""
    return {
        "every": every(data[data["z"].notna()]),
        "deviations": deviations_of(context, "clip"),
    }
