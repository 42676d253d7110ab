"""Claims on frequency over training time, pair of classes by pair (fridovichkeil2021, figure 4).

Shape suffixes: P pairs of classes, T epochs.
"""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.experiments.fridovichkeil2021.baseline import PAPER, require_learnt
from spectral_bias.statistics import (
    Estimate,
    UndecidedError,
    dense,
    kendall_tau,
    member_bootstrap,
    require,
)

TABLES = ("interpolation_fractions", "interpolation_summary")
WARM_UP = 0.025
"""Fraction of the training that is left out at its start: five of the paper's 200 epochs."""
MIN_EPOCHS = 4
MIN_PAIRS = 5


def trajectory(summary: pd.DataFrame) -> pd.DataFrame:
    """Rows of the run that was measured at most epochs, after the warm-up, in order.

    Raises:
        UndecidedError: nothing was measured, or at fewer than four epochs.
    """
    if summary.empty:
        raise UndecidedError("no paths were measured")
    run = summary["run"].value_counts(sort=False).idxmax()
    rows = summary[summary["run"] == run].sort_values("epoch")
    rows = rows[rows["epoch"] >= max(1.0, WARM_UP * rows["epoch"].max())]
    reason = f"{len(rows)} epochs were measured, where an order needs at least {MIN_EPOCHS}"
    require(len(rows) >= MIN_EPOCHS, reason, 1)
    return rows


def follows_accuracy(tables: Tables, kind: str) -> Estimate:
    """Mean over pairs of classes of Kendall's tau-b over epochs of accuracy with their fraction.

    A pair whose fraction never changes has no order and counts as 0.
    """
    rows = trajectory(tables["interpolation_summary"])
    require_learnt(rows["test_accuracy"].iloc[-1], 1)
    run, accuracy_T = rows["run"].iloc[0], rows["test_accuracy"].to_numpy()
    table = tables["interpolation_fractions"]
    own = table[
        (table["run"] == run) & (table["kind"] == kind) & table["epoch"].isin(rows["epoch"])
    ]
    pair = own["class_a"].astype(str) + " " + own["class_b"].astype(str)
    fraction_PT, axes = dense(own.assign(pair=pair), ("pair", "epoch"), "high_frequency_fraction")
    count = len(axes["pair"])
    require(count >= MIN_PAIRS, f"{count} pairs of classes, where {MIN_PAIRS} are needed", 1)
    tau_P = np.nan_to_num(kendall_tau(accuracy_T, fraction_PT))
    first, last = fraction_PT.mean(axis=0)[[0, -1]]
    epochs = axes["epoch"]
    note = (
        f"{count} pairs of classes, mean {first:.3f} at epoch {epochs[0]:g} and {last:.3f} at "
        f"epoch {epochs[-1]:g}, {len(epochs)} epochs of one network"
    )
    found = member_bootstrap(lambda index: tau_P[index].mean(axis=-1), count, note)
    return replace(found, n_runs=1)


def _claim(kind: str, **fields: object) -> Claim:
    return Claim(
        paper=PAPER,
        figures=("fig04",),
        statistic="Kendall's tau-b over epochs between test accuracy and the high-frequency "
        f"fraction on paths {kind} classes, for each pair of classes of the baseline; mean over "
        "pairs of classes (-1 to 1, no unit; one network, interval over pairs of classes; epochs "
        "after 2.5 % of the training)",
        threshold=0.0,
        threshold_reason="The claim is a tendency, and 0 is where the order turns for the average "
        "pair of classes.",
        tables=TABLES,
        measure=partial(follows_accuracy, kind=kind),
        **fields,
    )


CLAIMS = (
    _claim(
        "between",
        id="training_raises_between_class_frequency_of_pairs",
        statement="While a network is trained and its accuracy rises, the frequency of its "
        "function between two classes rises, for the average pair of classes.",
        direction="above",
    ),
    _claim(
        "within",
        id="training_lowers_within_class_frequency_of_classes",
        statement="While a network is trained and its accuracy rises, the frequency of its "
        "function near examples of one class falls, for the average class.",
        direction="below",
    ),
)
