"""Figure 15: frequency within classes of larger images against the diversity of the classes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spectral_bias.experiments.fridovichkeil2021.axis_labels import accuracy_axis
from spectral_bias.experiments.fridovichkeil2021.imagenet import captions as shared
from spectral_bias.experiments.fridovichkeil2021.imagenet.orders import (
    GIVEN,
    by_class,
    learnt,
    picked,
)
from spectral_bias.experiments.fridovichkeil2021.source_settings import NUMBERED
from spectral_bias.figures import panels, style
from spectral_bias.statistics import UndecidedError

TITLE = "Larger images: frequency within classes against their diversity"
TABLES = ("imagenet_classes", "imagenet_models", "imagenet_correlations")
ARRAYS = "imagenet_samples"
CAPTION = f"""\
Networks for ImageNet, after Fridovich-Keil et al. (2021): one marker for each class, \
mean over {{n_models}} network(s). High-frequency fraction (Figure 14) of class \
probabilities on straight paths between validation images of the class, {{sampling}}, against the \
class's diversity: mean distance of two of its images in the space of normalised images (a) and of \
penultimate features, over the network's mean (b); size of the losslessly compressed (PNG) mean of \
its images, which is small where they have little in common (c); and, to compare, the fraction of \
its images that are correctly classified (d, ours). {{n_images}} images of each class, \
{{n_within}} paths. \
{{orders}} Intervals: 95 % over classes by Fisher's z, widened to reach 0 where one in twenty \
permutations shows so strong an order. {{levels}}Images: classes of the lowest (blue) and of the \
highest fraction (orange). How hard classes are (d) goes with their frequency too, so that the \
claims are judged by the correlation given (d), of the ranks that it leaves; and (b) is close at \
hand, since answers are computed from the features.

Here ({{scale}} scale): {{images_text}}. {{networks_text}} {{learnt}}{NUMBERED}"""

PANELS = {
    "a": ("pixel_distance", "images", "mean distance"),
    "b": ("feature_distance", "features", "mean distance / mean"),
    "c": ("compressed_bytes", "mean image", "compressed size (bytes)"),
    "d": ("test_accuracy", "accuracy (control)", "test accuracy (%)"),
}
FEW_CLASSES = 30
SHOWN = 3
"""Classes at either end, as many as the measurement takes images of."""
ENDS = ("low", "high")
COLOURS = {"low": style.OURS, "high": style.VALIDATION, "": "0.6"}
COLUMNS = [
    *("panel", "source", "class_name", "value", "within_fraction", "level", "extreme", "n_models"),
    *("measure", "correlation", "correlation_low", "correlation_high", "least", "most", "reason"),
    *("given", "learnt"),
]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Panels a to d: one row for each class; "order": a rank correlation for each measure.

    `extreme` is "low" or "high" for the classes whose images are shown. least and most are the
    correlations of single networks between which all others lie.
    """
    models, known = tables["imagenet_models"], True
    try:
        models = learnt(tables["imagenet_models"])
    except UndecidedError:
        known = False
    classes = by_class(tables["imagenet_classes"], models).reset_index()
    extremes = _extremes(tables["imagenet_classes"])
    classes["extreme"] = classes["class_name"].map(extremes).fillna("")
    parts = []
    for letter, (column, *_) in PANELS.items():
        rows = classes.assign(panel=letter, value=classes[column], measure=column)
        parts.append(rows.assign(n_models=len(models)))
    measures = ["level"] if classes["level"].notna().any() else []
    for column in [name for name, *_ in PANELS.values()] + measures:
        for given in ("", GIVEN) if column != GIVEN else ("",):
            found = picked(tables["imagenet_correlations"], "classes", column, "raw", given)
            row = shared.correlation(found) | found[["least", "most"]].dropna().to_dict()
            facts = {"panel": "order", "measure": column, "given": given}
            parts.append(pd.DataFrame([facts | row]))
    wide = [part.reindex(columns=COLUMNS).astype(object) for part in parts if len(part)]
    together = pd.concat(wide, ignore_index=True).infer_objects()
    return together.assign(source="ours", learnt=known)


def _extremes(classes: pd.DataFrame) -> dict[str, str]:
    """ "low" or "high" for the classes that sample images are taken of (mean over all networks)."""
    order = classes.groupby("class_name")["within_fraction"].mean().sort_values(kind="stable")
    names = list(order.index)
    low, high = names[:SHOWN], names[SHOWN:][-SHOWN:]
    return dict.fromkeys(low, "low") | dict.fromkeys(high, "high")


def draw(data: pd.DataFrame, arrays: Mapping[str, np.ndarray]) -> Figure:
    """Figure 15 from the table made by `drawn` and sample images of the extreme classes."""
    names = [str(name) for name in arrays["class_names"]]
    extremes = data[data["panel"] == "a"].set_index("class_name")["extreme"]
    of_end = {end: [i for i, n in enumerate(names) if extremes[n] == end] for end in ENDS}
    count = max(map(len, of_end.values()))
    cells = [
        [
            f"image{column[row]}" if row < len(column) else "."
            for column in of_end.values()
            for _ in "ab"
        ]
        for row in range(count)
    ]
    figure, axes = style.new_figure(
        [list(PANELS), *cells], height=2.1 + 0.5 * count, height_ratios=[3.8, *[1] * count]
    )
    orders = _orders(data)
    for letter, (column, title, label) in PANELS.items():
        panels.title(axes[letter], letter, title)
        if _scatter(axes[letter], data[data["panel"] == letter]):
            axes[letter].set_xlabel(label)
            text = order_text(orders.loc[column, ""])
            if column != GIVEN:
                text += f"\ngiven (d): {order_text(orders.loc[column, GIVEN])}"
            axes[letter].text(
                0.03, 0.98, text, transform=axes[letter].transAxes, va="top", fontsize=5.5
            )
            axes[letter].margins(y=0.25)
    if axes["a"].has_data():
        axes["a"].set_ylabel("high-frequency fraction")
        accuracy_axis(axes["d"])
    for row, name in enumerate(names):
        _strip(axes[f"image{row}"], arrays["images"][row], name, COLOURS[extremes[name]])
    return figure


def _strip(axes: Axes, images: np.ndarray, name: str, colour: str) -> None:
    """Sample images (I, h, w, 3) of one class side by side."""
    axes.imshow(np.concatenate(list(images), axis=1), interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.set_title(name, fontsize=6, color=colour, pad=2)
    for spine in axes.spines.values():
        spine.set_visible(False)


def order_text(row: pd.Series) -> str:
    """ "0.81 [0.70, 0.89]", or "no rank correlation"."""
    if pd.isna(row["correlation"]):
        return "no rank correlation"
    return f"{row['correlation']:.2f} [{row['correlation_low']:.2f}, {row['correlation_high']:.2f}]"


def _scatter(axes: Axes, data: pd.DataFrame) -> bool:
    """One marker for each class; False if there is none, which the panel then says."""
    data = data.dropna(subset=["value", "within_fraction"])
    if data.empty:
        panels.empty(axes, shared.NOTHING)
        return False
    few = len(data) <= FEW_CLASSES
    for extreme, rows in data.groupby(data["extreme"].fillna("")):
        look = {"markersize": 3.5 if few or extreme else 2, "color": COLOURS[extreme]}
        values = rows["value"], rows["within_fraction"]
        axes.plot(*values, "o", alpha=1.0 if few or extreme else 0.6, **look)
    axes.margins(0.12)
    return True


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: settings, and the rank correlations."""
    settings = context["settings"]["imagenet"]
    orders = _orders(data)
    count = data[data["panel"] == "a"]["n_models"].max()
    learnt = ""
    if not data.empty and not data["learnt"].astype(bool).all() and count == count:
        learnt = "The networks have hardly learnt the classes, so that nothing follows from this. "
    return {
        **shared.facts(settings),
        "n_models": f"{count:.0f}" if count == count else "no",
        "n_images": settings["interpolation"]["class_images"],
        "n_within": settings["interpolation"]["n_within"],
        "orders": _orders_text(orders),
        "levels": _levels_text(orders),
        "learnt": learnt,
    }


def _orders(data: pd.DataFrame) -> pd.DataFrame:
    """Rank correlations by measure and what is held fixed, "" for nothing (empty in a csv)."""
    rows = data[data["panel"] == "order"]
    given = rows["given"].astype(object).fillna("")
    return rows.assign(given=given).set_index(["measure", "given"]).sort_index()


def _orders_text(orders: pd.DataFrame) -> str:
    texts = []
    for letter, (column, *_) in PANELS.items():
        row = orders.loc[column, ""]
        if pd.isna(row["correlation"]):
            return f"There are no rank correlations ({row['reason']})."
        more = ""
        if row["least"] < row["most"]:
            more = f"; single networks {row['least']:.2f} to {row['most']:.2f}"
        if column != GIVEN:
            more += f"; given (d) {order_text(orders.loc[column, GIVEN])}"
        texts.append(f"{order_text(row)} ({letter}{more})")
    return f"Spearman's correlation with its interval: {', '.join(texts)}."


def _levels_text(orders: pd.DataFrame) -> str:
    if ("level", "") not in orders.index or pd.isna(orders.loc["level", ""]["correlation"]):
        return ""
    row = orders.loc["level", ""]
    return f"With the level of diversity that the classes were made with it is {order_text(row)}. "
