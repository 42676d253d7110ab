"""Figure 22: K-nearest-neighbour classifiers beside networks, in accuracy and in spectrum."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from spectral_bias.experiments.rahaman2018.accuracy_heatmap import accuracy_heatmap
from spectral_bias.experiments.rahaman2018.source_settings import deviations
from spectral_bias.figures import panels, style
from spectral_bias.figures.summarise import over_members

TITLE = "Spectra of networks decay faster than those of nearest neighbours"
TABLES = ("neighbours_accuracy", "neighbours_spectrum", "neighbours_exponent")
CAPTION = """\
Figure 22 of Rahaman et al. (2019), Appendix E. (a-d) Figure 9 with K-nearest-neighbour \
classifiers (scikit-learn) for the networks: training accuracy, as there, on the same samples and \
labels ({scale} scale), mean over the label phases of a cell; a sample counts among its own K \
neighbours, and tied votes go to class 0. Colours as in Figure 9; accuracies below 0.5 (lowest \
{lowest}) have the colour of 0.5: they arise where most neighbours of a sample are of the other \
class. (e) Maps of the probability of class 1 over the box [-{box}, {box}]^2, of classifiers (K = \
{map_neighbours}) and of networks trained on k = {frequency}, L = {lobes_shown} ({n_points} \
points): zeta(k) = k times the integral of |f~(k, phi)| over the angle, k in cycles per unit \
length; mean over {n_runs} runs, band from the lowest to the highest. Each run has a phase of its \
own, which its classifiers share. Shaded: bands over which exponents are fitted, means over runs: \
{exponents}.

The map of a classifier jumps at the edges of its cells, which gives an exponent of -1/2 beyond \
the size of the cells; a smooth map falls faster. Ours, since the paper does not say: {box_points} \
x {box_points} points; before the FFT the mean is taken away and a Hann window applied along each \
axis, so that the edge of the box makes no jump; bands of the fits; {network[activation]} networks \
of {network[depth]} linear layers, width {network[width]}, full-batch {optimiser}, learning rate \
{learning_rate}, {iterations} iterations, after which the networks have a mean training accuracy \
of {network_accuracy} (classifiers: {other_accuracies}). {deviations}"""

PANELS = "abcd"
KEYS = ["model", "neighbours"]
BAND = ["fit_from", "fit_to"]
COLUMNS = [
    *("panel", "source", "model", "neighbours", "frequency", "lobes", "accuracy"),
    *("wavenumber", "zeta", "zeta_low", "zeta_high", "exponent", "fit_from", "fit_to"),
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Panels a to d: mean accuracy of each cell, for the first four K; e: zeta, and exponents."""
    cells = tables["neighbours_accuracy"].groupby(["neighbours", "frequency", "lobes"])["accuracy"]
    cells = cells.mean().reset_index().assign(model="neighbours")
    letters = dict(zip(sorted(cells["neighbours"].unique()), PANELS, strict=False))
    cells = cells.assign(panel=cells["neighbours"].map(letters)).dropna(subset="panel")
    lines = over_members(tables["neighbours_spectrum"], [*KEYS, "wavenumber"], "zeta")
    fits = tables["neighbours_exponent"].groupby([*KEYS, *BAND], dropna=False)
    fits = fits[["exponent", "accuracy"]].mean().reset_index()
    parts = [cells, lines.assign(panel="e"), fits.assign(panel="e")]
    return pd.concat(parts, ignore_index=True).assign(source="ours").reindex(columns=COLUMNS)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 22 from the table made by `drawn`: two by two heatmaps, and the spectra."""
    figure, axes = style.new_figure(
        [["a", "b", "e"], ["c", "d", "e"]], height=4.0, width_ratios=[1, 1, 1.35]
    )
    meshes = []
    for letter in PANELS:
        rows = data[data["panel"] == letter]
        if rows.empty:
            panels.empty(axes[letter], "no further K")
            continue
        meshes.append(accuracy_heatmap(axes[letter], rows))
        panels.title(axes[letter], letter, f"$K = {rows['neighbours'].iloc[0]:g}$")
        axes[letter].tick_params(labelsize=5.5)
    if meshes:
        beside = [axes[letter] for letter in PANELS]
        bar = figure.colorbar(
            meshes[0], ax=beside, location="bottom", shrink=0.7, aspect=30, extend="min"
        )
        bar.set_label("training accuracy")
        bar.outline.set_linewidth(0.6)
    _spectra(axes["e"], data[data["panel"] == "e"])
    return figure


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: settings, lowest accuracy, exponents."""
    settings = context["settings"]["neighbours"]
    fits = data.dropna(subset="exponent")
    network = fits[fits["model"] == "network"].iloc[0]
    others = fits[fits["model"] == "neighbours"]
    texts = [
        f"k = {low:g} to {high:g}, {_exponents(band)}" for (low, high), band in fits.groupby(BAND)
    ]
    return {
        **settings,
        "frequency": settings["frequencies"][0],
        "lobes_shown": settings["lobes"][0],
        "lowest": f"{data.loc[data['panel'] != 'e', 'accuracy'].min():.2f}",
        "exponents": "; ".join(texts),
        "network_accuracy": f"{network['accuracy']:.2f}",
        "other_accuracies": f"{others['accuracy'].min():.2f} to {others['accuracy'].max():.2f}",
        "deviations": deviations(context["settings"], "neighbours"),
    }


def _exponents(fits: pd.DataFrame) -> str:
    """The exponents of all models over one band."""
    kind = {True: "network", False: "K = {:g}"}
    rows = fits.sort_values("neighbours", na_position="first")
    return ", ".join(
        f"{kind[pd.isna(row.neighbours)].format(row.neighbours)}: {row.exponent:.2f}"
        for row in rows.itertuples()
    )


def _spectra(axes: Axes, data: pd.DataFrame) -> None:
    panels.title(axes, "e", "spectra of probability maps")
    lines = data.dropna(subset="zeta")
    shades = style.colours("neighbours", lines["neighbours"].dropna())
    for kind, rows in lines.groupby("neighbours", dropna=False):
        network = pd.isna(kind)
        colour = style.BASELINE if network else shades[kind]
        label = "network" if network else f"$K = {kind:g}$"
        axes.fill_between(
            rows["wavenumber"], rows["zeta_low"], rows["zeta_high"], color=colour, alpha=0.12,
            linewidth=0,
        )  # fmt: skip
        width = 1.4 if network else 1.0
        axes.plot(rows["wavenumber"], rows["zeta"], color=colour, label=label, linewidth=width)
    fit = data.dropna(subset="exponent")
    if not fit.empty:
        axes.axvspan(fit["fit_from"].min(), fit["fit_to"].max(), color="0.9", linewidth=0, zorder=0)
        for edge in np.unique(fit[BAND]):
            axes.axvline(edge, color="0.75", linewidth=0.5, zorder=0)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    style.log_axis(axes)
    axes.set(xlabel="$k$ (cycles per unit length)", ylabel=r"$\zeta(k)$")
    if lines.empty:
        panels.note(axes, "no data")
    else:
        axes.legend(loc="lower left")
