"""From measured tables to what is drawn: means and spread over runs, fewer points."""

import math
from collections.abc import Sequence

import pandas as pd

MOST_POINTS = 500


def over_members(
    table: pd.DataFrame, by: Sequence[str], value: str, std: bool = False
) -> pd.DataFrame:
    """Mean over members and their spread, one row for each combination of the columns `by`.

    Columns besides `by`: `value` (arithmetic mean), then `value`_low and `value`_high (lowest and
    highest member), or `value`_std (sample standard deviation, NaN for one member) if `std`. A
    group in which any member is NaN (a diverged run) is NaN, not the mean of the others.
    """
    grouped = table.groupby(list(by), dropna=False, sort=True)[value]
    parts = {value: grouped.mean()}
    if std:
        parts[f"{value}_std"] = grouped.std()
    else:
        parts[f"{value}_low"], parts[f"{value}_high"] = grouped.min(), grouped.max()
    complete = grouped.count() == grouped.size()
    return pd.DataFrame(parts).where(complete).reset_index()


def thinned(
    table: pd.DataFrame, at_most: int = MOST_POINTS, by: Sequence[str] = ()
) -> pd.DataFrame:
    """The rows of every n-th iteration, n the smallest that leaves about `at_most` of them.

    First and last iteration stay; nothing is averaged or smoothed.

    Args:
        table: has a column iteration, and any number of rows for each.
        at_most: bound on the number of iterations, the last one not counted.
        by: columns that tell curves recorded at different iterations apart.
    """
    groups = table.groupby(list(by) or (lambda _: 0), dropna=False)["iteration"]
    rank = groups.rank("dense") - 1
    step = max(1, math.ceil(rank.max() / at_most)) if len(table) else 1
    return table[(rank % step == 0) | (table["iteration"] == groups.transform("max"))]


def every(data: pd.DataFrame) -> str:
    """Which iterations of `data` are drawn, for the caption: "every 10th iteration"."""
    steps = pd.Series(sorted(data["iteration"].dropna().unique())).diff().dropna()
    step = int(steps.median()) if len(steps) else 1
    if step == 1:
        return "every iteration"
    ending = "th" if 10 <= step % 100 < 20 else {1: "st", 2: "nd", 3: "rd"}.get(step % 10, "th")
    return f"every {step}{ending} iteration"
