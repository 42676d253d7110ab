"""Claims on the anisotropy of spectra (rahaman2018, Theorem 1; figure 25 is ours).

The theorem is one on k to infinity: k^-(d+1) in almost every direction, k^-2 along the normals of
facets. For networks R² → R it follows from the closed form of their transform, so that far above
every scale of the network it is a check. Whether it describes spectra at the frequencies on which
networks are trained is open: with thousands of facets some normal is near to every direction, and
short facets show their corners only at high k.
"""

from functools import partial

import numpy as np

from spectral_bias.claims.checks import Check
from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.statistics import Estimate, dense, mean_interval, paired_difference, require

PAPER, FIGURES, TABLE = "rahaman2018", ("fig25",), "anisotropy_exponents"
UNIT = "networks (seeds), each number one of every shape"
HALF_WAY = -2.5
STATISTIC = (
    "Least-squares exponent of |f~| over k, {band}, {kind}; mean over directions and shapes "
    "(f~ exact; no unit)"
)
KINDS = {"random": "along random directions", "normal": "along the normals of strong facets"}
LOW = "at the frequencies of Experiment 1"


def exponents(tables: Tables, band: str, kind: str) -> np.ndarray:
    """(M,): mean over directions and shapes, for each number of a network.

    Raises:
        UndecidedError: no network has such a direction.
    """
    table = tables[TABLE]
    rows = table[(table["band"] == band) & (table["kind"] == kind)]
    require(len(rows) > 0, "no network has facets enough")
    # A network with fewer facets has fewer normals.
    means = rows.groupby(["depth", "width", "member"], as_index=False)["exponent"].mean()
    shape = means["depth"].astype(str) + "x" + means["width"].astype(str)
    exponent_MS, _ = dense(means.assign(shape=shape), ("member", "shape"), "exponent")
    return exponent_MS.mean(axis=1)


def decay(tables: Tables, kind: str) -> Estimate:
    """Mean exponent at the frequencies of Experiment 1."""
    return mean_interval(exponents(tables, "low", kind), _shapes(tables))


def difference(tables: Tables) -> Estimate:
    """Exponent along normals less that along random directions, of the same networks."""
    normal, random = (exponents(tables, "low", kind) for kind in ("normal", "random"))
    require(len(normal) == len(random), "some network has no bounded facet", len(random))
    return paired_difference(normal, random, _shapes(tables))


def far_decay(tables: Tables, kind: str) -> float:
    """Mean exponent far above all scales of the networks."""
    return float(exponents(tables, "far", kind).mean())


def _shapes(tables: Tables) -> str:
    shapes = tables[TABLE].groupby(["depth", "width"])["n_facets"].mean()
    counts = ", ".join(f"{d} x {w}: {n:.0f}" for (d, w), n in shapes.items())
    return f"mean number of facets by depth x width {counts}"


def _decay_claim(kind: str, statement: str, direction: str) -> Claim:
    return Claim(
        id=f"anisotropy_{kind}_decay",
        paper=PAPER,
        statement=statement,
        figures=FIGURES,
        statistic=STATISTIC.format(band=LOW, kind=KINDS[kind]),
        threshold=HALF_WAY,
        threshold_reason="Half way between -2, the exponent along normals, and -3, that of almost "
        "every direction.",
        direction=direction,
        tables=(TABLE,),
        measure=partial(decay, kind=kind),
        unit=UNIT,
    )


def _far_check(kind: str, exponent: int, threshold: float, direction: str) -> Check:
    return Check(
        id=f"anisotropy_{kind}_far",
        paper=PAPER,
        statement=f"Far above all scales of a two-dimensional network its spectrum falls as "
        f"k^{exponent} {KINDS[kind]}.",
        figures=FIGURES,
        statistic=STATISTIC.format(band="far above all scales", kind=KINDS[kind]),
        threshold=threshold,
        threshold_reason=f"The closed form gives {exponent} for k to infinity; a quarter is left "
        "for the scatter of a fitted exponent and for facets that are nearly normal to a random "
        "direction.",
        direction=direction,
        tables=(TABLE,),
        measure=partial(far_decay, kind=kind),
    )


CLAIMS = (
    _decay_claim(
        "random",
        "Along random directions, spectra of two-dimensional networks fall nearer to k^-3 than to "
        f"k^-2, also {LOW}.",
        "below",
    ),
    _decay_claim(
        "normal",
        "Along the normals of their strongest facets, spectra of two-dimensional networks fall "
        f"nearer to k^-2 than to k^-3, also {LOW}.",
        "above",
    ),
    Claim(
        id="anisotropy_of_decay",
        paper=PAPER,
        statement="Spectra of two-dimensional networks fall more slowly along facet normals than "
        f"along random directions, by more than half a power of k, also {LOW}.",
        figures=FIGURES,
        statistic="Exponent along the normals of the strongest facets less that along random "
        f"directions of the same network, {LOW}; mean over shapes (no unit)",
        threshold=0.5,
        threshold_reason="The theorem says 1, no anisotropy would be 0.",
        direction="above",
        tables=(TABLE,),
        measure=difference,
        unit=UNIT,
    ),
)

CHECKS = (
    _far_check("random", -3, -2.75, "below"),
    _far_check("normal", -2, -2.25, "above"),
)
