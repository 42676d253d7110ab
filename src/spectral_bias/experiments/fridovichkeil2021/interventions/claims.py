"""Claims on interventions (fridovichkeil2021, figures 5 to 10): accuracy against frequency.

Of every intervention two variants, named in the settings (cifar10.extremes), are trained several
times: networks of the more accurate one are compared with those of the other, seed by seed. Over
all networks, ranks are compared within interventions.
"""

from functools import partial

import pandas as pd

from spectral_bias.claims.registry import Claim, OtherMeasure, Tables
from spectral_bias.experiments.fridovichkeil2021.baseline import MIN_ACCURACY, PAPER
from spectral_bias.experiments.fridovichkeil2021.fractions import column
from spectral_bias.experiments.fridovichkeil2021.interventions.extremes import (
    UNIT,
    accuracies_text,
    by_accuracy,
    means_text,
    names_of,
)
from spectral_bias.experiments.fridovichkeil2021.interventions.models import ALL, KINDS
from spectral_bias.statistics import Estimate, estimate_of, paired_difference, require

MODELS = ("intervention_models", "intervention_correlations")
EXTREMES = ("extremes", "classifiers", "interpolation_summary")
FIGURES = {
    "architecture": "fig05",
    "train_size": "fig06",
    "augmentation": "fig07",
    "distillation": "fig08",
    "weight_decay": "fig09",
}
"""Interventions and the figure that shows each."""
MARGIN = 0.005
"""Of a fraction: two measurements of one network with other paths differ by as much (25 paths
within each class), so that less cannot be told."""
NAMES = {"raw": "raw fraction", "hann": "Hann window", "chord_free": "without the chord"}
EFFECTS = {
    "between": ("above", "higher", "overall, on paths between classes"),
    "within": ("below", "lower", "near examples of each class, on paths within classes"),
}
VARIANTS = {
    "architecture": "architectures",
    "train_size": "numbers of training images",
    "augmentation": "data augmentations",
    "distillation": "self-distillations",
    "weight_decay": "weight decays",
}


def require_learnt(models: pd.DataFrame) -> None:
    """Raises UndecidedError unless some model classifies half of the test images correctly."""
    best = models["test_accuracy"].max() if len(models) else 0.0
    require(
        best >= MIN_ACCURACY,
        f"the best model classifies {100 * best:.0f} % of the test images correctly, where a "
        f"function that has learnt the classes needs at least {100 * MIN_ACCURACY:.0f} %",
        models["run"].nunique(),
    )


def paired_fractions(tables: Tables, intervention: str, kind: str, measure: str) -> Estimate:
    """Fraction of the more accurate extreme minus that of the other, over seeds.

    Raises:
        UndecidedError: see `by_accuracy` and `paired_difference`.
    """
    pairs, name = by_accuracy(tables, intervention), column(kind, measure)
    note = f"{means_text(pairs, [name])}; {accuracies_text(pairs)}"
    values = (part[name].to_numpy(dtype=float) for part in (pairs.first, pairs.second))
    return paired_difference(*values, note, pairs.count)


def measured_order(
    tables: Tables, kind: str, measure: str, y: str = "test_accuracy", given: str = "intervention"
) -> Estimate:
    """Rank correlation over all networks of `y` with a fraction, as measured; see `models.order`.

    Raises:
        UndecidedError: no network has learnt the classes, or there is no correlation.
    """
    require_learnt(tables["intervention_models"])
    table = tables["intervention_correlations"]
    wanted = {"intervention": ALL, "kind": kind, "measure": measure, "y": y}
    for name, value in wanted.items():
        table = table[table[name] == value]
    # An empty text comes back from a file as NaN.
    return estimate_of(table[table["given"].fillna("") == given].iloc[0])


ZERO = "The paper claims a tendency, and 0 is where the order turns."
CHANCE = (
    f"{ZERO} The interval includes 0 unless fewer than one in twenty permutations show so strong "
    "an order."
)
SMALL = (
    f"{ZERO} Less than {MARGIN:g} is within the resolution of the paths and too little to count."
)


def _paired(kind: str, intervention: str) -> Claim:
    direction, word, where = EFFECTS[kind]

    def measure(name: str) -> partial[Estimate]:
        return partial(paired_fractions, intervention=intervention, kind=kind, measure=name)

    return Claim(
        id=f"{intervention}_{kind}_class_frequency",
        paper=PAPER,
        statement=f"Of the two extreme {VARIANTS[intervention]} ({{subject}}) the more accurate "
        f"gives functions of {word} frequency {where}.",
        figures=(FIGURES[intervention], "fig10"),
        statistic=f"High-frequency fraction on paths {kind} classes of networks of the more "
        "accurate extreme minus that of the other, in pairs by seed (-1 to 1, no unit; t-interval "
        "over seeds, classes and paths fixed)",
        threshold=0.0,
        threshold_reason=SMALL,
        direction=direction,
        tables=EXTREMES,
        measure=measure("raw"),
        margin=MARGIN,
        unit=UNIT,
        measure_name=NAMES["raw"],
        others=tuple(OtherMeasure(NAMES[name], measure(name)) for name in ("hann", "chord_free")),
        subject=partial(names_of, intervention=intervention),
    )


def _pooled(kind: str) -> Claim:
    direction, word, where = EFFECTS[kind]
    return Claim(
        id=f"interventions_{kind}_class_frequency",
        paper=PAPER,
        statement="Within interventions (architecture, training images, augmentation, "
        "self-distillation, weight decay) networks of higher test accuracy have functions of "
        f"{word} frequency {where}.",
        figures=("fig10",),
        statistic="Spearman's rank correlation within interventions of test accuracy and the "
        f"high-frequency fraction on paths {kind} classes, over all networks of figures 5 to 9 "
        "with their seeds (-1 to 1, no unit; interval by Fisher's z)",
        threshold=0.0,
        threshold_reason=CHANCE,
        direction=direction,
        tables=MODELS,
        measure=partial(measured_order, kind=kind, measure="raw"),
        unit="networks (each once in every intervention that it is part of)",
        measure_name=NAMES["raw"],
        others=tuple(
            OtherMeasure(NAMES[name], partial(measured_order, kind=kind, measure=name))
            for name in ("hann", "chord_free")
        ),
    )


CLAIMS = (
    *(_pooled(kind) for kind in KINDS),
    *(_paired(kind, intervention) for intervention in FIGURES for kind in KINDS),
)
