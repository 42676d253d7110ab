"""Claims on larger images (fridovichkeil2021, figures 14 and 15).

A network whose answers are little better than chance has no function on the classes whose frequency
could be looked at; it is left out.
"""

from functools import partial

import pandas as pd

from spectral_bias.claims.registry import Claim, Estimate, Tables
from spectral_bias.claims.statistics import (
    geometric_mean_ratio,
    member_bootstrap,
    rank_correlation,
    require,
)

PAPER = "fridovichkeil2021"
MODELS, CLASSES = "imagenet_models", "imagenet_classes"
MIN_ACCURACY, TIMES_CHANCE = 0.5, 10
MIN_CLASSES = 10
DIVERSITY = {
    "pixel_distance": "mean distance of its images as pixels",
    "feature_distance": "mean distance of its images as penultimate features",
    "compressed_bytes": "size of its losslessly compressed mean image",
}
"""Measures of a class's diversity, as the claims and Figure 15 call them."""


def learnt(tables: Tables) -> pd.DataFrame:
    """The networks that tell the classes apart: right about half of the images, or, with many
    classes, ten times as often as chance.

    Raises:
        UndecidedError: there are none.
    """
    models = tables[MODELS]
    require(len(models) > 0, "no network was measured on larger images")
    least = (TIMES_CHANCE / models["n_classes"]).clip(upper=MIN_ACCURACY)
    found = models[models["test_accuracy"] >= least]
    best = 100 * models["test_accuracy"].max()
    reason = f"the best network is right about {best:.0f} % of the images, little above chance"
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


def class_order(tables: Tables, column: str) -> Estimate:
    """Rank correlation over classes of `column` with the within-class fraction."""
    models = learnt(tables)
    classes = by_class(tables[CLASSES], models)
    require(len(classes) >= MIN_CLASSES, f"{len(classes)} classes; an order needs {MIN_CLASSES}")
    note = f"{len(classes)} classes, mean over {len(models)} network(s)"
    x, y = (classes[name].to_numpy(dtype=float) for name in (column, "within_fraction"))
    return rank_correlation(x, y, note, len(models))


def model_order(tables: Tables, kind: str) -> Estimate:
    """Rank correlation over networks of test accuracy with the fraction within or between."""
    models = learnt(tables)
    low, high = 100 * models["test_accuracy"].min(), 100 * models["test_accuracy"].max()
    note = f"{len(models)} networks, test accuracy {low:.1f} to {high:.1f} %"
    x, y = (models[name].to_numpy(dtype=float) for name in ("test_accuracy", f"{kind}_fraction"))
    return rank_correlation(x, y, note)


def between_over_within(tables: Tables) -> Estimate:
    """High-frequency fraction between classes over that within: geometric mean over networks."""
    models = learnt(tables)
    fractions = (models[f"{kind}_fraction"].to_numpy(dtype=float) for kind in ("between", "within"))
    return member_bootstrap(
        geometric_mean_ratio(*fractions), len(models), f"{len(models)} networks"
    )


def _class_claim(column: str, sign: str, why: str) -> Claim:
    return Claim(
        id=f"imagenet_diverse_classes_{column}",
        paper=PAPER,
        statement="On ImageNet learned functions have higher frequencies within more diverse "
        f"classes; diversity: {DIVERSITY[column]}.",
        figures=("fig15",),
        statistic="Spearman's correlation over classes of the within-class high-frequency fraction "
        f"with the {DIVERSITY[column]} (-1 to 1), means over networks; interval over classes",
        threshold=0.0,
        threshold_reason=f"The claim is a direction, and 0 is where it turns. {why}",
        direction=sign,
        tables=(MODELS, CLASSES),
        measure=partial(class_order, column=column),
    )


def _model_claim(kind: str, name: str, verb: str, sign: str) -> Claim:
    return Claim(
        id=f"imagenet_accuracy_{kind}",
        paper=PAPER,
        statement=f"Of networks on ImageNet the more accurate have {verb} frequencies {name} "
        "(claimed for interventions on CIFAR-10; here our extension to ImageNet).",
        figures=("fig14",),
        statistic="Spearman's correlation over networks of test accuracy with the high-frequency "
        f"fraction of paths {name} (-1 to 1); interval over networks",
        threshold=0.0,
        threshold_reason="The claim is a direction, and 0 is where it turns.",
        direction=sign,
        tables=(MODELS,),
        measure=partial(model_order, kind=kind),
    )


CLAIMS = (
    Claim(
        id="imagenet_lower_within_classes",
        paper=PAPER,
        statement="Learned functions have lower frequencies near images of one class than between "
        "classes.",
        figures=("fig14",),
        statistic="High-frequency fraction of paths between classes over that of paths within "
        "(ratio, geometric mean over networks); interval over networks",
        threshold=1.0,
        threshold_reason="The claim is an order, and 1 is where it turns.",
        direction="above",
        tables=(MODELS,),
        measure=between_over_within,
    ),
    _model_claim("between", "between classes", "higher", "above"),
    _model_claim("within", "within classes", "lower", "below"),
    _class_claim("pixel_distance", "above", "A larger distance means more diversity."),
    _class_claim("feature_distance", "above", "A larger distance means more diversity."),
    _class_claim(
        "compressed_bytes",
        "below",
        "The more diverse the images, the more their mean is a blur, and the smaller its file.",
    ),
)
