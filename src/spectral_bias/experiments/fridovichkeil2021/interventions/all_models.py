"""What figures 10 and 16 share: all networks in one picture, one look for each intervention."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spectral_bias.experiments.fridovichkeil2021.interventions.models import TRAINING_TIME
from spectral_bias.figures import panels, style

NAMES = {
    "architecture": "architecture",
    "train_size": "training images",
    "augmentation": "augmentation",
    "distillation": "self-distillation",
    "weight_decay": "weight decay",
    TRAINING_TIME: "training time",
}
"""The interventions as the figures call them."""
BASELINE = {"color": style.CATEGORIES[0], "marker": style.MARKERS[0]}
LOOKS = {
    name: {"color": colour, "marker": marker}
    for name, colour, marker in zip(NAMES, style.CATEGORIES[1:], style.MARKERS[1:], strict=False)
}
COLUMNS = [
    *("panel", "source", "intervention", "variant", "run", "epoch", "baseline"),
    *("test_accuracy", "shifted_accuracy", "kind", "high_frequency_fraction"),
]
CORRELATION = ["correlation", "correlation_low", "correlation_high", "n_models", "reason"]


def rows_of(models: pd.DataFrame, kind: str, baseline: str) -> pd.DataFrame:
    """`models` with the fraction of `kind`, and which of them are the common network."""
    fraction = models[f"{kind}_fraction"]
    same = models["run"] == baseline
    return models.assign(kind=kind, high_frequency_fraction=fraction, baseline=same)


def correlation(tables: Mapping[str, pd.DataFrame], **wanted: str) -> dict[str, Any]:
    """`CORRELATION` of one row of the table intervention_correlations, named by its columns."""
    table = tables["intervention_correlations"]
    for column, value in wanted.items():
        table = table[table[column] == value]
    row = table.iloc[0]
    values = (row[name] for name in ("value", "ci_low", "ci_high", "n_models", "reason"))
    found = dict(zip(CORRELATION, values, strict=True))
    return {name: None if pd.isna(value) else value for name, value in found.items()}


def correlation_text(row: pd.Series) -> str:
    """ "0.81 [0.70, 0.89]", or "no rank correlation" where there is none."""
    if pd.isna(row["correlation"]):
        return "no rank correlation"
    ends = f"[{row['correlation_low']:.2f}, {row['correlation_high']:.2f}]"
    return f"{row['correlation']:.2f} {ends}"


def scatter(axes: Axes, data: pd.DataFrame, x: str, y: str) -> None:
    """One marker for each variant, the common network in black above them; or a note."""
    data = data.dropna(subset=[x, y])
    if data.empty:
        panels.empty(axes, "not measured")
        return
    common = data["baseline"].astype(bool)
    for name, rows in data[~common].groupby("intervention", sort=False):
        axes.plot(rows[x], rows[y], linestyle="none", markersize=3.5, alpha=0.85, **LOOKS[name])
    first = data[common].head(1)
    axes.plot(first[x], first[y], linestyle="none", markersize=4.5, zorder=4, **BASELINE)
    axes.margins(0.08)


def legend(figure: Figure, data: pd.DataFrame) -> None:
    """Below the panels, the interventions in `data` and the common network."""
    present = set(data.loc[data["baseline"].eq(False), "intervention"])
    looks = {NAMES[name]: look for name, look in LOOKS.items() if name in present}
    if data["baseline"].eq(True).any():
        looks["baseline (part of all)"] = BASELINE
    handles = [
        Line2D([], [], linestyle="none", markersize=4, label=name, **look)
        for name, look in looks.items()
    ]
    if handles:
        figure.legend(
            handles=handles, loc="outside lower center", ncols=len(handles), handletextpad=0.2
        )


def baseline_of(context: Mapping[str, Any]) -> str:
    """Name of the common network's run."""
    return context["settings"]["cifar10"]["baseline"]
