"""What Figures 4 and 11 share: losses on two classes of digits under label noise."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spectral_bias.data.digit_sets import DIGIT_SETS
from spectral_bias.experiments.rahaman2018.source_settings import AUTHORS, deviations
from spectral_bias.figures import panels, style
from spectral_bias.figures.summarise import every, over_members, thinned
from spectral_bias.reference import authors

TABLES = ("label_noise_loss",)
CAPTION = """\
while classifying the digits {classes} ({dataset}) by regression with noise beta sin(2 pi k \
||x||) added to the training labels: (a) low frequency and (b) high frequency with several \
amplitudes beta; (c) medium and (d) large amplitude with several frequencies k. Black: no noise. \
Mean over {label_noise[n_runs]} runs ({scale} scale), band from the lowest to the highest run, \
{every} drawn without smoothing. {label_noise[network][activation]} networks of \
{label_noise[network][depth]} linear layers, width {label_noise[network][width]}, full-batch \
{label_noise[optimiser]}, learning rate {label_noise[learning_rate]}, \
{label_noise[iterations]} iterations. {authors_curves} {deviations} Labels -1 and +1 and the \
factor 2 pi in the noise are those of the authors' code (the paper has labels 0 and 1 and no \
factor); the values of k and beta and the number of runs are ours."""

VARIED: dict[str, style.Meaning] = {"a": "beta", "b": "beta", "c": "frequency", "d": "frequency"}
# (frequency, beta) of each reading; the baseline has no frequency.
READINGS = {
    "mnist_noise_none": (np.nan, 0.0),
    "mnist_noise_k0.05": (0.05, 1.0),
    "mnist_noise_k1.0": (1.0, 1.0),
}
AUTHORS_DASH = (0, (2.5, 1.5))
COLUMNS = [
    *("panel", "source", "frequency", "beta", "iteration", "curve"),
    *("mse", "mse_low", "mse_high"),
]


def drawn(
    tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any], curve: str
) -> pd.DataFrame:
    """The curves of each panel, `curve` being training or validation.

    The noise-free baseline (beta 0, no frequency) is in every panel. The authors' readings stand
    in the panels that show the same noise if our data are theirs (MNIST), else in panel e. For
    ours mse_low and mse_high are the extreme runs, for the authors the ends of the drawn stroke,
    up to the reading error.
    """
    settings = context["settings"]["label_noise"]
    table = tables["label_noise_loss"]
    noise = ["frequency", "beta"]
    chosen = thinned(table[table["curve"] == curve], by=noise)
    loss = over_members(chosen, [*noise, "iteration"], "mse")
    same_data = settings["data"]["source"] == AUTHORS["label_noise"]["data"]["source"]
    rows = pd.concat([loss.assign(source="ours"), readings(curve)], ignore_index=True)
    parts = []
    for letter, noises in settings["panels"].items():
        if noises is None:
            continue
        fits = is_in(rows["frequency"], noises["frequencies"])
        fits &= is_in(rows["beta"], noises["betas"])
        part = rows[fits | (rows["beta"] == 0)]
        parts.append((part if same_data else part[part["source"] == "ours"]).assign(panel=letter))
    if not same_data:
        parts.append(rows[rows["source"] == "authors"].assign(panel="e"))
    return pd.concat(parts, ignore_index=True).assign(curve=curve)[COLUMNS]


def draw(data: pd.DataFrame) -> Figure:
    """Panels a to d with shared axes, legends at the right; panel e where it has rows."""
    foreign = (data["panel"] == "e").any()
    figure, axes = style.new_figure(
        [["a", "b", "legend"], ["c", "d", "e" if foreign else "legend"]],
        height=4.0,
        width_ratios=[1, 1, 0.66 if foreign else 0.4],
    )
    noisy = data[data["beta"] > 0]
    shades = {meaning: style.colours(meaning, noisy[meaning]) for meaning in ("beta", "frequency")}
    # Shared before anything is drawn, so that the limits take in the curves of every panel.
    for letter in "bcd":
        axes[letter].sharex(axes["a"])
        axes[letter].sharey(axes["a"])
    for letter, meaning in VARIED.items():
        rows = data[data["panel"] == letter]
        panels.title(axes[letter], letter, _fixed(rows, meaning))
        _curves(axes[letter], rows, meaning, shades[meaning])
    for letter in "ac":
        axes[letter].set_ylabel("mean squared error")
    if foreign:
        panels.title(axes["e"], "e", "authors (MNIST)")
        rows = data[data["panel"] == "e"]
        _curves(axes["e"], rows, "frequency", shades["frequency"])
    for letter in set(axes) - {"legend", "a", "b"}:
        axes[letter].set_xlabel("training iteration")
    _legends(axes["legend"], shades, overlaid=not foreign)
    return figure


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: spacing of our drawn iterations, where the authors' curves are."""
    if (data["panel"] == "e").any():
        text = (
            "(e) The authors' runs on all of MNIST's images of these digits, read off their "
            "pictures, one run each: other data than ours, so compare the order of the curves and "
            "where they turn, not the values."
        )
    else:
        text = (
            "Dashed: the authors' runs with the same k and beta (k = 0.05 and 1 at beta = 1, and "
            "without noise), one run each, read off their pictures; a validation loss is moved by "
            "one, so that iteration i is after i updates."
        )
    chosen = context["settings"]["label_noise"]["data"]
    return {
        "classes": " and ".join(str(label) for label in chosen["classes"]),
        "dataset": DIGIT_SETS[chosen["source"]].title,
        "every": every(data[data["source"] == "ours"]),
        "authors_curves": text,
        "deviations": deviations(context["settings"], "label_noise"),
    }


def is_in(column: pd.Series, values: list[float]) -> pd.Series:
    """Whether each entry equals one of `values`, up to rounding; NaN equals NaN."""
    close = np.isclose(column.to_numpy(float)[:, None], np.array(values, float), equal_nan=True)
    return pd.Series(close.any(axis=1), index=column.index)


def readings(curve: str) -> pd.DataFrame:
    """The authors' curves with the columns of ours; their validation loss i is after update i + 1.

    Args:
        curve: training or validation.
    """
    parts = []
    for name, (frequency, beta) in READINGS.items():
        read = authors("rahaman2018", name)
        edges = {"mse_lower_edge": "mse_low", "mse_upper_edge": "mse_high"}
        part = read[read["curve"] == curve].rename(columns=edges)
        parts.append(part.assign(frequency=frequency, beta=beta))
    rows = pd.concat(parts, ignore_index=True).assign(source="authors")
    return rows.assign(iteration=rows["iteration"] + (curve == "validation"))


def _fixed(rows: pd.DataFrame, varied: style.Meaning) -> str:
    """What all noisy curves of a panel share, as its title."""
    column, symbol = ("frequency", "k") if varied == "beta" else ("beta", r"\beta")
    values = sorted(rows.loc[rows["beta"] > 0, column].unique())
    return f"${symbol} = {', '.join(f'{value:g}' for value in values)}$" if values else ""


def _curves(
    axes: Axes, rows: pd.DataFrame, meaning: style.Meaning, shades: Mapping[float, str]
) -> None:
    style.log_axis(axes)
    style.iteration_axis(axes)
    axes.set_xlabel("")
    axes.margins(x=0)
    if rows.empty:
        panels.note(axes, "not run at this scale")
    # Ours first, so that the dashed curves of the authors lie on top.
    keys = ["source", "beta", "frequency"]
    for (source, beta, frequency), curve in sorted(
        rows.groupby(keys, dropna=False), key=lambda item: item[0][0] == "authors"
    ):
        value = beta if meaning == "beta" else frequency
        colour = shades[value] if beta > 0 else style.BASELINE
        if source == "ours" or (rows["source"] == "authors").all():
            panels.curve(axes, curve, "mse", colour)
        else:
            line = {"linestyle": AUTHORS_DASH, "linewidth": 0.9, "zorder": 3}
            panels.curve(axes, curve, "mse", colour, band=False, **line)


def _legends(
    axes: Axes, shades: Mapping[style.Meaning, Mapping[float, str]], overlaid: bool
) -> None:
    """Three keys in an empty panel: no noise (and the authors' lines), beta, k."""
    axes.set_axis_off()
    place = {"loc": "upper left", "borderaxespad": 0.0, "alignment": "left"}
    other = [_key("no noise", style.BASELINE)]
    if overlaid:
        other.append(_key("authors, 1 run", "0.5", linestyle=AUTHORS_DASH))
    panels.legend(axes, other, bbox_to_anchor=(0.0, 1.0), **place)
    # Beside the row of panels that uses it, or both in the upper cell.
    anchors = [(0.0, 0.89), (0.0, 0.42)] if overlaid else [(0.0, 0.86), (0.55, 0.86)]
    names = {"beta": r"amplitude $\beta$", "frequency": "frequency $k$"}
    for anchor, (meaning, name) in zip(anchors, names.items(), strict=True):
        keys = [_key(f"{value:g}", colour) for value, colour in shades[meaning].items()]
        panels.legend(axes, keys, title=name, bbox_to_anchor=anchor, **place)


def _key(label: str, colour: str, **line: object) -> Line2D:
    return Line2D([], [], color=colour, label=label, **line)
