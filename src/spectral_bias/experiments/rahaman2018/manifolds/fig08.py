"""Figure 8: how the spectrum evolves while sums of sinusoids are fitted on curves of L lobes."""

from collections.abc import Mapping
from string import ascii_lowercase
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spectral_bias.experiments.rahaman2018 import spectrum_agreement
from spectral_bias.experiments.rahaman2018.source_settings import AUTHORS, deviations
from spectral_bias.figures import panels, style
from spectral_bias.figures.agreement import Agreement, differences
from spectral_bias.figures.summarise import over_members, thinned
from spectral_bias.reference import authors

TITLE = "High frequencies are easier to fit on curves with more lobes"
TABLES = ("manifold_spectrum", "manifold_loss")
CAPTION = """\
Figure 8 of Rahaman et al. (2019). Sums of sinusoids of equal amplitude, k = {frequencies}, on \
{n_points} points of the curve gamma_L in the plane with L = {lobes} lobes, fitted by \
{network[activation]} networks of {network[depth]} linear layers, width {network[width]} \
(full-batch {optimiser}, learning \
rate {learning_rate}, {iterations} iterations; {scale} scale: mean of {n_runs} runs). Heatmaps: \
single-sided amplitude of f o gamma_L at each frequency, divided by the target's; mean over runs, \
colours clipped to [0, 1]. Networks of one run share phases and initial weights over all L. \
({letter_loss}) Mean squared error, mean over runs, band from the lowest to the highest run. \
({letter_high}) The same amplitudes, clipped at 1 and averaged over the upper half of the \
frequencies (k >= {from_k}); the paper draws no such panel. Top right: the authors' published \
heatmap for L = 10 ({authors_heatmap}). {deviations} Recorded are the Fourier coefficients at \
these k instead of all predictions. The csv holds the amplitudes unclipped."""

AUTHORS_LOBES = 10
MOST_ROWS = 600
COLUMNS = [
    *("panel", "source", "lobes", "iteration", "frequency", "amplitude", "amplitude_std"),
    *("mse", "mse_low", "mse_high", "high", "high_low", "high_high"),
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of the heatmaps (frequency, amplitude), of the loss (mse) and of high frequencies."""
    table = thinned(tables["manifold_spectrum"], MOST_ROWS)
    letters = _letters(table["lobes"].unique())
    keys = ["lobes", "iteration"]
    cells = over_members(table, [*keys, "frequency"], "amplitude", std=True)
    cells = cells.assign(source="ours", panel=cells["lobes"].map(letters))
    read = authors("rahaman2018", "manifold_L10")[["iteration", "frequency", "amplitude"]]
    read = read.assign(source="authors", lobes=AUTHORS_LOBES, panel="authors")
    loss = over_members(thinned(tables["manifold_loss"]), keys, "mse")
    loss = loss.assign(source="ours", panel=letters["loss"])
    upper = table[table["frequency"] >= upper_half(table)].assign(
        high=lambda rows: rows["amplitude"].clip(upper=1.0)
    )
    high = upper.groupby([*keys, "member"])["high"].mean().reset_index()
    high = over_members(high, keys, "high").assign(source="ours", panel=letters["high"])
    return pd.concat([cells, read, loss, high], ignore_index=True).reindex(columns=COLUMNS)


def upper_half(table: pd.DataFrame) -> float:
    """The lowest k of the upper half of the frequencies in `table`."""
    frequencies = sorted(table["frequency"].dropna().unique())
    return frequencies[len(frequencies) // 2]


def _letters(lobes: list[int]) -> dict[int | str, str]:
    """Panel of each L, and of the loss and the high frequencies."""
    return dict(zip([*sorted(lobes), "loss", "high"], ascii_lowercase, strict=False))


def _panels(data: pd.DataFrame) -> dict[int | str, str]:
    return _letters(data.loc[data["source"] == "ours", "lobes"].unique())


def draw(data: pd.DataFrame) -> Figure:
    """Figure 8 from the table made by `drawn`."""
    letters = _panels(data)
    lobes = [key for key in letters if key not in ("loss", "high")]
    top = [*(letters[each] for each in lobes), "authors"]
    # Nested, so that the rows need not share their columns.
    figure, axes = style.new_figure([[[top]], [[[letters["loss"], letters["high"]]]]], height=4.3)
    for each in lobes:
        panel = axes[letters[each]]
        panels.title(panel, letters[each], f"$L = {each:g}$")
        mesh = _heatmap(panel, data[data["panel"] == letters[each]])
        if each != lobes[0]:
            panel.set(ylabel=None, yticklabels=[])
    _heatmap(axes["authors"], data[data["panel"] == "authors"])
    axes["authors"].set_title(f"authors, $L = {AUTHORS_LOBES}$")
    shown = [axes[name] for name in top]
    panels.colour_bar(mesh, shown, "amplitude / target amplitude", aspect=30)
    loss, high = axes[letters["loss"]], axes[letters["high"]]
    _curves(loss, data, letters["loss"], "mse", "mean squared error")
    _curves(high, data, letters["high"], "high", "mean amplitude of high $k$")
    style.log_axis(loss)
    high.set_ylim(0, 1)
    above = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.2}
    loss.legend(ncols=len(lobes), columnspacing=0.8, handlelength=1.0, **above)
    return figure


def _heatmap(axes: Axes, cells: pd.DataFrame) -> Any:
    mesh = panels.heatmap(axes, cells, "iteration", "amplitude")
    style.iteration_axis(axes, "y")
    axes.tick_params(axis="x", labelsize=5, labelrotation=90)
    return mesh


def _curves(axes: Axes, data: pd.DataFrame, letter: str, value: str, label: str) -> None:
    chosen = data[data["panel"] == letter]
    shades = style.colours("lobes", chosen["lobes"])
    for lobes, curve in chosen.groupby("lobes"):
        panels.curve(axes, curve, value, shades[lobes], label=f"$L = {lobes:g}$")
    panels.title(axes, letter)
    style.iteration_axis(axes)
    axes.set_ylabel(label)
    axes.margins(x=0)


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: the settings, letters, how the authors' heatmap is to be read."""
    letters = _panels(data)
    ours = data[(data["source"] == "ours") & data["frequency"].notna()]
    return {
        **context["settings"]["manifold_regression"],
        "letter_loss": letters["loss"],
        "letter_high": letters["high"],
        "from_k": int(upper_half(ours)),
        "authors_heatmap": "mean of 5 runs, 10,000 iterations, read off their picture"
        + ("; for the shape only, since our settings are others" if _other(context) else ""),
        "deviations": deviations(context["settings"], "manifold_regression"),
    }


def _other(context: Mapping[str, Any]) -> list[str]:
    """Why our numbers cannot be compared with the authors'; empty if they can."""
    settings = context["settings"]["manifold_regression"]
    reasons = differences(settings, AUTHORS["manifold_regression"])
    if AUTHORS_LOBES not in settings["lobes"]:
        reasons.append(f"L = {AUTHORS_LOBES} was not run")
    return reasons


def agreement(data: pd.DataFrame, context: Mapping[str, Any]) -> list[Agreement]:
    """For L = 10: difference from the authors' heatmap, ratio of the times at which 0.5 is met."""
    rows = data[(data["lobes"] == AUTHORS_LOBES) & data["frequency"].notna()].assign(
        setting="L = 10"
    )
    ours, theirs = (rows[rows["source"] == source] for source in ("ours", "authors"))
    return spectrum_agreement.compared(ours, theirs, _other(context))
