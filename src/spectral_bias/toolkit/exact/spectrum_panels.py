"""Draws a piecewise linear function with its breakpoints, and its spectrum with the bound C/k^2."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from spectral_bias.figures import panels, style
from spectral_bias.figures.files import write_pictures
from spectral_bias.toolkit.exact.piecewise_linear import ExactSpectrum


def write_picture(stem: str | Path, spectrum: ExactSpectrum) -> None:
    """Writes stem.png and stem.pdf: the function, its spectrum."""
    with style.look():
        figure, axes = style.new_figure([["a", "b"]], height=2.2)
        spectrum.plot_function(axes["a"])
        spectrum.plot(axes["b"])
        panels.title(axes["a"], "a", f"function, {len(spectrum.breakpoints)} breakpoints")
        panels.title(axes["b"], "b", "spectrum without its chord")
        write_pictures(stem, figure, plain=True)


def draw_function(axes: Axes, nodes: np.ndarray, values: np.ndarray) -> None:
    """A line with a mark at each node but the ends."""
    axes.plot(nodes, values, color=style.LEARNT)
    dots = {"linestyle": "none", "marker": "o", "markersize": 1.8, "color": style.BASELINE}
    axes.plot(nodes[1:-1], values[1:-1], **dots, label="breakpoint")
    axes.set(xlabel="input $x$", ylabel="output $f(x)$")
    if len(nodes) > 2:
        axes.legend()


def draw_spectrum(axes: Axes, table: pd.DataFrame, resolved: np.ndarray) -> None:
    """Amplitudes that are not 0 up to rounding, as dots, below the bound.

    Args:
        axes: what is drawn into.
        table: columns frequency, amplitude and bound.
        resolved: one bool for each row; rows without it are left out.
    """
    axes.set(xlabel="frequency $k$ (cycles on the interval)", ylabel=r"$|\tilde f(k)|$")
    if not resolved.any():
        panels.note(axes, "0: a straight line")
        return
    shown, k = table[resolved], table["frequency"]
    dots = {"linestyle": "none", "marker": ".", "markersize": 2.5, "color": style.OURS}
    axes.plot(shown["frequency"], shown["amplitude"], **dots, label="exact")
    bound = {"color": style.BASELINE, "linewidth": 0.9, "linestyle": "--"}
    axes.plot(k, table["bound"], **bound, label="$C/k^2$")
    axes.set(xscale="log", yscale="log")
    axes.legend()
