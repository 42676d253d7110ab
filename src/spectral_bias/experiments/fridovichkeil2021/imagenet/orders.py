"""Rank correlations over networks and classes of larger images (figures 14, 15).

A network that answers little better than chance has no function on the classes whose frequency
could be measured; it is left out.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from spectral_bias.statistics import (
    Estimate,
    UndecidedError,
    estimate_row,
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
        Index class_name; columns within_fraction, test_accuracy, level and those of `DIVERSITY`.
    """
    rows = classes[classes["model"].isin(models["model"])]
    scale = rows.groupby("model")["feature_distance"].transform("mean")
    relative = rows.assign(feature_distance=rows["feature_distance"] / scale)
    columns = ["within_fraction", "test_accuracy", "level", *DIVERSITY]
    return relative.groupby("class_name")[columns].mean()


def correlations(models: pd.DataFrame, classes: pd.DataFrame) -> pd.DataFrame:
    """Spearman's correlations over networks and over classes with the high-frequency fraction.

    Args:
        models: the table imagenet_models.
        classes: the table imagenet_classes.

    Returns:
        over ("networks" or "classes"), measure (the kind of paths, or the column of `by_class`),
        the columns of `statistics.estimate_row`, and for classes least and most, between which the
        correlations of single networks lie. Over classes all networks count where none has learnt
        them.
    """
    return pd.DataFrame([*_over_networks(models), *_over_classes(models, classes)])


def _over_networks(models: pd.DataFrame) -> Iterator[dict[str, Any]]:
    def order(kind: str) -> Estimate:
        found = learnt(models)
        low, high = 100 * found["test_accuracy"].min(), 100 * found["test_accuracy"].max()
        note = f"{len(found)} networks, test accuracy {low:.1f} to {high:.1f} %"
        columns = ("test_accuracy", f"{kind}_fraction")
        return rank_correlation(*(found[name].to_numpy(dtype=float) for name in columns), note)

    for kind in ("between", "within"):
        row = estimate_row(lambda kind=kind: order(kind))
        yield {"over": "networks", "measure": kind, **row}


def _over_classes(models: pd.DataFrame, classes: pd.DataFrame) -> Iterator[dict[str, Any]]:
    try:
        used = learnt(models)
    except UndecidedError:
        used = models
    found = by_class(classes, used)
    note = f"{len(found)} classes, mean over {len(used)} network(s)"
    measures = [*DIVERSITY, "test_accuracy"]
    measures += ["level"] if found["level"].notna().any() else []
    for column in measures:
        x, y = (found[name].to_numpy(dtype=float) for name in (column, "within_fraction"))
        row = estimate_row(lambda x=x, y=y: rank_correlation(x, y, note, len(used)))
        yield {"over": "classes", "measure": column, **row, **_range(classes, used, column)}


def _range(classes: pd.DataFrame, models: pd.DataFrame, column: str) -> Mapping[str, float]:
    single = [
        float(spearman(rows[column].to_numpy(float), rows["within_fraction"].to_numpy(float)))
        for name, rows in classes.groupby("model")
        if name in set(models["model"])
    ]
    return {"least": min(single), "most": max(single)} if single else {}
