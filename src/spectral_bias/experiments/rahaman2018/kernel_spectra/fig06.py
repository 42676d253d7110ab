"""Figure 6: Fourier spectra of the eigenvectors of a Gaussian kernel on a line of points."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.figures import panels, style

TITLE = "Eigenvectors of smaller eigenvalue have higher frequency"
TABLES = ("kernel_grid_spectra",)
CAPTION = """\
Figure 6 of Rahaman et al. (2019). Magnitude of the discrete Fourier transform of each eigenvector \
v_n, by decreasing eigenvalue, of the kernel exp(-|x - y|^2 / (2 sigma^2)) on \
{kernel_spectra[grid][n_points]} uniform points of [0, 1): components in an orthonormal basis of \
sines and cosines, both of one frequency taken together, so that the squares in a row sum to 1. \
The width sigma = {kernel_spectra[grid][sigma]} is ours: the paper names none. No network takes \
part ({scale} scale). Colours are from 0 to 1."""

EVERY = 5
COLUMNS = ["panel", "source", "n", "frequency", "magnitude"]


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """One row for each cell of the heatmap."""
    return tables["kernel_grid_spectra"].assign(panel="a", source="ours")[COLUMNS]


def draw(data: pd.DataFrame) -> Figure:
    """Figure 6 from the table made by `drawn`; n grows upwards."""
    figure, axes = style.new_figure([["a"]], height=3.0, width=style.COLUMN)
    panel = axes["a"]
    grid = data.pivot(index="n", columns="frequency", values="magnitude")
    # Cells reach half a step beyond the whole numbers that they stand for.
    rows, columns = (np.arange(len(axis) + 1) + axis[0] - 0.5 for axis in grid.axes)
    mesh = panel.pcolormesh(
        columns, rows, grid.to_numpy(), cmap=style.HEATMAP, vmin=0, vmax=1, rasterized=True
    )
    panel.set(
        xlabel="frequency $k$ (periods in [0, 1))",
        ylabel="index $n$ of the eigenvector",
        xticks=grid.columns[::EVERY],
        yticks=sorted({1, *range(10, len(grid) + 1, 10), len(grid)}),
    )
    panels.colour_bar(mesh, panel, "magnitude of the component")
    return figure
