"""What Figures 5 and 13 of Rahaman et al. 2018 need from the run of Experiment 4.

`noise` is the kind of noise (increasing or white), `member` the number of a network within it.

Shape suffixes: T records, R members, N samples, B bins, Q quarters.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.measurements.tidy import long_table
from spectral_bias.spectra.kernels import bin_edges, binned_mean, gaps, generalised_spectrum

QUARTERS = 4


def measured(job: MeasuringJob, n_bins: int, shown: Sequence[int]) -> dict[str, pd.DataFrame]:
    """The tables of Figures 5 and 13, and how near the networks are to the targets.

    Args:
        job: input run.
        n_bins: bins of consecutive n of the spectra.
        shown: iterations at which Figure 5 shows networks.
    """
    run = job.ensemble("run")
    return {
        "kernel_spectra": spectrum_table(run, n_bins, shown),
        "kernel_distance": distance_table(run, n_bins),
        "kernel_shares": share_table(run),
        "kernel_loss": loss_table(run),
        "kernel_eigenvalues": eigenvalue_table(run),
    }


def spectrum_table(run: FinishedRun, n_bins: int, shown: Sequence[int]) -> pd.DataFrame:
    """noise, member, curve, iteration, bin, relative_index, abs_coefficient.

    `curve` is network (at the iterations `shown`), noised_target or pure_target (these two without
    iteration);
    `abs_coefficient` is the mean of |f~[n]| over a bin of consecutive n, in units of the targets,
    `relative_index` the middle of that bin over N.
    """
    spectra = _binned(run, n_bins)
    times = run.history["record_iteration"]
    rows = np.isin(times, shown)
    edges = bin_edges(len(run.facts["eigenvectors"]), n_bins)
    middle = (edges[:-1] + edges[1:]) / 2 / edges[-1]
    parts = []
    for curve, binned_TRB in spectra.items():
        at, values = (
            ([np.nan], binned_TRB) if curve != "network" else (times[rows], binned_TRB[rows])
        )
        table = _by_member(run, "abs_coefficient", values, at, "bin", range(n_bins))
        parts.append(table.assign(curve=curve, relative_index=middle[table["bin"]]))
    return pd.concat(parts, ignore_index=True)


def distance_table(run: FinishedRun, n_bins: int) -> pd.DataFrame:
    """noise, member, iteration, distance: where a network stands between the two targets.

    With d the mean over bins of the absolute difference of two spectra: d(network, pure) /
    (d(network, pure) + d(network, noised)), 0 at the pure target, 1 at the noised one, 1/2 when
    equally far.
    """
    spectra = _binned(run, n_bins)
    pure_TR, noised_TR = (
        np.abs(spectra["network"] - spectra[target]).mean(axis=-1)
        for target in ("pure_target", "noised_target")
    )
    axes = {"iteration": run.history["record_iteration"], "row": range(run.members)}
    table = long_table("distance", pure_TR / (pure_TR + noised_TR), axes)
    return _named(run, table)


def _binned(run: FinishedRun, n_bins: int) -> dict[str, np.ndarray]:
    """(T, R, B) mean |f~[n]| in bins of the network, and (1, R, B) of the two targets."""
    clean_RN = np.broadcast_to(run.problem.validation_targets, run.problem.targets.shape)
    curves = {
        "network": run.history["prediction"],
        "noised_target": run.problem.targets[None],
        "pure_target": clean_RN[None],
    }
    vectors_NN = run.facts["eigenvectors"]
    return {
        curve: binned_mean(np.abs(generalised_spectrum(f_TRN, vectors_NN)), n_bins)
        for curve, f_TRN in curves.items()
    }


def share_table(run: FinishedRun) -> pd.DataFrame:
    """noise, member, iteration, quarter, share, power.

    The eigenvectors are put into four quarters by index, 1 holding the smoothest. `share` is how
    much of the noise within a quarter the network has fitted, sum_n (f - tau_0)~[n] psi~[n] over
    sum_n psi~[n]^2: 0 for the pure target, 1 for the noised one. `power` is the quarter's part of
    the whole noise, sum_n psi~[n]^2 over that of all n.
    """
    clean_N = run.problem.validation_targets
    vectors_NN = run.facts["eigenvectors"]
    noise_RN = generalised_spectrum(run.problem.targets - clean_N, vectors_NN)
    excess_TRN = generalised_spectrum(run.history["prediction"] - clean_N, vectors_NN)
    starts = bin_edges(len(clean_N), QUARTERS)[:-1]
    power_RQ = np.add.reduceat(noise_RN**2, starts, axis=-1)
    share_TRQ = np.add.reduceat(excess_TRN * noise_RN, starts, axis=-1) / power_RQ
    part_TRQ = np.broadcast_to(power_RQ / power_RQ.sum(-1, keepdims=True), share_TRQ.shape)
    axes = (run.history["record_iteration"], "quarter", range(1, QUARTERS + 1))
    table = _by_member(run, "share", share_TRQ, *axes)
    return table.assign(power=part_TRQ.ravel())


def loss_table(run: FinishedRun) -> pd.DataFrame:
    """noise, member, iteration, curve, mse.

    `curve` is training (against the noised targets) or validation (clean targets, same inputs).
    """
    names = {"training": "loss", "validation": "validation_loss"}
    values = np.stack([run.history[name] for name in names.values()], axis=-1)
    return _by_member(run, "mse", values, run.history["loss_iteration"], "curve", list(names))


def eigenvalue_table(run: FinishedRun) -> pd.DataFrame:
    """n (from 1), eigenvalue, above_one (eigenvalue - 1), gap (distance to the nearest other one).

    Those differences have columns of their own since tables keep six digits.
    """
    values = run.facts["eigenvalues"]
    columns = {"eigenvalue": values, "above_one": values - 1, "gap": gaps(values)}
    return pd.DataFrame({"n": np.arange(1, len(values) + 1), **columns})


def _by_member(
    run: FinishedRun, name: str, values: np.ndarray, iterations: Sequence, axis: str, at: Sequence
) -> pd.DataFrame:
    """Long table of `values` (T, R, length of `at`), with noise and number of each member."""
    axes = {"iteration": iterations, "row": range(run.members), axis: at}
    return _named(run, long_table(name, values, axes))


def _named(run: FinishedRun, table: pd.DataFrame) -> pd.DataFrame:
    """`table` with noise and number of each member instead of its row."""
    row = table.pop("row").to_numpy()
    return table.assign(noise=run.facts["setting"][row], member=run.facts["number"][row])
