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
from spectral_bias.experiments.fridovichkeil2021.interventions.models import (
    ALL,
    KINDS,
    SHIFTED,
    compared,
    effective_robustness,
    expected,
    fitted_line,
)
from spectral_bias.experiments.fridovichkeil2021.source_settings import NUMBERED, deviations
from spectral_bias.figures import panels, published, style

TITLE = "Distribution shift: accuracy and effective robustness against frequency"
TABLES = ("intervention_models", "intervention_correlations")
CAPTION = f"""\
Distribution shift in the experiments of Fridovich-Keil et al. (2021): {{shift}}. One marker for \
each network of Figures 5 to 9. (a) Accuracy on shifted against usual test images. Dashed: a line \
through our networks on the scale of logits (ours){{paper_line}}. (b, c) Accuracy on shifted \
images and high-frequency fraction on straight paths between usual test images of two classes (b) \
and of one class (c), raw, as in Figure 10 (above {{high}} % of the band; {path_spectra.COUNTS}, \
{{sampling}}). (d, e) The same for effective robustness, the height of a network above the dashed \
line in (a){{paper_panels}}. {{cloud}}The paper shows the relation and claims no order.

Spearman's rank correlations over {{n_models}} networks, each once, with 95 % intervals over \
networks by Fisher's z: {{correlations}}.

Here ({{scale}} scale): {{baseline_text}} (the baseline). {{deviations}} {NUMBERED}"""

SHIFTS = {
    SHIFTED: "new test images, CIFAR-10.1, collected in the way of CIFAR-10",
    "zoom": "the same test images seen from nearer, the central three quarters of their height and "
    "width enlarged (ours, in place of the paper's CIFAR-10.1)",
    "imagefolder": "test images of another set (the paper has CIFAR-10.1)",
}
PAPER_LINE = (
    "; grey: expit(0.8318 logit(clean) - 0.4736), the accuracy on CIFAR-10.1 that the paper "
    "expects of a network with the accuracy clean on CIFAR-10"
)
LETTERS = {
    "b": ("between", "shifted_accuracy"),
    "c": ("within", "shifted_accuracy"),
    "d": ("between", "own_robustness"),
    "e": ("within", "own_robustness"),
    "f": ("between", "effective_robustness"),
    "g": ("within", "effective_robustness"),
}
LABELS = {
    "shifted_accuracy": "shifted accuracy (%)",
    "own_robustness": "above our line (%)",
    "effective_robustness": "above the paper's line (%)",
}
WORDS = {
    ("shifted_accuracy", ""): "accuracy",
    ("shifted_accuracy", "test_accuracy"): "accuracy given that on usual images",
    ("own_robustness", ""): "effective robustness",
    ("effective_robustness", ""): "effective robustness by the paper's line",
}
VALUES = ["test_accuracy", "shifted_accuracy", "own_robustness", "effective_robustness"]
COLUMNS = [*all_models.FACTS, "kind", "fraction", *VALUES, "y", "given", *all_models.CORRELATION]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of networks for each panel; "order": rank correlations for the caption.

    The paper's line, published networks and panels f and g are there for its own images alone.
    """
    settings, base = context["settings"]["cifar10"], all_models.baseline_of(context)
    found = compared(tables["intervention_models"])
    theirs = settings["shift"]["source"] == SHIFTED
    cloud = published.published_cloud(settings) if theirs else pd.DataFrame()
    parts = [all_models.rows_of(found, "within", "raw", base).assign(panel="a", kind=None)]
    parts += [cloud.assign(panel="a", source=published.SOURCE)]
    for letter, (kind, value) in LETTERS.items():
        if value == "effective_robustness" and not theirs:
            continue
        parts.append(all_models.rows_of(found, kind, "raw", base).assign(panel=letter))
        if value != "own_robustness" and len(cloud):
            parts.append(_of_cloud(cloud, kind).assign(panel=letter))
    for kind in KINDS:
        for y, given in WORDS:
            if y == "effective_robustness" and not theirs:
                continue
            wanted = {"intervention": ALL, "kind": kind, "measure": "raw", "y": y, "given": given}
            row = all_models.correlation(tables, **wanted)
            parts.append(pd.DataFrame([row | {"kind": kind, "y": y, "given": given}]))
            parts[-1] = parts[-1].assign(panel="order", source=all_models.OURS)
    return all_models.together(parts, COLUMNS)


def _of_cloud(cloud: pd.DataFrame, kind: str) -> pd.DataFrame:
    robust = effective_robustness(cloud["shifted_accuracy"], cloud["test_accuracy"])
    return cloud.assign(
        kind=kind,
        fraction=cloud[f"{kind}_fraction"],
        effective_robustness=robust,
        source=published.SOURCE,
    )


def draw(data: pd.DataFrame) -> Figure:
    """Figure 16 from the table made by `drawn`."""
    shown = {letter: what for letter, what in LETTERS.items() if (data["panel"] == letter).any()}
    rows = len(shown) // 2 or 1
    mosaic = [["a", *list(shown)[2 * at : 2 * at + 2]] for at in range(rows)]
    figure, axes = style.new_figure(
        mosaic, height=0.4 + 1.75 * rows, width_ratios=[1.15, *[1] * (len(mosaic[0]) - 1)]
    )
    _lines(axes["a"], data[data["panel"] == "a"])
    for letter, (kind, value) in shown.items():
        panel = axes[letter]
        panels.title(panel, letter, path_spectra.KINDS[kind])
        own = data[data["panel"] == letter]
        all_models.scatter(panel, own, "fraction", value)
        if not panel.has_data():
            continue
        panel.xaxis.set_major_locator(MaxNLocator(nbins=4))
        panel.set_xlabel("high-frequency fraction")
        axis_labels.percent(panel.yaxis)
        if value != "shifted_accuracy":
            panel.axhline(0, color="0.7", linewidth=0.6, zorder=0)
        if kind == "between":
            panel.set_ylabel(LABELS[value])
    all_models.legend(figure, data[data["panel"] != "order"])
    return figure


def _lines(axes: Axes, data: pd.DataFrame) -> None:
    panels.title(axes, "a", "shifted and usual test images")
    all_models.scatter(axes, data, "test_accuracy", "shifted_accuracy")
    if not axes.has_data():
        return
    clean = np.linspace(*axes.get_xlim(), 100).clip(0.01, 0.99)
    ours = data[data["source"] == all_models.OURS]
    line = fitted_line(*(ours[name] for name in ("test_accuracy", "shifted_accuracy")))
    axes.plot(clean, expected(clean, line), "--", color="0.3", linewidth=0.8, zorder=1)
    if ours["effective_robustness"].notna().any():
        axes.plot(clean, expected(clean), color="0.6", linewidth=0.9, zorder=1)
    axes.margins(x=0)
    axis_labels.accuracy_axis(axes)
    axis_labels.percent(axes.yaxis)
    axes.set_ylabel(LABELS["shifted_accuracy"])


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: settings, the shift, whose lines are drawn, the rank correlations."""
    settings = context["settings"]["cifar10"]
    source = settings["shift"]["source"]
    orders = data[data["panel"] == "order"]
    texts = [
        f"{WORDS[row['y'], row['given']]}, {row['kind']} {all_models.correlation_text(row)}"
        for row in orders.to_dict("records")
    ]
    theirs = source == SHIFTED
    cloud = data["source"].eq(published.SOURCE).any()
    return {
        **path_spectra.facts(settings),
        "deviations": deviations(settings, "interpolation"),
        "shift": SHIFTS[source],
        "paper_line": PAPER_LINE if theirs else "",
        "paper_panels": "; (f, g) the same above the grey line" if theirs else "",
        "cloud": f"{published.CAPTION} " if cloud else "",
        "n_models": f"{orders['n_models'].max():g}",
        "correlations": "; ".join(texts),
    }
