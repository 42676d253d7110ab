"""All networks of Figures 5 to 9 with their accuracy and frequency, and rank correlations of both.

A model is one trained network; over training time it is the baseline after one epoch.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.statistics import Estimate, estimate_row, rank_correlation

TRAINING_TIME = "training_time"
INTERVENTIONS = (
    *("architecture", "train_size", "augmentation", "distillation", "weight_decay"),
    TRAINING_TIME,
)
ALL = "all networks"
"""Every trained network once; epochs of one training have no part in it."""
KINDS = ("between", "within")
MEASURED = ["test_accuracy", "shifted_accuracy", "between_fraction", "within_fraction"]
SLOPE, OFFSET = 0.8318, -0.4736
"""Of the line through CIFAR-10.1 accuracies, in logits (Fridovich-Keil et al. 2021)."""
CORRELATED = ("shifted_accuracy", "effective_robustness")


def measured(
    job: MeasuringJob, interventions: Sequence[Mapping[str, Any]]
) -> dict[str, pd.DataFrame]:
    """The tables of Figures 10 and 16.

    Args:
        job: input interpolation_summary, of all networks that are compared.
        interventions: rows with intervention, variant, value, run.

    Returns:
        intervention_models, see `models`, with effective_robustness; intervention_correlations,
        one row for each intervention (or `ALL`), kind of paths and y: Spearman's correlation of y
        and the high-frequency fraction, columns as in `statistics.estimate_row`, and n_models.
    """
    rows = pd.DataFrame(interventions, columns=["intervention", "variant", "value", "run"])
    found = models(rows, job.table("interpolation_summary"))
    return {
        "intervention_models": found,
        "intervention_correlations": pd.DataFrame(correlations(found)),
    }


def models(interventions: pd.DataFrame, summary: pd.DataFrame) -> pd.DataFrame:
    """One row for each variant of each intervention, at its last epoch, and for training time.

    Training time is a run of which several epochs were measured, without the untrained network
    (epoch 0), which is the result of no intervention. Variants that were not measured are left
    out. A run that belongs to several interventions has a row in each.

    Returns:
        Columns intervention, variant, run, epoch, `MEASURED` (accuracies and fractions, 0 to 1) and
        effective_robustness.
    """
    last = summary.sort_values("epoch").drop_duplicates("run", keep="last")
    rows = interventions[interventions["intervention"].isin(INTERVENTIONS)]
    variants = rows[["intervention", "variant", "run"]].merge(last, on="run")
    several = summary.groupby("run")["epoch"].transform("nunique") > 1
    epochs = summary[several & (summary["epoch"] > 0)].sort_values(["run", "epoch"])
    names = "epoch " + epochs["epoch"].astype(str)
    epochs = epochs.assign(intervention=TRAINING_TIME, variant=names)
    found = pd.concat([variants, epochs] if len(epochs) else [variants], ignore_index=True)
    found = found[["intervention", "variant", "run", "epoch", *MEASURED]]
    robust = effective_robustness(found["shifted_accuracy"], found["test_accuracy"])
    return found.assign(effective_robustness=robust)


def compared(models: pd.DataFrame, intervention: str) -> pd.DataFrame:
    """The models of one intervention, or of `ALL`."""
    if intervention == ALL:
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


def correlations(models: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Rows of the table intervention_correlations, see `measured`."""
    wanted = [*product((ALL, *INTERVENTIONS), KINDS, ["test_accuracy"])]
    wanted += [*product([ALL], KINDS, CORRELATED)]
    for intervention, kind, y in wanted:
        rows, x = compared(models, intervention), f"{kind}_fraction"
        pair = (y, x) if y == "test_accuracy" else (x, y)
        row = estimate_row(lambda rows=rows, pair=pair: order(rows, *pair))
        yield {"intervention": intervention, "kind": kind, "y": y, **row, "n_models": len(rows)}


def expected(clean: np.ndarray) -> np.ndarray:
    """Accuracy on CIFAR-10.1 that goes with the accuracy `clean` on CIFAR-10, both in [0, 1]."""
    return expit(SLOPE * logit(clean) + OFFSET)


def effective_robustness(shifted: np.ndarray, clean: np.ndarray) -> np.ndarray:
    """How far the accuracy on shifted images is above `expected`, in [-1, 1]."""
    return shifted - expected(clean)
