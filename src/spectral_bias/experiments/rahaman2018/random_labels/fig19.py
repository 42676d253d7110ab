"""Figure 19: how fast random labels are fitted on a curved and on a flat manifold."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

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
reconstructions of {dataset} by a denoising autoencoder with {features} features \
({pixels} pixels). Flat: vectors of {pixels} entries, the first {features} from U(0, 1), the rest \
0. (b) The two kinds of inputs differ not only in curvature: mean norm, root mean square distance \
from the mean input (spread), mean distance to the nearest other input. The stretched flat inputs \
are a control of ours: the flat ones times one number that gives them the spread of the curved.

{size_matters} {deviations} {choice}The autoencoder reconstructs: mean squared error \
{reconstruction_loss} per pixel on images that it was not trained on, where the mean image has \
{mean_image_loss}. Ours, \
since the paper does not say: autoencoder with hidden layers of {hidden} units and a sigmoid at \
the end, noise of standard deviation {autoencoder[noise]}, {autoencoder[epochs]} epochs of Adam; \
regression with {network[activation]} networks of {network[depth]} linear layers, width \
{network[width]}, full-batch {optimiser}, learning rate {learning_rate}, {iterations} iterations; \
number of inputs."""

SMALL_IMAGES = """\
Where images have fewer than the paper's 784 pixels we keep about its fraction of features. The \
order depends on that choice: the more features, the farther apart flat inputs lie; in trials with \
three runs on the 8 x 8 digits the two were about equal at 8 features, and the flat inputs were \
fitted faster at 16, as well as at 64 on digits enlarged to 28 x 28. """
DATASETS = {"mnist": "MNIST digits", "digits": "scikit-learn's 8 x 8 digits"}
PIXELS = {"mnist": 784, "digits": 64}
BEST_CONSTANT = 1 / 12
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
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Panel a: curves; panel b: facts on the inputs; rows without panel: for the caption."""
    losses = thinned(tables["random_labels_loss"], by=["inputs"])
    curves = over_members(losses, ["inputs", "iteration"], "mse").assign(panel="a")
    inputs = tables["random_labels_inputs"]
    shown = inputs["quantity"].isin(list(QUANTITIES))
    inputs = inputs.assign(panel=shown.map({True: "b", False: None}))
    together = pd.concat([curves, inputs], ignore_index=True).assign(source="ours")
    return together.reindex(columns=COLUMNS)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 19 from the table made by `drawn`."""
    figure, axes = style.new_figure([["a", "b"]], height=2.7, width_ratios=[1.9, 1])
    _losses(axes["a"], data[data["panel"] == "a"])
    _inputs(axes["b"], data[data["panel"] == "b"])
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
        "dataset": DATASETS[source],
        "pixels": PIXELS[source],
        "every": every(data[data["panel"] == "a"]),
        "size_matters": _comparison(value),
        "choice": SMALL_IMAGES if source == "digits" else "",
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


def _losses(axes: Axes, data: pd.DataFrame) -> None:
    panels.title(axes, "a", "training loss on random labels")
    style.log_axis(axes)
    for kind, name in NAMES.items():
        rows = data[data["inputs"] == kind]
        if not rows.empty:
            panels.curve(axes, rows, "mse", COLOURS[kind], label=name, linestyle=DASHES[kind])
    for level in (BEST_CONSTANT, BEST_CONSTANT / 2):
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
