"""Pictures of measurements: spectra, fractions, what these consist of, the published networks."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spectral_bias.figures import published, style
from spectral_bias.figures.files import write_pictures
from spectral_bias.toolkit.paths.summary import present

if TYPE_CHECKING:
    from spectral_bias.toolkit.paths.measurement import Measurement

COLOURS = {"within": style.WITHIN, "between": style.BETWEEN}
LABELS = {"within": "within classes", "between": "between classes"}
DRAWN = {
    "high_frequency_fraction": "raw",
    "hann_fraction": "Hann\nwindow",
    "chord_free_fraction": "chord-\nfree",
}
"""The fractions in their panel, and how its axis calls them."""
LINES = ("-", "--", ":", "-.")
LIGHT = 0.2


def draw_spectra(
    axes: Axes, spectra: pd.DataFrame, label: str | None = None, line: int = 0
) -> None:
    """Mean magnitudes of both kinds of paths over relative frequency, on a logarithmic axis.

    Args:
        axes: where to draw.
        spectra: see `Measurement.spectra`; the band is the interval over paths.
        label: of the network, before the kind; None leaves it out.
        line: which of `LINES`.
    """
    for kind, own in spectra.groupby("kind", sort=False):
        look = {"color": COLOURS[kind], "linestyle": LINES[line % len(LINES)]}
        text = LABELS[kind] if label is None else f"{label}, {kind}"
        axes.plot(own["relative_frequency"], own["magnitude"], label=text, **look)
        if own["ci_low"].notna().all():
            # On a logarithmic axis a lower end at 0 or below has no place.
            low = own["ci_low"].clip(lower=own["magnitude"] / 100)
            bounds = (own["relative_frequency"], low, own["ci_high"])
            axes.fill_between(*bounds, color=COLOURS[kind], alpha=LIGHT, linewidth=0)
    axes.set_yscale("log")
    axes.set_xlabel("relative frequency (1: Nyquist)")
    axes.set_ylabel("mean magnitude |f~|")
    axes.legend()


def draw_fractions(axes: Axes, summary: pd.DataFrame) -> None:
    """The raw, the windowed and the chord-free fraction of each kind, side by side."""
    kinds = list(dict.fromkeys(summary["kind"]))
    width = 0.8 / len(kinds)
    for number, kind in enumerate(kinds):
        own = summary[summary["kind"] == kind].set_index("quantity")
        for place, name in enumerate(DRAWN):
            if name not in own.index:
                continue
            row = own.loc[name]
            at = place + (number - (len(kinds) - 1) / 2) * width
            label = LABELS[kind] if place == 0 else None
            axes.bar(at, row["value"], 0.9 * width, color=COLOURS[kind], label=label)
            if pd.notna(row["ci_low"]):
                error = [[row["value"] - row["ci_low"]], [row["ci_high"] - row["value"]]]
                axes.errorbar(at, row["value"], error, color="black", linewidth=0.8, capsize=1.5)
            top = row["value"] if pd.isna(row["ci_high"]) else row["ci_high"]
            look = {"textcoords": "offset points", "ha": "center", "va": "bottom", "fontsize": 6}
            axes.annotate(f"{row['value']:.2g}", (at, top), (0, 2), **look)
    axes.margins(y=0.12)
    axes.set_xticks(range(len(DRAWN)), list(DRAWN.values()))
    axes.set_ylabel("high-frequency fraction")
    axes.legend()


def draw_jumps(axes: Axes, paths: pd.DataFrame) -> None:
    """Every path's raw fraction over the difference of its ends, of which it mostly consists."""
    for kind in present(paths):
        own = paths[paths["kind"] == kind]
        axes.plot(
            own["end_jump"], own["high_frequency_fraction"], ".", color=COLOURS[kind],
            markersize=2, alpha=0.5, label=LABELS[kind],
        )  # fmt: skip
    axes.set_xlabel("difference of the two ends")
    axes.set_ylabel("raw fraction of a path")
    axes.legend()


def draw_published(axes: Axes, points: Mapping[str, pd.DataFrame], kind: str) -> None:
    """Networks on the published ones and the line through them, for one kind of paths.

    Args:
        axes: where to draw.
        points: by the name of the network `Measurement.published`.
        kind: of paths.
    """
    cloud = published.all_published()
    published.draw_cloud(axes, cloud, "test_accuracy", f"{kind}_fraction")
    line, accuracy = published.relation(kind), np.linspace(0.1, 0.98, 200)
    axes.plot(accuracy, line.expected(accuracy), color="0.8", linewidth=0.8, zorder=0)
    for (name, table), marker in zip(points.items(), style.MARKERS * 9, strict=False):
        own = table[table["kind"] == kind]
        axes.plot(
            own["test_accuracy"], own["fraction"], marker, color=COLOURS[kind], markersize=5,
            label=name,
        )  # fmt: skip
    axes.set_xlabel("test accuracy")
    axes.set_ylabel(f"raw fraction, {LABELS[kind]}")
    axes.legend()


def picture(measured: "Measurement") -> Figure:
    """All panels of one measurement; to be called within `style.look`."""
    kinds = present(measured.paths)
    rows = [["spectra", "fractions", "jumps"]]
    with_cloud = len(measured.published) > 0
    if with_cloud:
        rows.append([*(f"published_{kind}" for kind in kinds), *["empty"] * (3 - len(kinds))])
    figure, panels = style.new_figure(rows, height=2.3 * len(rows), empty_sentinel="empty")
    draw_spectra(panels["spectra"], measured.spectra)
    draw_fractions(panels["fractions"], measured.summary)
    draw_jumps(panels["jumps"], measured.paths)
    panels["spectra"].set_title("spectra along paths")
    panels["fractions"].set_title("above a tenth of the band")
    panels["jumps"].set_title("what the raw fraction is")
    if with_cloud:
        for kind in kinds:
            draw_published(panels[f"published_{kind}"], {measured.name: measured.published}, kind)
        panels[f"published_{kinds[0]}"].set_title("among published networks")
    return figure


def write_picture(stem: str | Path, measured: "Measurement") -> Path:
    """Writes stem.png and stem.pdf; returns the first."""
    with style.look():
        write_pictures(stem, picture(measured), plain=True)
    return Path(stem).with_suffix(".png")
