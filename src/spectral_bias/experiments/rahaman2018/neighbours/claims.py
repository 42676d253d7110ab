"""Claims on networks against K-nearest neighbours (rahaman2018, Appendix E, figure 22).

Over which wavenumbers exponents are fitted is our choice, so the claim speaks of all bands of the
settings and is decided by the one in which networks fare worst. Low wavenumbers are those below all
bands.
"""

import numpy as np
import pandas as pd

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.experiments.rahaman2018.lobes import FEW_LOBES, MANY_LOBES, few_and_many
from spectral_bias.statistics import (
    Estimate,
    dense,
    largest_mean,
    mean_interval,
    require,
    smallest_mean,
)

TABLE, SPECTRUM, ACCURACY = "neighbours_exponent", "neighbours_spectrum", "neighbours_accuracy"
UNIT = "networks (seeds), each with classifiers on its samples"


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


def nearest_kind(tables: Tables) -> Estimate:
    """Distance of a network's zeta from that of K = 1, minus that from the nearest other K.

    The distance is the mean |ln| of their ratio over wavenumbers below all bands; mean over runs.
    """
    start = tables[TABLE]["fit_from"].min()
    low = tables[SPECTRUM][tables[SPECTRUM]["wavenumber"] < start]
    require(not low.empty, "no wavenumber lies below all bands")
    keys = ("member", "wavenumber")
    network, _ = dense(low[low["model"] == "network"], keys, "zeta")
    kinds = {
        k: np.abs(np.log(network / dense(rows, keys, "zeta")[0])).mean(axis=1)
        for k, rows in low[low["model"] == "neighbours"].groupby("neighbours")
    }
    require(1 in kinds and len(kinds) > 1, "K = 1 and another K were not both measured")
    others_M = np.min([found for k, found in kinds.items() if k != 1], axis=0)
    means = ", ".join(f"K = {k:g}: {found.mean():.2f}" for k, found in kinds.items())
    return mean_interval(kinds[1] - others_M, f"mean distances below {start:g}: {means}")


def gain_from_lobes(tables: Tables) -> Estimate:
    """Smallest over K of the accuracy on curves with many lobes minus that with few.

    Averaged over k, within one set of label phases each time, as for networks in Figure 9.
    """
    gains = {}
    for k, rows in tables[ACCURACY].groupby("neighbours"):
        accuracy_MGK, axes = dense(rows, ("member", "lobes", "frequency"), "accuracy")
        few_M, many_M = few_and_many(accuracy_MGK, axes["lobes"])
        gains[k] = many_M - few_M
    note = ", ".join(f"K = {k:g}: {gain_M.mean():.2f}" for k, gain_M in gains.items())
    return smallest_mean(gains, note)


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
        unit=UNIT,
    ),
    Claim(
        id="neighbours_network_is_nearest_to_one",
        paper="rahaman2018",
        statement="At low wavenumbers the spectrum of a network's map of probabilities is closer "
        "to that of the nearest neighbour (K = 1) than to those of larger K.",
        figures=("fig22",),
        statistic="Mean |ln| of the ratio of zeta(k) of the network to that of K = 1, below the "
        "bands in which exponents are fitted, minus that of the nearest other K (mean over runs; "
        "no unit)",
        threshold=0.0,
        threshold_reason="The claim is an order, and 0 is where the order turns.",
        direction="below",
        tables=(TABLE, SPECTRUM),
        measure=nearest_kind,
        unit=UNIT,
    ),
    Claim(
        id="neighbours_need_not_gain_from_lobes",
        paper="rahaman2018",
        statement="Unlike networks, K-nearest-neighbour classifiers do not necessarily get better "
        "on curves with more lobes.",
        figures=("fig22",),
        statistic=f"Training accuracy on curves of at least {MANY_LOBES} lobes minus that on "
        f"curves of at most {FEW_LOBES}, mean over frequencies, for the K that gains least (mean "
        "over label phases)",
        threshold=0.05,
        threshold_reason="The same difference as is asked of networks in Figure 9; one K that "
        "stays below it shows that nearest neighbours need not gain.",
        direction="below",
        tables=(ACCURACY,),
        measure=gain_from_lobes,
        unit="sets of labels (phases)",
    ),
)
