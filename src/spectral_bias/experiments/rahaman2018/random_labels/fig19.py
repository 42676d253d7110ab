"""Figure 19: how fast random labels are fitted on a curved and on a flat manifold."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spectral_bias.data.digit_sets import DIGIT_SETS
from spectral_bias.experiments.rahaman2018.random_labels.times import (
    BEST_CONSTANT,
    LEVEL,
    OTHERS,
    ratios,
)
from spectral_bias.experiments.rahaman2018.source_settings import deviations
from spectral_bias.figures import panels, style
from spectral_bias.figures.summarise import every, over_members, thinned

TITLE = "Random labels on a curved and on a flat manifold of equal dimension"
TABLES = ("random_labels_loss", "random_labels_inputs")
CAPTION = """\
Figure 19 of Rahaman et al. (2019), Experiment 8. (a) Training loss on targets from U(0, 1) at \
{n_samples} inputs; mean over {n_runs} runs ({scale} scale), band from the lowest to the highest \
run, {every} drawn. A run compares networks of the same initial weights and targets, trained in \
the same way. Dotted: loss of the best constant, and half of it. Curved: inputs are the \
reconstructions of digits ({dataset}) by a denoising autoencoder with {features} features \
({pixels} pixels). Flat: vectors of {pixels} entries, the first {features} from U(0, 1), the rest \
0. (b) The two kinds of inputs differ not only in curvature: mean norm, root mean square distance \
from the mean input (spread), mean distance to the nearest other input. The stretched flat inputs \
are a control of ours: the flat ones times one number that gives them the spread of the curved. \
(c) The order over the number of features, each with an autoencoder of its own (ours): iterations \
until the loss is half of the best constant's, on the curved inputs over those on the flat or \
stretched ones, in pairs of the same run; geometric mean over runs and range. Below 1 the curved \
inputs are fitted faster. {unfitted}

{size_matters} {deviations} The autoencoder reconstructs: mean squared error \
{reconstruction_loss} per pixel on images that it was not trained on, where the mean image has \
{mean_image_loss}. Ours, \
since the paper does not say: autoencoder with hidden layers of {hidden} units and a sigmoid at \
the end, noise of standard deviation {autoencoder[noise]}, {autoencoder[epochs]} epochs of Adam; \
regression with {network[activation]} networks of {network[depth]} linear layers, width \
{network[width]}, full-batch {optimiser}, learning rate {learning_rate}, {iterations} iterations; \
number of inputs."""

COLOURS = {"manifold": style.OURS, "flat": style.AUTHORS, "flat_stretched": style.SECOND}
NAMES = {
    "manifold": "curved: reconstructed digits",
    "flat": "flat",
    "flat_stretched": "flat, stretched (control)",
}
DASHES = {"manifold": "-", "flat": "-", "flat_stretched": (0, (4, 1.5))}
QUANTITIES = {"norm": "norm", "spread": "spread", "nearest": "nearest\nother input"}
COLUMNS = [
    *("panel", "source", "inputs", "iteration", "mse", "mse_low", "mse_high"),
    *("quantity", "value"),
    *("features", "ratio", "ratio_low", "ratio_high", "runs", "fitted"),
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Panels a, b: curves and facts on the inputs at the main number of features; panel c: ratios.

    Rows without panel are for the caption.
    """
    main = context["settings"]["random_labels"]["autoencoder"]["network"]["features"]
    losses, inputs = tables["random_labels_loss"], tables["random_labels_inputs"]
    at_main = thinned(losses[losses["features"] == main], by=["inputs"])
    curves = over_members(at_main, ["features", "inputs", "iteration"], "mse").assign(panel="a")
    inputs = inputs[inputs["features"] == main]
    shown = inputs["quantity"].isin(list(QUANTITIES))
    inputs = inputs.assign(panel=shown.map({True: "b", False: None}))
    sweep = _over_runs(ratios(losses)).assign(panel="c")
    together = pd.concat([curves, inputs, sweep], ignore_index=True).assign(source="ours")
    return together.reindex(columns=COLUMNS)


def _over_runs(table: pd.DataFrame) -> pd.DataFrame:
    """Geometric mean and range of ratios over the runs that came to the level on both inputs."""
    grouped = table.assign(log=np.log(table["ratio"])).groupby(["features", "inputs"])
    ratio = grouped["ratio"]
    found = pd.DataFrame({"ratio": np.exp(grouped["log"].mean())})
    found["ratio_low"], found["ratio_high"] = ratio.min(), ratio.max()
    found["runs"], found["fitted"] = ratio.size(), ratio.count()
    return found.reset_index()


def draw(data: pd.DataFrame) -> Figure:
    """Figure 19 from the table made by `drawn`."""
    figure, axes = style.new_figure([["a", "b", "c"]], height=2.7, width_ratios=[1.5, 1, 1])
    _losses(axes["a"], data[data["panel"] == "a"])
    _inputs(axes["b"], data[data["panel"] == "b"])
    _sweep(axes["c"], data[data["panel"] == "c"])
    return figure


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: settings, sizes of the inputs, quality of the autoencoder."""
    settings = context["settings"]["random_labels"]
    source = settings["autoencoder"]["data"]["source"]
    rows = data.dropna(subset=["quantity"])
    value = {(r.inputs, r.quantity): r.value for r in rows.itertuples()}
    losses = ("reconstruction_loss", "mean_image_loss")
    return {
        **settings,
        **{name: f"{value['manifold', name]:.3g}" for name in losses},
        "features": settings["autoencoder"]["network"]["features"],
        "hidden": settings["autoencoder"]["network"]["hidden"],
        "dataset": DIGIT_SETS[source].title,
        "pixels": DIGIT_SETS[source].pixels,
        "every": every(data[data["panel"] == "a"]),
        "size_matters": _comparison(value),
        "unfitted": _unfitted(data[data["panel"] == "c"]),
        "deviations": deviations(context["settings"], "random_labels"),
    }


def _comparison(value: Mapping[tuple[str, str], float]) -> str:
    def times(quantity: str, other: str) -> str:
        return f"{value['manifold', quantity] / value[other, quantity]:.2f}"

    return (
        f"Norm, spread and nearest distance of the curved inputs are {times('norm', 'flat')}, "
        f"{times('spread', 'flat')} and {times('nearest', 'flat')} times those of the flat ones; "
        f"at equal spread the nearest distance is {times('nearest', 'flat_stretched')} times "
        "that of the stretched flat ones. Targets of neighbours are unrelated, so that the closer "
        "inputs lie, the steeper a function is that fits them."
    )


def _unfitted(rows: pd.DataFrame) -> str:
    missing = rows[rows["fitted"] < rows["runs"]]
    parts = [
        f"{int(r.runs - r.fitted)} of {int(r.runs)} at {int(r.features)} features ({r.inputs})"
        for r in missing.itertuples()
    ]
    return f"Left out, since not fitted to that level: {'; '.join(parts)}." if parts else ""


def _losses(axes: Axes, data: pd.DataFrame) -> None:
    panels.title(axes, "a", "training loss on random labels")
    style.log_axis(axes)
    for kind, name in NAMES.items():
        rows = data[data["inputs"] == kind]
        if not rows.empty:
            panels.curve(axes, rows, "mse", COLOURS[kind], label=name, linestyle=DASHES[kind])
    for level in (BEST_CONSTANT, LEVEL * BEST_CONSTANT):
        axes.axhline(level, color="0.4", linewidth=0.6, linestyle=":", zorder=0)
    style.iteration_axis(axes)
    axes.margins(x=0)
    axes.set_ylabel("mean squared error")
    if data.empty:
        panels.note(axes, "no data")
    else:
        axes.legend(loc="lower left")


def _inputs(axes: Axes, data: pd.DataFrame) -> None:
    panels.title(axes, "b", "inputs")
    width = 0.8 / len(NAMES)
    for rank, kind in enumerate(NAMES):
        rows = data[data["inputs"] == kind].set_index("quantity")["value"].reindex(list(QUANTITIES))
        left = [place + (rank - 1) * width for place in range(len(QUANTITIES))]
        axes.bar(left, rows, width, color=COLOURS[kind])
    axes.set_xticks(range(len(QUANTITIES)), list(QUANTITIES.values()))
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel("Euclidean length")


def _sweep(axes: Axes, data: pd.DataFrame) -> None:
    panels.title(axes, "c", "time on curved inputs")
    if data["fitted"].fillna(0).sum() == 0:
        panels.empty(axes, "no run is fitted")
        return
    axes.axhline(1.0, color="0.4", linewidth=0.6, linestyle=":", zorder=0)
    # Side by side, so that ranges do not cover each other.
    for kind, aside in zip(OTHERS, (0.96, 1.04), strict=True):
        rows = data[(data["inputs"] == kind) & (data["fitted"] > 0)].sort_values("features")
        ends = [rows["ratio"] - rows["ratio_low"], rows["ratio_high"] - rows["ratio"]]
        line = {"linestyle": DASHES[kind], "marker": "o", "markersize": 3, "capsize": 2}
        label = f"over {NAMES[kind]}".removesuffix(" (control)")
        axes.errorbar(
            aside * rows["features"], rows["ratio"], ends, color=COLOURS[kind], label=label, **line
        )
    axes.set_xscale("log", base=2)
    features = sorted(data["features"].unique())
    axes.set_xticks(features, [f"{f:g}" for f in features])
    axes.minorticks_off()
    axes.set_yscale("log", base=2)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set(xlabel="features", ylabel="ratio of iterations")
    axes.margins(x=0.12, y=0.25)
    axes.legend()
