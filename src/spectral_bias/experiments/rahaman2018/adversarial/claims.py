"""Claims on paths between adversarial examples (rahaman2018, Appendix, figures 20 and 21)."""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.statistics import LEVEL, Estimate, member_bootstrap, require

TABLES = ("adversarial_paths", "adversarial_classifier")
MIN_PAIRS = 50
MIN_ACCURACY = 0.5


def _bent(tables: Tables) -> pd.DataFrame:
    """The paths found, if the network has learnt the classes and there are enough paths.

    Raises:
        UndecidedError: a network that is wrong about most images has no classes whose shape could
            be evaluated; and a few pairs give no fraction.
    """
    metrics = tables["adversarial_classifier"].set_index("metric")["value"]
    accuracy = metrics["test_accuracy"]
    require(
        accuracy >= MIN_ACCURACY,
        f"the network calls only {100 * accuracy:.0f} % of the test images right",
        1,
    )
    paths = tables["adversarial_paths"]
    bent = paths[paths["path"] == "bent"]
    require(
        len(bent) >= MIN_PAIRS,
        f"{len(bent)} pairs of images, where a fraction needs at least {MIN_PAIRS}; too few "
        "attacks "
        "succeeded or too few images were asked for",
        1,
    )
    return bent


def _over_classes(bent: pd.DataFrame, value: str, note: str) -> Estimate:
    """Mean of a column over pairs, with an interval from resampled classes.

    Pairs of one class share their images, so classes are resampled and not pairs.
    """
    by_class = bent.groupby("class")[value].agg(["sum", "size"]).to_numpy()

    def mean(index: np.ndarray) -> np.ndarray:
        total, pairs = np.moveaxis(by_class[index].sum(axis=-2), -1, 0)
        return total / pairs

    found = member_bootstrap(mean, len(by_class), note)
    return replace(found, n_runs=1)


def kept_share(tables: Tables) -> Estimate:
    """Fraction of pairs whose whole path is classified as the class.

    Where every class keeps all of its paths, resampling classes gives an interval of no width: it
    is never narrower than the binomial one of as many independent pairs.
    """
    bent = _bent(tables)
    paths = tables["adversarial_paths"]
    straight = paths[paths["path"] == "straight"]["keeps_class"].mean()
    note = f"{len(bent)} pairs of one network; straight lines: {straight:.3f}"
    found = _over_classes(bent, "keeps_class", note)
    kept = int(bent["keeps_class"].sum())
    low, high = stats.binomtest(kept, len(bent)).proportion_ci(LEVEL, method="exact")
    return replace(found, ci_low=min(found.ci_low, low), ci_high=max(found.ci_high, high))


def excess_length(tables: Tables) -> Estimate:
    """Mean over pairs of path length over straight length, minus 1, in percent."""
    bent = _bent(tables)
    percent = bent.assign(excess=100 * (bent["relative_length"] - 1))
    note = f"{len(bent)} pairs of one network, standard deviation {percent['excess'].std():.2f} %"
    return _over_classes(percent, "excess", note)


CLAIMS = (
    Claim(
        id="adversarial_paths_keep_class",
        paper="rahaman2018",
        statement="Adversarial and training images of a class are joined by paths on which the "
        "network never calls another class.",
        figures=("fig20", "fig21"),
        statistic="Fraction of pairs of images of one class (adversarial or training) all of whose "
        "checked points on the path found are classified as the class (0 to 1); interval over "
        "classes",
        threshold=0.95,
        threshold_reason="The paper finds it for all pairs. Forty gradient steps are a search that "
        "may miss a path that exists; one miss in twenty is the usual allowance for chance.",
        direction="above",
        tables=TABLES,
        measure=kept_share,
    ),
    Claim(
        id="adversarial_paths_nearly_straight",
        paper="rahaman2018",
        statement="Paths within a class are only a few percent longer than straight lines.",
        figures=("fig20", "fig21"),
        statistic="Mean over pairs of the path's length over the straight line's, minus 1 "
        "(percent); interval over classes",
        threshold=5.0,
        threshold_reason="The paper reports 3.0 ± 0.3 %; five is the most that 'a few percent' may "
        "be taken to mean.",
        direction="below",
        tables=TABLES,
        measure=excess_length,
    ),
)
