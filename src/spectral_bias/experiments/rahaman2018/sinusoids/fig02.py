"""Figure 2: the learnt function over its target at a few iterations of one run."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.experiments.rahaman2018.source_settings import deviations
from spectral_bias.figures import panels, style

TITLE = "The learnt function gains detail during training"
TABLES = ("sinusoids_function",)
CAPTION = """\
Figure 2 of Rahaman et al. (2019). One {sinusoids[network][activation]} network of \
{sinusoids[network][depth]} linear layers, width {sinusoids[network][width]} (green), fitted to \
{sinusoids[n_points]} points of a sum of \
sinusoids with k = {sinusoids[frequencies]} and equal amplitudes (blue), at iterations \
{sinusoids[snapshots]}; {scale} scale, first of {sinusoids[n_runs]} runs, with its own random \
phases. {deviations}"""

COLUMNS = ["panel", "source", "iteration", "z", "target", "prediction"]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """One row for each snapshot and point; `panel` is a, b, ... in the order of iterations."""
    function = tables["sinusoids_function"].sort_values(["iteration", "z"])
    rank = function["iteration"].rank(method="dense").astype(int) - 1
    letters = rank.map(lambda number: chr(ord("a") + number))
    return function.assign(panel=letters, source="ours")[COLUMNS].reset_index(drop=True)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 2 from the table made by `drawn`, two snapshots in a row."""
    letters = sorted(data["panel"].unique()) or ["a"]
    rows = [letters[start : start + 2] for start in range(0, len(letters), 2)]
    if len(rows) > 1 and len(rows[-1]) == 1:
        rows[-1] = [rows[-1][0], "."]
    figure, axes = style.new_figure(rows, height=0.35 + 1.35 * len(rows), sharex=True, sharey=True)
    for letter in letters:
        snapshot = data[data["panel"] == letter]
        panel = axes[letter]
        panel.label_outer()
        panel.tick_params(labelbottom=letter in letters[-2:])
        if snapshot.empty:
            panels.note(panel, "no data")
            continue
        panels.title(panel, letter, f"iteration {snapshot['iteration'].iloc[0]:,}")
        panel.plot(
            snapshot["z"], snapshot["target"], color=style.TARGET, linewidth=1.8, label="target"
        )
        panel.plot(
            snapshot["z"], snapshot["prediction"], color=style.LEARNT, linewidth=1, label="learnt"
        )
        panel.set_xlim(0, 1)
    for row in rows:
        axes[row[0]].set_ylabel("$f(z)$")
    figure.supxlabel("input $z$", fontsize=7)
    handles, labels = axes[letters[0]].get_legend_handles_labels()
    place = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.2}
    axes[rows[0][-1]].legend(handles, labels, ncols=2, **place)
    return figure


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption fact: settings that are not the paper's."""
    return {"deviations": deviations(context["settings"], "sinusoids")}
