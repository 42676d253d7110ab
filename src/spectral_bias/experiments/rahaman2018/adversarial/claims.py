"""Claims on paths between adversarial examples (rahaman2018, Appendix, figures 20 and 21).

Training images that a network misclassifies are no end points, and are left out; so is what was
attacked without success. How much longer paths are is judged where bending them did something:
where the straight line leaves the class and the path keeps it.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.experiments.rahaman2018.adversarial.repaired import BENT, STRAIGHT, repaired
from spectral_bias.statistics import Estimate, mean_interval, require

TABLES = ("adversarial_paths", "adversarial_classifier", "adversarial_attacks")
UNIT = "networks (seeds)"
MIN_PAIRS, MIN_REPAIRED = 50, 10
"""Pairs, and paths that keep what the straight line leaves, that each network must have."""
MIN_ACCURACY = 0.5


def _paths(tables: Tables) -> pd.DataFrame:
    """All paths, if every network has learnt the classes and has enough pairs.

    Raises:
        UndecidedError: a network that is wrong about most images has no classes whose shape could
            be evaluated; and a few pairs give no fraction.
    """
    metrics = tables["adversarial_classifier"].pivot(
        index="member", columns="metric", values="value"
    )
    accuracy, networks = metrics["test_accuracy"].min(), len(metrics)
    require(
        accuracy >= MIN_ACCURACY,
        f"a network classifies only {100 * accuracy:.0f} % of the test images correctly",
        networks,
    )
    paths = tables["adversarial_paths"]
    pairs = paths[paths["path"] == BENT].groupby("member").size().reindex(metrics.index).fillna(0)
    require(
        pairs.min() >= MIN_PAIRS,
        f"{pairs.min():g} pairs of images of one network, where a fraction needs at least "
        f"{MIN_PAIRS}; too few attacks succeeded or too few images were asked for",
        networks,
    )
    return paths


def kept_share(tables: Tables) -> Estimate:
    """Mean over networks of the fraction of pairs whose whole path is classified as the class.

    In steps of one pair: networks that keep all of their paths have an interval of that width.
    """
    paths = _paths(tables)
    kept = paths.groupby(["path", "member"])["keeps_class"].agg(["mean", "size"])
    bent = kept.loc[BENT]
    note = (
        f"{bent['size'].sum()} pairs; straight lines: {kept.loc[STRAIGHT]['mean'].mean():.3f}; "
        f"{_left_out(tables)}"
    )
    resolution = float(1 / bent["size"].min())
    found = mean_interval(bent["mean"].to_numpy(), note, resolution=resolution)
    return replace(found, ci_low=max(found.ci_low, 0.0), ci_high=min(found.ci_high, 1.0))


def excess_length(tables: Tables) -> Estimate:
    """Mean over networks of the mean length of `repaired` paths over straight lines, in percent."""
    paths = _paths(tables)
    bent = repaired(paths)
    excess = (100 * (bent["relative_length"] - 1)).groupby(bent["member"])
    counts = excess.size().reindex(np.unique(paths["member"])).fillna(0)
    reason = (
        f"{counts.min():g} paths of one network keep a class that the straight line leaves, where "
        f"a mean needs at least {MIN_REPAIRED}"
    )
    require(counts.min() >= MIN_REPAIRED, reason, len(counts))
    note = f"{len(bent)} such paths, standard deviation {excess.std().mean():.2f} %"
    return mean_interval(excess.mean().to_numpy(), note)


def _left_out(tables: Tables) -> str:
    """How many training images are no end points since the network misclassifies them."""
    attacks = tables["adversarial_attacks"]
    own = attacks[attacks["kind"] == "training"]["succeeded"]
    return f"{(own == 0).sum()} of {len(own)} training images, misclassified, left out"


CLAIMS = (
    Claim(
        id="adversarial_paths_keep_class",
        paper="rahaman2018",
        statement="Adversarial and correctly classified training images of a class are joined by "
        "paths along which the network classifies every point as that class.",
        figures=("fig20", "fig21"),
        statistic="Fraction of pairs of images of one class (adversarial or training) all of whose "
        "checked points on the path found are classified as the class (0 to 1; mean over networks)",
        threshold=0.95,
        threshold_reason="The paper finds it for all pairs. Forty gradient steps are a search that "
        "may miss a path that exists; one miss in twenty is the usual allowance for chance.",
        direction="above",
        tables=TABLES,
        measure=kept_share,
        unit=UNIT,
    ),
    Claim(
        id="adversarial_paths_nearly_straight",
        paper="rahaman2018",
        statement="Where a straight line leaves a class, a path that keeps it is only a few "
        "percent longer.",
        figures=("fig20", "fig21"),
        statistic="Length of the path over the straight line's, minus 1 (percent), mean over those "
        "pairs whose straight line leaves the class and whose path found does not; mean over "
        "networks",
        threshold=5.0,
        threshold_reason="The paper reports 3.0 ± 0.3 %; five is the most that 'a few percent' may "
        "be taken to mean.",
        direction="below",
        tables=TABLES,
        measure=excess_length,
        unit=UNIT,
    ),
)
