"""Figure 17: waves on the labels of one class, against that class's own frequency."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from spectral_bias.experiments.fridovichkeil2021 import noise_curves, path_spectra
from spectral_bias.experiments.fridovichkeil2021.source_settings import NUMBERED
from spectral_bias.figures import panels, style

TITLE = "Single classes: readiness to fit a wave against the frequency within the class"
TABLES = ("single_classes", "single_class_correlations")
CAPTION = f"""\
Waves on the labels of one class alone, after Fridovich-Keil et al. (2021). {noise_curves.NOISE} \
For each point a network was trained with a radial wave of f = \
{{cifar10[single_class][frequency]}} on the labels of the class named beside it. It is evaluated \
on the test images of that class alone. {noise_curves.PARTS} {noise_curves.EXCESS} (a, b) The \
covariance above the floor after the last epoch, over the variance of r within the class, against \
the high-frequency fraction of paths within the class and against its test accuracy, both of the \
network trained without waves. (c) Why not noise fitting itself: s is set over whole batches, so \
that classes get more or less smoothing as their images happen to lie, and the minimum of noise \
fitting can move with it. {noise_curves.MINIMUM} {path_spectra.PATHS} {path_spectra.FRACTION} \
There are {{cifar10[interpolation][n_within]}} paths within each class. Spearman's rank \
correlation over classes, with a 95 % interval: (a) {{a_text}}, (b) {{b_text}}, (c) {{c_text}}; \
of the minimum of noise fitting with the fraction {{minimum_text}}. Here ({{scale}} scale): \
{{baseline_text}}; one network for each class. {{deviations}} {NUMBERED}"""

PANELS = {
    "a": ("high_frequency_fraction", "fit", "within-class high-frequency fraction"),
    "b": ("test_accuracy", "fit", "test accuracy of the class (%)"),
    "c": ("rate_mean", "noise_fitting", "mean smoothing $r$ of the class"),
}
LABELS = {"fit": "excess covariance / variance of $r$", "noise_fitting": "minimum noise fitting"}
CORRELATION = ["x", "y", "value", "ci_low", "ci_high", "reason"]
COLUMNS = [
    *("panel", "source", "class_name", "fit", "noise_fitting", "floor_noise_fitting", "rate_mean"),
    *("rate_variance", "high_frequency_fraction", "test_accuracy", *CORRELATION),
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """One row for each class that was noised alone, and one for each rank correlation."""
    classes = tables["single_classes"].assign(panel="a b c")
    orders = tables["single_class_correlations"].assign(panel="correlation")
    parts = [part.reindex(columns=COLUMNS).astype(object) for part in (classes, orders)]
    return pd.concat(parts, ignore_index=True).infer_objects().assign(source="ours")


def draw(data: pd.DataFrame) -> Figure:
    """Figure 17 from the table made by `drawn`."""
    figure, axes = style.new_figure([list(PANELS)], height=2.5)
    data = data[data["panel"] == "a b c"]
    for letter, (x, y, label) in PANELS.items():
        panels.title(axes[letter], letter)
        _points(axes[letter], data.dropna(subset=[x, y]), x, y)
        if len(data):
            axes[letter].set(xlabel=label, ylabel=LABELS[y])
    if len(data):
        percent = FuncFormatter(lambda share, _: f"{100 * share:.3g}")
        axes["b"].xaxis.set_major_formatter(percent)
    for letter, (x, y, _) in PANELS.items():
        named = data.dropna(subset=[x, y])
        panels.point_names(axes[letter], named[x], named[y], named["class_name"])
    return figure


def _points(axes: Axes, data: pd.DataFrame, x: str, y: str) -> None:
    if data.empty:
        panels.empty(axes, "no network was trained\non a wave on one class")
        return
    axes.plot(data[x], data[y], "o", color=style.OURS, markersize=4)
    axes.margins(x=0.2, y=0.1)


def correlation_text(data: pd.DataFrame, x: str, y: str) -> str:
    """Spearman's correlation of two columns, or why there is none."""
    found = data[(data["panel"] == "correlation") & (data["x"] == x) & (data["y"] == y)]
    if found.empty:
        return "not computed"
    row = found.iloc[0]
    if pd.isna(row["value"]):
        return f"not computed ({row['reason']})"
    numbers = (row["value"], row["ci_low"], row["ci_high"])
    value_text, low, high = (f"{number:.2f}".replace("-", "−") for number in numbers)
    return f"{value_text} [{low}, {high}]"


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: the correlations, and how noise and paths are measured."""
    settings = context["settings"]["cifar10"]
    texts = {f"{letter}_text": correlation_text(data, x, y) for letter, (x, y, _) in PANELS.items()}
    return {
        **path_spectra.facts(settings),
        **noise_curves.facts(settings, 1, noise_curves.RADIAL, "interpolation", "single_class"),
        **texts,
        "minimum_text": correlation_text(data, "high_frequency_fraction", "noise_fitting"),
    }
