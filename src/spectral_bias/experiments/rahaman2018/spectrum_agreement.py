"""Our evolution of the spectrum against the authors' reading of theirs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from spectral_bias.figures.agreement import (
    Agreement,
    Quantity,
    Reading,
    compared,
    not_comparable,
)

# The rows of the authors' picture are labelled to within 100 iterations.
TOLERANCE = 100
HALF = 0.5
MEASURE = "mean absolute difference of amplitude / target amplitude"


@dataclass(frozen=True)
class Heatmap:
    """A heatmap of the authors.

    Attributes:
        table: columns iteration, frequency, amplitude (clipped at 1), amplitude_min, amplitude_max.
        runs: runs that it is the mean of.
        row_error: iterations by which a row may be labelled wrongly.
    """

    table: pd.DataFrame
    runs: int
    row_error: float = 0.0


def half_times(spectrum: pd.DataFrame) -> pd.DataFrame:
    """The first recorded iteration with amplitude >= 0.5, for each source, setting, frequency.

    Frequencies that never reach it have no row. `amplitude` of the result is 0.5.
    """
    reached = spectrum[spectrum["amplitude"] >= HALF]
    keys = ["source", "setting", "frequency"]
    first = reached.groupby(keys, sort=False)["iteration"].min().reset_index()
    return first.sort_values(keys).assign(amplitude=HALF)


def matched(ours: pd.DataFrame, authors: pd.DataFrame) -> pd.DataFrame:
    """Each row of `authors` with the iteration of ours that is nearest within 100, and our numbers.

    Rows of `authors` without such an iteration are dropped.

    Args:
        ours: one row for each iteration and one column for each frequency and run, the columns
            being pairs (frequency, member).
        authors: see `Heatmap.table`.

    Returns:
        The rows, with our iteration as `at`.
    """
    at = pd.DataFrame({"at": np.sort(ours.index.to_numpy(float))})
    rows = authors.astype(float).sort_values("iteration", kind="stable")
    pairs = pd.merge_asof(
        rows, at, left_on="iteration", right_on="at", direction="nearest", tolerance=TOLERANCE
    )
    known = pairs["frequency"].isin(ours.columns.get_level_values("frequency"))
    return pairs[pairs["at"].notna() & known]


def agreement(ours: pd.DataFrame, theirs: Heatmap, reasons: Sequence[str]) -> Agreement:
    """Mean absolute difference of the amplitudes; each frequency where theirs reaches one half.

    Args:
        ours: columns member, iteration, frequency, amplitude (not clipped).
        theirs: read off the authors' picture.
        reasons: why the two cannot be compared; empty if they can.
    """
    if reasons:
        return not_comparable(MEASURE, "", reasons)
    runs = ours.pivot(index="iteration", columns=["frequency", "member"], values="amplitude")
    pairs = matched(runs, theirs.table)
    if pairs.empty:
        return not_comparable(MEASURE, "", ["no iteration recorded by both"])
    cells = [
        _cell(runs, theirs, row.iteration, row.at, row.frequency) for row in pairs.itertuples()
    ]
    finite = [cell for cell in cells if cell.ours is not None]
    if not finite:
        return not_comparable(MEASURE, "", ["every run of ours diverged"])
    difference = np.mean([abs(cell.ours - min(cell.theirs, 1.0)) for cell in finite])
    decided = [cell for cell in cells if cell.verdict != "not comparable"]
    inside = sum(cell.verdict == "inside" for cell in decided)
    note = (
        f"mean over {len(pairs):,} cells (iteration, k) up to iteration "
        f"{pairs['iteration'].max():,.0f}, both clipped at 1; 0 is identical; the reading alone "
        "may contribute 0.004"
    )
    if decided:
        note += f"; theirs is inside our interval in {100 * inside / len(decided):.0f} % of them"
    return Agreement(MEASURE, float(difference), "", note, tuple(_at_half(runs, theirs, pairs)))


def _at_half(runs: pd.DataFrame, theirs: Heatmap, pairs: pd.DataFrame) -> list[Quantity]:
    """Each frequency at the iteration where the authors' amplitude first reaches one half.

    Amplitudes at one iteration have the mean over runs that the picture shows, which times do not.
    Of a frequency that stays below one half the last row is taken.
    """
    found = []
    mean = runs.T.groupby(level="frequency").mean().T
    for frequency, rows in theirs.table.groupby("frequency"):
        reached = rows[rows["amplitude"] >= HALF]
        row = (reached.iloc[0] if len(reached) else rows.iloc[-1]).astype(float)
        same = pairs[(pairs["frequency"] == frequency) & (pairs["iteration"] == row["iteration"])]
        at = same["at"].iloc[0] if len(same) else None
        note = ""
        if frequency in mean:
            first = mean.index[mean[frequency] >= HALF]
            note = f"ours reaches 0.5 at {first[0]:,.0f}" if len(first) else "ours stays below 0.5"
        found.append(_cell(runs, theirs, row["iteration"], at, frequency, note))
    return found


def _cell(
    runs: pd.DataFrame,
    theirs: Heatmap,
    iteration: float,
    at: float | None,
    frequency: float,
    note: str = "",
) -> Quantity:
    """One cell of the heatmap: theirs at `iteration`, ours at `at`."""
    ours_M = np.array([]) if at is None else runs.loc[at, frequency].to_numpy(float)
    name = f"amplitude of k = {frequency:g} at iteration {iteration:,.0f}"
    reading = _reading(theirs, iteration, frequency)
    return compared(name, ours_M, reading, at_most=1.0, resolution=1e-9, note=note)


def _reading(theirs: Heatmap, iteration: float, frequency: float) -> Reading:
    """The cell with its error; a row that may be another one reaches from there to there."""
    rows = theirs.table[theirs.table["frequency"] == frequency]
    near = [iteration - theirs.row_error, iteration, iteration + theirs.row_error]
    low, high = (
        np.interp(near, rows["iteration"], rows[name])
        for name in ("amplitude_min", "amplitude_max")
    )
    value = float(rows.loc[rows["iteration"] == iteration, "amplitude"].iloc[0])
    return Reading(value, float(low.min()), float(high.max()), theirs.runs)
