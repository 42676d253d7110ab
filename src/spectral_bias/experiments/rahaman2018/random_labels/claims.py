"""Claims on random labels on two manifolds (rahaman2018, Experiment 8, figure 19)."""

from functools import partial

import numpy as np

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.statistics import (
    Estimate,
    dense,
    first_where,
    geometric_mean_ratio,
    member_bootstrap,
    require,
)

TABLE = "random_labels_loss"
TARGET_VARIANCE = 1 / 12
"""Of U(0, 1): the loss of the best constant."""
LEVEL = 0.5
FEATURES = 64
"""The paper's."""


def half_times(tables: Tables, inputs: str) -> np.ndarray:
    """(M,): first recorded iteration at which each run's loss is at most half the best constant's.

    Raises:
        UndecidedError: if a run starts there, or does not come so far.
    """
    table = tables[TABLE]
    kept = (table["inputs"] == inputs) & (table["features"] == FEATURES)
    mse_MT, axes = dense(table[kept], ("member", "iteration"), "mse")
    times_M = first_where(axes["iteration"], mse_MT <= LEVEL * TARGET_VARIANCE, axis=-1)
    reached = int((np.isfinite(times_M) & (times_M > 0)).sum())
    members = len(times_M)
    note = f"{reached} of {members} runs reached the level on {inputs} inputs"
    require(reached == members, note, members)
    return times_M


def time_ratio(tables: Tables, against: str) -> Estimate:
    """Time on the curved manifold over that on other inputs, both from `half_times`."""
    ours_M, theirs_M = half_times(tables, "manifold"), half_times(tables, against)
    members = len(ours_M)
    require(len(theirs_M) == members, "the inputs were run a different number of times", members)
    note = f"medians {np.median(ours_M):g} and {np.median(theirs_M):g} iterations"
    return member_bootstrap(geometric_mean_ratio(ours_M, theirs_M), members, note)


def _claim(**fields: object) -> Claim:
    return Claim(
        paper="rahaman2018",
        figures=("fig19",),
        threshold=1.0,
        threshold_reason="The claim is an order, and 1 is where the order turns.",
        direction="below",
        tables=(TABLE,),
        **fields,
    )


CLAIMS = (
    _claim(
        id="random_labels_curved_faster",
        statement="Random labels are fitted faster on a curved manifold than on a flat one of the "
        "same dimension in the same space.",
        statistic="Iterations until the training loss is half of the best constant's, curved over "
        "flat manifold (ratio within a run, that is between networks of the same initial weights "
        "and labels; geometric mean over runs)",
        measure=partial(time_ratio, against="flat"),
    ),
    _claim(
        id="random_labels_curved_faster_at_equal_spread",
        statement="Random labels are fitted faster on a curved manifold also than on a flat one "
        "that is stretched to the same spread, so that size is not the reason (our control).",
        statistic="Iterations until the training loss is half of the best constant's, curved over "
        "stretched flat manifold (ratio within a run, geometric mean over runs)",
        measure=partial(time_ratio, against="flat_stretched"),
    ),
)
