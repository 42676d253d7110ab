"""Figure 10: the training loss of the networks of Figure 1."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.experiments.rahaman2018.sinusoids.fig01 import AMPLITUDES, LETTERS
from spectral_bias.experiments.rahaman2018.source_settings import deviations
from spectral_bias.figures import panels, style
from spectral_bias.figures.summarise import every, over_members, thinned

TITLE = "Training loss on sums of sinusoids"
TABLES = ("sinusoids_loss",)
CAPTION = """\
Figure 10 of Rahaman et al. (2019). Mean squared error of the networks of Figure 1 during \
training, (a) equal and (b) increasing amplitudes: mean over {sinusoids[n_runs]} runs ({scale} \
scale), band from the lowest to the highest run, {every} drawn without smoothing. \
{sinusoids[network][activation]} networks of {sinusoids[network][depth]} linear layers, width \
{sinusoids[network][width]}, {sinusoids[n_points]} points, full-batch {sinusoids[optimiser]}, \
learning rate {sinusoids[learning_rate]}. {deviations}"""

COLUMNS = ["panel", "source", "setting", "iteration", "curve", "mse", "mse_low", "mse_high"]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """One row for each setting and drawn iteration: mean, lowest and highest run."""
    loss = over_members(thinned(tables["sinusoids_loss"]), ["setting", "iteration"], "mse")
    loss["panel"] = loss["setting"].map(LETTERS)
    return loss.assign(source="ours", curve="training")[COLUMNS]


def draw(data: pd.DataFrame) -> Figure:
    """Figure 10 from the table made by `drawn`."""
    figure, axes = style.new_figure([list(LETTERS.values())], height=2.1, sharex=True, sharey=True)
    for setting, letter in LETTERS.items():
        panel, loss = axes[letter], data[data["setting"] == setting]
        panels.title(panel, letter, AMPLITUDES[setting])
        style.log_axis(panel)
        style.iteration_axis(panel)
        if loss.empty:
            panels.note(panel, "no data")
            continue
        panels.curve(panel, loss, "mse", style.OURS)
        panel.margins(x=0)
    axes["a"].set_ylabel("mean squared error")
    return figure


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: spacing of the drawn iterations, settings that are not the paper's."""
    return {
        "every": every(data),
        "deviations": deviations(context["settings"], "sinusoids"),
    }
