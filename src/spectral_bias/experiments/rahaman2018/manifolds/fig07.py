"""Figure 7: two networks that fit the same labels on a curve, on the plane around it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import ListedColormap, LogNorm
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy.spatial import KDTree

from spectral_bias.experiments.rahaman2018.source_settings import deviations
from spectral_bias.figures import panels, style

TITLE = "Two networks that fit the same labels on a curve, seen on the plane"
TABLES = ("manifold_decision", "manifold_samples")
CAPTION = """\
Figure 7 of Rahaman et al. (2019). Two networks that differ in their initial weights alone, \
trained on {n_points} points of the curve gamma_L with L = {decision[lobes]} (dots, coloured by \
label), labelled by the sign of sin(2 pi k z + phi) with k = {decision[frequency]} and one random \
phase phi; {iterations} iterations, {scale} scale. Shading: predicted class on {decision_points} x \
{decision_points} points; lines: confidence, the absolute value of the logit, at levels of \
about equal ratio (the authors' are evenly spaced). Training accuracy \
{accuracy_a} (a) and {accuracy_b} (b). The two predict different classes on {near} % of the grid \
points within {margin} of a sample and on {far} % of those further away (50 % would be chance). \
{network[activation]} networks of {network[depth]} linear layers, width {network[width]}, binary \
cross-entropy, full-batch {optimiser}, learning rate {learning_rate}. Labels are 1 where the sine \
is positive, as in the authors' code; the text of the \
paper puts the threshold at 0.5. {deviations}"""

LETTERS = {0: "a", 1: "b"}
COLUMNS = ["panel", "source", "kind", "x1", "x2", "logit", "label"]
MARGIN = 0.1
LEVELS = 6


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of kind grid (logits on the plane) and sample (with label), panel a and b a network."""
    kinds = {"grid": tables["manifold_decision"], "sample": tables["manifold_samples"]}
    data = pd.concat([table.assign(kind=kind) for kind, table in kinds.items()], ignore_index=True)
    # Four digits are finer than a pixel and keep the csv small.
    rounded = {name: data[name].round(4) for name in ("x1", "x2")}
    logit = data["logit"].map(lambda value: float(f"{value:.4g}"))
    data = data.assign(**rounded, logit=logit, panel=data["network"].map(LETTERS), source="ours")
    return data.reindex(columns=COLUMNS)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 7 from the table made by `drawn`."""
    letters = list(LETTERS.values())
    figure, axes = style.new_figure([letters], height=3.3, sharex=True, sharey=True)
    grids = {letter: _grid(data, letter) for letter in letters}
    largest = max(np.nanmax(np.abs(grid.to_numpy())) for grid in grids.values())
    levels = confidence_levels(largest)
    for letter in letters:
        panels.title(axes[letter], letter, f"network {letters.index(letter) + 1}")
        lines = _plane(axes[letter], grids[letter], levels)
        _samples(axes[letter], data[(data["panel"] == letter) & (data["kind"] == "sample")])
    axes["a"].set_ylabel("$x_2$")
    _legend(axes[letters[-1]])
    bar = figure.colorbar(lines, ax=list(axes.values()), shrink=0.8)
    bar.set_ticks(levels, labels=[f"{level:g}" for level in levels], minor=False)
    bar.ax.minorticks_off()
    bar.set_label("confidence |logit|")
    return figure


def confidence_levels(largest: float) -> list[float]:
    """The six highest of …, 1, 2, 5, 10, … below `largest`.

    Logits grow far from the samples: even steps up to the largest would leave the rest bare.
    """
    decade = math.floor(math.log10(largest)) if largest > 0 else 0
    steps = [step * 10.0**power for power in range(decade - 3, decade + 1) for step in (1, 2, 5)]
    return [level for level in steps if level < largest][-LEVELS:] or steps[-1:]


def _grid(data: pd.DataFrame, letter: str) -> pd.DataFrame:
    """Logits with one row for each x2 and one column for each x1."""
    chosen = data[(data["panel"] == letter) & (data["kind"] == "grid")]
    return chosen.pivot(index="x2", columns="x1", values="logit")


def _plane(axes: Axes, grid: pd.DataFrame, levels: Sequence[float]) -> QuadContourSet:
    x1, x2, logits = grid.columns.to_numpy(), grid.index.to_numpy(), grid.to_numpy()
    _shading(axes, x1, x2, logits)
    axes.set_aspect("equal")
    axes.set(xlabel="$x_1$", xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    axes.set(xlim=(x1[0], x1[-1]), ylim=(x2[0], x2[-1]))
    # The palest greys would not show, so the map starts below the lowest level.
    scale = LogNorm(levels[0] / 10, levels[-1])
    return axes.contour(x1, x2, np.abs(logits), levels, cmap="Greys", norm=scale, linewidths=0.4)


def _shading(axes: Axes, x1: np.ndarray, x2: np.ndarray, logits: np.ndarray) -> QuadMesh:
    shades = ListedColormap(style.CLASSES)
    return axes.pcolormesh(
        x1, x2, logits > 0, cmap=shades, vmin=0, vmax=1, alpha=0.25, linewidth=0, rasterized=True
    )


def _samples(axes: Axes, samples: pd.DataFrame) -> None:
    for label, colour in enumerate(style.CLASSES):
        chosen = samples[samples["label"] == label]
        axes.scatter(chosen["x1"], chosen["x2"], s=3, color=colour, linewidth=0, zorder=3)


def _legend(axes: Axes) -> None:
    handles = [
        Line2D([], [], color=colour, marker="o", markersize=2.5, linestyle="", label=f"class {i}")
        for i, colour in enumerate(style.CLASSES)
    ]
    place = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.2}
    axes.legend(handles=handles, ncols=2, handletextpad=0.1, columnspacing=0.8, **place)


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: the settings, accuracies, where the two networks differ, deviations."""
    samples = data[data["kind"] == "sample"]
    right = (samples["logit"] > 0) == (samples["label"] == 1)
    accuracy = right.groupby(samples["panel"]).mean()
    near, far = disagreement(data)
    return {
        **context["settings"]["manifold_classification"],
        **{f"accuracy_{letter}": f"{accuracy[letter]:.3f}" for letter in LETTERS.values()},
        **{"margin": MARGIN, "near": f"{100 * near:.0f}", "far": f"{100 * far:.0f}"},
        "deviations": deviations(context["settings"], "manifold_classification"),
    }


def disagreement(data: pd.DataFrame, margin: float = MARGIN) -> tuple[float, float]:
    """Fractions of grid points with different predicted classes, near the samples and elsewhere.

    Args:
        data: made by `drawn`.
        margin: distance to the nearest sample up to which a grid point is near.

    Returns:
        (near, away), each in [0, 1]; NaN where there are no such points.
    """
    first, second = (_grid(data, letter) for letter in LETTERS.values())
    differs = (first > 0).to_numpy() != (second > 0).to_numpy()
    x2, x1 = np.meshgrid(first.index, first.columns, indexing="ij")
    samples = data.loc[data["kind"] == "sample", ["x1", "x2"]].drop_duplicates()
    places = np.stack([x1.ravel(), x2.ravel()], axis=1)
    distance, _ = KDTree(samples.to_numpy()).query(places)
    near = distance.reshape(differs.shape) <= margin
    return _share(differs[near]), _share(differs[~near])


def _share(flags: np.ndarray) -> float:
    return float(flags.mean()) if flags.size else float("nan")
