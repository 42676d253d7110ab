"""Our validation loss under label noise against the authors' readings of theirs (one run each)."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from spectral_bias.experiments.rahaman2018.label_noise.loss_panels import READINGS, is_in, readings
from spectral_bias.experiments.rahaman2018.source_settings import AUTHORS
from spectral_bias.figures.agreement import (
    Agreement,
    Quantity,
    Reading,
    compared,
    differences,
    not_comparable,
    typical_factor,
)

MEASURE = "typical factor between the validation losses"
AXIS_ERROR = 0.02
"""Relative, of the authors' logarithmic axis."""
SHOWN = (100, 1000, 4990)
"""Iterations of theirs that are compared one by one."""
STROKE = 24
"""Iterations to which the authors' minimum can be told: the curve is flat around it."""
WORDS = {
    "mnist_noise_none": "no noise",
    "mnist_noise_k0.05": "k = 0.05, beta = 1",
    "mnist_noise_k1.0": "k = 1, beta = 1",
}


def agreement(table: pd.DataFrame, context: Mapping[str, Any]) -> Agreement:
    """Typical factor between our curves and the authors', their minima, and some iterations.

    Args:
        table: `label_noise_loss`.
        context: of the figure.
    """
    reasons = differences(context["settings"]["label_noise"], AUTHORS["label_noise"])
    if reasons:
        return not_comparable(MEASURE, "", reasons)
    pairs, quantities, missing = [], [], []
    theirs = readings("validation")
    for name, (frequency, beta) in READINGS.items():
        runs, read = (_curve(rows, frequency, beta) for rows in (table, theirs))
        runs = runs[runs["curve"] == "validation"]
        if runs.empty:
            missing.append(WORDS[name])
            continue
        losses = runs.pivot(index="iteration", columns="member", values="mse")
        mean = np.exp(np.log(losses).mean(axis=1))
        common = read[read["iteration"] <= mean.index.max()]
        ours = np.interp(common["iteration"], mean.index, mean)
        pairs.append(pd.DataFrame({"ours": ours, "theirs": common["mse"].to_numpy()}))
        quantities += _quantities(WORDS[name], losses, read, with_iteration=frequency == 1.0)
    if not pairs:
        return not_comparable(MEASURE, "", ["none of the authors' kinds of noise was run"])
    both = pd.concat(pairs)
    note = (
        f"exp of the mean |ln(ours / theirs)| over {len(both):,} iterations of "
        f"{len(pairs)} curves (ours: geometric mean over runs); 1 is identical"
    )
    if missing:
        note += f"; not run: {', '.join(missing)}"
    factor = typical_factor(both["ours"].to_numpy(), both["theirs"].to_numpy())
    return Agreement(MEASURE, factor, "", note, tuple(quantities))


def _curve(rows: pd.DataFrame, frequency: float, beta: float) -> pd.DataFrame:
    return rows[is_in(rows["frequency"], [frequency]) & np.isclose(rows["beta"], beta)]


def _quantities(
    words: str, losses: pd.DataFrame, read: pd.DataFrame, with_iteration: bool
) -> Iterator[Quantity]:
    """Minimum, its iteration if the authors' is not flat, and the loss at `SHOWN`.

    Args:
        words: on the noise.
        losses: ours, one row for each iteration and one column for each run.
        read: the authors' curve.
        with_iteration: whether the place of the minimum is compared.
    """
    # A point of theirs is a stroke about 16 iterations wide; its lower edge is the lowest value.
    lowest = read.loc[read["mse_low"].idxmin()]
    least = float(lowest["mse_low"])
    reading = Reading(least, least * (1 - AXIS_ERROR), least * (1 + AXIS_ERROR))
    yield compared(f"lowest validation loss, {words}", losses.min().to_numpy(), reading, log=True)
    if with_iteration:
        at = float(lowest["iteration"])
        step = float(np.diff(losses.index).min()) if len(losses) > 1 else 1.0
        yield compared(
            f"iteration of the lowest validation loss, {words}",
            losses.idxmin().to_numpy(float),
            Reading(at, at - STROKE, at + STROKE),
            unit="iterations",
            resolution=step,
        )
    for iteration in SHOWN:
        row = read.iloc[(read["iteration"] - iteration).abs().argmin()]
        at = losses.index[np.abs(losses.index - row["iteration"]).argmin()]
        recorded = abs(at - row["iteration"]) <= STROKE
        ends = row["mse_low"] * (1 - AXIS_ERROR), row["mse_high"] * (1 + AXIS_ERROR)
        yield compared(
            f"validation loss at iteration {row['iteration']:,.0f}, {words}",
            losses.loc[at].to_numpy() if recorded else np.array([]),
            Reading(float(row["mse"]), *map(float, ends)),
            log=True,
        )
