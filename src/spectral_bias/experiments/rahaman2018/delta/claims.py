"""Claims on fitting a delta (rahaman2018, appendix: figures 15 to 18).

What a network does at high frequencies is measured by its *high-frequency fraction*: |f~(k)| over
the target's, clipped at 1, averaged over the upper half of the band (k > N/4) and over all recorded
iterations. It is the filled part of the right half of a panel of the figures: 0 if nothing is
learnt there, 1 if everything is from the start. The average over training, not the last record, is
taken since Adam throws networks off a good fit now and then.

Shape suffix: M members (runs).
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.statistics import Estimate, dense, member_bootstrap, require

PAPER = "rahaman2018"
Networks = dict[float, tuple[float, np.ndarray]]
"""Value of what varies in a sweep → number of parameters, high-frequency fractions (M,)."""


def high_shares(table: pd.DataFrame, varied: str) -> Networks:
    """Number of parameters, high-frequency fractions (M,) for each value of the column `varied`."""
    high = table[table["band"] == "high"]
    shares: Networks = {}
    for value, rows in high.groupby(varied):
        share_MT, _ = dense(rows, ("member", "iteration"), "share")
        shares[float(value)] = float(rows["parameters"].iloc[0]), share_MT.mean(axis=1)
    require(len(shares) > 1, f"{len(shares)} value(s) of {varied} were run, where two are compared")
    return shares


def _mean(shares_M: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """index (..., M) of members → their mean fraction (...)."""
    return lambda index: shares_M[index].mean(axis=-1)


def _described(name: str, value: float, shares_M: np.ndarray) -> str:
    return f"{shares_M.mean():.3f} with {name} {value:g}"


def largest_over_smallest(tables: Tables, sweep: str, varied: str) -> Estimate:
    """High-frequency fraction of a sweep's largest value over that of its smallest (of means)."""
    shares = high_shares(tables[f"delta_{sweep}_share"], varied)
    low, high = min(shares), max(shares)
    above, below = shares[high][1], shares[low][1]
    note = f"{_described(sweep, low, below)}, {_described(sweep, high, above)}"
    return member_bootstrap(
        lambda index: _mean(above)(index) / _mean(below)(index), _members(above, below), note
    )


def exponents(
    depth: Networks, width: Networks
) -> tuple[Callable[[np.ndarray], np.ndarray], Callable[[np.ndarray], np.ndarray]]:
    """Functions index (..., M) → a and → b: share ~ depth^a and share ~ width^b.

    Each from the two ends of its sweep: log of the ratio of mean fractions over log of the ratio of
    depths (linear layers) or widths.
    """

    def exponent(networks: Networks) -> Callable[[np.ndarray], np.ndarray]:
        low, high = min(networks), max(networks)
        above, below = _mean(networks[high][1]), _mean(networks[low][1])
        return lambda index: np.log(above(index) / below(index)) / np.log(high / low)

    return exponent(depth), exponent(width)


def width_over_depth(tables: Tables) -> Estimate:
    """Exponent of the high-frequency fraction in width over that in depth; see `exponents`.

    Undecided unless the exponent of depth, the yardstick, is positive with its whole interval.
    """
    depth = high_shares(tables["delta_depth_share"], "depth")
    width = high_shares(tables["delta_width_share"], "width")
    members = _members(*(shares for _, shares in [*depth.values(), *width.values()]))
    a, b = exponents(depth, width)
    yardstick = member_bootstrap(a, members)
    require(
        yardstick.ci_low is not None and yardstick.ci_low > 0,
        "depth does not clearly raise the fraction, so there is nothing to compare with",
        members,
    )
    everyone = np.arange(members)
    note = f"exponent {float(b(everyone)):.2f} of width, {float(a(everyone)):.2f} of depth"
    return member_bootstrap(lambda index: b(index) / a(index), members, note)


def deep_over_wide(tables: Tables) -> Estimate:
    """Fraction of the deepest network over that of a shallower one of nearest parameter count."""
    depth = high_shares(tables["delta_depth_share"], "depth")
    width = high_shares(tables["delta_width_share"], "width")
    shallow = (tables["delta_width_share"]["depth"] < max(depth)).all()
    require(bool(shallow), "the networks of varied width are as deep as the deepest ones")
    parameters, deep = depth[max(depth)]
    nearest = min(width, key=lambda w: abs(np.log(width[w][0] / parameters)))
    equal_parameters, wide = width[nearest]
    factor = max(parameters, equal_parameters) / min(parameters, equal_parameters)
    require(factor <= 1.25, "no two networks have about equally many parameters", len(deep))
    note = (
        f"{_described('depth', max(depth), deep)} ({parameters:g} parameters), "
        f"{_described('width', nearest, wide)} ({equal_parameters:g} parameters)"
    )
    return member_bootstrap(
        lambda index: _mean(deep)(index) / _mean(wide)(index), _members(deep, wide), note
    )


def _members(*shares: np.ndarray) -> int:
    """M, which all settings must share."""
    sizes = {len(each) for each in shares}
    require(len(sizes) == 1, f"settings were run {sorted(sizes)} times; run all equally often")
    return sizes.pop()


SHARE = (
    "high-frequency fraction (|f~(k)| over the target's, clipped at 1, mean over k > N/4 and over "
    "all "
    "recorded iterations)"
)
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
        statistic=f"Ratio of the {SHARE} of the deepest network to the shallowest one's, same "
        "width (ratio of means over runs)",
        threshold=2.0,
        threshold_reason=TWICE,
        direction="above",
        tables=("delta_depth_share",),
        measure=partial(largest_over_smallest, sweep="depth", varied="depth"),
    ),
    Claim(
        id="delta_width_helps",
        paper=PAPER,
        statement="Width helps to fit the high frequencies of a delta.",
        figures=("fig16",),
        statistic=f"Ratio of the {SHARE} of the widest network to the narrowest one's, same depth "
        "(ratio of means over runs)",
        threshold=1.0,
        threshold_reason="The paper calls the effect weak, so the claim is an order, and 1 is "
        "where the order turns.",
        direction="above",
        tables=("delta_width_share",),
        measure=partial(largest_over_smallest, sweep="width", varied="width"),
    ),
    Claim(
        id="delta_width_helps_less_than_depth",
        paper=PAPER,
        statement="Doubling the width raises the high frequencies of a delta by less than half as "
        "much, in logarithm, as doubling the depth.",
        figures=("fig15", "fig16"),
        statistic=f"Exponent b over exponent a, where the {SHARE} grows as width^b and as depth^a "
        "(from the ends of each sweep, means over runs; no unit)",
        threshold=0.5,
        threshold_reason="1 is width helping as much per doubling as depth, 0 width without "
        "effect; 0.5 is halfway, where two doublings of the width do as much as one of the depth.",
        direction="below",
        tables=("delta_depth_share", "delta_width_share"),
        measure=width_over_depth,
    ),
    Claim(
        id="delta_deep_beats_wide_at_equal_size",
        paper=PAPER,
        statement="Of two networks with about equally many parameters, the deep one fits the high "
        "frequencies of a delta better than the wide one.",
        figures=("fig15", "fig16"),
        statistic=f"Ratio of the {SHARE} of the deepest network to that of the shallow network "
        "with the nearest number of parameters (ratio of means over runs)",
        threshold=1.0,
        threshold_reason="The claim is an order, and 1 is where the order turns.",
        direction="above",
        tables=("delta_depth_share", "delta_width_share"),
        measure=deep_over_wide,
    ),
    Claim(
        id="delta_clip_helps",
        paper=PAPER,
        statement="A larger weight clip helps to fit the high frequencies of a delta.",
        figures=("fig17", "fig18"),
        statistic=f"Ratio of the {SHARE} under the largest weight clip to that under the smallest "
        "(ratio of means over runs)",
        threshold=2.0,
        threshold_reason=TWICE,
        direction="above",
        tables=("delta_clip_share",),
        measure=partial(largest_over_smallest, sweep="clip", varied="weight_clip"),
    ),
)
