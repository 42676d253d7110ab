"""Figure 13: images of one spectrum added to the training images."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from spectral_bias.chance import near_chance
from spectral_bias.experiments.fridovichkeil2021 import path_spectra
from spectral_bias.experiments.fridovichkeil2021.fractions import last_epoch
from spectral_bias.experiments.fridovichkeil2021.purposes import (
    IMAGES,
    NONE,
    SMOOTHING,
    split_seed,
)
from spectral_bias.experiments.fridovichkeil2021.source_settings import (
    NUMBERED,
    baseline_text,
    deviations,
)
from spectral_bias.figures import panels, style

TITLE = "Augmentation with images of low and high spatial frequency"
TABLES = ("interventions", "interpolation_summary")
CAPTION = f"""\
Image-frequency augmentation, after Fridovich-Keil et al. (2021): to every training image a random \
image of fixed Euclidean norm is added, whose spectrum falls as 1/f^2 (as that of natural images) \
or rises as f^2 with the spatial frequency f (at least 1), and its label is smoothed by \
{{cifar10[image_frequency][amplitude]}}. (a) Test accuracy, (b) high-frequency fraction of paths \
between classes, (c) of paths within classes, over the norm; one marker for each network, lines \
join means. Grey: the same smoothing without images, the control, since smoothing changes the \
frequency by itself (horizontal line: its mean); black: neither. {path_spectra.PATHS} \
{path_spectra.FRACTION} {path_spectra.COUNTS}. Normalised images have a norm of about 55.

Here ({{scale}} scale): {{baseline_text}}. {{counts}} {{deviations}} The norms are ours. \
{NUMBERED}"""

LOOKS: dict[str, dict[str, Any]] = {
    "1/f2": {"color": style.NATURAL, "marker": "o", "label": "$1/f^2$ images"},
    "f2": {"color": style.ANTINATURAL, "marker": "s", "label": "$f^2$ images"},
    "both": {"color": style.SECOND, "marker": "^", "label": "half of each"},
}
WITHOUT: dict[str, dict[str, Any]] = {
    SMOOTHING: {"color": "0.5", "marker": "D", "label": "smoothing alone"},
    NONE: {"color": style.BASELINE, "marker": "x", "label": "neither"},
}
PANELS = {
    "a": ("test_accuracy", "test accuracy (%)"),
    "b": ("between_fraction", "between classes"),
    "c": ("within_fraction", "within classes"),
}
VALUES = [value for value, _ in PANELS.values()]
COLUMNS = ["panel", "source", "kind", "norm", "seed", "run", *VALUES]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """One row for each network after its last epoch, those of further seeds too.

    kind is the spectrum of the images, or one of `WITHOUT`.
    """
    rows = tables["interventions"]
    rows = rows.loc[rows["intervention"] == IMAGES, ["variant", "value", "run"]]
    summary = tables["interpolation_summary"]
    if rows.empty or summary.empty:  # without runs the table has no columns
        return pd.DataFrame(columns=COLUMNS)
    summary = last_epoch(summary)
    names = [split_seed(str(run)) for run in summary["run"]]
    summary = summary.assign(first=[n for n, _ in names], seed=[seed for _, seed in names])
    rows = rows.rename(columns={"variant": "kind", "value": "norm", "run": "first"})
    found = rows.merge(summary, on="first").assign(panel="a b c", source="ours")
    return found.reindex(columns=COLUMNS)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 13 from the table made by `drawn`."""
    figure, axes = style.new_figure([list(PANELS)], height=2.4)
    for letter, (value, label) in PANELS.items():
        panels.title(axes[letter], letter, "" if letter == "a" else label)
        _panel(axes[letter], data, value)
        if not data.empty:
            axes[letter].set_ylabel(label if letter == "a" else "high-frequency fraction")
    if not data.empty:
        percent = FuncFormatter(lambda height, _: f"{100 * height:.3g}")
        axes["a"].yaxis.set_major_formatter(percent)
        handles, labels = axes["a"].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=len(handles))
    return figure


def _panel(axes: Axes, data: pd.DataFrame, value: str) -> None:
    if data.empty:
        panels.empty(axes, "no network was trained\nwith added images")
        return
    for kind, look in WITHOUT.items():
        rows = data[data["kind"] == kind]
        line = {"color": look["color"], "linewidth": 0.7, "zorder": 0}
        if len(rows):
            axes.axhline(rows[value].mean(), linestyle=":" if kind == NONE else "-", **line)
            axes.plot(rows["norm"], rows[value], linestyle="none", markersize=3, **look)
    for kind, look in LOOKS.items():
        rows = data[data["kind"] == kind]
        means = rows.groupby("norm")[value].mean()
        if len(rows):
            axes.plot(means.index, means, color=look["color"], linewidth=0.9)
            axes.plot(rows["norm"], rows[value], linestyle="none", markersize=3.2, **look)
    axes.set_xlim(left=-0.04 * max(1.0, data["norm"].max()))
    axes.set_xlabel("norm of the added image")


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: the network, and how many stand for each marker's setting."""
    settings = context["settings"]["cifar10"]
    return path_spectra.facts(settings) | {
        "baseline_text": baseline_text(settings),
        "deviations": deviations(settings, "interpolation", "image_frequency"),
        "counts": _counts(data, settings["data"]["source"]),
    }


def _counts(data: pd.DataFrame, source: str) -> str:
    numbers = data.groupby(["kind", "norm"])["run"].nunique()
    several = [
        f"{count} of {kind}{'' if kind in WITHOUT else f' at norm {norm:g}'}"
        for (kind, norm), count in numbers.items()
        if count > 1
    ]
    text = "One network for each point."
    if several:
        text = f"Networks that differ in their seed: {', '.join(several)}; else one for each point."
    lost = data[[near_chance(accuracy) for accuracy in data["test_accuracy"]]]
    if len(lost) and source != "imagefolder":
        text += f" Near chance at the end: {', '.join(lost['run'])}."
    return text
