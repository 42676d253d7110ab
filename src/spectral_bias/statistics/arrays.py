"""Long tables as arrays, and what is computed from arrays before an interval is formed.

Shape suffixes: M members (runs), T records, K frequencies.

Censoring. A level that is never reached within the records has no known time; the time is then
+inf. Medians and orders take that as "later than every recorded time".
"""

import numpy as np
import pandas as pd

from spectral_bias.statistics.estimates import UndecidedError, require


def dense(
    table: pd.DataFrame, axes: tuple[str, ...], value: str
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """A long table as one array, one dimension per name in `axes`.

    Args:
        table: long table with the columns `axes` and `value`.
        axes: columns that become dimensions, in this order.
        value: column of the entries.

    Returns:
        (array, {axis: its sorted distinct values}).

    Raises:
        UndecidedError: the table has no rows, lacks some, or holds values that are not finite
            (a run that diverged): a comparison with NaN would pass for "not reached".
        ValueError: a column is missing, or two rows claim the same entry.
    """
    missing = [name for name in (*axes, value) if name not in table.columns]
    if missing:
        raise ValueError(f"table lacks the columns {missing}; it has {list(table.columns)}")
    if table.empty:
        raise UndecidedError(f"no {value} was measured")
    pairs = [np.unique(table[name].to_numpy(), return_inverse=True) for name in axes]
    shape = tuple(len(values) for values, _ in pairs)
    flat = np.ravel_multi_index([codes for _, codes in pairs], shape)
    if len(np.unique(flat)) < len(flat):
        raise ValueError(f"table has several {value} for the same {', '.join(axes)}")
    array = np.full(int(np.prod(shape)), np.nan)
    array[flat] = table[value].to_numpy(dtype=float)
    absent = int((~np.isfinite(array)).sum())
    require(absent == 0, f"{absent} of {array.size} values of {value} are missing or not finite")
    return array.reshape(shape), {name: pair[0] for name, pair in zip(axes, pairs, strict=True)}


def first_where(positions: np.ndarray, condition: np.ndarray, axis: int) -> np.ndarray:
    """The first position (T,) along `axis` at which `condition` holds; +inf if it never does."""
    found = condition.any(axis=axis)
    return np.where(found, positions[condition.argmax(axis=axis)], np.inf)


def t_half(iterations: np.ndarray, amplitude: np.ndarray, level: float = 0.5) -> np.ndarray:
    """First recorded iteration at which an amplitude reaches `level`; +inf if it never does.

    Args:
        iterations: (T,) increasing.
        amplitude: (..., T, K) single-sided amplitude relative to the target's.
        level: what counts as fitted; 0.5 is half of the target's amplitude.

    Returns:
        (..., K) in iterations.
    """
    return first_where(iterations, amplitude >= level, axis=-2)


def slope(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Least-squares slope of y (..., K) over x (K,), in units of y per unit of x."""
    centred = x - x.mean()
    return (y * centred).sum(-1) / (centred**2).sum()
