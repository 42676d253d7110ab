"""Claims of the theory check (rahaman2018, abstract of the first version; figure 23 is ours).

"Attainable" is read as: with parameters of a given magnitude, whatever width and depth. For entries
in [-K, K] the largest constant is known, K^L w^(L-1) / (2 pi^2) (see spectra/exact.py); whether
what networks reach grows alike is measured on random ones with all parameters uniform in [-K, K].

K is our choice, and depth hinges on it: the variance of a random network's slopes changes by the
factor w K^2 / 6 with each layer, so C falls with depth where K sqrt(w / 6) < 1 (as it does at
default initialisation, where K = 1 / sqrt(w)). The two claims on depth speak of every larger K that
was measured and are decided by the one at which depth does least; smaller K are named beside them.

That spectra fall as k^-2 and that C grows with width are checks: the first divides a closed form
by k^2 and the second follows from the variance of sums, whatever was drawn. What training does to
C is no theorem: there is a claim on it.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from spectral_bias.claims.checks import Check
from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.statistics import (
    Estimate,
    dense,
    exponential,
    mean_interval,
    require,
    slope,
    smallest_mean,
)

TABLE, CONSTANTS = "theory_networks", "theory_constants"
PAPER, FIGURES = "rahaman2018", ("fig23",)
UNIT = "networks (seeds)"
REGIME = "of all K with K sqrt(w / 6) > 1"

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
    """Mean over bounded networks of the power p of C ~ width^p."""
    return float(_powers(tables, "bounded")[0].mean())


def trained_growth_with_width(tables: Tables) -> Estimate:
    """Power p of C ~ width^p of networks that were trained, one of each width at a time."""
    power_M, widths = _powers(tables, "trained")
    return mean_interval(power_M, f"widths {', '.join(f'{w:g}' for w in widths)}")


def growth_with_depth(tables: Tables) -> Estimate:
    """Smallest factor, over K in the regime, by which C grows with each layer."""

    def log_factor(networks: pd.DataFrame) -> np.ndarray:
        log_C_MD, depths = log_constants(networks, "depth")
        return slope(depths, log_C_MD)

    return _least_of_regime(tables, log_factor)


def depth_over_width(tables: Tables) -> Estimate:
    """Smallest, over K in the regime, of C of networks twice as deep over C of those twice as wide.

    Twice as deep and twice as wide as the network that both series share.
    """

    def log_ratio(networks: pd.DataFrame) -> np.ndarray:
        depth, width = _shared(networks)
        log_C_MD, depths = log_constants(networks, "depth")
        log_C_MW, widths = log_constants(networks, "width")
        found = 2 * depth in depths and 2 * width in widths
        reason = f"depth {2 * depth} or width {2 * width} was not measured"
        require(found and len(log_C_MD) == len(log_C_MW), reason, len(log_C_MD))
        return (
            log_C_MD[:, list(depths).index(2 * depth)] - log_C_MW[:, list(widths).index(2 * width)]
        )

    return _least_of_regime(tables, log_ratio)


def log_constants(networks: pd.DataFrame, size: str) -> tuple[np.ndarray, np.ndarray]:
    """(log C (M, S), the S widths or depths) of one series of the networks of one kind."""
    depth, width = _shared(networks)
    other, shared = ("depth", depth) if size == "width" else ("width", width)
    series = networks[networks[other] == shared]
    constant_MS, axes = dense(series, ("member", size), "constant")
    require(bool((constant_MS > 0).all()), "a network has no kink at all", len(constant_MS))
    require(len(axes[size]) > 1, f"one {size} only", len(constant_MS))
    return np.log(constant_MS), axes[size]


def _least_of_regime(tables: Tables, log_effect: Callable[[pd.DataFrame], np.ndarray]) -> Estimate:
    """Exponential of the smallest mean effect among all K with K sqrt(w / 6) > 1.

    Args:
        tables: see `CONSTANTS`.
        log_effect: networks of one K → (M,), one value for each number of networks.
    """
    table = tables[CONSTANTS]
    _, width = _shared(table)
    logs = {bound: log_effect(networks) for bound, networks in table.groupby("weight_bound")}
    each = (f"{np.exp(values_M.mean()):.2f} at K = {bound:g}" for bound, values_M in logs.items())
    regime = {bound: found for bound, found in logs.items() if bound * np.sqrt(width / 6) > 1}
    require(len(regime) > 0, f"no K at which K sqrt(w / 6) > 1 was measured (width {width})")
    beyond = ", ".join(f"{bound:g}" for bound in regime)
    return exponential(smallest_mean(regime, f"{', '.join(each)}; the claim is on K = {beyond}"))


def _powers(tables: Tables, family: str) -> tuple[np.ndarray, np.ndarray]:
    """(powers p (M,) of C ~ width^p, widths) of a family at the depth that all widths share."""
    networks = tables[TABLE]
    networks = networks[networks["family"] == family]
    log_C_MW, widths = log_constants(networks, "width")
    return slope(np.log(widths), log_C_MW), widths


def _shared(networks: pd.DataFrame) -> tuple[int, int]:
    """(depth, width) that both series share: the depth of most widths, the width of most depths."""
    shapes = networks[["depth", "width"]].drop_duplicates()
    require(len(shapes) > 0, "no such network was measured")
    return int(shapes["depth"].mode().iloc[0]), int(shapes["width"].mode().iloc[0])


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
        statistic="Factor on C for each further layer, fitted as an exponential, networks with all "
        f"parameters uniform in [-K, K], geometric mean over networks, the smallest {REGIME} (no "
        "unit)",
        threshold=1.0,
        threshold_reason="A factor of 1 is no growth.",
        direction="above",
        tables=(CONSTANTS,),
        measure=growth_with_depth,
        unit=UNIT,
    ),
    Claim(
        id="theory_depth_over_width",
        paper=PAPER,
        statement="With parameters of the same magnitude, large enough for signals to grow from "
        "layer to layer, the constant C of the k^-2 decay grows faster with depth than with width.",
        figures=FIGURES,
        statistic="C of networks twice as deep over C of networks twice as wide as the same "
        "network, all parameters uniform in [-K, K], geometric mean over networks, the smallest "
        f"{REGIME} (no unit)",
        threshold=1.0,
        threshold_reason="At 1 both help alike. Twice 3 layers of width 64 and 3 layers of twice "
        "the width have nearly the same number of parameters (16,833 and 16,897), so that networks "
        "of equal cost are compared.",
        direction="above",
        tables=(CONSTANTS,),
        measure=depth_over_width,
        unit=UNIT,
    ),
    Claim(
        id="theory_trained_constant_grows_with_width",
        paper=PAPER,
        statement="The constant C of the k^-2 decay grows with width also among networks that were "
        "trained on the same function (our control: what is attainable need not be attained).",
        figures=FIGURES,
        statistic="Power p of C ~ width^p, networks trained on sums of sinusoids from PyTorch's "
        "default initialisation (mean over runs, no unit)",
        threshold=0.0,
        threshold_reason="A power of 0 is no growth.",
        direction="above",
        tables=(TABLE,),
        measure=trained_growth_with_width,
        unit=UNIT,
    ),
)
