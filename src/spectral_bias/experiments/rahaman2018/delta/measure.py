"""What Figures 14 to 18 of Rahaman et al. 2018 need from the runs of Experiment 7.

Magnitudes are two-sided, |f~(k)| with f~(k) = (1/N) sum_j f(z_j) exp(-2 pi i k j / N), at every
integer k with 0 < k < N/2. The target has |f~(k)| = 1/N there.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from spectral_bias.data.problem import Problem, read_problem
from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.measurements.tidy import long_table
from spectral_bias.spectra.fourier import single_sided_amplitude

SETTING = ["depth", "width", "weight_clip"]


def target(job: MeasuringJob) -> dict[str, pd.DataFrame]:
    """The tables of Figure 14, from the data of any run: nothing is trained for them."""
    problem, _, _ = read_problem(job.file("problem"))
    return {
        "delta_target": target_table(problem),
        "delta_target_spectrum": target_spectrum_table(problem),
    }


def sweep(
    job: MeasuringJob, name: str, tables: Sequence[str], networks: Sequence[Mapping[str, float]]
) -> dict[str, pd.DataFrame]:
    """Some tables of one sweep.

    Args:
        job: input runs, one after another.
        name: depth, width or clip, part of the names of the tables.
        tables: any of spectrum, share and function.
        networks: depth, width and weight_clip of each setting of the sweep.
    """
    made = {"spectrum": spectrum_table, "share": share_table, "function": function_table}
    runs = job.ensembles("runs")
    return {f"delta_{name}_{table}": of_sweep(map(made[table], runs), networks) for table in tables}


def frequencies(n_points: int) -> np.ndarray:
    """All integers k with 0 < k < N/2."""
    return np.arange(1, (n_points + 1) // 2)


def magnitudes(samples: np.ndarray) -> np.ndarray:
    """|f~(k)|, (..., K), of samples (..., N) at the K frequencies of `frequencies(N)`."""
    return single_sided_amplitude(samples, frequencies(samples.shape[-1])) / 2


def bands(n_points: int) -> dict[str, np.ndarray]:
    """Masks over `frequencies(N)`: the lower and the upper half of the band, divided at N/4."""
    upper = frequencies(n_points) > n_points / 4
    return {"low": ~upper, "high": upper}


def target_table(problem: Problem) -> pd.DataFrame:
    """z, target."""
    return pd.DataFrame({"z": problem.inputs[:, 0], "target": problem.targets[0]})


def target_spectrum_table(problem: Problem) -> pd.DataFrame:
    """frequency, magnitude of the target."""
    k = frequencies(problem.n_samples)
    return pd.DataFrame({"frequency": k, "magnitude": magnitudes(problem.targets[0])})


def spectrum_table(run: FinishedRun) -> pd.DataFrame:
    """depth, width, weight_clip, iteration, frequency, magnitude: mean over the members of one K.

    The mean is taken here since single members at all frequencies would fill 100 MB.
    """
    parts = []
    for clip, rows in _rows_by_clip(run).items():
        mean = magnitudes(run.history["prediction"][:, rows]).mean(axis=1)
        axes = {
            "iteration": run.history["record_iteration"],
            "frequency": frequencies(run.problem.n_samples),
        }
        parts.append(long_table("magnitude", mean, axes).assign(weight_clip=clip))
    return _with_shape(run, pd.concat(parts, ignore_index=True))


def share_table(run: FinishedRun) -> pd.DataFrame:
    """depth, width, weight_clip, parameters, member, iteration, band (low, high), share.

    The fraction of a band is the mean over its k of |f~(k)| over the target's, each ratio clipped
    at 1 so that what overshoots at one frequency does not make up for what lacks at another.
    """
    target = magnitudes(run.problem.targets[0])
    reached = np.minimum(magnitudes(run.history["prediction"]) / target, 1.0)
    shares = {n: reached[..., k].mean(axis=-1) for n, k in bands(run.problem.n_samples).items()}
    axes = {
        "iteration": run.history["record_iteration"],
        "row": range(run.members),
        "band": list(shares),
    }
    table = long_table("share", np.stack(list(shares.values()), axis=-1), axes)
    row = table.pop("row").to_numpy()
    table["member"] = run.facts["number"][row]
    table["weight_clip"] = run.problem.weight_clip[row]
    return _with_shape(run, table.assign(parameters=run.shape.n_parameters))


def function_table(run: FinishedRun) -> pd.DataFrame:
    """depth, width, weight_clip, iteration, z, prediction of the first member of each K."""
    parts = []
    for clip, rows in _rows_by_clip(run).items():
        first = rows[run.facts["number"][rows] == 0][0]
        axes = {"iteration": run.history["record_iteration"], "z": run.problem.inputs[:, 0]}
        table = long_table("prediction", run.history["prediction"][:, first], axes)
        parts.append(table.assign(weight_clip=clip))
    return _with_shape(run, pd.concat(parts, ignore_index=True))


def of_sweep(
    tables: Iterable[pd.DataFrame], networks: Iterable[Mapping[str, float]]
) -> pd.DataFrame:
    """The rows of `tables` whose (depth, width, weight_clip) is one of `networks`."""
    wanted = pd.DataFrame(list(networks))[SETTING]
    return pd.concat(tables, ignore_index=True).merge(wanted, on=SETTING)


def _rows_by_clip(run: FinishedRun) -> dict[float, np.ndarray]:
    clips = run.problem.weight_clip
    return {float(clip): np.flatnonzero(clips == clip) for clip in np.unique(clips)}


def _with_shape(run: FinishedRun, table: pd.DataFrame) -> pd.DataFrame:
    table = table.assign(depth=run.shape.depth, width=run.shape.width)
    return table[SETTING + [name for name in table if name not in SETTING]]
