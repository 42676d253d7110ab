"""Our evolution of the spectrum against the authors' reading of theirs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from spectral_bias.figures.agreement import Agreement, not_comparable

# The rows of the authors' picture are labelled to within 100 iterations.
TOLERANCE = 100
HALF = 0.5


def half_times(spectrum: pd.DataFrame) -> pd.DataFrame:
    """The first recorded iteration with amplitude >= 0.5, for each source, setting, frequency.

    Frequencies that never reach it have no row. `amplitude` of the result is 0.5.
    """
    reached = spectrum[spectrum["amplitude"] >= HALF]
    keys = ["source", "setting", "frequency"]
    first = reached.groupby(keys, sort=False)["iteration"].min().reset_index()
    return first.sort_values(keys).assign(amplitude=HALF)


def matched(ours: pd.DataFrame, authors: pd.DataFrame) -> pd.DataFrame:
    """Each row of `authors` with our amplitude (`ours`) at the nearest iteration within 100.

    Rows of `authors` without such an iteration are dropped. Both have columns iteration,
    frequency, amplitude.
    """
    left, right = (
        table[["iteration", "frequency", "amplitude"]].astype(float).sort_values("iteration")
        for table in (authors, ours)
    )
    pairs = pd.merge_asof(
        left,
        right.rename(columns={"amplitude": "ours"}),
        on="iteration",
        by="frequency",
        direction="nearest",
        tolerance=TOLERANCE,
    )
    return pairs.dropna(subset=["ours"])


def compared(ours: pd.DataFrame, authors: pd.DataFrame, reasons: Sequence[str]) -> list[Agreement]:
    """Mean absolute difference of the amplitudes, then t_0.5 of each frequency over the authors'.

    Args:
        ours: mean over runs; columns source, setting, iteration, frequency, amplitude.
        authors: the same, read from the authors' picture (clipped at 1).
        reasons: why the two cannot be compared; empty if they can.
    """
    name = "mean absolute difference of amplitude / target amplitude"
    pairs = matched(ours, authors)
    if not reasons and pairs.empty:
        reasons = ["no iteration recorded by both"]
    if reasons:
        ratio = "t_0.5 over the authors' t_0.5"
        return [not_comparable(name, "", reasons), not_comparable(ratio, "", reasons)]
    difference = np.abs(pairs["ours"].clip(upper=1.0) - pairs["amplitude"].clip(upper=1.0))
    meaning = (
        f"mean over {len(pairs)} pairs of (iteration, frequency) up to iteration "
        f"{pairs['iteration'].max():,.0f}, both clipped at 1; 0 is identical; the reading alone "
        f"may contribute 0.004"
    )
    return [Agreement(name, float(difference.mean()), "", meaning), *_ratios(ours, authors)]


def _ratios(ours: pd.DataFrame, authors: pd.DataFrame) -> list[Agreement]:
    times = [half_times(table).set_index("frequency")["iteration"] for table in (ours, authors)]
    found = []
    for frequency in sorted(set(ours["frequency"]) & set(authors["frequency"])):
        name = f"t_0.5 over the authors' t_0.5, k = {frequency:g}"
        mine, theirs = (time.get(frequency) for time in times)
        if mine is None or theirs is None:
            who = "ours" if mine is None else "the authors' picture"
            found.append(not_comparable(name, "", [f"0.5 not reached in {who}"]))
            continue
        meaning = f"ours {mine:,.0f}, authors {theirs:,.0f} iterations; 1 is identical"
        # The authors' first row is iteration 0, where no frequency has reached 0.5.
        found.append(Agreement(name, float(mine / theirs), "", meaning))
    return found
