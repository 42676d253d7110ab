"""Claims on random labels on two manifolds (rahaman2018, Experiment 8, figure 19).

Which manifold is faster depends on its dimension, so each claim speaks of all dimensions that were
measured and is decided by the one at which the curved manifold fares worst.
"""

from functools import partial

import numpy as np

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.experiments.rahaman2018.random_labels.times import ratios
from spectral_bias.statistics import Estimate, exponential, largest_mean, require

TABLE = "random_labels_loss"
STATISTIC = (
    "Iterations until the training loss is half of the best constant's, curved over {} manifold "
    "(ratio within a run, that is between networks of the same initial weights and labels; "
    "geometric mean over runs), the largest of all numbers of features"
)
MARGIN = 0.1
"""Of the ratio: a tenth of the time is too little to count as a difference."""


def time_ratio(tables: Tables, against: str) -> Estimate:
    """Largest over the numbers of features of the time on the curved manifold over another's."""
    found = ratios(tables[TABLE])
    found = found[found["inputs"] == against]
    logs: dict[int, np.ndarray] = {}
    for features, rows in found.groupby("features"):
        ratio_M = rows["ratio"].to_numpy()
        # A run that starts at the level has the time 0.
        reached = int((np.isfinite(ratio_M) & (ratio_M > 0)).sum())
        runs = len(ratio_M)
        reason = f"{reached} of {runs} pairs of runs reached the level with {features} features"
        require(reached == runs, reason, runs)
        logs[features] = np.log(ratio_M)
    each = (f"{np.exp(values_M.mean()):.2f} with {features}" for features, values_M in logs.items())
    return exponential(largest_mean(logs, f"ratios by number of features: {', '.join(each)}"))


def _claim(**fields: object) -> Claim:
    return Claim(
        paper="rahaman2018",
        figures=("fig19",),
        threshold=1.0,
        direction="below",
        tables=(TABLE,),
        unit="pairs of networks (seeds)",
        **fields,
    )


CLAIMS = (
    _claim(
        id="random_labels_curved_faster",
        statement="Whatever the dimension, random labels are fitted faster on a curved manifold "
        "than on a flat one of the same dimension in the same space.",
        statistic=STATISTIC.format("flat"),
        threshold_reason="The claim is an order, and 1 is where the order turns.",
        measure=partial(time_ratio, against="flat"),
    ),
    _claim(
        id="random_labels_curved_faster_at_equal_spread",
        statement="Whatever the dimension, random labels are fitted faster on a curved manifold "
        "also than on a flat one that is stretched to the same spread, so that size is not the "
        "reason (our control).",
        statistic=STATISTIC.format("stretched flat"),
        threshold_reason="The claim is an order, and 1 is where the order turns. If size is the "
        "reason, times are equal at equal spread: a difference of less than a tenth of the time "
        "counts as none.",
        margin=MARGIN,
        measure=partial(time_ratio, against="flat_stretched"),
    ),
)
