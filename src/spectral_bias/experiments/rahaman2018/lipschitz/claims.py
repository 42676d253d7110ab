"""Claims on the Lipschitz constant along training (rahaman2018, Eq. 7; figure 26 is ours).

The paper bounds the frequencies of a network by its Lipschitz constant, this by the product of
spectral norms, and that by the largest parameter. That the chain holds is a check. Whether its
members move together while frequencies are fitted, so that a growing norm says anything about
frequency, is not certain.
"""

from itertools import pairwise

import numpy as np
import pandas as pd

from spectral_bias.claims.checks import Check
from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.statistics import Estimate, mean_interval, require, slope

PAPER, FIGURES, TABLE, UNIT = "rahaman2018", ("fig26",), "lipschitz_chain", "networks (seeds)"
CHAIN = ("spectrum", "lipschitz", "norms", "bound")
NAMES = {"lipschitz": "the largest slope", "norms": "the product of spectral norms"}
ROUNDING = 1e-5
MIN_FREQUENCIES = 3


def growth(tables: Tables, y: str, x: str) -> Estimate:
    """Power p of y ~ x^p within each network, over the iterations at which something is fitted.

    Args:
        tables: with `lipschitz_chain`.
        y: column, one of `NAMES`.
        x: column.
    """
    table = tables[TABLE]
    fitted = table[table["frequency"] > 0]
    members = table["member"].nunique()
    counts = fitted.groupby("member")["frequency"].nunique().reindex(table["member"].unique())
    least = counts.fillna(0).min() if members else 0
    reason = f"a network has {least:g} highest fitted frequencies, where {MIN_FREQUENCIES} are"
    require(least >= MIN_FREQUENCIES, f"{reason} needed for a power", members)
    powers = [_power(rows, y, x) for _, rows in fitted.groupby("member")]
    highest = table.groupby("member")["frequency"].max()
    factors = fitted.groupby("member")[y].agg(lambda values: values.max() / values.min())
    note = (
        f"highest fitted frequencies up to k = {highest.min():g} to {highest.max():g}; "
        f"{NAMES[y]} grows by a factor of {np.exp(np.log(factors).mean()):.3g}"
    )
    return mean_interval(np.array(powers), note)


def _power(rows: pd.DataFrame, y: str, x: str) -> float:
    rows = rows.sort_values("iteration")
    return float(slope(np.log(rows[x].to_numpy(float)), np.log(rows[y].to_numpy(float))))


def lipschitz_by_frequency(tables: Tables) -> Estimate:
    """Power of the Lipschitz constant over the highest fitted frequency."""
    return growth(tables, "lipschitz", "frequency")


def norms_by_lipschitz(tables: Tables) -> Estimate:
    """Power of the product of spectral norms over the Lipschitz constant."""
    return growth(tables, "norms", "lipschitz")


def tightest_step(tables: Tables) -> float:
    """The smallest ratio of a member of the chain to the one before, over networks and time."""
    table = tables[TABLE]
    require(len(table) > 0, "no parameters were kept")
    steps = [table[above] / table[below].clip(lower=1e-300) for below, above in pairwise(CHAIN)]
    return float(min(step.min() for step in steps))


CLAIMS = (
    Claim(
        id="lipschitz_grows_with_frequency",
        paper=PAPER,
        statement="The Lipschitz constant grows at least in proportion to the highest frequency "
        "that is fitted.",
        figures=FIGURES,
        statistic="Power p of (largest slope) ~ (highest fitted k)^p within a network, over the "
        "iterations whose parameters were kept; mean over networks; fitted: half of its amplitude "
        "(largest slope exact; no unit)",
        threshold=1.0,
        threshold_reason="The chain bounds frequency by the Lipschitz constant. At 1 both grow "
        "alike and the slack of this step stays as it is; below 1 it is used up while higher "
        "frequencies are fitted, which needs no steeper network.",
        direction="above",
        tables=(TABLE,),
        measure=lipschitz_by_frequency,
        unit=UNIT,
    ),
    Claim(
        id="lipschitz_norms_follow",
        paper=PAPER,
        statement="The product of the spectral norms grows along with the Lipschitz constant that "
        "it bounds.",
        figures=FIGURES,
        statistic="Power p of (product of spectral norms) ~ (largest slope)^p within a network, "
        "over the iterations whose parameters were kept and at which a frequency is fitted; mean "
        "over networks (no unit)",
        threshold=0.5,
        threshold_reason="At 1 the product follows the Lipschitz constant, at 0 it says nothing "
        "about it; half way it grows as its square root.",
        direction="above",
        tables=(TABLE,),
        measure=norms_by_lipschitz,
        unit=UNIT,
    ),
)

CHECKS = (
    Check(
        id="lipschitz_chain_holds",
        paper=PAPER,
        statement="Slope that the spectrum asks for <= Lipschitz constant <= product of spectral "
        "norms <= bound by the largest parameter, for every network at every time.",
        figures=FIGURES,
        statistic="Smallest ratio of a member of this chain to the one before it, over networks "
        "and iterations (no unit)",
        threshold=1 - ROUNDING,
        threshold_reason="Each step is an inequality that holds for every network; the outputs "
        "behind the spectrum are rounded to float32.",
        direction="above",
        tables=(TABLE,),
        measure=tightest_step,
    ),
)
