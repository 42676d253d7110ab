"""What figures 10 and 16 share: all networks in one picture, one look for each intervention."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spectral_bias.experiments.fridovichkeil2021.fractions import column
from spectral_bias.experiments.fridovichkeil2021.purposes import split_seed
from spectral_bias.figures import panels, published, style

NAMES = {
    "architecture": "architecture",
    "train_size": "training images",
    "augmentation": "augmentation",
    "distillation": "self-distillation",
    "weight_decay": "weight decay",
}
"""The interventions as the figures call them."""
BASELINE = {"color": style.CATEGORIES[0], "marker": style.MARKERS[0]}
LOOKS = {
    name: {"color": colour, "marker": marker}
    for name, colour, marker in zip(NAMES, style.CATEGORIES[1:], style.MARKERS[1:], strict=False)
}
OURS = "ours"
MOST_COLUMNS = 7
"""Of the legend, which then has two rows."""
FACTS = ["panel", "source", "intervention", "variant", "seed", "run", "epoch", "baseline"]
CORRELATION = ["correlation", "correlation_low", "correlation_high", "n_models", "reason"]


def rows_of(models: pd.DataFrame, kind: str, measure: str, baseline: str) -> pd.DataFrame:
    """`models` with one of the fractions of `kind`, and which of them are the common network.

    A network that is part of several interventions, other than the common one, has a row in each.
    """
    fraction = models[column(kind, measure)]
    same = [split_seed(str(run))[0] == baseline for run in models["run"]]
    return models.assign(kind=kind, measure=measure, fraction=fraction, baseline=same, source=OURS)


def correlation(tables: Mapping[str, pd.DataFrame], **wanted: str) -> dict[str, Any]:
    """`CORRELATION` of one row of the table intervention_correlations, named by its columns."""
    table = tables["intervention_correlations"]
    for name, value in wanted.items():
        table = table[table[name].fillna("") == value]
    row = table.iloc[0]
    values = (row[name] for name in ("value", "ci_low", "ci_high", "n_models", "reason"))
    found = dict(zip(CORRELATION, values, strict=True))
    return {name: None if pd.isna(value) else value for name, value in found.items()}


def correlation_text(row: pd.Series | Mapping[str, Any]) -> str:
    """ "0.81 [0.70, 0.89]", or "no rank correlation" where there is none."""
    if pd.isna(row["correlation"]):
        return "no rank correlation"
    ends = f"[{row['correlation_low']:.2f}, {row['correlation_high']:.2f}]"
    return f"{row['correlation']:.2f} {ends}"


def scatter(axes: Axes, data: pd.DataFrame, x: str, y: str) -> None:
    """One marker for each network, the common one in black above them; or a note.

    Rows of published networks are a cloud below.
    """
    data = data.dropna(subset=[x, y])
    ours = data[data["source"] == OURS]
    if ours.empty:
        panels.empty(axes, "not measured")
        return
    published.draw_cloud(axes, data[data["source"] == published.SOURCE], x, y)
    common = ours["baseline"].astype(bool)
    for name, rows in ours[~common].groupby("intervention", sort=False):
        axes.plot(rows[x], rows[y], linestyle="none", markersize=3, alpha=0.85, **LOOKS[name])
    first = ours[common].drop_duplicates("run")
    axes.plot(first[x], first[y], linestyle="none", markersize=3.5, zorder=4, **BASELINE)
    axes.margins(0.08)


def legend(figure: Figure, data: pd.DataFrame, more: tuple[Line2D, ...] = ()) -> None:
    """Below the panels, the interventions in `data`, the common network and published ones."""
    ours = data[data["source"] == OURS]
    present = set(ours.loc[ours["baseline"].eq(False), "intervention"])
    looks = {NAMES[name]: look for name, look in LOOKS.items() if name in present}
    if ours["baseline"].eq(True).any():
        looks["baseline (in all)"] = BASELINE
    if data["source"].eq(published.SOURCE).any():
        looks["published"] = {"color": published.LOOK["color"], "marker": "."}
    handles = [
        Line2D([], [], linestyle="none", markersize=4, label=name, **look)
        for name, look in looks.items()
    ]
    handles += more
    if handles:
        columns = len(handles) if len(handles) <= MOST_COLUMNS else -(-len(handles) // 2)
        figure.legend(handles=handles, loc="outside lower center", ncols=columns, handletextpad=0.2)


def baseline_of(context: Mapping[str, Any]) -> str:
    """Name of the common network's run."""
    return context["settings"]["cifar10"]["baseline"]


def together(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """What is drawn: the parts that have rows, one below the other, with these columns."""
    wide = [part.reindex(columns=columns).astype(object) for part in parts if len(part)]
    if not wide:
        return pd.DataFrame(columns=columns)
    return pd.concat(wide, ignore_index=True).infer_objects()
