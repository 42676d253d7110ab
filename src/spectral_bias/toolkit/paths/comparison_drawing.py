"""Pictures of several measurements together."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spectral_bias.figures import style
from spectral_bias.figures.files import write_pictures
from spectral_bias.toolkit.paths.drawing import COLOURS, DRAWN, LABELS, draw_published, draw_spectra

if TYPE_CHECKING:
    from spectral_bias.toolkit.paths.compare import Comparison


def picture(compared: "Comparison") -> Figure:
    """Spectra, differences and, where they apply, the published networks."""
    kinds = list(dict.fromkeys(compared.summary["kind"]))
    points = {one.name: one.published for one in compared.measurements if len(one.published)}
    rows = [[*(f"spectra_{kind}" for kind in kinds), "differences"]]
    if points:
        rows.append([*(f"published_{kind}" for kind in kinds), "empty"])
    figure, panels = style.new_figure(rows, height=2.4 * len(rows), empty_sentinel="empty")
    for kind in kinds:
        axes = panels[f"spectra_{kind}"]
        for line, one in enumerate(compared.measurements):
            draw_spectra(axes, one.spectra[one.spectra["kind"] == kind], one.name, line)
        axes.set_title(LABELS[kind])
        if points:
            draw_published(panels[f"published_{kind}"], points, kind)
    draw_differences(panels["differences"], compared.differences)
    return figure


def draw_differences(axes: Axes, differences: pd.DataFrame) -> None:
    """Differences of the fractions with their intervals over paths, one row for each."""
    shown = differences[differences["quantity"].isin(DRAWN)].reset_index(drop=True)
    for at, row in shown.iterrows():
        error = [[row["difference"] - row["ci_low"]], [row["ci_high"] - row["difference"]]]
        colour = COLOURS[row["kind"]]
        axes.errorbar(row["difference"], at, xerr=error, fmt="o", color=colour, markersize=3)
    several = len(shown[["a", "b"]].drop_duplicates()) > 1
    names = [
        f"{DRAWN[row.quantity]}".replace("-\n", "-").replace("\n", " ")
        + (f"\n{row.b} - {row.a}" if several else "")
        for row in shown.itertuples()
    ]
    axes.axvline(0, color="0.6", linewidth=0.6)
    axes.set_yticks(range(len(shown)), names)
    axes.invert_yaxis()
    first = shown.iloc[0] if len(shown) else None
    label = "difference" if several or first is None else f"{first['b']} - {first['a']}"
    axes.set_xlabel(f"{label}, of the fractions")
    axes.set_title("differences")


def write_comparison(stem: str | Path, compared: "Comparison") -> None:
    """Writes stem.png and stem.pdf."""
    with style.look():
        write_pictures(stem, picture(compared), plain=True)
