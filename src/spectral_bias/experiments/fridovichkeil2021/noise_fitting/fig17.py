"""Figure 17: waves on the labels of one class, against that class's own frequency."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from spectral_bias.experiments.fridovichkeil2021 import noise_curves, path_spectra
from spectral_bias.experiments.fridovichkeil2021.noise_fitting.single_classes import correlation
from spectral_bias.experiments.fridovichkeil2021.source_settings import NUMBERED
from spectral_bias.figures import panels, style
from spectral_bias.statistics import UndecidedError

TITLE = "Single classes: readiness to fit a wave against the frequency within the class"
TABLES = ("single_classes",)
CAPTION = f"""\
Waves on the labels of one class alone, after Fridovich-Keil et al. (2021). {noise_curves.NOISE} \
For each point a network was trained with a radial wave of f = \
{{cifar10[single_class][frequency]}} on the labels of the class named beside it. Minimum noise \
fitting (a) against the high-frequency fraction of paths within the class and (b) against the \
class's test accuracy, both of the network trained without waves. {noise_curves.MINIMUM} Noise \
fitting is averaged over test images of all classes, of which the wave changes one. \
{path_spectra.PATHS} {path_spectra.FRACTION} {{cifar10[interpolation][n_within]}} paths of each \
class. Spearman's rank correlation over \
classes, with a 95 % interval from resampled classes: (a) {{fraction_text}}, (b) \
{{accuracy_text}}. Here ({{scale}} scale): {{baseline_text}}; one network for each class. \
{{deviations}} {NUMBERED}"""

PANELS = {
    "a": ("high_frequency_fraction", "within-class high-frequency fraction"),
    "b": ("test_accuracy", "test accuracy of the class (%)"),
}
COLUMNS = [
    *("panel", "source", "class_name", "noise_fitting", "high_frequency_fraction"),
    "test_accuracy",
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """One row for each class that was noised alone."""
    return tables["single_classes"].assign(panel="a b", source="ours").reindex(columns=COLUMNS)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 17 from the table made by `drawn`."""
    figure, axes = style.new_figure([list(PANELS)], height=2.7)
    for letter, (value, label) in PANELS.items():
        panels.title(axes[letter], letter)
        _points(axes[letter], data.dropna(subset=[value]), value)
        if len(data):
            axes[letter].set(xlabel=label, ylabel="minimum noise fitting")
    if len(data):
        percent = FuncFormatter(lambda share, _: f"{100 * share:.3g}")
        axes["b"].xaxis.set_major_formatter(percent)
    return figure


def _points(axes: Axes, data: pd.DataFrame, value: str) -> None:
    if data.empty:
        panels.empty(axes, "no network was trained\non a wave on one class")
        return
    axes.plot(data[value], data["noise_fitting"], "o", color=style.OURS, markersize=4)
    for point in data.itertuples():
        place = (getattr(point, value), point.noise_fitting)
        look = {"textcoords": "offset points", "fontsize": 6, "color": "0.3"}
        axes.annotate(str(point.class_name), place, (4, 2), **look)
    axes.margins(x=0.16, y=0.1)


def correlation_text(data: pd.DataFrame, value: str) -> str:
    """Spearman's correlation of the minimum with `value`, or why there is none."""
    try:
        found = correlation(data, value)
    except UndecidedError as error:
        return f"not computed ({error})"
    numbers = (found.value, found.ci_low, found.ci_high)
    value_text, low, high = (f"{number:.2f}".replace("-", "−") for number in numbers)
    return f"{value_text} [{low}, {high}]"


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: both correlations, and how noise and paths are measured."""
    settings = context["settings"]["cifar10"]
    return {
        **path_spectra.facts(settings),
        **noise_curves.facts(settings, 1, noise_curves.RADIAL, "interpolation", "single_class"),
        "fraction_text": correlation_text(data, "high_frequency_fraction"),
        "accuracy_text": correlation_text(data, "test_accuracy"),
    }
