"""The panels of Figure 27: they draw rows that `fig27.drawn` made, no more."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from spectral_bias.figures import panels, style

_KEY = {"columnspacing": 0.8, "handlelength": 1.0, "labelspacing": 0.25}
_TIMES = {
    "predicted": (style.BASELINE, "predicted from 0", "s"),
    "SGD": (style.OURS, "SGD", "o"),
    "Adam": (style.SECOND, "Adam", "D"),
}


def rates(axes: Axes, rows: pd.DataFrame) -> None:
    """Panel a: a line for each kernel, the eigenvalues of the first, the lines of Eq. 9."""
    modes = rows[rows["kind"] == "mode"]
    sgd = modes[modes["optimiser"] == "sgd"]
    shades = style.colours("iteration", sgd["kernel_at"])
    for at, line in sgd.groupby("kernel_at"):
        axes.plot(line["frequency"], line["rate"], color=shades[at], label=style.thousands(at))
    adam = modes[modes["optimiser"] == "adam"]
    for at, line in adam.groupby("kernel_at"):
        label = f"Adam, {style.thousands(at)}"
        axes.plot(line["frequency"], line["rate"], color=style.SECOND, linestyle="--", label=label)
    values = rows[rows["kind"] == "eigenvalue"]
    axes.plot(
        values["frequency"], values["rate"], "x", color=shades[0], markersize=2, markeredgewidth=0.5
    )
    for kind, dash, text in (("eq9", "-", "$k^{-1}$"), ("squared", ":", "$k^{-2}$")):
        line = rows[rows["kind"] == kind].sort_values("frequency")
        axes.plot(
            line["frequency"], line["rate"], color=style.BASELINE, linewidth=0.8, linestyle=dash
        )
        end = line.iloc[-1]
        place = {"textcoords": "offset points", "va": "center", "annotation_clip": False}
        axes.annotate(text, (end["frequency"], end["rate"]), (3, 0), **place)
    axes.set(xscale="log", yscale="log", xlabel="frequency $k$", ylabel="rate / learning rate")
    # Eigenvalues sink into rounding; below the other lines is room for the legend.
    lowest = rows.loc[rows["kind"] != "eigenvalue", "rate"].min()
    axes.set_ylim(bottom=lowest * 1e-7)
    axes.legend(title="kernel at iteration", ncols=2, loc="lower left", **_KEY)


def curves(axes: Axes, rows: pd.DataFrame) -> None:
    """Panels b and c: measured amplitudes solid, predicted ones dashed."""
    axes.set(xlabel="training iteration", ylabel="amplitude / target amplitude")
    measured = rows[(rows["kind"] == "measured") & (rows["iteration"] > 0)]
    if measured.empty:
        panels.empty(axes, "no data")
        return
    shades = style.colours("frequency", rows["frequency"])
    for (kind, k), line in rows[rows["iteration"] > 0].groupby(["kind", "frequency"]):
        looks = {"linestyle": "--", "linewidth": 0.9} if kind == "predicted" else {}
        panels.curve(axes, line, "amplitude", shades[k], band=False, **looks)
    if rows["kernel_at"].max() == 0:
        axes.set_xscale("log")
    else:
        style.iteration_axis(axes)
    axes.set_xlim(measured["iteration"].min(), measured["iteration"].max())
    axes.set_ylim(0, 1.3)
    axes.axhline(0.5, color="0.8", linewidth=0.6, zorder=0)
    handles = [Line2D([], [], color=colour, label=f"$k={k:g}$") for k, colour in shades.items()]
    if rows["kernel_at"].max() == 0:  # the same key for the other panel
        axes.legend(handles=handles, loc="upper left", ncols=2, **_KEY)


def times(axes: Axes, rows: pd.DataFrame) -> None:
    """Panel d: t_0.5 of each frequency, measured under either optimiser and predicted."""
    axes.set(xlabel="frequency $k$", ylabel="$t_{0.5}$ (iterations)")
    if rows["time"].notna().sum() == 0:
        panels.empty(axes, "no frequency is fitted")
        return
    for kind, (colour, label, marker) in _TIMES.items():
        line = rows[rows["kind"] == kind].dropna(subset=["time"])
        reach = np.stack([line["time"] - line["time_low"], line["time_high"] - line["time"]])
        looks = {"marker": marker, "markersize": 2.5, "linewidth": 0.9, "elinewidth": 0.6}
        axes.errorbar(line["frequency"], line["time"], np.nan_to_num(reach), **looks,
                      color=colour, label=label)  # fmt: skip
    axes.set_xscale("log")
    style.log_axis(axes)
    _frequency_ticks(axes, rows["frequency"])
    axes.legend(loc="upper left", bbox_to_anchor=(0.0, 1.0))


def ratios(axes: Axes, rows: pd.DataFrame, kernels_at: pd.Series) -> None:
    """Panel e: predicted over measured remaining time, in the colours that panel a has."""
    axes.set(xlabel="frequency $k$", ylabel="predicted / measured")
    if rows.empty:
        panels.empty(axes, "no frequency is fitted")
        return
    shades = style.colours("iteration", kernels_at)
    axes.axhline(1, color=style.BASELINE, linewidth=0.6)
    for at, line in rows.groupby("kernel_at"):
        options = {"marker": "o", "markersize": 2.5, "label": style.thousands(at)}
        axes.plot(line["frequency"], line["ratio"], color=shades[at], **options)
    axes.set_xscale("log")
    style.log_axis(axes)
    _frequency_ticks(axes, rows["frequency"])
    axes.legend(title="kernel at", loc="best", **_KEY)


def kernels(axes: Axes, rows: pd.DataFrame) -> None:
    """Panel f: growth of the kernel's norm against what is explained of the loss."""
    axes.set(xlabel="fraction of the loss explained", ylabel=r"$\|K\|\,/\,\|K_0\|$")
    for name, colour, label, marker in (
        ("sgd", style.OURS, "SGD", "o"),
        ("adam", style.SECOND, "Adam", "D"),
    ):
        points = rows[rows["optimiser"] == name]
        looks = {"marker": marker, "markersize": 2.5, "linestyle": "none", "alpha": 0.7}
        axes.plot(points["explained"], points["growth"], color=colour, label=label, **looks)
    style.log_axis(axes)
    axes.legend(loc="upper left")


def _frequency_ticks(axes: Axes, frequencies: pd.Series) -> None:
    ticks = np.unique(frequencies)
    axes.set_xticks(ticks, [f"{k:g}" for k in ticks])
    axes.xaxis.set_minor_locator(NullLocator())
