"""Claims on larger images (fridovichkeil2021, figures 14 and 15)."""

from functools import partial

from spectral_bias.claims.registry import Claim, OtherMeasure, Tables
from spectral_bias.experiments.fridovichkeil2021.fractions import column
from spectral_bias.experiments.fridovichkeil2021.imagenet.orders import (
    DIVERSITY,
    GIVEN,
    images_name,
    learnt,
    picked,
)
from spectral_bias.statistics import Estimate, estimate_of, log_ratio_interval, require

PAPER = "fridovichkeil2021"
MODELS, CLASSES, CORRELATIONS = "imagenet_models", "imagenet_classes", "imagenet_correlations"
MIN_CLASSES = 10
RAW = "raw fraction"
WINDOWED = {"hann": "Hann window", "chord_free": "without the chord"}


def class_order(tables: Tables, measure: str, fraction: str, given: str) -> Estimate:
    """The measured correlation over classes of a measure with the within-class fraction."""
    learnt(tables[MODELS])
    count = tables[CLASSES]["class_name"].nunique()
    require(count >= MIN_CLASSES, f"{count} classes; an order needs {MIN_CLASSES}")
    return estimate_of(picked(tables[CORRELATIONS], "classes", measure, fraction, given))


def model_order(tables: Tables, kind: str, fraction: str) -> Estimate:
    """The measured correlation over networks of accuracy with the fraction within or between."""
    return estimate_of(picked(tables[CORRELATIONS], "networks", kind, fraction, ""))


def between_over_within(tables: Tables, fraction: str) -> Estimate:
    """High-frequency fraction between classes over that within: geometric mean over networks."""
    models = learnt(tables[MODELS])
    values = [models[column(kind, fraction)].to_numpy(float) for kind in ("between", "within")]
    means = " and ".join(f"{value.mean():.4f}" for value in values)
    return log_ratio_interval(*values, f"{len(models)} networks, means {means}")


def subject(tables: Tables) -> str:
    """What the images are; see `images_name`."""
    return images_name(tables[CLASSES])


def _class_claim(measure: str, sign: str, why: str) -> Claim:
    def order(fraction: str, given: str = GIVEN) -> partial[Estimate]:
        return partial(class_order, measure=measure, fraction=fraction, given=given)

    return Claim(
        id=f"imagenet_diverse_classes_{measure}",
        paper=PAPER,
        statement="On {subject}, among classes of equal accuracy, learned functions have higher "
        f"frequencies within the more diverse ones; diversity: {DIVERSITY[measure]}.",
        figures=("fig15",),
        statistic="Spearman's correlation over classes, given the classes' test accuracy, of the "
        f"within-class high-frequency fraction with the {DIVERSITY[measure]} (-1 to 1), means over "
        "networks; interval by Fisher's z",
        threshold=0.0,
        threshold_reason=f"The claim is a direction, and 0 is where it turns. {why}",
        direction=sign,
        tables=(MODELS, CLASSES, CORRELATIONS),
        measure=order("raw"),
        unit="classes (what is claimed is about classes; all networks share them)",
        measure_name=RAW,
        others=(
            OtherMeasure("raw fraction, accuracy not held fixed", order("raw", "")),
            *(OtherMeasure(name, order(fraction)) for fraction, name in WINDOWED.items()),
        ),
        subject=subject,
    )


def _model_claim(kind: str, name: str, verb: str, sign: str) -> Claim:
    return Claim(
        id=f"imagenet_accuracy_{kind}",
        paper=PAPER,
        statement=f"On {{subject}}, the more accurate networks have {verb} frequencies {name} "
        "(claimed for interventions on CIFAR-10; here our extension to larger images).",
        figures=("fig14",),
        statistic="Spearman's correlation over networks of test accuracy with the high-frequency "
        f"fraction of paths {name} (-1 to 1); interval by Fisher's z",
        threshold=0.0,
        threshold_reason="The claim is a direction, and 0 is where it turns.",
        direction=sign,
        tables=(CORRELATIONS, CLASSES),
        measure=partial(model_order, kind=kind, fraction="raw"),
        unit="networks (each another architecture or training)",
        measure_name=RAW,
        others=tuple(
            OtherMeasure(label, partial(model_order, kind=kind, fraction=fraction))
            for fraction, label in WINDOWED.items()
        ),
        subject=subject,
    )


CLAIMS = (
    Claim(
        id="imagenet_lower_within_classes",
        paper=PAPER,
        statement="On {subject}, learned functions have lower frequencies near images of one class "
        "than between classes.",
        figures=("fig14",),
        statistic="High-frequency fraction of paths between classes over that of paths within "
        "(ratio, geometric mean over networks; t-interval of its logarithm)",
        threshold=1.0,
        threshold_reason="The claim is an order, and 1 is where it turns.",
        direction="above",
        tables=(MODELS, CLASSES),
        measure=partial(between_over_within, fraction="raw"),
        unit="networks (each another architecture or training; images and paths fixed)",
        measure_name=RAW,
        others=tuple(
            OtherMeasure(name, partial(between_over_within, fraction=fraction))
            for fraction, name in WINDOWED.items()
        ),
        subject=subject,
    ),
    _model_claim("between", "between classes", "higher", "above"),
    _model_claim("within", "within classes", "lower", "below"),
    _class_claim("pixel_distance", "above", "A larger distance means more diversity."),
    _class_claim(
        "feature_distance",
        "above",
        "A larger distance means more diversity; but a network computes its answers from these "
        "features, so that the two are close at hand.",
    ),
    _class_claim(
        "compressed_bytes",
        "below",
        "The more diverse the images, the more their mean is a blur, and the smaller its file.",
    ),
)
