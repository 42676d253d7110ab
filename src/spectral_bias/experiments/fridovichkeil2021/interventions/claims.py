"""Claims on interventions (fridovichkeil2021, figures 5 to 10): accuracy against frequency."""

from functools import partial

import numpy as np
import pandas as pd

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.experiments.fridovichkeil2021.baseline import MIN_ACCURACY, PAPER
from spectral_bias.experiments.fridovichkeil2021.interventions.models import (
    ALL,
    KINDS,
    compared,
    order,
)
from spectral_bias.statistics import Estimate, estimate_of, require

TABLES = ("intervention_models", "intervention_correlations")
FIGURES = {
    "architecture": "fig05",
    "train_size": "fig06",
    "augmentation": "fig07",
    "distillation": "fig08",
    "weight_decay": "fig09",
}
"""Interventions and the figure that shows each."""


def require_learnt(models: pd.DataFrame) -> None:
    """Raises UndecidedError unless some model classifies half of the test images correctly."""
    best = models["test_accuracy"].max() if len(models) else 0.0
    require(
        best >= MIN_ACCURACY,
        f"the best model classifies {100 * best:.0f} % of the test images correctly, where a "
        f"function that has learnt the classes needs at least {100 * MIN_ACCURACY:.0f} %",
        models["run"].nunique(),
    )


def measured_order(tables: Tables, kind: str, intervention: str, y: str) -> Estimate:
    """Rank correlation of `y` with the fraction of `kind` ("between" or "within"), as measured."""
    require_learnt(tables["intervention_models"])
    table = tables["intervention_correlations"]
    wanted = (table["intervention"] == intervention) & (table["kind"] == kind) & (table["y"] == y)
    return estimate_of(table[wanted].iloc[0])


def readiness_order(tables: Tables) -> Estimate:
    """Rank correlation of test accuracy with the minimum noise fitting, mean over frequencies.

    Frequencies are those of radial waves that every model was trained on. A model's accuracy is
    that of the same network trained without noise.
    """
    found = compared(tables["intervention_models"], ALL)
    require_learnt(found)
    minima = tables["noise_minima"]
    radial = (minima["kind"] == "radial") & minima["noise_class"].isna()
    minima = minima[minima["trained"].astype(bool) & radial & minima["base"].isin(found["run"])]
    grid = minima.pivot_table(index="base", columns="frequency", values="noise_fitting")
    whole = grid.dropna(axis="columns")
    require(whole.shape[1] > 0, "no frequency was fitted by all models", len(grid))
    rows = found.merge(whole.mean(axis=1).rename("readiness"), left_on="run", right_index=True)
    result = order(rows, "test_accuracy", "readiness")
    frequencies = ", ".join(f"{f:g}" for f in np.sort(whole.columns))
    return Estimate(
        result.value, result.ci_low, result.ci_high, result.n_runs,
        f"f = {frequencies}; {result.note}",
    )  # fmt: skip


ZERO = (
    "The paper claims a tendency, and 0 is where the order turns. The interval includes 0 unless "
    "fewer than one in twenty permutations show so strong an order, so that five models never "
    "decide."
)
INTERVAL = "(-1 to 1, no unit; interval over models by Fisher's z)"
EFFECTS = {
    "between": ("above", "higher", "overall, on paths between classes"),
    "within": ("below", "lower", "near examples of each class, on paths within classes"),
}
SUBJECTS = {
    "architecture": "Architectures that are more accurate",
    "train_size": "Larger training sets, which are more accurate,",
    "augmentation": "Data augmentations that improve accuracy",
    "distillation": "Self-distillations that improve accuracy",
    "weight_decay": "Weight decays that improve accuracy",
}


def _claim(kind: str, intervention: str | None) -> Claim:
    direction, word, where = EFFECTS[kind]
    subject = SUBJECTS[intervention] if intervention else "Interventions that improve test accuracy"
    what = "networks" if intervention else "all networks of figures 5 to 9, each once"
    figures = (FIGURES[intervention], "fig10") if intervention else ("fig10",)
    return Claim(
        id=f"{intervention or 'interventions'}_{kind}_class_frequency",
        paper=PAPER,
        statement=f"{subject} give functions of {word} frequency {where}.",
        figures=figures,
        statistic="Spearman's rank correlation between test accuracy and the high-frequency "
        f"fraction on paths {kind} classes, over {what} {INTERVAL}",
        threshold=0.0,
        threshold_reason=ZERO,
        direction=direction,
        tables=TABLES,
        measure=partial(
            measured_order, kind=kind, intervention=intervention or ALL, y="test_accuracy"
        ),
    )


CLAIMS = (
    *(_claim(kind, intervention) for intervention in (None, *FIGURES) for kind in KINDS),
    Claim(
        id="accurate_models_fit_noise_less_readily",
        paper=PAPER,
        statement="Networks of higher test accuracy fit radial waves on the labels less readily "
        "(our reading of 'lower frequencies near examples of each class': a wave is fitted by "
        "changes among images of one class; the abstract does not speak of noise fitting).",
        figures=("fig05", "fig06", "fig07", "fig08", "fig09"),
        statistic="Spearman's rank correlation between test accuracy without noise and minimum "
        "noise fitting (mean over the frequencies that all have; it is lower also where a network "
        f"is surer of its classes), over all networks of figures 5 to 9, each once {INTERVAL}",
        threshold=0.0,
        threshold_reason=ZERO,
        direction="below",
        tables=(*TABLES, "noise_minima"),
        measure=readiness_order,
    ),
)
