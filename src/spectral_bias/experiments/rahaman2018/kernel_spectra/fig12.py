"""Figure 12: the first and the last eigenvector of a Gaussian kernel on a line of points."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.figures import panels, style

TITLE = "The first eigenvector is smooth, the last one changes sign at every point"
TABLES = ("kernel_grid_vectors",)
CAPTION = """\
Figure 12 of Rahaman et al. (2019). Eigenvectors n = 1 and n = {kernel_spectra[grid][n_points]}, \
by decreasing eigenvalue, of the kernel of Figure 6 (sigma = {kernel_spectra[grid][sigma]}, ours) \
on {kernel_spectra[grid][n_points]} uniform points of [0, 1), of unit length; the sign is \
arbitrary and set so that the first entry is positive. No network takes part ({scale} scale)."""

LETTERS = "ab"
COLUMNS = ["panel", "source", "n", "eigenvalue", "z", "value"]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """The entries of the first and the last eigenvector."""
    table = tables["kernel_grid_vectors"]
    ends = {table["n"].max(): "b", table["n"].min(): "a"}
    rows = table[table["n"].isin(list(ends))]
    return rows.assign(panel=rows["n"].map(ends), source="ours")[COLUMNS].reset_index(drop=True)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 12 from the table made by `drawn`."""
    figure, axes = style.new_figure([list(LETTERS)], height=1.9, sharey=True)
    for letter in LETTERS:
        rows = data[data["panel"] == letter].sort_values("z")
        n, eigenvalue = rows["n"].iloc[0], rows["eigenvalue"].iloc[0]
        panels.title(axes[letter], letter, f"$n = {n}$, eigenvalue {eigenvalue:.3g}")
        axes[letter].axhline(0, color="0.8", linewidth=0.6, zorder=0)
        look = {"marker": "o", "markersize": 2, "linewidth": 0.7}
        axes[letter].plot(rows["z"], rows["value"], color=style.OURS, **look)
        axes[letter].set(xlim=(0, 1), xlabel="input $z$")
    axes["a"].set_ylabel("entry of $v_n$")
    return figure
