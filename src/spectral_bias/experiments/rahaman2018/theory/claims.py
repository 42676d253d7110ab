"""Claims of the theory check (rahaman2018, abstract of the first version; figure 23 is ours).

"Attainable" is read as: with parameters of a given magnitude, whatever width and depth. For entries
in [-K, K] the largest constant is known, K^L w^(L-1) / (2 pi^2) (see spectra/exact.py); whether
what networks reach grows alike is measured on random ones with all parameters uniform in [-K, K].

K is our choice, and depth hinges on it: the variance of a random network's slopes changes by the
factor w K^2 / 6 with each layer, so C falls with depth where K sqrt(w / 6) < 1 (as it does at
default initialisation, where K = 1 / sqrt(w)). The two claims on depth speak of larger K only; and
three more layers do more than twice the width only where K is somewhat larger still.

That spectra fall as k^-2 and that C grows with width are checks: the first divides a closed form
by k^2 and the second follows from the variance of sums, whatever was drawn.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from spectral_bias.claims.registry import Check, Claim, Tables
from spectral_bias.statistics import (
    Estimate,
    dense,
    geometric_mean_ratio,
    member_bootstrap,
    require,
    slope,
)

TABLE = "theory_networks"
PAPER, FIGURES = "rahaman2018", ("fig23",)
CONDITION = "with all parameters uniform in [-K, K], K sqrt(w / 6) well above 1 (it reverses below)"

DECAY_STATISTIC = (
    "Least-squares exponent of |f~(k)| over k far above the number of breakpoints, mean over "
    "shapes and networks; f~ exact, without the network's chord (no unit)"
)
DECAY_REASON = (
    "Kinks give -2 exactly, and the border must leave room for the scatter of a fitted exponent. A "
    "decay slower by 0.1 would amount to a factor of 1.6 over the two decades fitted, less than "
    "the scatter of single coefficients (about 1.9); a jump gives -1."
)


def mean_exponent(tables: Tables, families: Sequence[str]) -> float:
    """Mean over shapes, families and members of the fitted exponent."""
    table = tables[TABLE]
    table = table[table["family"].isin(families)]
    shape = table["family"] + table["depth"].astype(str) + "x" + table["width"].astype(str)
    exponent_MS, _ = dense(table.assign(shape=shape), ("member", "shape"), "exponent")
    return float(exponent_MS.mean())


def random_decay(tables: Tables) -> float:
    """`mean_exponent` of both kinds of random networks."""
    return mean_exponent(tables, ("default", "bounded"))


def trained_decay(tables: Tables) -> float:
    """`mean_exponent` of the trained networks."""
    return mean_exponent(tables, ("trained",))


def growth_with_width(tables: Tables) -> float:
    """Power p of C ~ width^p at the depth that all widths share."""
    log_C_MW, widths = _log_constants(tables, "width")
    return float(slope(np.log(widths), log_C_MW.mean(axis=0)))


def growth_with_depth(tables: Tables) -> Estimate:
    """Factor by which C grows with each layer at the width that all depths share."""
    log_C_MD, depths = _log_constants(tables, "depth")
    note = f"depths {depths[0]} to {depths[-1]}"
    return member_bootstrap(
        lambda index: np.exp(slope(depths, log_C_MD[index].mean(axis=-2))), len(log_C_MD), note
    )


def depth_over_width(tables: Tables) -> Estimate:
    """C of networks twice as deep as the shared one over C of those twice as wide."""
    (by_depth, depths), (by_width, widths) = (
        _log_constants(tables, size) for size in ("depth", "width")
    )
    depth, width = _shared(_bounded(tables))
    members = len(by_depth)
    found = 2 * depth in depths and 2 * width in widths
    reason = f"depth {2 * depth} or width {2 * width} was not measured"
    require(found and len(by_width) == members, reason, members)
    deeper = np.exp(by_depth[:, list(depths).index(2 * depth)])
    wider = np.exp(by_width[:, list(widths).index(2 * width)])
    note = f"depth {2 * depth}, width {width} over depth {depth}, width {2 * width}"
    return member_bootstrap(geometric_mean_ratio(deeper, wider), members, note)


def _bounded(tables: Tables) -> pd.DataFrame:
    return tables[TABLE][tables[TABLE]["family"] == "bounded"]


def _shared(networks: pd.DataFrame) -> tuple[int, int]:
    """(depth, width) that both series share: the depth of most widths, the width of most depths."""
    shapes = networks[["depth", "width"]].drop_duplicates()
    require(len(shapes) > 0, "no bounded network was measured")
    return int(shapes["depth"].mode().iloc[0]), int(shapes["width"].mode().iloc[0])


def _log_constants(tables: Tables, size: str) -> tuple[np.ndarray, np.ndarray]:
    """(log C (M, S), the S widths or depths) of the bounded networks of one series."""
    networks = _bounded(tables)
    depth, width = _shared(networks)
    other, shared = ("depth", depth) if size == "width" else ("width", width)
    series = networks[networks[other] == shared]
    constant_MS, axes = dense(series, ("member", size), "constant")
    require(bool((constant_MS > 0).all()), "a network has no kink at all", len(constant_MS))
    require(len(axes[size]) > 1, f"one {size} only", len(constant_MS))
    return np.log(constant_MS), axes[size]


CHECKS = (
    Check(
        id="theory_random_decay",
        paper=PAPER,
        statement="Spectra of random one-dimensional ReLU networks fall at least as fast as k^-2.",
        figures=FIGURES,
        statistic=DECAY_STATISTIC,
        threshold=-1.9,
        threshold_reason=DECAY_REASON,
        direction="below",
        tables=(TABLE,),
        measure=random_decay,
    ),
    Check(
        id="theory_trained_decay",
        paper=PAPER,
        statement="Spectra of trained one-dimensional ReLU networks fall at least as fast as k^-2.",
        figures=FIGURES,
        statistic=DECAY_STATISTIC,
        threshold=-1.9,
        threshold_reason=DECAY_REASON,
        direction="below",
        tables=(TABLE,),
        measure=trained_decay,
    ),
    Check(
        id="theory_constant_grows_with_width",
        paper=PAPER,
        statement="With parameters of the same magnitude, the constant C of the k^-2 decay grows "
        "with width.",
        figures=FIGURES,
        statistic="Power p of C ~ width^p, networks with all parameters uniform in [-K, K] (no "
        "unit; the largest possible C has p = depth - 1)",
        threshold=0.0,
        threshold_reason="The variance of a layer's sums grows with the number of its terms, so "
        "that the power is positive for independent parameters; 0 is no growth.",
        direction="above",
        tables=(TABLE,),
        measure=growth_with_width,
    ),
)

CLAIMS = (
    Claim(
        id="theory_constant_grows_with_depth",
        paper=PAPER,
        statement="With parameters of the same magnitude, large enough for signals to grow from "
        "layer to layer, the constant C of the k^-2 decay grows with depth.",
        figures=FIGURES,
        statistic="Factor on C for each further layer, fitted as an exponential, networks "
        f"{CONDITION} (no unit)",
        threshold=1.0,
        threshold_reason="A factor of 1 is no growth.",
        direction="above",
        tables=(TABLE,),
        measure=growth_with_depth,
    ),
    Claim(
        id="theory_depth_over_width",
        paper=PAPER,
        statement="With parameters of the same magnitude, large enough for signals to grow from "
        "layer to layer, the constant C of the k^-2 decay grows faster with depth than with width.",
        figures=FIGURES,
        statistic="C of networks twice as deep over C of networks twice as wide as the same "
        f"network, geometric mean over networks {CONDITION} (no unit)",
        threshold=1.0,
        threshold_reason="At 1 both help alike. Twice 3 layers of width 64 and 3 layers of twice "
        "the width have nearly the same number of parameters (16,833 and 16,897), so that networks "
        "of equal cost are compared.",
        direction="above",
        tables=(TABLE,),
        measure=depth_over_width,
    ),
)
