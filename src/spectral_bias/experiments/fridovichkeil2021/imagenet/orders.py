"""Rank correlations over networks and classes of larger images (figures 14, 15).

A network that answers little better than chance has no function on the classes whose frequency
could be measured; it is left out. Over classes a correlation is also formed given test accuracy:
hard classes may be diverse ones, and differ in frequency for being hard.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pandas as pd

from spectral_bias.experiments.fridovichkeil2021.fractions import FRACTIONS, column
from spectral_bias.statistics import (
    ROW,
    Estimate,
    UndecidedError,
    estimate_row,
    partial_rank_correlation,
    rank_correlation,
    require,
    spearman,
)

MIN_ACCURACY, TIMES_CHANCE = 0.5, 10
DIVERSITY = {
    "pixel_distance": "mean distance of its images as pixels",
    "feature_distance": "mean distance of its images as penultimate features",
    "compressed_bytes": "size of its losslessly compressed mean image",
}
"""Measures of a class's diversity, as the claims and Figure 15 call them."""
GIVEN = "test_accuracy"
MIN_NETWORKS = 5
SYNSET = re.compile(r"n\d{8}")
"""How ImageNet calls its classes."""
IMAGENET_CLASSES = 1000


def images_name(classes: pd.DataFrame) -> str:
    """What the images are, as a statement about them calls them.

    Args:
        classes: the table imagenet_classes.

    Raises:
        UndecidedError: it is empty.
    """
    require(len(classes) > 0, "no network was measured on larger images")
    if classes["level"].notna().any():
        return "cuts of ten photographs (no ImageNet)"
    names = classes["class_name"].astype(str).unique()
    if len(names) == IMAGENET_CLASSES and all(map(SYNSET.fullmatch, names)):
        return "ImageNet"
    return "the images in the folder"


def learnt(models: pd.DataFrame) -> pd.DataFrame:
    """The networks that have learnt the classes: half of the images, or, with many classes, ten
    times as many as by chance, are classified correctly.

    Args:
        models: the table imagenet_models.

    Raises:
        UndecidedError: there are none.
    """
    require(len(models) > 0, "no network was measured on larger images")
    least = (TIMES_CHANCE / models["n_classes"]).clip(upper=MIN_ACCURACY)
    found = models[models["test_accuracy"] >= least]
    best = 100 * models["test_accuracy"].max()
    reason = (
        f"the best network classifies {best:.0f} % of the images correctly, little above chance"
    )
    require(len(found) > 0, reason, len(models))
    return found


def by_class(classes: pd.DataFrame, models: pd.DataFrame) -> pd.DataFrame:
    """One row for each class: means over some networks.

    Features have another scale in every network: their distances are divided by the network's mean
    before the mean over networks is taken.

    Args:
        classes: the table imagenet_classes.
        models: rows of the table imagenet_models.

    Returns:
        Index class_name; columns test_accuracy, level, the fractions within the class and those of
        `DIVERSITY`.
    """
    rows = classes[classes["model"].isin(models["model"])]
    scale = rows.groupby("model")["feature_distance"].transform("mean")
    relative = rows.assign(feature_distance=rows["feature_distance"] / scale)
    fractions = [column("within", measure) for measure in FRACTIONS]
    return relative.groupby("class_name")[["test_accuracy", "level", *fractions, *DIVERSITY]].mean()


def correlations(models: pd.DataFrame, classes: pd.DataFrame) -> pd.DataFrame:
    """Spearman's correlations over networks and over classes with the high-frequency fraction.

    Args:
        models: the table imagenet_models.
        classes: the table imagenet_classes.

    Returns:
        over ("networks" or "classes"), measure (the kind of paths, or the column of `by_class`),
        fraction (of `FRACTIONS`), given ("" or `GIVEN`), the columns of `statistics.estimate_row`,
        and for classes least and most, between which the plain correlations of single networks
        lie. Over classes all networks count where none has learnt them.
    """
    rows = [*_over_networks(models), *_over_classes(models, classes)]
    columns = ["over", "measure", "fraction", "given", *ROW, "least", "most"]
    return pd.DataFrame(rows, columns=columns)


def _over_networks(models: pd.DataFrame) -> Iterator[dict[str, Any]]:
    def order(kind: str, fraction: str) -> Estimate:
        found = learnt(models)
        count = len(found)
        require(
            count >= MIN_NETWORKS,
            f"{count} network(s) that have learnt the classes, where an order needs at least "
            f"{MIN_NETWORKS}",
            count,
        )
        low, high = 100 * found["test_accuracy"].min(), 100 * found["test_accuracy"].max()
        note = f"{count} networks, test accuracy {low:.1f} to {high:.1f} %"
        columns = ("test_accuracy", column(kind, fraction))
        return rank_correlation(*(found[name].to_numpy(dtype=float) for name in columns), note)

    for kind, fraction in product(("between", "within"), FRACTIONS):
        row = estimate_row(lambda kind=kind, fraction=fraction: order(kind, fraction))
        yield {"over": "networks", "measure": kind, "fraction": fraction, "given": "", **row}


def _over_classes(models: pd.DataFrame, classes: pd.DataFrame) -> Iterator[dict[str, Any]]:
    try:
        used = learnt(models)
    except UndecidedError:
        used = models
    found = by_class(classes, used)
    note = f"{len(found)} classes, mean over {len(used)} network(s)"

    def order(measure: str, fraction: str, given: str) -> Estimate:
        names = (measure, column("within", fraction), *([given] if given else []))
        values = (found[name].to_numpy(dtype=float) for name in names)
        statistic = partial_rank_correlation if given else rank_correlation
        return statistic(*values, note, len(used))

    measures = [*DIVERSITY, *(["level"] if found["level"].notna().any() else [])]
    wanted = [(GIVEN, "raw", ""), *product(measures, FRACTIONS, ("", GIVEN))]
    for measure, fraction, given in wanted:
        row = estimate_row(lambda m=measure, f=fraction, g=given: order(m, f, g))
        facts = {"over": "classes", "measure": measure, "fraction": fraction, "given": given}
        single = _range(classes, used, measure) if (fraction, given) == ("raw", "") else {}
        yield {**facts, **row, **single}


def picked(table: pd.DataFrame, over: str, measure: str, fraction: str, given: str) -> pd.Series:
    """One row of the table made by `correlations`."""
    # An empty text comes back from a file as NaN.
    filled = table.assign(given=table["given"].fillna(""))
    wanted = {"over": over, "measure": measure, "fraction": fraction, "given": given}
    for name, value in wanted.items():
        filled = filled[filled[name] == value]
    return filled.iloc[0]


def _range(classes: pd.DataFrame, models: pd.DataFrame, measure: str) -> Mapping[str, float]:
    single = [
        float(spearman(rows[measure].to_numpy(float), rows["within_fraction"].to_numpy(float)))
        for name, rows in classes.groupby("model")
        if name in set(models["model"])
    ]
    return {"least": min(single), "most": max(single)} if single else {}
