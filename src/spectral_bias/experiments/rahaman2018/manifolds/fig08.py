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
TABLES = ("manifold_spectrum", "manifold_loss", "manifold_input")
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
frequencies (k >= {from_k}). ({letter_input}) The frequency in the plane that a frequency k on \
the curve needs: the smallest frequency of plane waves whose part at k reaches half of its largest \
value over all plane waves (dots), and k / max |gamma_L'|, below which no phase is stationary \
(lines, Section 4 of the paper). ({letter_learnt}) Amplitude, clipped at 1 and averaged over \
training, over that line's value; mean over runs, bar from the lowest to the highest. The paper \
draws no such panels. Top right: the authors' published \
heatmap for L = 10 ({authors_heatmap}). {deviations} Recorded are the Fourier coefficients at \
these k instead of all predictions. The csv holds the amplitudes unclipped."""

AUTHORS_LOBES = 10
BELOW = ("loss", "high", "input", "learnt")
MOST_ROWS = 600
COLUMNS = [
    *("panel", "source", "lobes", "iteration", "frequency", "amplitude", "amplitude_std"),
    *("mse", "mse_low", "mse_high", "high", "high_low", "high_high"),
    *("target_frequency", "needed", "stationary", "learnt", "learnt_low", "learnt_high"),
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of the heatmaps (frequency, amplitude), of the loss (mse) and of high frequencies.

    The panels on input frequencies have a row for each L and target_frequency.
    """
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
    needed = tables["manifold_input"].rename(columns={"frequency": "target_frequency"})
    needed = needed.assign(source="ours", panel=letters["input"])
    place = needed[["lobes", "target_frequency", "stationary"]]
    learnt = (
        _learnt(tables["manifold_spectrum"])
        .merge(place)
        .assign(source="ours", panel=letters["learnt"])
    )
    parts = [cells, read, loss, high, needed, learnt]
    return pd.concat(parts, ignore_index=True).reindex(columns=COLUMNS)


def _learnt(table: pd.DataFrame) -> pd.DataFrame:
    """Amplitude, clipped at 1 and averaged over training, by L and target_frequency."""
    clipped = table.assign(learnt=table["amplitude"].clip(upper=1.0))
    means = clipped.groupby(["lobes", "frequency", "member"])["learnt"].mean().reset_index()
    means = means.rename(columns={"frequency": "target_frequency"})
    return over_members(means, ["lobes", "target_frequency"], "learnt")


def upper_half(table: pd.DataFrame) -> float:
    """The lowest k of the upper half of the frequencies in `table`."""
    frequencies = sorted(table["frequency"].dropna().unique())
    return frequencies[len(frequencies) // 2]


def _letters(lobes: list[int]) -> dict[int | str, str]:
    """Panel of each L, and of what is drawn below."""
    return dict(zip([*sorted(lobes), *BELOW], ascii_lowercase, strict=False))


def _panels(data: pd.DataFrame) -> dict[int | str, str]:
    return _letters(data.loc[data["source"] == "ours", "lobes"].unique())


def draw(data: pd.DataFrame) -> Figure:
    """Figure 8 from the table made by `drawn`."""
    letters = _panels(data)
    lobes = [key for key in letters if key not in BELOW]
    top = [*(letters[each] for each in lobes), "authors"]
    # Nested, so that the rows need not share their columns.
    below = [letters[name] for name in BELOW]
    figure, axes = style.new_figure([[[top]], [[below]]], height=4.3)
    for each in lobes:
        panel = axes[letters[each]]
        panels.title(panel, letters[each], f"$L = {each:g}$")
        mesh = _heatmap(panel, data[data["panel"] == letters[each]])
        if each != lobes[0]:
            panel.set(ylabel=None, yticklabels=[])
    _heatmap(axes["authors"], data[data["panel"] == "authors"])
    axes["authors"].set_title(f"authors, $L = {AUTHORS_LOBES}$")
    panels.same_rows(axes[letters[lobes[0]]], axes["authors"])
    shown = [axes[name] for name in top]
    panels.colour_bar(mesh, shown, "amplitude / target amplitude", aspect=30)
    loss, high = axes[letters["loss"]], axes[letters["high"]]
    _curves(loss, data, letters["loss"], "mse", "mean squared error")
    _curves(high, data, letters["high"], "high", "mean amplitude of high $k$")
    style.log_axis(loss)
    high.set_ylim(0, 1)
    loss.legend(handlelength=1.0)
    for name, draw_panel in (("input", _needed), ("learnt", _learnt_by_need)):
        panels.title(axes[letters[name]], letters[name])
        draw_panel(axes[letters[name]], data[data["panel"] == letters[name]])
    return figure


def _needed(axes: Axes, rows: pd.DataFrame) -> None:
    shades = style.colours("lobes", rows["lobes"])
    for lobes, curve in rows.groupby("lobes"):
        k, colour = curve["target_frequency"], shades[lobes]
        axes.plot(k, curve["stationary"], color=colour, linewidth=0.8)
        axes.plot(k, curve["needed"], "o", color=colour, markersize=2.5)
    axes.set(xlabel="frequency $k$ on the curve", ylabel="input frequency needed")
    style.log_axis(axes)


def _learnt_by_need(axes: Axes, rows: pd.DataFrame) -> None:
    shades = style.colours("lobes", rows["lobes"])
    for lobes, curve in rows.groupby("lobes"):
        below, above = curve["learnt"] - curve["learnt_low"], curve["learnt_high"] - curve["learnt"]
        look = {"fmt": "o-", "color": shades[lobes], "markersize": 2.5, "linewidth": 0.8}
        axes.errorbar(curve["stationary"], curve["learnt"], [below, above], **look)
    axes.set(xscale="log", ylim=(0, 1.02), xlabel="input frequency needed")
    axes.set_ylabel("mean amplitude")


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
        **{f"letter_{name}": letters[name] for name in ("high", "input", "learnt")},
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


def agreement(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> Agreement:
    """The heatmap of L = 10 beside the authors'."""
    table = tables["manifold_spectrum"]
    theirs = spectrum_agreement.Heatmap(authors("rahaman2018", "manifold_L10"), runs=5)
    ours = table[table["lobes"] == AUTHORS_LOBES]
    return spectrum_agreement.agreement(ours, theirs, _other(context))
