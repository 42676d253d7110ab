"""What Figures 7, 8 and 9 of Rahaman et al. 2018 need from the runs of Experiments 5 and 6."""

import numpy as np
import pandas as pd

from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.measurements.evaluation import balanced_accuracy, outputs
from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.measurements.tidy import long_table
from spectral_bias.training.ensemble.metrics import relative_amplitude

BOX = 1.6
"""Half the side of the square of Figure 7, centred at 0; the curves reach 1.5."""


def regression(job: MeasuringJob) -> dict[str, pd.DataFrame]:
    """The tables of Figure 8."""
    run = job.ensemble("run")
    return {"manifold_spectrum": spectrum_table(run), "manifold_loss": loss_table(run)}


def classification(job: MeasuringJob, points: int) -> dict[str, pd.DataFrame]:
    """The tables of Figures 7 and 9; `points` along each axis of Figure 7."""
    job.limit_threads()
    run = job.ensemble("run")
    return {
        "manifold_accuracy": accuracy_table(run),
        "manifold_decision": decision_table(run, points),
        "manifold_samples": samples_table(run),
    }


def spectrum_table(run: FinishedRun) -> pd.DataFrame:
    """iteration, lobes (L), member (within one L), frequency, amplitude (over A_i, unclipped)."""
    axes = {
        "iteration": run.history["record_iteration"],
        "row": range(run.members),
        "frequency": run.facts["frequencies"].astype(int),
    }
    return _named(run, long_table("amplitude", relative_amplitude(run.history, run.facts), axes))


def loss_table(run: FinishedRun) -> pd.DataFrame:
    """iteration, lobes (L), member (number within one L), mse."""
    axes = {"iteration": run.history["loss_iteration"], "row": range(run.members)}
    return _named(run, long_table("mse", run.history["loss"], axes))


def _named(run: FinishedRun, table: pd.DataFrame) -> pd.DataFrame:
    row = table.pop("row").to_numpy()
    return table.assign(lobes=run.facts["lobes"][row], member=run.facts["number"][row])


def accuracy_table(run: FinishedRun) -> pd.DataFrame:
    """member (number within a cell), frequency, lobes (L), accuracy, balanced_accuracy.

    Accuracy: fraction of the training samples on the right side of logit 0, after the last update;
    for the balanced one see `balanced_accuracy`. Twins are left out, so that every cell has the
    same number of networks.
    """
    logits = outputs(run.parameters, run.shape, run.problem.inputs)
    labels = run.problem.targets > 0.5
    right = (logits > 0) == labels
    columns = {name: run.facts[name] for name in ("frequency", "lobes")}
    accuracies = {
        "accuracy": right.mean(axis=1),
        "balanced_accuracy": balanced_accuracy(right, labels),
    }
    table = pd.DataFrame({"member": run.facts["number"], **columns, **accuracies})
    return table[table["member"] < run.record["settings"]["n_runs"]]


def shown_members(run: FinishedRun) -> np.ndarray:
    """Rows of the two networks that Figure 7 compares: equal labels, different weights."""
    shown, twin = run.record["settings"]["decision"], run.record["settings"]["n_runs"]
    facts = run.facts
    cell = (facts["frequency"] == shown["frequency"]) & (facts["lobes"] == shown["lobes"])
    return np.flatnonzero(cell & np.isin(facts["number"], [0, twin]))


def decision_table(run: FinishedRun, points: int) -> pd.DataFrame:
    """network (0, 1), x2, x1, logit on points x points places over [-1.6, 1.6]^2."""
    axis = np.linspace(-BOX, BOX, points)
    x2, x1 = np.meshgrid(axis, axis, indexing="ij")
    inputs = np.stack([x1.ravel(), x2.ravel()], axis=1)
    logits = outputs(run.parameters[shown_members(run)], run.shape, inputs)
    axes = {"network": range(2), "x2": axis, "x1": axis}
    return long_table("logit", logits.reshape(2, points, points), axes)


def samples_table(run: FinishedRun) -> pd.DataFrame:
    """network (0, 1), x1, x2, label (0, 1), logit: the training samples of those networks."""
    rows = shown_members(run)
    inputs, labels = run.problem.inputs[rows], run.problem.targets[rows]
    logits = outputs(run.parameters[rows], run.shape, inputs)
    n = labels.shape[1]
    table = long_table("logit", logits, {"network": range(2), "sample": range(n)})
    x1, x2 = inputs.reshape(-1, 2).T
    return table.drop(columns="sample").assign(x1=x1, x2=x2, label=labels.ravel().astype(int))
