"""What Figure 27 needs: tangent kernels of networks along training, and what each of them predicts.

Amplitudes are single-sided, divided by the target's. The prediction from the kernel of iteration s
starts from the outputs that the network has at s, and is that of gradient descent; along the few
eigenvectors in which that would diverge (later in training: the edge of stability) it is that of
gradient flow, since all frequencies would else be lost in what the network never does.

Shape suffixes: S kernels, M members, T records, U updates, K frequencies, N samples.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import torch
from torch.nn.utils import vector_to_parameters

from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.measurements.tidy import long_table
from spectral_bias.models.mlp import mlp
from spectral_bias.spectra.fourier import single_sided_amplitude
from spectral_bias.spectra.kernels import eigenvectors, fourier_shares
from spectral_bias.spectra.tangent_kernel import (
    alignment,
    contraction_rates,
    linearised_outputs,
    mode_quotients,
    tangent_kernel,
)
from spectral_bias.statistics import t_half

CURVE_POINTS = 120
"""Records of a curve that the table keeps, evenly spaced in the logarithm of the iteration."""
HORIZON, HORIZON_POINTS = 10**9, 3000
"""Predicted times are sought up to so many updates, in steps of 0.7 %."""


def measured(job: MeasuringJob, tolerance: float) -> dict[str, pd.DataFrame]:
    """The tables of Figure 27.

    Args:
        job: inputs sgd and adam, runs of the same networks and targets.
        tolerance: the prediction of a frequency has failed once its component is off by more than
            this fraction of the target's.
    """
    job.limit_threads()
    runs = {name: job.ensemble(name) for name in ("sgd", "adam")}
    kernels = {name: kernels_of(run) for name, run in runs.items()}
    both = {
        "kernel_prediction_rates": rates_table,
        "kernel_prediction_eigenvalues": eigenvalues_table,
        "kernel_prediction_kernels": kernels_table,
    }
    made = {
        name: pd.concat(
            [table(run, kernels[o]).assign(optimiser=o) for o, run in runs.items()],
            ignore_index=True,
        )
        for name, table in both.items()
    }
    descent = runs["sgd"]
    predicted = list(predictions(descent, kernels["sgd"]))
    curves = [measured_curves(run).assign(optimiser=name) for name, run in runs.items()]
    curves.append(predicted_curves(descent, predicted).assign(optimiser="sgd"))
    times = times_table(descent, kernels["sgd"], predicted, tolerance)
    return made | {
        "kernel_prediction_curves": pd.concat(curves, ignore_index=True),
        "kernel_prediction_times": with_other_optimiser(times, runs["adam"]),
    }


def kernels_of(run: FinishedRun) -> np.ndarray:
    """(S, M, N, N): tangent kernels at the iterations whose parameters were kept.

    The parameters are taken as exact numbers, in float64.
    """
    shape = run.shape
    network = mlp(shape.d_in, shape.width, shape.depth, 0, torch.float64, shape.activation)
    inputs = torch.as_tensor(run.problem.inputs, dtype=torch.float64)
    parameters_SMP = torch.as_tensor(run.history["parameters"]).double()

    def kernel(parameters_P: torch.Tensor) -> np.ndarray:
        vector_to_parameters(parameters_P, network.parameters())
        return tangent_kernel(network, inputs)

    return np.array([[kernel(row) for row in rows] for rows in parameters_SMP])


def all_frequencies(n_points: int) -> np.ndarray:
    """All integers k with 0 < k < N/2."""
    return np.arange(1, (n_points + 1) // 2)


def rates_table(run: FinishedRun, kernel_SMNN: np.ndarray) -> pd.DataFrame:
    """kernel_at, member, frequency, rate: 2/N times the Rayleigh quotient of the Fourier mode.

    Times the learning rate that is the fraction of the mode's residual that one update takes away.
    """
    k = all_frequencies(run.problem.n_samples)
    quotients = mode_quotients(kernel_SMNN, k)
    rates = contraction_rates(quotients, run.problem.n_samples, 1.0)
    return long_table("rate", rates, _kernel_axes(run) | {"frequency": k})


def eigenvalues_table(run: FinishedRun, kernel_SMNN: np.ndarray) -> pd.DataFrame:
    """kernel_at, member, rank (from 1), rate (2/N times the eigenvalue), frequency, share.

    The frequency is the one of the largest component of the eigenvector, `share` that component's
    part of its squared norm.
    """
    n, rows = run.problem.n_samples, []
    for kernel_at, kernels in zip(run.history["parameters_iteration"], kernel_SMNN, strict=True):
        for member, kernel in enumerate(kernels):
            values, vectors = eigenvectors(kernel)
            power = fourier_shares(vectors) ** 2
            columns = {
                **{"kernel_at": kernel_at, "member": member, "rank": np.arange(1, n + 1)},
                "rate": contraction_rates(values, n, 1.0),
                **{"frequency": power.argmax(axis=1), "share": power.max(axis=1)},
            }
            rows.append(pd.DataFrame(columns))
    return pd.concat(rows, ignore_index=True)


def kernels_table(run: FinishedRun, kernel_SMNN: np.ndarray) -> pd.DataFrame:
    """kernel_at, member, alignment, growth (of the norm), explained.

    The first two compare with the kernel at initialisation; `explained` is 1 − loss / loss at
    initialisation.
    """
    at = _rows(run, run.history["parameters_iteration"])
    explained = 1 - _loss(run)[at] / _loss(run)[0]
    first = kernel_SMNN[0]
    rows = [
        {
            **{"kernel_at": kernel_at, "member": member},
            "alignment": alignment(kernel, first[member]),
            "growth": np.linalg.norm(kernel) / np.linalg.norm(first[member]),
            "explained": explained[row, member],
        }
        for row, kernel_at in enumerate(run.history["parameters_iteration"])
        for member, kernel in enumerate(kernel_SMNN[row])
    ]
    return pd.DataFrame(rows)


def predictions(run: FinishedRun, kernel_SMNN: np.ndarray) -> Iterator[np.ndarray]:
    """For each kernel the outputs (T', M, N) that it predicts at the records from its own on."""
    records = run.history["record_iteration"]
    for kernel_at, kernels in zip(run.history["parameters_iteration"], kernel_SMNN, strict=True):
        updates = records[records >= kernel_at] - kernel_at
        yield np.stack(
            [_outputs(run, kernel_at, m, kernel, updates) for m, kernel in enumerate(kernels)],
            axis=1,
        )


def measured_curves(run: FinishedRun) -> pd.DataFrame:
    """kernel_at (empty), member, iteration, frequency, amplitude of the trained networks."""
    rows = kept_records(run.history["record_iteration"])
    amplitude = _amplitudes(run, run.history["prediction"][rows])
    axes = _record_axes(run, run.history["record_iteration"][rows])
    return long_table("amplitude", amplitude, axes).assign(kernel_at=np.nan)


def predicted_curves(run: FinishedRun, predicted: list[np.ndarray]) -> pd.DataFrame:
    """kernel_at, member, iteration, frequency, amplitude that each kernel predicts."""
    parts = []
    records = run.history["record_iteration"]
    for kernel_at, outputs in zip(run.history["parameters_iteration"], predicted, strict=True):
        later = records[records >= kernel_at]
        rows = np.flatnonzero(np.isin(later, records[kept_records(records)]) | (later == kernel_at))
        table = long_table(
            "amplitude", _amplitudes(run, outputs[rows]), _record_axes(run, later[rows])
        )
        parts.append(table.assign(kernel_at=kernel_at))
    return pd.concat(parts, ignore_index=True)


def times_table(
    run: FinishedRun, kernel_SMNN: np.ndarray, predicted: list[np.ndarray], tolerance: float
) -> pd.DataFrame:
    """When each frequency is fitted, when each kernel says that it is, and when it goes wrong.

    Columns: kernel_at, member, frequency; reached, the measured amplitude at `kernel_at`;
    t_measured and t_predicted, the first iteration with half of the target's amplitude (empty if
    it is not reached: within training, or within `HORIZON` updates; t_predicted does not end with
    training); fails_at, the first record from kernel_at on at which |f~(k) predicted − f~(k)| is
    more than `tolerance` times the target's, and there fitted, the measured amplitude, and
    explained, 1 − loss / loss at initialisation (all three empty if that never happens).
    """
    records, at = run.history["record_iteration"], run.history["parameters_iteration"]
    amplitude_TMK = _amplitudes(run, run.history["prediction"])
    t_measured_MK = t_half(records, amplitude_TMK.swapaxes(0, 1))
    explained_TM = 1 - _loss(run) / _loss(run)[0]
    updates = horizon()
    parts = []
    for kernel_at, kernels, outputs in zip(at, kernel_SMNN, predicted, strict=True):
        start = int(_rows(run, [kernel_at])[0])
        wrong_TMK = _error(run, outputs, run.history["prediction"][start:]) > tolerance
        fails_MK, row_MK = wrong_TMK.any(axis=0), start + wrong_TMK.argmax(axis=0)
        member_M1 = np.arange(run.members)[:, None]
        t_predicted_MK = kernel_at + np.stack(
            [
                t_half(updates, _amplitudes(run, _outputs(run, kernel_at, m, kernel, updates)))
                for m, kernel in enumerate(kernels)
            ]
        )
        columns = {
            "reached": amplitude_TMK[start],
            "t_measured": _or_nan(t_measured_MK, np.isfinite(t_measured_MK)),
            "t_predicted": _or_nan(t_predicted_MK, np.isfinite(t_predicted_MK)),
            "fails_at": _or_nan(records[row_MK], fails_MK),
            "fitted": _or_nan(np.take_along_axis(amplitude_TMK, row_MK[None], axis=0)[0], fails_MK),
            "explained": _or_nan(explained_TM[row_MK, member_M1], fails_MK),
        }
        axes = {"member": range(run.members), "frequency": _frequencies(run)}
        table = pd.concat(
            [long_table(name, values, axes) for name, values in columns.items()], axis=1
        )
        parts.append(table.loc[:, ~table.columns.duplicated()].assign(kernel_at=kernel_at))
    return pd.concat(parts, ignore_index=True)


def with_other_optimiser(times: pd.DataFrame, run: FinishedRun) -> pd.DataFrame:
    """`times` and t_adam: the measured time of the same networks trained with Adam."""
    amplitude_TMK = _amplitudes(run, run.history["prediction"])
    t_MK = t_half(run.history["record_iteration"], amplitude_TMK.swapaxes(0, 1))
    axes = {"member": range(run.members), "frequency": _frequencies(run)}
    adam = long_table("t_adam", _or_nan(t_MK, np.isfinite(t_MK)), axes)
    return times.merge(adam, on=["member", "frequency"], validate="many_to_one")


def kept_records(records: np.ndarray) -> np.ndarray:
    """Rows of the first record and of at most `CURVE_POINTS` others, evenly spaced in log."""
    last = len(records) - 1
    spaced = np.geomspace(1, last, CURVE_POINTS).round().astype(int) if last > 0 else []
    return np.unique([0, *spaced])


def horizon() -> np.ndarray:
    """0 and increasing numbers of updates up to `HORIZON`."""
    return np.unique([0, *np.geomspace(1, HORIZON, HORIZON_POINTS).round().astype(np.int64)])


def _outputs(
    run: FinishedRun, kernel_at: int, member: int, kernel_NN: np.ndarray, updates: np.ndarray
) -> np.ndarray:
    """(U, N): outputs that the kernel of an iteration predicts so many updates later."""
    (row,) = _rows(run, [kernel_at])
    return linearised_outputs(
        kernel_NN,
        run.history["prediction"][row, member],
        run.problem.targets[member],
        run.record["settings"]["learning_rate"],
        updates,
        unstable="flow",
    )


def _rows(run: FinishedRun, iterations: np.ndarray | list[int]) -> np.ndarray:
    """Rows of the records at these iterations."""
    records = run.history["record_iteration"]
    rows = np.searchsorted(records, iterations)
    if not np.array_equal(records[np.minimum(rows, len(records) - 1)], iterations):
        named = ", ".join(f"{i}" for i in iterations)
        raise ValueError(f"not all of the iterations {named} have a record of the predictions")
    return rows


def _frequencies(run: FinishedRun) -> np.ndarray:
    return run.facts["frequencies"].astype(int)


def _amplitudes(run: FinishedRun, outputs: np.ndarray) -> np.ndarray:
    """(..., K) of outputs (..., N), over those of the target."""
    return single_sided_amplitude(outputs, run.facts["frequencies"]) / run.facts["amplitudes"]


def _error(run: FinishedRun, predicted_TMN: np.ndarray, outputs_TMN: np.ndarray) -> np.ndarray:
    """(T, M, K): distance of the two components of each frequency, over the target's amplitude."""
    return _amplitudes(run, predicted_TMN - outputs_TMN)


def _loss(run: FinishedRun) -> np.ndarray:
    """(T, M): mean squared error at the records."""
    return ((run.history["prediction"] - run.problem.targets) ** 2).mean(axis=-1)


def _or_nan(values: np.ndarray, valid: np.ndarray) -> np.ndarray:
    return np.where(valid, values, np.nan)


def _kernel_axes(run: FinishedRun) -> dict:
    return {"kernel_at": run.history["parameters_iteration"], "member": range(run.members)}


def _record_axes(run: FinishedRun, iterations: np.ndarray) -> dict:
    return {"iteration": iterations, "member": range(run.members), "frequency": _frequencies(run)}
