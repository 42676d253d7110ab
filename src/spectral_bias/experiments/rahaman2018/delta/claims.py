"""Claims on fitting a delta (rahaman2018, appendix: figures 15 to 18).

What a network does at high frequencies is measured by its *high-frequency fraction*: |f~(k)| over
the target's, clipped at 1, averaged over the upper half of the band (k > N/4) and over all recorded
iterations. It is the filled part of the right half of a panel of the figures: 0 if nothing is
learnt there, 1 if everything is from the start. The average over training, not the last record, is
taken since Adam throws networks off a good fit now and then.

Shape suffix: M members (runs).
"""

from functools import partial

import numpy as np
import pandas as pd

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.statistics import (
    Estimate,
    dense,
    exponential,
    mean_interval,
    paired_difference,
    require,
    slope,
)

PAPER = "rahaman2018"
UNIT = "networks (seeds)"
Networks = dict[float, tuple[float, np.ndarray]]
"""Value of what varies in a sweep → number of parameters, high-frequency fractions (M,)."""


def high_shares(table: pd.DataFrame, varied: str) -> Networks:
    """Number of parameters, high-frequency fractions (M,) for each value of the column `varied`."""
    high = table[table["band"] == "high"]
    shares: Networks = {}
    for value, rows in high.groupby(varied):
        shares[float(value)] = float(rows["parameters"].iloc[0]), _over_training(rows)
    require(len(shares) > 1, f"{len(shares)} value(s) of {varied} were run, where two are compared")
    return shares


def _over_training(rows: pd.DataFrame) -> np.ndarray:
    """(M,): mean over all recorded iterations of the fractions of one setting."""
    share_MT, _ = dense(rows, ("member", "iteration"), "share")
    return share_MT.mean(axis=1)


def _logs(shares: list[np.ndarray]) -> np.ndarray:
    """(M, V): logarithms of the fractions (M,) of V settings, which must share M."""
    sizes = {len(each) for each in shares}
    require(len(sizes) == 1, f"settings were run {sorted(sizes)} times; run all equally often")
    share_MV = np.stack(shares, axis=1)
    require(bool((share_MV > 0).all()), "a network learns no high frequency at all", len(share_MV))
    return np.log(share_MV)


def _described(name: str, value: float, shares_M: np.ndarray) -> str:
    return f"{shares_M.mean():.3f} with {name} {value:g}"


def fitted_rise(tables: Tables, sweep: str, varied: str) -> Estimate:
    """Factor by which the high-frequency fraction rises over a sweep, on a fitted power law.

    The law is fitted to all values of the sweep, each time to one network of each.
    """
    shares = high_shares(tables[f"delta_{sweep}_share"], varied)
    values = np.array(list(shares))
    exponent_M = slope(np.log(values), _logs([found for _, found in shares.values()]))
    note = ", ".join(_described(sweep, v, found) for v, (_, found) in shares.items())
    return exponential(mean_interval(exponent_M * np.log(values.max() / values.min()), note))


def joint_exponents(depth: pd.DataFrame, width: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """(a (M,), b (M,)): fraction ~ depth^a width^b, least squares over the networks of both sweeps.

    Each time over one network of each shape; a shape that both sweeps hold counts once.

    Args:
        depth: table of the fractions of the sweep of depths.
        width: likewise, of widths.
    """
    both = pd.concat([depth, width])
    both = both[both["band"] == "high"]
    require(both["weight_clip"].nunique() == 1, "the two sweeps have different weight clips")
    both = both.drop_duplicates(["depth", "width", "member", "iteration"])
    shapes = {shape: _over_training(rows) for shape, rows in both.groupby(["depth", "width"])}
    log_share_MS = _logs(list(shapes.values()))
    design = np.column_stack([np.ones(len(shapes)), np.log(np.array(list(shapes), dtype=float))])
    enough = np.linalg.matrix_rank(design) == design.shape[1]
    require(bool(enough), "depth and width do not vary apart", len(log_share_MS))
    _, a_M, b_M = np.linalg.lstsq(design, log_share_MS.T, rcond=None)[0]
    return a_M, b_M


def width_less_than_half_depth(tables: Tables) -> Estimate:
    """Exponent b of the width minus half the exponent a of the depth, see `joint_exponents`."""
    a_M, b_M = joint_exponents(tables["delta_depth_share"], tables["delta_width_share"])
    note = f"mean exponents {b_M.mean():.2f} of width, {a_M.mean():.2f} of depth"
    return mean_interval(b_M - a_M / 2, note)


def deep_over_wide(tables: Tables) -> Estimate:
    """Fraction of the deepest network over that of a shallower one of nearest parameter count."""
    depth = high_shares(tables["delta_depth_share"], "depth")
    width = high_shares(tables["delta_width_share"], "width")
    shallow = (tables["delta_width_share"]["depth"] < max(depth)).all()
    require(bool(shallow), "the networks of varied width are as deep as the deepest ones")
    parameters, deep_M = depth[max(depth)]
    nearest = min(width, key=lambda w: abs(np.log(width[w][0] / parameters)))
    equal_parameters, wide_M = width[nearest]
    factor = max(parameters, equal_parameters) / min(parameters, equal_parameters)
    require(factor <= 1.25, "no two networks have about equally many parameters", len(deep_M))
    note = (
        f"{_described('depth', max(depth), deep_M)} ({parameters:g} parameters), "
        f"{_described('width', nearest, wide_M)} ({equal_parameters:g} parameters)"
    )
    return exponential(paired_difference(*_logs([deep_M, wide_M]).T, note))


SHARE = (
    "high-frequency fraction (|f~(k)| over the target's, clipped at 1, mean over k > N/4 and over "
    "all recorded iterations)"
)
FITTED = "of the power law fitted to all values (geometric mean over runs)"
TWICE = (
    "1 is no effect. Below 1 the order is reversed; at 2 the network has learnt twice as much of "
    "the upper half of the band, or has had the same for twice as long."
)
CLAIMS = (
    Claim(
        id="delta_depth_helps",
        paper=PAPER,
        statement="Depth helps to fit the high frequencies of a delta.",
        figures=("fig15",),
        statistic=f"Ratio of the {SHARE} at the largest depth to that at the smallest, same width, "
        f"{FITTED}",
        threshold=2.0,
        threshold_reason=TWICE,
        direction="above",
        tables=("delta_depth_share",),
        measure=partial(fitted_rise, sweep="depth", varied="depth"),
        unit=UNIT,
    ),
    Claim(
        id="delta_width_helps",
        paper=PAPER,
        statement="Width helps to fit the high frequencies of a delta.",
        figures=("fig16",),
        statistic=f"Ratio of the {SHARE} at the largest width to that at the smallest, same depth, "
        f"{FITTED}",
        threshold=1.0,
        threshold_reason="The paper calls the effect weak, so the claim is an order, and 1 is "
        "where the order turns.",
        direction="above",
        tables=("delta_width_share",),
        measure=partial(fitted_rise, sweep="width", varied="width"),
        unit=UNIT,
    ),
    Claim(
        id="delta_width_helps_less_than_depth",
        paper=PAPER,
        statement="Doubling the width raises the high frequencies of a delta by less than half as "
        "much, in logarithm, as doubling the depth.",
        figures=("fig15", "fig16"),
        statistic=f"Exponent b minus a/2, where the {SHARE} grows as depth^a width^b (least "
        "squares over the networks of both sweeps; mean over runs, no unit)",
        threshold=0.0,
        threshold_reason="At 0 two doublings of the width do as much as one of the depth: halfway "
        "between width helping as much per doubling and width without effect.",
        direction="below",
        tables=("delta_depth_share", "delta_width_share"),
        measure=width_less_than_half_depth,
        unit=UNIT,
    ),
    Claim(
        id="delta_deep_beats_wide_at_equal_size",
        paper=PAPER,
        statement="Of two networks with about equally many parameters, the deep one fits the high "
        "frequencies of a delta better than the wide one.",
        figures=("fig15", "fig16"),
        statistic=f"Ratio of the {SHARE} of the deepest network to that of the shallow network "
        "with the nearest number of parameters (geometric mean over runs)",
        threshold=1.0,
        threshold_reason="The claim is an order, and 1 is where the order turns.",
        direction="above",
        tables=("delta_depth_share", "delta_width_share"),
        measure=deep_over_wide,
        unit=UNIT,
    ),
    Claim(
        id="delta_clip_helps",
        paper=PAPER,
        statement="A larger weight clip helps to fit the high frequencies of a delta.",
        figures=("fig17", "fig18"),
        statistic=f"Ratio of the {SHARE} under the largest weight clip to that under the smallest, "
        f"{FITTED}",
        threshold=2.0,
        threshold_reason=TWICE,
        direction="above",
        tables=("delta_clip_share",),
        measure=partial(fitted_rise, sweep="clip", varied="weight_clip"),
        unit=UNIT,
    ),
)
