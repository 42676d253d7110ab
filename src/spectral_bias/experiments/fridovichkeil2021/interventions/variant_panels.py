"""The panels of figures 5 to 9: how variants of one intervention are drawn."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from spectral_bias.experiments.fridovichkeil2021 import noise_curves, path_spectra
from spectral_bias.experiments.fridovichkeil2021.axis_labels import accuracy_axis, frequency_axis
from spectral_bias.figures import panels, style
from spectral_bias.figures.captions import readable


def looks_of(group: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Colour and marker of each variant: ordered colours for a sweep, else one for each.

    The baseline is black among things without order.
    """
    variants = group.drop_duplicates("variant")
    if is_sweep(group):
        shades = style.colours("strength", variants["value"])
        return {
            row.variant: {"color": shades[row.value], "marker": "o"}
            for row in variants.itertuples()
        }
    ranked = variants.sort_values("baseline", ascending=False, kind="stable")["variant"]
    first = 0 if variants["baseline"].any() else 1
    return {
        name: {
            "color": style.CATEGORIES[(rank + first) % len(style.CATEGORIES)],
            "marker": style.MARKERS[(rank + first) % len(style.MARKERS)],
        }
        for rank, name in enumerate(ranked)
    }


def is_sweep(group: pd.DataFrame) -> bool:
    """Whether the variants are steps of one quantity."""
    values = group.drop_duplicates("variant")["value"]
    return bool(len(values) > 0 and values.notna().all() and values.is_unique)


def noise_panel(axes: Axes, data: pd.DataFrame, looks: Mapping[str, Any], letter: str) -> None:
    """Minimum noise fitting over f, bars from the lowest to the highest network."""
    panels.title(axes, letter, "noise fitting")
    if data.empty:
        panels.empty(axes, "no network was\ntrained on noise")
        return
    for variant, look in looks.items():
        rows = data[data["variant"] == variant].sort_values("frequency")
        values = [rows[f"noise_fitting{end}"].astype(float) for end in ("_low", "_high")]
        axes.vlines(rows["frequency"], *values, color=look["color"], linewidth=0.9, alpha=0.6)
        axes.plot(rows["frequency"], rows["noise_fitting"], markersize=3, linewidth=0.9, **look)
    frequency_axis(axes, data["frequency"])
    axes.set_xlabel("frequency $f$")
    axes.set_ylabel("minimum (nats)")


def excess_panel(axes: Axes, data: pd.DataFrame, looks: Mapping[str, Any], letter: str) -> None:
    """The covariance above the floor over training, at one wave."""
    f = data["frequency"].max()
    panels.title(axes, letter, "covariance" + ("" if data.empty else f", $f$ = {f:g}"))
    if data.empty:
        panels.empty(axes, "no network was\ntrained on noise")
        return
    axes.axhline(0, color="0.6", linewidth=0.6, zorder=0)
    values = ["epoch", "excess", "excess_low", "excess_high"]
    for variant, look in looks.items():
        rows = data.loc[data["variant"] == variant, values].astype(float)
        if len(rows):
            noise_curves.epoch_curve(axes, rows, "excess", look["color"], linewidth=0.9)
    noise_curves.epoch_axis(axes)
    axes.set_ylabel("above the floor (nats)")


def fraction_panel(
    axes: Axes, data: pd.DataFrame, looks: Mapping[str, Any], letter: str, kind: str
) -> None:
    """Fraction of one kind of paths against accuracy; thin lines join the extremes."""
    panels.title(axes, letter, path_spectra.KINDS[kind])
    data = data.dropna(subset=["test_accuracy", "high_frequency_fraction"])
    if data.empty:
        panels.empty(axes, "not measured")
        return
    for _, pair in data[data["extreme"] != ""].groupby("seed"):
        if pair["extreme"].nunique() == 2:
            values = pair["test_accuracy"], pair["high_frequency_fraction"]
            axes.plot(*values, color="0.75", linewidth=0.6, zorder=1)
    for row in data.itertuples():
        look = looks[row.variant] | {"markersize": 3.5, "linestyle": "none", "alpha": 0.9}
        axes.plot([row.test_accuracy], [row.high_frequency_fraction], **look)
    axes.margins(0.12)
    accuracy_axis(axes)
    if kind == "between":
        axes.set_ylabel("high-frequency fraction")


def legend(axes: Axes, group: pd.DataFrame, looks: Mapping[str, Any]) -> None:
    """Beside the last panel of a row; steps of a sweep are named by their value."""
    if not looks:
        return
    sweep, handles = is_sweep(group), []
    variants = group.drop_duplicates("variant")
    # Variants with waves stand first in the table, so a sweep is put in order here.
    for row in (variants.sort_values("value") if sweep else variants).itertuples():
        label = _step(row.value) if sweep else str(row.variant).replace(", ", ",\n")
        label = f"{label}\n(baseline)" if row.baseline else label
        look = {"linewidth": 0.9, "markersize": 4, **looks[row.variant]}
        handles.append(Line2D([], [], label=label, **look))
    placed = axes.legend(
        handles=handles, title=group["group"].iloc[0], loc="upper left", bbox_to_anchor=(1.02, 1.0),
        borderaxespad=0.0,
    )  # fmt: skip
    placed.set_alignment("left")


def _step(value: float) -> str:
    """5000 as "5,000", 0.0005 as "0.0005"."""
    return readable(int(value) if float(value).is_integer() else value)
