"""Figure 16: accuracy on test images of another distribution, against frequency."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from spectral_bias.experiments.fridovichkeil2021 import axis_labels, path_spectra
from spectral_bias.experiments.fridovichkeil2021.interventions import all_models
from spectral_bias.experiments.fridovichkeil2021.interventions.models import ALL, compared, expected
from spectral_bias.experiments.fridovichkeil2021.source_settings import NUMBERED, deviations
from spectral_bias.figures import panels, style

TITLE = "Distribution shift: accuracy and effective robustness against frequency"
TABLES = ("intervention_models", "intervention_correlations")
CAPTION = f"""\
Distribution shift in the experiments of Fridovich-Keil et al. (2021): {{shift}}. One marker for \
each network of Figures 5 to 9. (a) Accuracy on shifted against usual test images. Grey line: \
expit(0.8318 logit(clean) - 0.4736), the accuracy on CIFAR-10.1 that the paper expects of a \
network with the accuracy clean on CIFAR-10. (b, c) Accuracy on shifted images and high-frequency \
fraction on straight paths between usual test images of two classes (b) and of one class (c), as \
in Figure 2 (above {{high}} % of the band; {path_spectra.COUNTS}, {{sampling}}). \
(d, e) The same for effective robustness, the height of a network above \
the line in (a). {{zero}}

Spearman's rank correlations over {{n_models}} networks, each once, with 95 % intervals over \
networks by Fisher's z: {{correlations}}.

Here ({{scale}} scale): {{baseline_text}} (the baseline). {{deviations}} {NUMBERED}"""

SHIFTS = {
    "cifar10.1": "new test images, CIFAR-10.1, collected in the way of CIFAR-10",
    "zoom": "the same test images seen from nearer, the central three quarters of their height and "
    "width enlarged (ours, in place of the paper's CIFAR-10.1)",
    "imagefolder": "test images of another set (the paper has CIFAR-10.1)",
}
COMPARABLE = (
    "Above 0 a network is more accurate on shifted images than its accuracy on usual ones lets "
    "expect."
)
FOREIGN = (
    "The line is that of CIFAR-10.1. For another shift, as here, the zero of effective robustness "
    "has no meaning, and only the order of networks counts, as far as the line's slope suits it."
)
LETTERS = {
    "b": ("between", "shifted_accuracy"),
    "c": ("within", "shifted_accuracy"),
    "d": ("between", "effective_robustness"),
    "e": ("within", "effective_robustness"),
}
LABELS = {
    "shifted_accuracy": "shifted accuracy (%)",
    "effective_robustness": "effective robustness (%)",
}
COLUMNS = [*all_models.COLUMNS, "effective_robustness", *all_models.CORRELATION]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of networks for each panel, and one row with the rank correlation for each of b to e."""
    found = compared(tables["intervention_models"], ALL)
    base = all_models.baseline_of(context)
    parts = [found.assign(panel="a", baseline=found["run"] == base)]
    for letter, (kind, value) in LETTERS.items():
        rows = all_models.rows_of(found, kind, base)
        order = all_models.correlation(tables, intervention=ALL, kind=kind, y=value)
        parts.append(pd.concat([rows.astype(object), pd.DataFrame([order | {"kind": kind}])]))
        parts[-1] = parts[-1].assign(panel=letter)
    wide = [part.reindex(columns=COLUMNS).astype(object) for part in parts]
    return pd.concat(wide, ignore_index=True).infer_objects().assign(source="ours")


def draw(data: pd.DataFrame) -> Figure:
    """Figure 16 from the table made by `drawn`."""
    figure, axes = style.new_figure(
        [["a", "b", "c"], ["a", "d", "e"]], height=3.9, width_ratios=[1.15, 1, 1]
    )
    networks = data[data["run"].notna()]
    _line(axes["a"], networks[networks["panel"] == "a"])
    for letter, (kind, value) in LETTERS.items():
        panel = axes[letter]
        panels.title(panel, letter, path_spectra.KINDS[kind])
        rows = networks[networks["panel"] == letter]
        all_models.scatter(panel, rows, "high_frequency_fraction", value)
        if not panel.has_data():
            continue
        panel.xaxis.set_major_locator(MaxNLocator(nbins=4))
        panel.set_xlabel("high-frequency fraction")
        axis_labels.percent(panel.yaxis)
        if kind == "between":
            panel.set_ylabel(LABELS[value])
    all_models.legend(figure, networks)
    return figure


def _line(axes: Axes, data: pd.DataFrame) -> None:
    panels.title(axes, "a", "shifted and usual test images")
    all_models.scatter(axes, data, "test_accuracy", "shifted_accuracy")
    if not axes.has_data():
        return
    clean = np.linspace(*axes.get_xlim(), 100).clip(0.01, 0.99)
    axes.plot(clean, expected(clean), color="0.6", linewidth=0.9, zorder=0)
    axes.margins(x=0)
    axis_labels.accuracy_axis(axes)
    axis_labels.percent(axes.yaxis)
    axes.set_ylabel(LABELS["shifted_accuracy"])


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: settings, the shift, what zero means, the rank correlations."""
    settings = context["settings"]["cifar10"]
    source = settings["shift"]["source"]
    orders = data[data["n_models"].notna()].set_index("panel")
    names = {"shifted_accuracy": "accuracy", "effective_robustness": "effective robustness"}
    texts = [
        f"({letter}) {all_models.correlation_text(orders.loc[letter])} ({names[value]}, {kind})"
        for letter, (kind, value) in LETTERS.items()
    ]
    return {
        **path_spectra.facts(settings),
        "deviations": deviations(settings, "interpolation"),
        "shift": SHIFTS[source],
        "zero": COMPARABLE if source == "cifar10.1" else FOREIGN,
        "n_models": f"{orders['n_models'].max():g}",
        "correlations": "; ".join(texts),
    }
