"""Figure 9: how accurately a binarised sinusoid on a curve is classified, over k and L."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.experiments.rahaman2018.accuracy_heatmap import accuracy_heatmap
from spectral_bias.experiments.rahaman2018.source_settings import deviations
from spectral_bias.figures import style
from spectral_bias.figures.summarise import over_members

TITLE = "High frequencies are easier to classify on curves with more lobes"
TABLES = ("manifold_accuracy",)
CAPTION = """\
Figure 9 of Rahaman et al. (2019). Training accuracy of networks that classify {n_points} points \
of the curve gamma_L (a closed curve in the plane with L lobes) by the sign of \
sin(2 pi k z + phi), after {iterations} iterations; {networks} for each (k, L), each with a \
random phase phi of its own ({scale} scale). {network[activation]} networks of \
{network[depth]} linear layers, width {network[width]}, binary cross-entropy, full-batch \
{optimiser}, learning rate {learning_rate}. Colours \
start at 0.5, what guessing gives; lowest cell {lowest}. Few points in a period share few \
phases, so that one class may be larger than the other: with five points in a period it has \
three of them, and guessing gives 0.6. Claims are therefore judged by the balanced accuracy, the \
mean over both classes, for which guessing gives 0.5 at every k (in the csv). Labels are 1 where \
the sine is positive, as in the authors' code; the text of the paper puts the threshold at 0.5. \
{deviations}"""

COLUMNS = [
    *("panel", "source", "frequency", "lobes", "accuracy", "accuracy_low", "accuracy_high"),
    *("balanced_accuracy", "balanced_accuracy_low", "balanced_accuracy_high"),
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """One row for each cell: mean, lowest and highest network."""
    keys = ["frequency", "lobes"]
    cells = over_members(tables["manifold_accuracy"], keys, "accuracy")
    balanced = over_members(tables["manifold_accuracy"], keys, "balanced_accuracy")
    cells = cells.merge(balanced[[*keys, *COLUMNS[-3:]]], on=keys)
    return cells.assign(panel="a", source="ours")[COLUMNS]


def draw(data: pd.DataFrame) -> Figure:
    """Figure 9 from the table made by `drawn`."""
    figure, axes = style.new_figure([["a"]], height=2.9, width=style.COLUMN)
    mesh = accuracy_heatmap(axes["a"], data)
    bar = figure.colorbar(mesh, ax=axes["a"], ticks=[0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    bar.set_label("training accuracy")
    bar.outline.set_linewidth(0.6)
    return figure


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: the settings, the lowest cell, settings that are not the paper's."""
    settings = context["settings"]["manifold_classification"]
    n = settings["n_runs"]
    return {
        **settings,
        "networks": "one network" if n == 1 else f"mean over {n} networks",
        "lowest": f"{data['accuracy'].min():.2f}",
        "deviations": deviations(context["settings"], "manifold_classification"),
    }
