"""Claim on networks against K-nearest neighbours (rahaman2018, Appendix E, figure 22)."""

import numpy as np
import pandas as pd

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.statistics import Estimate, dense, member_bootstrap, require

TABLE = "neighbours_exponent"


def faster_decay(tables: Tables) -> Estimate:
    """Exponent of the network minus the lowest exponent of any K, both within a run."""
    table = tables[TABLE]
    network_M = _exponents(table[table["model"] == "network"])
    others = table[table["model"] == "neighbours"]
    by_k = {k: _exponents(rows) for k, rows in others.groupby("neighbours")}
    members = len(network_M)
    require(len(by_k) > 0, "no nearest-neighbour classifier was measured", members)
    difference_M = network_M - np.min(list(by_k.values()), axis=0)
    low, high = table[["fit_from", "fit_to"]].iloc[0]
    means = ", ".join(f"K = {k:g}: {found.mean():.2f}" for k, found in by_k.items())
    note = (
        f"fitted from {low:g} to {high:g} cycles per unit length; mean exponents: network "
        f"{network_M.mean():.2f}, {means}"
    )
    return member_bootstrap(lambda index: difference_M[index].mean(axis=-1), members, note)


def _exponents(rows: pd.DataFrame) -> np.ndarray:
    """(M,) of one kind of model."""
    exponent_M, _ = dense(rows, ("member",), "exponent")
    return exponent_M


CLAIMS = (
    Claim(
        id="neighbours_network_decays_faster",
        paper="rahaman2018",
        statement="The spectrum of a network's map of probabilities decays faster than that of "
        "every K-nearest-neighbour classifier on the same samples.",
        figures=("fig22",),
        statistic="Exponent of the power law fitted to zeta(k) of the network minus the lowest "
        "exponent among the values of K (difference within a run, mean over runs; no unit)",
        threshold=0.0,
        threshold_reason="The claim is an order, and 0 is where the order turns.",
        direction="below",
        tables=(TABLE,),
        measure=faster_decay,
    ),
)
