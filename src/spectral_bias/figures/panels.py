"""Building blocks of panels: heatmap, curve with band, colour bar, notes. They draw, no more."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colorbar import Colorbar
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from spectral_bias.figures import style


def title(axes: Axes, letter: str, text: str = "") -> None:
    """Puts "(a) text", the letter bold, above the left end of the panel."""
    axes.set_title(rf"$\mathbf{{({letter})}}$ {text}".rstrip())


def note(axes: Axes, text: str) -> None:
    """Says in an empty panel why it is empty."""
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color="0.4")


def empty(axes: Axes, text: str) -> None:
    """A note in a panel that shares its axes with no other, without meaningless ticks."""
    note(axes, text)
    axes.set(xticks=[], yticks=[])


def heatmap(axes: Axes, data: pd.DataFrame, y: str, value: str) -> QuadMesh | None:
    """Draws `value` over frequency and `y`, in the layout of the authors' heatmaps.

    One column of equal width for each frequency, labelled with it; `y` grows upwards and a cell
    reaches half way to its neighbours. Colours are clipped to [0, 1]; `data` need not be.

    Args:
        axes: the panel.
        data: one row for each cell, columns frequency, `y` and `value`.
        y: column on the vertical axis.
        value: column shown as colour.

    Returns:
        What a colour bar belongs to; None if there is nothing to draw, which the panel then says.
    """
    if data.empty:
        empty(axes, "no data")
        return None
    grid = data.pivot(index=y, columns="frequency", values=value).sort_index()
    frequencies = list(grid.columns)
    rows = edges(grid.index.to_numpy(dtype=float))
    mesh = axes.pcolormesh(
        np.arange(len(frequencies) + 1),
        rows,
        np.ma.masked_invalid(np.clip(grid.to_numpy(dtype=float), 0.0, 1.0)),
        cmap=style.HEATMAP,
        vmin=0.0,
        vmax=1.0,
        rasterized=True,
    )
    axes.set_facecolor(style.MISSING)
    axes.set_ylim(rows[0], rows[-1])
    axes.set_xticks(np.arange(len(frequencies)) + 0.5, [f"{k:g}" for k in frequencies])
    axes.tick_params(axis="x", length=0)
    axes.set_xlabel("frequency $k$")
    return mesh


def same_rows(ours: Axes, theirs: Axes) -> None:
    """Gives two heatmaps with equal columns one vertical range, so that rows stand side by side."""
    columns = [[label.get_text() for label in axes.get_xticklabels()] for axes in (ours, theirs)]
    if columns[0] == columns[1]:
        limits = [axes.get_ylim() for axes in (ours, theirs)]
        low, high = min(low for low, _ in limits), max(high for _, high in limits)
        for axes in (ours, theirs):
            axes.set_ylim(low, high)


def edges(centres: np.ndarray) -> np.ndarray:
    """Cell edges (n + 1) half way between the increasing `centres` (n); the ends stay closed.

    The outermost cells end at the outermost centres, so that an axis from 0 starts at 0.
    """
    if len(centres) == 1:
        return centres[0] + np.array([-0.5, 0.5])
    middles = (centres[1:] + centres[:-1]) / 2
    return np.concatenate([centres[:1], middles, centres[-1:]])


def colour_bar(
    mesh: QuadMesh | None, axes: Axes | list[Axes], label: str, **options: object
) -> Colorbar | None:
    """A colour bar from 0 to 1 beside `axes`; none when there is no heatmap."""
    if mesh is None:
        return None
    bar = mesh.figure.colorbar(mesh, ax=axes, ticks=[0, 0.25, 0.5, 0.75, 1], **options)
    bar.set_label(label)
    bar.outline.set_linewidth(0.6)
    return bar


def curve(
    axes: Axes, data: pd.DataFrame, value: str, colour: str, band: bool = True, **line: object
) -> None:
    """Draws `value` over iteration and, if `band`, the band from `value`_low to `value`_high.

    The band is left out where it has no width, as for a single run. `line` goes to `Axes.plot`.
    """
    data = data.sort_values("iteration")
    if band and (data[f"{value}_high"] > data[f"{value}_low"]).any():
        low, high = data[f"{value}_low"], data[f"{value}_high"]
        axes.fill_between(
            data["iteration"], low, high, color=colour, alpha=0.15, linewidth=0, zorder=1
        )
    # A single record has no line to it: mark the point.
    marker = {"marker": "o", "markersize": 2.5} if len(data) == 1 else {}
    axes.plot(data["iteration"], data[value], color=colour, **{**marker, **line})


def point_names(
    axes: Axes, x: Sequence[float], y: Sequence[float], names: Sequence[str], size: float = 5.5
) -> None:
    """Writes the name of each point beside it, on the side where it covers least.

    Sides are tried right above, left above, right below, left below. Places are judged by the
    limits and the layout that the figure has when this is called, so call it last.

    Args:
        axes: the panel, with its points already drawn.
        x: position of each point, in data units.
        y: likewise.
        names: texts, one for each point.
        size: of the font, in points.
    """
    if not len(names):
        return
    axes.figure.draw_without_rendering()  # sets the sizes of the panels
    scale = axes.figure.dpi / 72
    places = axes.transData.transform(np.column_stack([x, y]).astype(float)) / scale
    frame = axes.get_window_extent().extents / scale
    taken = [(px - 2, py - 2, px + 2, py + 2) for px, py in places]
    taken.append((frame[0] - 100, frame[1], frame[0], frame[3]))  # ticks and label of the axis
    for (px, py), at, name in zip(places, zip(x, y, strict=True), names, strict=True):
        width = 0.56 * size * len(str(name))  # of DejaVu Sans, on average

        def box(
            side: tuple[int, int], px: float = px, py: float = py, width: float = width
        ) -> tuple[float, float, float, float]:
            left = px + 4 if side[0] > 0 else px - 4 - width
            low = py + 1 if side[1] > 0 else py - 1 - size
            return (left, low, left + width, low + size)

        side = min(((1, 1), (-1, 1), (1, -1), (-1, -1)), key=lambda s: _covered(box(s), taken))
        taken.append(box(side))
        axes.annotate(
            str(name), at, (4 * side[0], 2 * side[1]), textcoords="offset points", fontsize=size,
            color="0.3", ha="left" if side[0] > 0 else "right",
            va="bottom" if side[1] > 0 else "top",
        )  # fmt: skip


def _covered(
    box: tuple[float, float, float, float], others: Sequence[tuple[float, float, float, float]]
) -> float:
    """Area that `box` (left, low, right, high) shares with `others`."""
    area = 0.0
    for left, low, right, high in others:
        width = min(box[2], right) - max(box[0], left)
        height = min(box[3], high) - max(box[1], low)
        area += max(0.0, width) * max(0.0, height)
    return area


def legend(axes: Axes, handles: Sequence[Line2D], **options: object) -> None:
    """One of several legends in the same panel; `options` go to `Legend`."""
    labels = [str(handle.get_label()) for handle in handles]
    axes.add_artist(Legend(axes, handles, labels, **options))
