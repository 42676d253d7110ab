"""All networks of Figures 5 to 9 with their accuracy and frequency, and rank correlations of both.

A model is one trained network. It counts once in every intervention that it is part of: the
baseline, with all its seeds, in each of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from spectral_bias.experiments.fridovichkeil2021.fractions import FRACTIONS, column, last_epoch
from spectral_bias.experiments.fridovichkeil2021.purposes import INTERVENTIONS
from spectral_bias.figures import published
from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.statistics import (
    Estimate,
    estimate_row,
    partial_rank_correlation,
    rank_correlation,
    require,
    stratified_rank_correlation,
)

ALL = "all networks"
KINDS = ("between", "within")
SHIFTED = "cifar10.1"
"""The images of another distribution for which the paper gives the line."""
SLOPE, OFFSET = 0.8318, -0.4736
"""Of the line through CIFAR-10.1 accuracies, in logits (Fridovich-Keil et al. 2021)."""
FIXED = {"": "", "intervention": "within interventions", "test_accuracy": "given test accuracy"}
"""What is held fixed in a correlation."""
ORDERS = (
    ("test_accuracy", "intervention"),
    ("shifted_accuracy", ""),
    ("shifted_accuracy", "test_accuracy"),
    ("effective_robustness", ""),
    ("own_robustness", ""),
)
"""What the fractions of all networks are correlated with, and what is held fixed."""
VALUES = [
    *("test_accuracy", "shifted_accuracy"),
    *(column(kind, measure) for kind in KINDS for measure in FRACTIONS),
    *(f"{kind}_confidence" for kind in KINDS),
]
MODELS = ["intervention", "variant", "value", "seed", "run", "epoch", *VALUES]
MATCHED = ["intervention", "variant", "run", "epoch", *VALUES, "reached", "usual_accuracy"]


def measured(
    job: MeasuringJob,
    interventions: Sequence[Mapping[str, Any]],
    matched: Sequence[Mapping[str, Any]],
    stop: Mapping[str, Any],
    epochs: int,
    source: str,
    shift: str,
) -> dict[str, pd.DataFrame]:
    """The tables of Figures 10 and 16.

    Args:
        job: input interpolation_summary, of all networks that are compared.
        interventions: rows with intervention, variant, value, seed, run.
        matched: rows with intervention, variant, run, of trainings that end early.
        stop: the accuracy (or loss) at which they end, see `matched_models`.
        epochs: the length of all other trainings.
        source: of the images.
        shift: source of the shifted test images.

    Returns:
        intervention_models, see `models`; intervention_correlations, see `correlations`;
        matched_models; published_agreement, see `published.distances`.
    """
    summary = job.table("interpolation_summary")
    rows = pd.DataFrame(interventions, columns=["intervention", "variant", "value", "seed", "run"])
    found = models(rows, summary, shift)
    ends = pd.DataFrame(matched, columns=["intervention", "variant", "run"])
    comparable = source == "cifar10"
    return {
        "intervention_models": found,
        "intervention_correlations": pd.DataFrame(correlations(found)),
        "matched_models": matched_models(ends, summary, found, stop, epochs),
        "published_agreement": published.distances(summary if comparable else summary.iloc[:0]),
    }


def models(interventions: pd.DataFrame, summary: pd.DataFrame, shift: str) -> pd.DataFrame:
    """One row for each network of each intervention, after its last epoch.

    Networks that were not measured are left out.

    Args:
        interventions: rows with intervention, variant, value, seed, run.
        summary: the table interpolation_summary.
        shift: source of the shifted test images.

    Returns:
        `MODELS`, then effective_robustness, above the paper's line, which only holds for
        CIFAR-10.1 (NaN for other images), and own_robustness, above a line through these networks.
    """
    rows = interventions[interventions["intervention"].isin(INTERVENTIONS)]
    found = rows.merge(last_epoch(summary), on="run")[MODELS]
    clean, shifted = found["test_accuracy"], found["shifted_accuracy"]
    once = found.drop_duplicates("run")
    line = fitted_line(once["test_accuracy"], once["shifted_accuracy"])
    theirs = effective_robustness(shifted, clean)
    return found.assign(
        effective_robustness=theirs if shift == SHIFTED else np.nan,
        own_robustness=effective_robustness(shifted, clean, line),
    )


def matched_models(
    matched: pd.DataFrame,
    summary: pd.DataFrame,
    models: pd.DataFrame,
    stop: Mapping[str, Any],
    epochs: int,
) -> pd.DataFrame:
    """The extremes of each intervention, trained until all are as accurate.

    Args:
        matched: rows with intervention, variant, run.
        summary: the table interpolation_summary.
        models: the table intervention_models.
        stop: test_accuracy or training_loss at which training ends.
        epochs: after which it ends in any case.

    Returns:
        `MATCHED`: reached, whether training ended for that reason; usual_accuracy, mean of the same
        variant's networks that were trained to the end.
    """
    found = matched.merge(last_epoch(summary), on="run")
    usual = models.groupby(["intervention", "variant"])["test_accuracy"].mean()
    found = found.join(usual.rename("usual_accuracy"), on=["intervention", "variant"])
    wanted = stop["test_accuracy"]
    late = found["test_accuracy"] >= (np.inf if wanted is None else wanted)
    return found.assign(reached=(found["epoch"] < epochs) | late)[MATCHED]


def compared(models: pd.DataFrame, intervention: str = ALL) -> pd.DataFrame:
    """The models of one intervention, or every network once."""
    if intervention == ALL:
        return models.drop_duplicates("run")
    return models[models["intervention"] == intervention]


def note_of(rows: pd.DataFrame) -> str:
    """ "23 networks, test accuracy 61.2 to 78.0 %"."""
    low, high = 100 * rows["test_accuracy"].min(), 100 * rows["test_accuracy"].max()
    return f"{rows['run'].nunique()} networks, test accuracy {low:.1f} to {high:.1f} %"


def order(models: pd.DataFrame, fraction: str, y: str, given: str) -> Estimate:
    """Rank correlation of two columns over networks.

    Args:
        models: those that are compared.
        fraction: one column.
        y: the other.
        given: what is held fixed, a key of `FIXED`; with "intervention" the correlation is within
            interventions, and a network counts once in each.

    Raises:
        UndecidedError: there are no values, or see the statistics.
    """
    rows = models if given == "intervention" else compared(models)
    count = rows["run"].nunique()
    require(bool(rows[y].notna().any()), f"no {y.replace('_', ' ')} was measured", count)
    values = [rows[name].to_numpy(dtype=float) for name in (y, fraction)]
    note = note_of(rows)
    if given == "intervention":
        return stratified_rank_correlation(*values, rows[given].to_numpy(), note, count)
    if given:
        return partial_rank_correlation(*values, rows[given].to_numpy(dtype=float), note, count)
    return rank_correlation(*values, note, count)


def correlations(models: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Rows of the table intervention_correlations.

    Returns:
        intervention or `ALL`, kind of paths, measure (of `FRACTIONS`), y, given (see `order`), the
        columns of `statistics.estimate_row`, and n_models.
    """
    single = product(INTERVENTIONS, [("test_accuracy", "")])
    for (intervention, (y, given)), kind, measure in product(
        [*product([ALL], ORDERS), *single], KINDS, FRACTIONS
    ):
        rows = models if intervention == ALL else compared(models, intervention)
        row = estimate_row(
            lambda r=rows, k=kind, m=measure, y=y, g=given: order(r, column(k, m), y, g)
        )
        facts = {"intervention": intervention, "kind": kind, "measure": measure}
        count = rows["run"].nunique()
        yield {**facts, "y": y, "given": given, **row, "n_models": count}


def fitted_line(clean: np.ndarray, shifted: np.ndarray) -> tuple[float, float]:
    """Slope and offset of the line through accuracies on the scale of logits (least squares).

    NaN where fewer than three networks have accuracies, strictly between 0 and 1, that differ.
    """
    clean, shifted = np.asarray(clean, dtype=float), np.asarray(shifted, dtype=float)
    inner = (clean > 0) & (clean < 1) & (shifted > 0) & (shifted < 1)
    if inner.sum() < 3 or np.ptp(clean[inner]) == 0:
        return np.nan, np.nan
    slope, offset = np.polyfit(logit(clean[inner]), logit(shifted[inner]), 1)
    return float(slope), float(offset)


def expected(clean: np.ndarray, line: tuple[float, float] = (SLOPE, OFFSET)) -> np.ndarray:
    """Accuracy on shifted images that goes with the accuracy `clean` on usual ones, in [0, 1].

    The line is the paper's, for CIFAR-10.1, unless another is given.
    """
    slope, offset = line
    return expit(slope * logit(clean) + offset)


def effective_robustness(
    shifted: np.ndarray, clean: np.ndarray, line: tuple[float, float] = (SLOPE, OFFSET)
) -> np.ndarray:
    """How far the accuracy on shifted images is above `expected`, in [-1, 1]."""
    return shifted - expected(clean, line)
