"""Figure 3: how much of each learnt frequency survives a random perturbation of all parameters."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.experiments.rahaman2018.source_settings import deviations
from spectral_bias.figures import panels, style
from spectral_bias.figures.summarise import over_members

TITLE = "Higher frequencies are less robust to parameter perturbation"
TABLES = ("perturbation",)
CAPTION = """\
Figure 3 of Rahaman et al. (2019). Trained \
{perturbation[network][activation]} networks ({perturbation[network][depth]} linear layers, width \
{perturbation[network][width]}; {perturbation[iterations]} iterations of full-batch \
{perturbation[optimiser]} on sums of sinusoids of equal amplitude, k = \
{perturbation[frequencies]}, {perturbation[n_points]} points) \
are moved by delta times a random unit vector of the whole parameter space. Colour: amplitude of \
the perturbed function at frequency k over that of the unperturbed one, mean over \
{perturbation[n_directions]} directions and {perturbation[n_runs]} runs ({scale} scale), clipped \
to [0, 1]; {perturbation[n_deltas]} values of delta up to {perturbation[delta_max]}. \
{deviations} The csv holds the unclipped values."""

COLUMNS = ["panel", "source", "delta", "frequency", "relative_amplitude", "relative_amplitude_std"]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """One row for each cell: mean over runs, not clipped, and standard deviation over runs."""
    cells = over_members(
        tables["perturbation"], ["delta", "frequency"], "relative_amplitude", std=True
    )
    return cells.assign(panel="a", source="ours")[COLUMNS]


def draw(data: pd.DataFrame) -> Figure:
    """Figure 3 from the table made by `drawn`; delta grows upwards as in the paper."""
    figure, axes = style.new_figure([["a"]], height=2.7, width=style.COLUMN)
    mesh = panels.heatmap(axes["a"], data, "delta", "relative_amplitude")
    axes["a"].set_ylabel(r"size $\delta$ of the perturbation")
    panels.colour_bar(mesh, axes["a"], "amplitude / unperturbed amplitude")
    return figure


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption fact: settings that are not the paper's."""
    return {"deviations": deviations(context["settings"], "perturbation")}
