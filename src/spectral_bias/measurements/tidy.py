"""From arrays with named axes to long tables."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd


def long_table(name: str, values: np.ndarray, axes: Mapping[str, Sequence]) -> pd.DataFrame:
    """One row per element of `values`, in C order.

    Args:
        name: column of the values.
        values: array with one axis per entry of `axes`.
        axes: column name and labels of each axis, first to last.

    Raises:
        ValueError: if labels and axes do not fit.
    """
    lengths = tuple(len(labels) for labels in axes.values())
    if lengths != values.shape:
        raise ValueError(f"axes of lengths {lengths} for values of shape {values.shape}")
    index = pd.MultiIndex.from_product(list(axes.values()), names=list(axes))
    return pd.DataFrame({name: values.ravel()}, index=index).reset_index()
