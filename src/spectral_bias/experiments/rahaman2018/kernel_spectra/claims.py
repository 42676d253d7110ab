"""Claims on spectra through kernel eigenvectors (rahaman2018, Section 4, figures 5, 6, 12, 13).

The dip of a run is the minimum of its own validation loss. Spectra are known at the recorded
iterations only: "at the dip" is the recorded one nearest to it. All statistics are formed within a
run.

Shape suffixes: M members (runs), T records.
"""

from functools import partial

import numpy as np
import pandas as pd

from spectral_bias.claims.checks import Check
from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.experiments.rahaman2018.dips import dip_depth
from spectral_bias.statistics import (
    Estimate,
    dense,
    kendall_tau,
    log_ratio_interval,
    mean_interval,
    require,
)

PAPER = "rahaman2018"
UNIT = "networks (seeds)"
LOSS, DISTANCE, SHARES = "kernel_loss", "kernel_distance", "kernel_shares"
GRID = "kernel_grid_spectra"
KINDS = {"increasing": "noise that increases with the index", "white": "white noise"}
FIRST_QUARTER, LAST_QUARTER = 1, 4
HALF_FITTED = 0.5
HALF_WAY = 0.5
"""Fraction of training after which networks are compared with the noised target. Fixed, since any
network that is trained for long enough comes to it."""
MIN_EIGENVECTORS = 10


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


def _dip_rows(
    tables: Tables, noise: str, recorded: np.ndarray, members: int
) -> tuple[np.ndarray, str]:
    """Row (M,) of `recorded` that is nearest to the dip of each run, and a note on them.

    Raises:
        UndecidedError: a run without a dip, or none of whose recorded neighbours lies before the
            end.
    """
    mse_MT, iterations = _validation(tables, noise)
    require(len(mse_MT) == members, "losses and spectra are of different runs", members)
    dip_M = iterations[mse_MT.argmin(axis=1)]
    dips = bool(((iterations[0] < dip_M) & (dip_M < iterations[-1])).all())
    require(dips, "the validation loss of some run has no dip", members)
    row_M = np.abs(dip_M[:, None] - recorded).argmin(axis=1)
    between = f"dips at iterations {dip_M.min():g} to {dip_M.max():g}"
    near = bool(((row_M > 0) & (row_M < len(recorded) - 1)).all())
    require(near, f"{between}, and no spectrum was recorded near some of them", members)
    farthest = np.abs(recorded[row_M] - dip_M).max()
    return row_M, f"{between}, spectra at most {farthest:g} iterations away"


def _at(values_MT: np.ndarray, row_M: np.ndarray) -> np.ndarray:
    """(M,): the value of each run at a row of its own."""
    return values_MT[np.arange(len(row_M)), row_M]


def dip_is_deep(tables: Tables, noise: str) -> Estimate:
    """Rise of the validation loss on both sides of its minimum; see `dip_depth`."""
    depth_M = dip_depth(_validation(tables, noise)[0])
    return log_ratio_interval(depth_M, np.ones(len(depth_M)))


def _distance(tables: Tables, noise: str) -> tuple[np.ndarray, np.ndarray]:
    """(M, T) distance of each run from the pure target, relative, and the iterations (T,)."""
    distance_MT, axes = dense(_of(tables, DISTANCE, noise), ("member", "iteration"), "distance")
    return distance_MT, axes["iteration"]


def distance_at_dip(tables: Tables, noise: str) -> Estimate:
    """Relative distance from the pure target at the dip of each run, mean over runs."""
    distance_MT, recorded = _distance(tables, noise)
    row_M, note = _dip_rows(tables, noise, recorded, len(distance_MT))
    return mean_interval(_at(distance_MT, row_M), note)


def distance_half_way(tables: Tables, noise: str) -> Estimate:
    """Relative distance from the pure target half-way through training, mean over runs."""
    distance_MT, recorded = _distance(tables, noise)
    row = int(np.abs(recorded - HALF_WAY * recorded[-1]).argmin())
    return mean_interval(distance_MT[:, row], f"spectrum of iteration {recorded[row]:g}")


def _shares(tables: Tables, noise: str, quarter: int) -> tuple[np.ndarray, np.ndarray]:
    """(M, T) fraction of the noise of a quarter that is fitted, and the iterations (T,)."""
    rows = _of(tables, SHARES, noise)
    share_MT, axes = dense(rows[rows["quarter"] == quarter], ("member", "iteration"), "share")
    return share_MT, axes["iteration"]


def high_noise_before_dip(tables: Tables, noise: str) -> Estimate:
    """Fraction of the noise in the last quarter that is fitted at the dip, over that at the end.

    Undecided unless every run has fitted half of that noise at the end.
    """
    share_MT, recorded = _shares(tables, noise, LAST_QUARTER)
    row_M, note = _dip_rows(tables, noise, recorded, len(share_MT))
    end_M = share_MT[:, -1]
    note += f"; at the end (iteration {recorded[-1]:g}) every run has fitted {end_M.min():.2f}"
    note += " of this noise or more"
    require(bool((end_M >= HALF_FITTED).all()), note, len(share_MT))
    return mean_interval(_at(share_MT, row_M) / end_M, note)


def low_before_high(tables: Tables) -> Estimate:
    """Fraction of white noise fitted in the first quarter minus that in the last one.

    Mean over the recorded iterations from a run's dip to half-way through training (after that all
    noise may be fitted, and nothing is left to compare), and over runs. White noise has the same
    strength at every index, so that only the order in which it is fitted can differ.
    """
    first_MT, recorded = _shares(tables, "white", FIRST_QUARTER)
    last_MT, _ = _shares(tables, "white", LAST_QUARTER)
    row_M, note = _dip_rows(tables, "white", recorded, len(first_MT))
    before = recorded <= max(HALF_WAY * recorded[-1], recorded[row_M].max())
    difference_M = [
        (first_T - last_T)[before & (recorded >= recorded[row])].mean()
        for first_T, last_T, row in zip(first_MT, last_MT, row_M, strict=True)
    ]
    return mean_interval(np.array(difference_M), note)


def white_over_increasing(tables: Tables) -> Estimate:
    """Best validation loss with white noise over that with noise that increases with the index."""
    best = [_validation(tables, noise)[0].min(axis=1) for noise in ("white", "increasing")]
    require(len(best[0]) == len(best[1]), "the two kinds of noise were not run equally often")
    means = [np.exp(np.log(best_M).mean()) for best_M in best]
    note = f"geometric means {means[0]:.3g} with white, {means[1]:.3g} with increasing noise"
    return log_ratio_interval(*best, note)


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
            unit=UNIT,
        ),
        Claim(
            id=f"kernel_{noise}_dip_pure",
            paper=PAPER,
            statement=f"With {words}, the network's spectrum at the dip is nearer to that of the "
            "pure target than to that of the noised one.",
            figures=("fig05", "fig13"),
            statistic="Distance of the spectrum from the pure target's over the sum of its "
            "distances from the pure and the noised target's, at the recorded iteration nearest to "
            "the dip of a run (mean absolute difference over bins; mean over runs; 0 pure, 1 "
            "noised)",
            threshold=0.5,
            threshold_reason="At 0.5 the spectrum is equally far from both.",
            direction="below",
            tables=(DISTANCE, LOSS),
            measure=partial(distance_at_dip, noise=noise),
            unit=UNIT,
        ),
        Claim(
            id=f"kernel_{noise}_end_noised",
            paper=PAPER,
            statement=f"With {words}, the network's spectrum is half-way through training nearer "
            "to that of the noised target than to that of the pure one.",
            figures=("fig05",),
            statistic="Distance of the spectrum from the pure target's over the sum of its "
            "distances from the pure and the noised target's, after half of the iterations (mean "
            "absolute difference over bins; mean over runs; 0 pure, 1 noised)",
            threshold=0.5,
            threshold_reason="At 0.5 the spectrum is equally far from both.",
            direction="above",
            tables=(DISTANCE,),
            measure=partial(distance_half_way, noise=noise),
            unit=UNIT,
        ),
        Claim(
            id=f"kernel_{noise}_high_after_dip",
            paper=PAPER,
            statement=f"With {words}, the noise of high index is fitted after the dip.",
            figures=("fig05", "fig13"),
            statistic="Fraction of the noise in the last quarter of the eigenvectors that is "
            "fitted at the recorded iteration nearest to the dip of a run, over that at the last "
            "one (mean over runs of the ratio)",
            threshold=0.5,
            threshold_reason="Below 0.5 most of what is fitted of this noise in the end is fitted "
            "after the dip.",
            direction="below",
            tables=(SHARES, LOSS),
            measure=partial(high_noise_before_dip, noise=noise),
            unit=UNIT,
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
        "minus that in the last quarter (mean over the recorded iterations from the dip of a run "
        "to half-way through training, and over runs)",
        threshold=0.0,
        threshold_reason="The claim is an order, and 0 is where the order turns.",
        direction="above",
        tables=(SHARES, LOSS),
        measure=low_before_high,
        unit=UNIT,
    ),
    Claim(
        id="kernel_high_index_noise_costs_less",
        paper=PAPER,
        statement="The best validation loss is lower with noise that increases with the index than "
        "with white noise.",
        figures=("fig13",),
        statistic="Best validation loss with white noise over that with increasing noise (ratio of "
        "two runs, geometric mean)",
        threshold=1.0,
        threshold_reason="The claim is an order, and 1 is where the order turns.",
        direction="above",
        tables=(LOSS,),
        measure=white_over_increasing,
        unit=UNIT,
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
