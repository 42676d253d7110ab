"""Claim on networks against K-nearest neighbours (rahaman2018, Appendix E, figure 22).

Over which wavenumbers exponents are fitted is our choice, so the claim speaks of all bands of the
settings and is decided by the one in which networks fare worst.
"""

import numpy as np
import pandas as pd

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.statistics import Estimate, dense, largest_mean, require

TABLE = "neighbours_exponent"


def faster_decay(tables: Tables) -> Estimate:
    """Largest over the bands of the network's exponent minus the lowest of any K, within a run."""
    bands = tables[TABLE].groupby(["fit_from", "fit_to"])
    differences = {band: _difference(rows) for band, rows in bands}
    means = [
        f"{values_M.mean():.2f} from {low:g} to {high:g}"
        for (low, high), values_M in differences.items()
    ]
    return largest_mean(differences, f"by band, in cycles per unit length: {', '.join(means)}")


def _difference(rows: pd.DataFrame) -> np.ndarray:
    """(M,): exponent of the network minus the lowest exponent of any K, in one band."""
    network_M = _exponents(rows[rows["model"] == "network"])
    others = rows[rows["model"] == "neighbours"]
    by_k = [_exponents(of_k) for _, of_k in others.groupby("neighbours")]
    require(len(by_k) > 0, "no nearest-neighbour classifier was measured", len(network_M))
    return network_M - np.min(by_k, axis=0)


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
        "exponent among the values of K (difference within a run, mean over runs; no unit), the "
        "largest of all bands of k",
        threshold=0.0,
        threshold_reason="The claim is an order, and 0 is where the order turns.",
        direction="below",
        tables=(TABLE,),
        measure=faster_decay,
        unit="networks (seeds), each with classifiers on its samples",
    ),
)
