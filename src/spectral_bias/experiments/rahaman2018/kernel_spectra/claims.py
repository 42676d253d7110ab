"""Claims on spectra through kernel eigenvectors (rahaman2018, Section 4, figures 5, 6, 12, 13).

The dip is the minimum of the mean validation loss over runs. Spectra are known at the recorded
iterations only: "at the dip" is the recorded one nearest to it, "at the end" the last one.

Shape suffixes: M members (runs), T records, B bins.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from spectral_bias.claims.registry import Check, Claim, Tables
from spectral_bias.experiments.rahaman2018.dips import dip_depth
from spectral_bias.statistics import (
    Estimate,
    dense,
    kendall_tau,
    member_bootstrap,
    require,
    resampled_mean,
)

PAPER = "rahaman2018"
LOSS, SPECTRA, SHARES = "kernel_loss", "kernel_spectra", "kernel_shares"
GRID = "kernel_grid_spectra"
KINDS = {"increasing": "noise that increases with the index", "white": "white noise"}
FIRST_QUARTER, LAST_QUARTER = 1, 4
HALF_FITTED = 0.5
MIN_EIGENVECTORS = 10

Rows = Callable[[np.ndarray], np.ndarray]
"""index (..., M) of members → row (...) of a recorded iteration."""


def _of(tables: Tables, name: str, noise: str) -> pd.DataFrame:
    rows = tables[name][tables[name]["noise"] == noise]
    require(not rows.empty, f"{noise} noise was not run")
    return rows


def _validation(tables: Tables, noise: str) -> tuple[np.ndarray, np.ndarray]:
    """(M, T) validation losses and their iterations (T,)."""
    rows = _of(tables, LOSS, noise)
    rows = rows[rows["curve"] == "validation"]
    mse_MT, axes = dense(rows, ("member", "iteration"), "mse")
    return mse_MT, axes["iteration"]


def _dip_row(tables: Tables, noise: str, recorded: np.ndarray, members: int) -> tuple[Rows, str]:
    """Row of `recorded` that is nearest to the dip of some members, and a note on all of them.

    Raises:
        UndecidedError: no dip, or none of its recorded neighbours lies before the end.
    """
    mse_MT, iterations = _validation(tables, noise)
    require(len(mse_MT) == members, "losses and spectra are of different runs", members)

    def dip(index: np.ndarray) -> np.ndarray:
        return iterations[resampled_mean(mse_MT, index).argmin(axis=-1)]

    def row(index: np.ndarray) -> np.ndarray:
        return np.abs(dip(index)[..., None] - recorded).argmin(axis=-1)

    at = dip(np.arange(members))
    require(iterations[0] < at < iterations[-1], "the validation loss has no dip", members)
    nearest = int(row(np.arange(members)))
    require(
        0 < nearest < len(recorded) - 1,
        f"the validation loss dips at iteration {at:g}, and no spectrum was recorded near it",
        members,
    )
    return row, f"dip at iteration {at:g}, spectrum of iteration {recorded[nearest]:g}"


def _at(values_MT: np.ndarray, index: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Mean over the members `index` (..., M) at the row (...) that belongs to each resample."""
    means = resampled_mean(values_MT, index)
    return np.take_along_axis(means, np.asarray(row)[..., None], axis=-1)[..., 0]


def dip_is_deep(tables: Tables, noise: str) -> Estimate:
    """Rise of the validation loss on both sides of its minimum; see `dip_depth`."""
    mse_MT, _ = _validation(tables, noise)
    return member_bootstrap(dip_depth(mse_MT), len(mse_MT))


def relative_distance(spectra: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Where a network's spectrum stands between those of the pure and of the noised target.

    With d the mean over bins of the absolute difference of two spectra:
    d(network, pure) / (d(network, pure) + d(network, noised)), 0 at the pure target, 1 at the
    noised one, 1/2 when equally far.

    Returns:
        (M, T) for each member and recorded iteration, and these iterations (T,).
    """
    network = spectra[spectra["curve"] == "network"]
    f_MTB, axes = dense(network, ("member", "iteration", "bin"), "abs_coefficient")
    distance = {}
    for curve in ("pure_target", "noised_target"):
        rows = spectra[spectra["curve"] == curve]
        target_MB, _ = dense(rows, ("member", "bin"), "abs_coefficient")
        distance[curve] = np.abs(f_MTB - target_MB[:, None]).mean(axis=-1)
    total = distance["pure_target"] + distance["noised_target"]
    return distance["pure_target"] / total, axes["iteration"]


def distance_at_dip(tables: Tables, noise: str) -> Estimate:
    """`relative_distance` at the dip, mean over runs."""
    distance_MT, recorded = relative_distance(_of(tables, SPECTRA, noise))
    members = len(distance_MT)
    row, note = _dip_row(tables, noise, recorded, members)
    return member_bootstrap(lambda i: _at(distance_MT, i, row(i)), members, note)


def distance_at_end(tables: Tables, noise: str) -> Estimate:
    """`relative_distance` at the last recorded iteration, mean over runs."""
    distance_MT, recorded = relative_distance(_of(tables, SPECTRA, noise))
    note = f"spectrum of iteration {recorded[-1]:g}"
    return member_bootstrap(lambda i: resampled_mean(distance_MT[:, -1], i), len(distance_MT), note)


def _shares(tables: Tables, noise: str, quarter: int) -> tuple[np.ndarray, np.ndarray]:
    """(M, T) fraction of the noise of a quarter that is fitted, and the iterations (T,)."""
    rows = _of(tables, SHARES, noise)
    share_MT, axes = dense(rows[rows["quarter"] == quarter], ("member", "iteration"), "share")
    return share_MT, axes["iteration"]


def high_noise_before_dip(tables: Tables, noise: str) -> Estimate:
    """Fraction of the noise in the last quarter that is fitted at the dip, over that at the end.

    Undecided unless half of that noise is fitted at the end.
    """
    share_MT, recorded = _shares(tables, noise, LAST_QUARTER)
    members = len(share_MT)
    row, note = _dip_row(tables, noise, recorded, members)
    end = share_MT[:, -1].mean()
    note += f"; at the end (iteration {recorded[-1]:g}) {end:.2f} of this noise is fitted"
    require(end >= HALF_FITTED, note, members)
    return member_bootstrap(
        lambda i: _at(share_MT, i, row(i)) / resampled_mean(share_MT[:, -1], i), members, note
    )


def low_before_high(tables: Tables) -> Estimate:
    """Fraction of white noise fitted in the first quarter minus that in the last one.

    Mean over the recorded iterations from the dip to the end and over runs. White noise has the
    same strength at every index, so that only the order in which it is fitted can differ.
    """
    first_MT, recorded = _shares(tables, "white", FIRST_QUARTER)
    last_MT, _ = _shares(tables, "white", LAST_QUARTER)
    members = len(first_MT)
    row, note = _dip_row(tables, "white", recorded, members)
    chosen = slice(int(row(np.arange(members))), None)
    difference_M = (first_MT - last_MT)[:, chosen].mean(axis=1)
    note += f"; {len(recorded[chosen])} recorded iterations"
    return member_bootstrap(lambda i: resampled_mean(difference_M, i), members, note)


def frequency_grows(tables: Tables) -> float:
    """Kendall tau-b between n and the frequency at which v_n is largest."""
    magnitude, axes = dense(tables[GRID], ("n", "frequency"), "magnitude")
    n = axes["n"]
    require(len(n) >= MIN_EIGENVECTORS, f"{len(n)} eigenvectors are too few for an order")
    dominant = axes["frequency"][magnitude.argmax(axis=-1)]
    return float(kendall_tau(n, dominant))


def _of_kind(noise: str) -> tuple[Claim, ...]:
    """The claims that are made for either kind of noise."""
    words = KINDS[noise]
    return (
        Claim(
            id=f"kernel_{noise}_dips",
            paper=PAPER,
            statement=f"With {words}, the loss on the pure labels dips, then rises again.",
            figures=("fig13",),
            statistic="The smaller of first and final validation loss over the minimum between "
            "them (ratio within a run, geometric mean over runs; final: median of the last 5 % of "
            "records)",
            threshold=2.0,
            threshold_reason="1 is a curve without a dip; at 2 stopping at the dip halves the "
            "final error.",
            direction="above",
            tables=(LOSS,),
            measure=partial(dip_is_deep, noise=noise),
        ),
        Claim(
            id=f"kernel_{noise}_dip_pure",
            paper=PAPER,
            statement=f"With {words}, the network's spectrum at the dip is nearer to that of the "
            "pure target than to that of the noised one.",
            figures=("fig05", "fig13"),
            statistic="Distance of the spectrum from the pure target's over the sum of its "
            "distances from the pure and the noised target's, at the recorded iteration nearest to "
            "the dip (mean absolute difference over bins; mean over runs; 0 pure, 1 noised)",
            threshold=0.5,
            threshold_reason="At 0.5 the spectrum is equally far from both.",
            direction="below",
            tables=(SPECTRA, LOSS),
            measure=partial(distance_at_dip, noise=noise),
        ),
        Claim(
            id=f"kernel_{noise}_end_noised",
            paper=PAPER,
            statement=f"With {words}, the network's spectrum is in the end nearer to that of the "
            "noised target than to that of the pure one.",
            figures=("fig05",),
            statistic="Distance of the spectrum from the pure target's over the sum of its "
            "distances from the pure and the noised target's, at the last recorded iteration (mean "
            "absolute difference over bins; mean over runs; 0 pure, 1 noised)",
            threshold=0.5,
            threshold_reason="At 0.5 the spectrum is equally far from both.",
            direction="above",
            tables=(SPECTRA,),
            measure=partial(distance_at_end, noise=noise),
        ),
        Claim(
            id=f"kernel_{noise}_high_after_dip",
            paper=PAPER,
            statement=f"With {words}, the noise of high index is fitted after the dip.",
            figures=("fig05", "fig13"),
            statistic="Fraction of the noise in the last quarter of the eigenvectors that is "
            "fitted "
            "at the recorded iteration nearest to the dip, over that at the last one (ratio of "
            "means over runs)",
            threshold=0.5,
            threshold_reason="Below 0.5 most of what is fitted of this noise in the end is fitted "
            "after the dip.",
            direction="below",
            tables=(SHARES, LOSS),
            measure=partial(high_noise_before_dip, noise=noise),
        ),
    )


CLAIMS = (
    *_of_kind("increasing"),
    *_of_kind("white"),
    Claim(
        id="kernel_white_low_index_first",
        paper=PAPER,
        statement="Of white noise, the part of low index is fitted before the part of high index.",
        figures=("fig05", "fig13"),
        statistic="Fraction of the noise that is fitted in the first quarter of the eigenvectors "
        "minus that in the last quarter (mean over the recorded iterations from the dip on, and "
        "over runs)",
        threshold=0.0,
        threshold_reason="The claim is an order, and 0 is where the order turns.",
        direction="above",
        tables=(SHARES, LOSS),
        measure=low_before_high,
    ),
)

CHECKS = (
    Check(
        id="kernel_frequency_grows",
        paper=PAPER,
        statement="Eigenvectors of smaller eigenvalue have higher frequency.",
        figures=("fig06", "fig12"),
        statistic="Kendall's tau-b between the index n of an eigenvector and the frequency at "
        "which its Fourier transform is largest (no unit)",
        threshold=0.5,
        threshold_reason="A Gaussian kernel is totally positive, so that its nth eigenvector "
        "changes sign n - 1 times. 0 is no order, 1 perfect order; at 0.5 three of four pairs of "
        "eigenvectors stand in this order.",
        direction="above",
        tables=(GRID,),
        measure=frequency_grows,
    ),
)
