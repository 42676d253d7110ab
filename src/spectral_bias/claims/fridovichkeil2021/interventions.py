"""Claims on interventions (fridovichkeil2021, figures 4 to 10): accuracy against frequency.

A model is one trained network; over training time it is the baseline after one epoch.
"""

from functools import partial

import numpy as np
import pandas as pd

from spectral_bias.claims.fridovichkeil2021.baseline import MIN_ACCURACY, PAPER
from spectral_bias.claims.registry import Claim, Estimate, Tables
from spectral_bias.claims.statistics import rank_correlation, require

TABLES = ("interventions", "interpolation_summary")
TRAINING_TIME = "training_time"
FIGURES = {
    "architecture": "fig05",
    "train_size": "fig06",
    "augmentation": "fig07",
    "distillation": "fig08",
    "weight_decay": "fig09",
    TRAINING_TIME: "fig04",
}
"""Interventions and the figure that shows each."""
KINDS = ("between", "within")

MEASURED = ["test_accuracy", "shifted_accuracy", "between_fraction", "within_fraction"]


def models(tables: Tables) -> pd.DataFrame:
    """One row for each variant of each intervention, at its last epoch, and for training time.

    Training time is a run of which several epochs were measured, without the untrained network
    (epoch 0), which is the result of no intervention. Variants that were not measured are left
    out. A run that belongs to several interventions has a row in each.

    Returns:
        Columns intervention, variant, run, epoch and `MEASURED` (accuracies and fractions, 0 to 1).
    """
    table, summary = tables["interventions"], tables["interpolation_summary"]
    last = summary.sort_values("epoch").drop_duplicates("run", keep="last")
    rows = table[table["intervention"].isin(list(FIGURES))]
    variants = rows[["intervention", "variant", "run"]].merge(last, on="run")
    several = summary.groupby("run")["epoch"].transform("nunique") > 1
    epochs = summary[several & (summary["epoch"] > 0)].sort_values(["run", "epoch"])
    names = "epoch " + epochs["epoch"].astype(str)
    epochs = epochs.assign(intervention=TRAINING_TIME, variant=names)
    found = pd.concat([variants, epochs] if len(epochs) else [variants], ignore_index=True)
    return found[["intervention", "variant", "run", "epoch", *MEASURED]]


def compared(models: pd.DataFrame, intervention: str | None) -> pd.DataFrame:
    """The models of one intervention; None is all trained networks, every one once.

    Training time has no part in "all": its epochs are stages of a single network.
    """
    if intervention is None:
        trained = models[models["intervention"] != TRAINING_TIME]
        return trained.drop_duplicates("run")
    return models[models["intervention"] == intervention].drop_duplicates(["run", "epoch"])


def order(rows: pd.DataFrame, x: str, y: str) -> Estimate:
    """Rank correlation of the columns x and y over the models in `rows`.

    Raises:
        UndecidedError: see `rank_correlation`.
    """
    low, high = 100 * rows["test_accuracy"].min(), 100 * rows["test_accuracy"].max()
    note = f"{len(rows)} models, test accuracy {low:.1f} to {high:.1f} %"
    return rank_correlation(rows[x].to_numpy(), rows[y].to_numpy(), note, rows["run"].nunique())


def require_learnt(models: pd.DataFrame) -> None:
    """Raises UndecidedError unless some model is right about half of the test images."""
    best = models["test_accuracy"].max() if len(models) else 0.0
    require(
        best >= MIN_ACCURACY,
        f"the best model is right about {100 * best:.0f} % of the test images, where a function "
        f"that has learnt the classes needs at least {100 * MIN_ACCURACY:.0f} %",
        models["run"].nunique(),
    )


def accuracy_order(tables: Tables, kind: str, intervention: str | None) -> Estimate:
    """Rank correlation of test accuracy with the fraction of `kind` ("between" or "within")."""
    found = models(tables)
    require_learnt(found)
    return order(compared(found, intervention), "test_accuracy", f"{kind}_fraction")


def readiness_order(tables: Tables) -> Estimate:
    """Rank correlation of test accuracy with the minimum noise fitting, mean over frequencies.

    Frequencies are those of radial waves that every model was trained on. A model's accuracy is
    that of the same network trained without noise.
    """
    found = compared(models(tables), None)
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
    "fewer than one in twenty permutations show so strong an order, so that four models never "
    "decide."
)
INTERVAL = "(-1 to 1, no unit; interval over resampled models)"
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
        measure=partial(accuracy_order, kind=kind, intervention=intervention),
    )


CLAIMS = (
    *(
        _claim(kind, intervention)
        for intervention in (None, *FIGURES)
        if intervention != TRAINING_TIME  # one network: see the claims of `training_time`
        for kind in KINDS
    ),
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
