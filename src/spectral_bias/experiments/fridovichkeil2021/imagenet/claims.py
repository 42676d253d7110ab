"""Claims on larger images (fridovichkeil2021, figures 14 and 15)."""

from functools import partial

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.experiments.fridovichkeil2021.imagenet.orders import DIVERSITY, learnt
from spectral_bias.statistics import (
    Estimate,
    estimate_of,
    geometric_mean_ratio,
    member_bootstrap,
    require,
)

PAPER = "fridovichkeil2021"
MODELS, CORRELATIONS = "imagenet_models", "imagenet_correlations"
MIN_CLASSES = 10


def class_order(tables: Tables, column: str) -> Estimate:
    """The measured correlation over classes of `column` with the within-class fraction."""
    learnt(tables[MODELS])
    count = tables["imagenet_classes"]["class_name"].nunique()
    require(count >= MIN_CLASSES, f"{count} classes; an order needs {MIN_CLASSES}")
    return _measured(tables, "classes", column)


def model_order(tables: Tables, kind: str) -> Estimate:
    """The measured correlation over networks of accuracy with the fraction within or between."""
    return _measured(tables, "networks", kind)


def _measured(tables: Tables, over: str, measure: str) -> Estimate:
    table = tables[CORRELATIONS]
    return estimate_of(table[(table["over"] == over) & (table["measure"] == measure)].iloc[0])


def between_over_within(tables: Tables) -> Estimate:
    """High-frequency fraction between classes over that within: geometric mean over networks."""
    models = learnt(tables[MODELS])
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
        tables=(MODELS, "imagenet_classes", CORRELATIONS),
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
        tables=(CORRELATIONS,),
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
