"""Claims on the volume of parameter space (rahaman2018, abstract and Appendix D; figure 24: ours).

What is no claim here, since it cannot fail: that the fraction of parameters reaching beyond k falls
with k (the sets are nested), that it is 0 from some k on (parameters are bounded), and that it
stays below E[C] / (eps (k + 1)^2) (Markov's inequality; see measure.py). What can fail is that it
falls as fast as k^-2 where it is small but not yet 0, that amplitudes at single frequencies, whose
sets are not nested, become rarer with k, and that the volume grows with the size of the weights.

All three are statements about every family of networks and threshold that was measured, so each is
decided by the least favourable one. Its interval: the largest of several true values is above the
largest of their lower ends only if some lower end is too high, so these hold for all together
(Bonferroni); but it is below the largest of their upper ends unless its own is too low, so those
need no such correction. For the smallest the two ends change places.
"""

from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import special

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.experiments.rahaman2018.volume.intervals import binomial_interval
from spectral_bias.statistics import Estimate, require

FRACTION, EXPONENT = "volume_fraction", "volume_exponent"
PAPER, FIGURES = "rahaman2018", ("fig24",)
UNIT = "networks (random parameters)"
FAMILY = ["depth", "width", "weight_bound"]
ALPHA = 0.05
LARGEST_FRACTION = 0.5
"""Where more than half of the networks that have a kink exceed eps, a fraction has little room to
grow, and where nearly all do, none: ratios are then 1 whatever the spectra."""
SMALLEST_TAIL = 100
"""Networks of a tail from which on the interval of its exponent covers 95 %; with ten it lies above
the exponent in 6 % of all cases, not 2.5 %."""
SMALLEST_COUNT = 100
"""A ratio whose denominator counts fewer networks than this is not resolved."""

DECAY_STATISTIC = "fitted to the tail; k_max, the highest frequency with |f~(k)| > eps, is exact"
DECAY_REASON = (
    "The bound of the proposition for one input, k^(-Delta-1) with Delta = 1. No margin is left: a "
    "tail that follows the bound gives an interval around -2, which leaves the claim open, and "
    "only a slower one fails. "
)


def decay_of_series(tables: Tables) -> Estimate:
    """The slowest tail of the three series, from the largest fraction that counts as a tail."""
    rows = tables[EXPONENT]
    return _slowest(rows[(rows["family"] == "series") & _starts_at(rows, "max")])


def decay_far_out(tables: Tables) -> Estimate:
    """The slowest tail of all families, from the smallest fraction that tails begin at."""
    rows = tables[EXPONENT]
    return _slowest(rows[_starts_at(rows, "min")])


def one_octave_up(tables: Tables) -> Estimate:
    """Largest ratio of the fraction with |f~| > eps at 2 k to that at k."""
    table = tables[FRACTION]
    rows = pd.concat([_octaves(curve) for _, curve in table.groupby([*FAMILY, "eps"])])
    found = _ratios(rows, _networks(table))
    return _extreme(found, "max", _networks(table))


def larger_cube(tables: Tables) -> Estimate:
    """Smallest ratio of the fraction beyond k at one K to that at the next smaller K."""
    table = tables[FRACTION]
    pairs = []
    for _, shape in table.groupby(["depth", "width"]):
        for smaller, larger in pairwise(sorted(shape["weight_bound"].unique())):
            before, after = (shape[shape["weight_bound"] == bound] for bound in (smaller, larger))
            # A frequency beyond the end of the larger cube's curve is reached by no network.
            joined = before.merge(
                after[["eps", "frequency", "count"]],
                on=["eps", "frequency"],
                how="left",
                suffixes=("", "_after"),
            )
            pairs.append(
                joined.fillna({"count_after": 0}).rename(columns={"count": "count_before"})
            )
    require(len(pairs) > 0, "one weight bound only", _networks(table))
    return _extreme(_ratios(pd.concat(pairs), _networks(table)), "min", _networks(table))


def _starts_at(rows: pd.DataFrame, which: str) -> pd.Series:
    """Whether a row is of the tail with the "max" or "min" tail_from."""
    return rows["tail_from"] == rows["tail_from"].agg(which)


def _slowest(tails: pd.DataFrame) -> Estimate:
    """The largest exponent; the largest ends of all intervals."""
    rows, networks = tails.dropna(subset=["exponent", "exponent_error"]), _networks(tails)
    rows = rows[rows["n_tail"] >= SMALLEST_TAIL]
    require(len(rows) > 0, "no tail was resolved", networks)
    slowest = rows.loc[rows["exponent"].idxmax()]
    note = (
        f"{len(rows)} of {len(tails)} tails from a fraction of {slowest['tail_from']:g} on, the "
        f"slowest at {_place(slowest)}"
    )
    exponent, error = rows["exponent"], rows["exponent_error"]
    # The error grows with the exponent's size. Far out, where ends hold for many tails together,
    # only its logarithm scatters normally; the upper end is the wider one of both scales.
    joint = special.ndtri(1 - ALPHA / 2 / len(rows))
    low = float((exponent * np.exp(joint * error / exponent.abs())).max())
    high = float((exponent + special.ndtri(1 - ALPHA / 2) * error).max())
    return Estimate(float(slowest["exponent"]), low, high, networks, note)


def _octaves(curve: pd.DataFrame) -> pd.DataFrame:
    """Counts at each frequency and at the first measured one that is at least twice as high."""
    curve = curve.sort_values("frequency")
    k = curve["frequency"].to_numpy()
    # Beyond the end of the curve no network exceeds eps at all.
    counts = np.append(curve["count_at"].to_numpy(), 0)
    return curve.assign(count_before=counts[:-1], count_after=counts[np.searchsorted(k, 2 * k)])


def _ratios(pairs: pd.DataFrame, networks: int) -> pd.DataFrame:
    """Those pairs of counts that are resolved, with their ratio."""
    fraction = pairs["count_before"] / (pairs["n_networks"] - pairs["n_linear"])
    pairs = pairs[(fraction <= LARGEST_FRACTION) & (pairs["count_before"] >= SMALLEST_COUNT)]
    require(len(pairs) > 0, "no fraction is both resolved and at most 1/2", networks)
    ratio = pairs["count_after"] / pairs["count_before"]
    return pairs.assign(ratio=ratio).reset_index(drop=True)


def _ratio_interval(ratios: pd.DataFrame, together: int) -> tuple[pd.Series, pd.Series]:
    """(low, high) of each ratio, right for `together` of them at once.

    The intervals of the two fractions are divided as if both were independent. They come from the
    same networks or from others, and if anything rise together: too wide, not too narrow.
    """
    level = 1 - ALPHA / (2 * together)
    (low_before, high_before), (low_after, high_after) = (
        binomial_interval(ratios[name], ratios["n_networks"], level)
        for name in ("count_before", "count_after")
    )
    return low_after / high_before, high_after / low_before


def _extreme(ratios: pd.DataFrame, which: str, networks: int) -> Estimate:
    """The "max" or "min" of all ratios with its interval."""
    column = ratios["ratio"]
    (low, high), (joint_low, joint_high) = (
        _ratio_interval(ratios, together) for together in (1, len(ratios))
    )
    if which == "max":
        row, ends = ratios.loc[column.idxmax()], (joint_low.max(), high.max())
    else:
        row, ends = ratios.loc[column.idxmin()], (low.min(), joint_high.min())
    note = f"{len(ratios)} ratios, this one at {_place(row)}, k = {row['frequency']:g}"
    return Estimate(float(row["ratio"]), *map(float, ends), networks, note)


def _place(row: pd.Series) -> str:
    return (
        f"depth {row['depth']:g}, width {row['width']:g}, K = {row['weight_bound']:g}, "
        f"eps = {row['eps']:g}"
    )


def _networks(table: pd.DataFrame) -> int:
    """Networks of one family."""
    return int(table["n_networks"].max()) if len(table) else 0


CLAIMS = (
    Claim(
        id="volume_decay",
        paper=PAPER,
        statement="The fraction of parameters whose networks reach beyond frequency k falls at "
        "least as fast as k^-2 once it is small.",
        figures=FIGURES,
        statistic=f"Exponent of P(k_max > k) over k, {DECAY_STATISTIC}; the slowest of three "
        "series of widths, depths and K, and of all eps (no unit)",
        threshold=-2.0,
        threshold_reason=DECAY_REASON + "Small means at most one in ten: a fraction cannot exceed "
        "1, so that where most networks reach beyond k it cannot fall like a power.",
        direction="below",
        tables=(EXPONENT,),
        measure=decay_of_series,
        unit=UNIT,
    ),
    Claim(
        id="volume_decay_far_out",
        paper=PAPER,
        statement="Also for networks that are narrow for their depth the fraction falls at least "
        "as fast as k^-2, once it is very small.",
        figures=FIGURES,
        statistic=f"Exponent of P(k_max > k) over k, {DECAY_STATISTIC}; from a smaller fraction "
        "on, the slowest of the three series, a narrow deep network, and all eps (no unit)",
        threshold=-2.0,
        threshold_reason=DECAY_REASON + "Very small means one in a hundred: with depth the "
        "constants C of a narrow network spread like a product of many random factors, and the "
        "wider they spread, the further out the decay steepens.",
        direction="below",
        tables=(EXPONENT,),
        measure=decay_far_out,
        unit=UNIT,
    ),
    Claim(
        id="volume_at_single_frequencies",
        paper=PAPER,
        statement="Fewer parameters give an amplitude above eps at a frequency than at half of it.",
        figures=FIGURES,
        statistic="Fraction of parameters with |f~(2 k)| > eps over that with |f~(k)| > eps, the "
        "largest of all shapes, K, eps and k at which at most half of them exceed eps (no unit)",
        threshold=1.0,
        threshold_reason="At 1 the higher frequency takes as much of the space as the lower one. "
        "Unlike the sets of the proposition these are not nested, so the ratio may exceed 1.",
        direction="below",
        tables=(FRACTION,),
        measure=one_octave_up,
        unit=UNIT,
    ),
    Claim(
        id="volume_grows_with_weights",
        paper=PAPER,
        statement="The larger the weights may be, the larger the fraction of parameters whose "
        "networks reach beyond a given frequency.",
        figures=FIGURES,
        statistic="P(k_max > k) for parameters in [-K, K] over the same for the next smaller K, "
        "the smallest of all eps and k at which at most half of the latter reach beyond k (no "
        "unit)",
        threshold=1.0,
        threshold_reason="At 1 the size of the cube does not matter. For two layers it is a "
        "theorem (scaling all parameters scales f~); for more it is not: scaling them changes "
        "where the units of later layers switch, and may switch them off.",
        direction="above",
        tables=(FRACTION,),
        measure=larger_cube,
        unit=UNIT,
    ),
)
