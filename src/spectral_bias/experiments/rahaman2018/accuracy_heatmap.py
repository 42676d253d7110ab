"""The heatmap of classification on manifolds: accuracy over frequency k and number of lobes L."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh

from spectral_bias.figures import style

LOWEST = 0.5
"""Accuracy at which colours start: that of guessing between two classes of equal size."""


def accuracy_heatmap(axes: Axes, data: pd.DataFrame) -> QuadMesh:
    """One cell of equal size for each (k, L), k to the right and L upwards.

    Args:
        axes: the panel.
        data: columns frequency, lobes (L) and accuracy, a row for each cell; others stay grey.

    Returns:
        What a colour bar from 0.5 to 1 belongs to.
    """
    grid = data.pivot(index="lobes", columns="frequency", values="accuracy").sort_index()
    mesh = axes.pcolormesh(
        np.arange(grid.shape[1] + 1),
        np.arange(grid.shape[0] + 1),
        np.ma.masked_invalid(grid.to_numpy(dtype=float)),
        cmap=style.HEATMAP,
        vmin=LOWEST,
        vmax=1.0,
    )
    axes.set_facecolor(style.MISSING)
    axes.set_xticks(np.arange(grid.shape[1]) + 0.5, [f"{k:g}" for k in grid.columns])
    axes.set_yticks(np.arange(grid.shape[0]) + 0.5, [f"{lobes:g}" for lobes in grid.index])
    axes.tick_params(length=0)
    axes.set(xlabel="frequency $k$", ylabel="lobes $L$ of the curve")
    return mesh
