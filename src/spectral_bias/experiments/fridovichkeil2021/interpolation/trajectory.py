"""How frequency changes while networks are trained, network by network (figure 4)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from spectral_bias.experiments.fridovichkeil2021.fractions import FRACTIONS, KINDS, column
from spectral_bias.measurements.measuring import MeasuringJob

COLUMNS = [
    *("run", "seed", "kind", "measure", "start_epochs", "end_epoch"),
    *("start", "end", "change", "test_accuracy"),
]


def measured(
    job: MeasuringJob, runs: Sequence[str], start: Sequence[int]
) -> dict[str, pd.DataFrame]:
    """The table trajectory_changes.

    Args:
        job: input interpolation_summary, of the runs.
        runs: trainings that differ in their seed alone, in its order.
        start: epochs whose mean is the start, named before anything was measured.
    """
    return {"trajectory_changes": changes(job.table("interpolation_summary"), runs, start)}


def changes(summary: pd.DataFrame, runs: Sequence[str], start: Sequence[int]) -> pd.DataFrame:
    """Of every run, kind of paths and measure the change from the start of training to its end.

    Args:
        summary: the table interpolation_summary; further runs and epochs are left aside.
        runs: see `measured`.
        start: see `measured`.

    Returns:
        run, seed (place in `runs`), kind, measure, start_epochs (text), end_epoch (the last one),
        start (mean over the start epochs, NaN unless all were measured), end, change (end - start)
        and test_accuracy at the end.
    """
    rows = [
        {"run": run, "seed": seed, **row}
        for seed, run in enumerate(runs)
        for row in _of_run(summary[summary["run"] == run], start)
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _of_run(summary: pd.DataFrame, start: Sequence[int]) -> list[dict[str, Any]]:
    by_epoch = summary.sort_values("epoch").set_index("epoch")
    if by_epoch.empty:
        return []
    first, last = by_epoch.reindex(list(start)), by_epoch.iloc[-1]
    facts = {
        "start_epochs": " ".join(str(epoch) for epoch in start),
        "end_epoch": int(by_epoch.index[-1]),
        "test_accuracy": last["test_accuracy"],
    }
    rows = []
    for kind in KINDS:
        for measure in FRACTIONS:
            name = column(kind, measure)
            before = first[name].mean(skipna=False) if len(first) else np.nan
            after = last[name]
            values = {"start": before, "end": after, "change": after - before}
            rows.append({"kind": kind, "measure": measure, **values, **facts})
    return rows
