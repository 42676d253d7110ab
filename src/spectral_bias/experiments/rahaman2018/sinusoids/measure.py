"""What Figures 1, 2 and 10 of Rahaman et al. 2018 need from the runs of Experiment 1."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.measurements.tidy import long_table
from spectral_bias.spectra.fourier import single_sided_amplitude


def measured(job: MeasuringJob, snapshots: Sequence[int]) -> dict[str, pd.DataFrame]:
    """The tables of Figures 1, 2 and 10; all but the function hold both settings of amplitudes.

    The norms hold the setting "low" as well, networks that fit the low frequencies alone.

    Args:
        job: inputs equal, increasing and low, the runs of each setting.
        snapshots: iterations whose functions Figure 2 shows.
    """
    runs = {name: job.ensemble(name) for name in ("equal", "increasing")}

    def both(table: Callable[[FinishedRun], pd.DataFrame]) -> pd.DataFrame:
        parts = [table(run).assign(setting=name) for name, run in runs.items()]
        return pd.concat(parts, ignore_index=True)

    control = norms_table(job.ensemble("low")).assign(setting="low")
    return {
        "sinusoids_spectrum": both(spectrum_table),
        "sinusoids_norms": pd.concat([both(norms_table), control], ignore_index=True),
        "sinusoids_loss": both(loss_table),
        "sinusoids_function": function_table(runs["equal"], snapshots).assign(setting="equal"),
    }


def spectrum_table(run: FinishedRun) -> pd.DataFrame:
    """iteration, member, frequency, amplitude: single-sided amplitude over A_i, not clipped."""
    k = run.facts["frequencies"]
    amplitude = single_sided_amplitude(run.history["prediction"], k) / run.facts["amplitudes"]
    axes = _record_axes(run) | {"frequency": k.astype(int)}
    return long_table("amplitude", amplitude, axes)


def norms_table(run: FinishedRun) -> pd.DataFrame:
    """iteration, member, layer (1 is next to the input), spectral_norm."""
    norms = run.history["spectral_norm"]
    axes = _record_axes(run) | {"layer": range(1, norms.shape[2] + 1)}
    return long_table("spectral_norm", norms, axes)


def loss_table(run: FinishedRun) -> pd.DataFrame:
    """iteration, member, mse."""
    axes = {"iteration": run.history["loss_iteration"], "member": range(run.members)}
    return long_table("mse", run.history["loss"], axes)


def function_table(run: FinishedRun, iterations: Sequence[int]) -> pd.DataFrame:
    """iteration, z, target, prediction, member (0) at the given recorded iterations."""
    rows = np.searchsorted(run.history["record_iteration"], iterations)
    z, predictions = run.problem.inputs[:, 0], run.history["prediction"][rows, 0]
    table = long_table("prediction", predictions, {"iteration": iterations, "z": z})
    target = np.tile(run.problem.targets[0], len(iterations))
    return table.assign(target=target, member=0)


def _record_axes(run: FinishedRun) -> dict[str, Sequence]:
    return {"iteration": run.history["record_iteration"], "member": range(run.members)}
