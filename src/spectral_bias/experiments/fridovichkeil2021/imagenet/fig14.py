"""Figure 14: spectra along paths between larger images, and accuracy of the networks."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spectral_bias.experiments.fridovichkeil2021 import path_spectra
from spectral_bias.experiments.fridovichkeil2021.axis_labels import accuracy_axis
from spectral_bias.experiments.fridovichkeil2021.fractions import FRACTIONS, column
from spectral_bias.experiments.fridovichkeil2021.imagenet import captions as shared
from spectral_bias.experiments.fridovichkeil2021.imagenet.orders import picked
from spectral_bias.experiments.fridovichkeil2021.path_spectra import KINDS, MEASURES
from spectral_bias.experiments.fridovichkeil2021.source_settings import NUMBERED
from spectral_bias.figures import panels, style

TITLE = "Larger images: frequency between and within classes against accuracy"
TABLES = ("imagenet_models", "imagenet_spectra", "imagenet_correlations")
CAPTION = f"""\
Networks for ImageNet, after Fridovich-Keil et al. (2021). (a, b) Class probabilities \
on the straight line between two validation images of two classes (a) and of one class (b), \
{{sampling}}; magnitude of their DFT along the path, mean over classes and paths. Colour: test \
accuracy of the network, dark for the lowest. (c, d) High-frequency fraction against test \
accuracy. {path_spectra.FRACTION} Bars: standard error over \
paths (c) and over classes (d). {{n_within}} paths within and {{n_between}} between classes, drawn \
by a seed, the same for all networks (numbers ours). {{ratios}}{{orders}}

Here ({{scale}} scale): {{images_text}}. {{networks_text}} {{accuracies}} {NUMBERED}"""

LETTERS = {"between": ("a", "c"), "within": ("b", "d")}
MARKERS = {"trained": "o", "torchvision": "s", "checkpoint": "^"}
COLUMNS = [
    *("panel", "source", "kind", "model", "origin", "relative_frequency", "magnitude"),
    *("test_accuracy", "published_accuracy", "high_frequency_fraction", "standard_error"),
    *("n_paths", "correlation", "correlation_low", "correlation_high", "reason"),
    *("measure", "ratio"),
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Panels a, b: spectra; c, d: fractions; "order": rank correlations for the caption."""
    models = tables["imagenet_models"].rename(columns={"kind": "origin"})
    facts = models[["model", "origin", "test_accuracy", "published_accuracy"]]
    parts = []
    for kind, (spectra, fractions) in LETTERS.items():
        of_kind = tables["imagenet_spectra"].query("kind == @kind")
        parts.append(of_kind.merge(facts, on="model").assign(panel=spectra))
        values = {
            "high_frequency_fraction": models[f"{kind}_fraction"],
            "standard_error": models[f"{kind}_error"],
            "n_paths": models[f"n_{kind}"],
        }
        parts.append(facts.assign(panel=fractions, kind=kind, **values))
        parts.append(pd.DataFrame([_order(tables, kind)]).assign(panel="order", kind=kind))
    parts.append(_ratios(tables["imagenet_models"]).assign(panel="ratio"))
    wide = [part.reindex(columns=COLUMNS).astype(object) for part in parts if len(part)]
    return pd.concat(wide, ignore_index=True).infer_objects().assign(source="ours")


def _order(tables: Mapping[str, pd.DataFrame], kind: str) -> dict[str, Any]:
    """The measured rank correlation, or why there is none."""
    return shared.correlation(picked(tables["imagenet_correlations"], "networks", kind, "raw", ""))


def _ratios(models: pd.DataFrame) -> pd.DataFrame:
    """For the caption: fractions between over within, one row for each network and measure."""
    rows = [
        {
            "model": row["model"],
            "measure": measure,
            "ratio": row[column("between", measure)] / row[column("within", measure)],
        }
        for row in models.to_dict("records")
        for measure in FRACTIONS
    ]
    return pd.DataFrame(rows)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 14 from the table made by `drawn`."""
    figure, axes = style.new_figure([["a", "b"], ["c", "d"]], height=4.0)
    looks = _looks(data[data["panel"] == "c"])
    for kind, (spectra, fractions) in LETTERS.items():
        _spectra(axes[spectra], data[data["panel"] == spectra], looks)
        _fractions(axes[fractions], data[data["panel"] == fractions], looks)
        panels.title(axes[spectra], spectra, KINDS[kind])
        panels.title(axes[fractions], fractions, KINDS[kind])
    if looks:
        for letter in ("a", "c"):
            label = "magnitude" if letter == "a" else "high-frequency fraction"
            axes[letter].set_ylabel(label)
        handles = [
            Line2D([], [], markersize=3.5, label=name, **look) for name, look in looks.items()
        ]
        figure.legend(handles=handles, loc="outside lower center", ncols=min(4, len(handles)))
    return figure


def _looks(rows: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Colour by accuracy, marker by origin, for each network in the order of accuracy."""
    ordered = rows.sort_values("test_accuracy", kind="stable").reset_index()
    shades = style.colours("capacity", ordered.index)
    return {
        row.model: {"color": shades[row.Index], "marker": MARKERS[row.origin]}
        for row in ordered.itertuples()
    }


def _spectra(axes: Axes, data: pd.DataFrame, looks: Mapping[str, Any]) -> None:
    if data.empty:
        panels.empty(axes, shared.NOTHING)
        return
    for name, look in looks.items():
        rows = data[data["model"] == name].sort_values("relative_frequency")
        axes.plot(rows["relative_frequency"], rows["magnitude"], color=look["color"])
    style.log_axis(axes)
    axes.set(xlim=(0, 1), xlabel="frequency / highest frequency")


def _fractions(axes: Axes, data: pd.DataFrame, looks: Mapping[str, Any]) -> None:
    if data.empty:
        panels.empty(axes, shared.NOTHING)
        return
    for row in data.itertuples():
        axes.errorbar(
            [row.test_accuracy],
            [row.high_frequency_fraction],
            yerr=[row.standard_error],
            linestyle="none",
            markersize=4,
            elinewidth=0.6,
            **looks[row.model],
        )
    axes.margins(0.15)
    accuracy_axis(axes)


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: settings, accuracies, rank correlations."""
    settings = context["settings"]["imagenet"]
    paths = {
        kind: data[(data["panel"] == letter)]["n_paths"].max()
        for kind, (_, letter) in LETTERS.items()
    }
    return {
        **shared.facts(settings),
        **{f"n_{kind}": f"{n:,.0f}" if n == n else "no" for kind, n in paths.items()},
        "orders": _orders_text(data[data["panel"] == "order"]),
        "ratios": _ratios_text(data[data["panel"] == "ratio"]),
        "accuracies": _accuracies(data[data["panel"] == "c"]),
    }


def _ratios_text(rows: pd.DataFrame) -> str:
    if rows.empty:
        return ""
    texts = [
        f"{name} {np.exp(np.log(own['ratio'].astype(float)).mean()):.2f}"
        for measure, name in MEASURES.items()
        if len(own := rows[rows["measure"] == measure])
    ]
    return (
        "Fraction between over within classes, geometric mean over networks (the jump between the "
        f"ends of a path leaks into all bins; the last two are ours): {', '.join(texts)}. "
    )


def _orders_text(orders: pd.DataFrame) -> str:
    texts = []
    for row in orders.itertuples():
        if pd.isna(row.correlation):
            texts.append(f"none {KINDS[row.kind]} ({row.reason})")
        else:
            ends = f"[{row.correlation_low:.2f}, {row.correlation_high:.2f}]"
            texts.append(f"{row.correlation:.2f} {ends} {KINDS[row.kind]}")
    return f"Spearman's correlation of fraction and accuracy: {', '.join(texts)}."


def _accuracies(rows: pd.DataFrame) -> str:
    """Accuracies as measured, and as published where they are."""
    if rows.empty:
        return ""
    texts = []
    for row in rows.sort_values("test_accuracy").itertuples():
        published = ""
        if not pd.isna(row.published_accuracy):
            published = f" (published {100 * row.published_accuracy:.1f})"
        texts.append(f"{row.model} {100 * row.test_accuracy:.1f}{published}")
    return f"Test accuracy in percent: {', '.join(texts)}."
