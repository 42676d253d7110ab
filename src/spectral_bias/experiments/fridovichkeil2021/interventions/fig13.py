"""Figure 13: images of one spectrum added to the training images."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from spectral_bias.experiments.fridovichkeil2021 import path_spectra
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
between classes, (c) of paths within classes, over the norm; black and dotted: the network without \
it (norm 0), which has no such smoothing either{{seeds}}. {path_spectra.PATHS} \
{path_spectra.FRACTION} {path_spectra.COUNTS}. Normalised images have a norm of about \
55.

Here ({{scale}} scale): {{baseline_text}}; one network for each point. {{deviations}} The norms \
are ours. {NUMBERED}"""

LOOKS: dict[str, dict[str, Any]] = {
    "1/f2": {"color": style.NATURAL, "marker": "o", "label": "$1/f^2$ images"},
    "f2": {"color": style.ANTINATURAL, "marker": "s", "label": "$f^2$ images"},
}
PANELS = {
    "a": ("test_accuracy", "test accuracy (%)"),
    "b": ("between_fraction", "between classes"),
    "c": ("within_fraction", "within classes"),
}
VALUES = [value for value, _ in PANELS.values()]
COLUMNS = ["panel", "source", "kind", "norm", "run", *VALUES]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """One row for each network after its last epoch; kind "none": without the augmentation.

    The baseline's further seeds have kind "none" too.
    """
    baseline = context["settings"]["cifar10"]["baseline"]
    rows = tables["interventions"]
    rows = rows[rows["intervention"] == "image_frequency"].rename(columns={"value": "norm"})
    if rows.empty:
        return pd.DataFrame(columns=COLUMNS)
    rows = rows.assign(kind=rows["variant"].where(rows["run"] != baseline, "none"))
    summary = tables["interpolation_summary"]
    last = summary[summary["epoch"] == summary.groupby("run")["epoch"].transform("max")]
    again = last.loc[last["run"].astype(str).str.startswith(f"{baseline}.seed"), ["run"]]
    again = again[again["run"].str.fullmatch(rf"{baseline}\.seed\d+")].assign(kind="none", norm=0.0)
    wanted = pd.concat([rows[["run", "kind", "norm"]], again] if len(again) else [rows])
    found = wanted.merge(last, on="run").assign(panel="a b c", source="ours")
    return found.drop_duplicates("run", ignore_index=True).reindex(columns=COLUMNS)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 13 from the table made by `drawn`."""
    figure, axes = style.new_figure([list(PANELS)], height=2.2)
    for letter, (value, label) in PANELS.items():
        panels.title(axes[letter], letter, "" if letter == "a" else label)
        _panel(axes[letter], data, value)
        if not data.empty:
            axes[letter].set_ylabel(label if letter == "a" else "high-frequency fraction")
    if not data.empty:
        percent = FuncFormatter(lambda height, _: f"{100 * height:.3g}")
        axes["a"].yaxis.set_major_formatter(percent)
        axes["a"].legend()
    return figure


def _panel(axes: Axes, data: pd.DataFrame, value: str) -> None:
    if data.empty:
        panels.empty(axes, "no network was trained\nwith added images")
        return
    without = data[data["kind"] == "none"]
    for height in without[value]:
        axes.axhline(height, color="0.6", linewidth=0.7, linestyle=":", zorder=0)
    look = {"color": style.BASELINE, "marker": "D", "markersize": 3, "linestyle": "none"}
    axes.plot(without["norm"], without[value], **look)
    for kind, look in LOOKS.items():
        rows = data[data["kind"] == kind].sort_values("norm")
        if len(rows):
            axes.plot(rows["norm"], rows[value], markersize=3.5, linewidth=0.9, **look)
    axes.set_xlim(left=-0.04 * max(1.0, data["norm"].max()))
    axes.set_xlabel("norm of the added image")


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: the network, and how many stand for the one without added images."""
    settings = context["settings"]["cifar10"]
    seeds = int((data["kind"] == "none").sum())
    found = path_spectra.facts(settings)
    return found | {
        "baseline_text": baseline_text(settings),
        "deviations": deviations(settings, "interpolation", "image_frequency"),
        "seeds": f", {seeds} networks that differ in their seed" if seeds > 1 else "",
    }
