"""Claims on sums of sinusoids (rahaman2018, Section 4.1 and appendix: figures 1, 2 and 10).

All statistics are formed within a run, so that its networks are what was drawn at random.

Shape suffixes: M members (runs), T records, K frequencies, L layers.
"""

from functools import partial

import numpy as np

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.statistics import (
    Estimate,
    dense,
    log_ratio_interval,
    mean_order,
    require,
    t_half,
)

PAPER = "rahaman2018"
UNIT = "networks (seeds)"
MIN_FITTED = 3
TAU_THRESHOLD = 0.5
TAU_REASON = (
    "0 is no order, 1 perfect order; 0.5 means that three of four pairs of frequencies stand in "
    "the claimed order. Ten frequencies in random order exceed it in one of 44 cases."
)
TAU_STATISTIC = (
    "Kendall's tau-b between frequency k and t_0.5(k), the first recorded iteration at which the "
    "amplitude of a run reaches half of the target's{which} (mean over runs; no unit)"
)


def _half_times(tables: Tables, setting: str) -> tuple[np.ndarray, dict[str, np.ndarray], str]:
    """Times t_0.5 (M, K) of one setting, the axes of its spectrum, and how many are known.

    Raises:
        UndecidedError: a run has fitted too few frequencies to speak of an order.
    """
    table = tables["sinusoids_spectrum"]
    rows = table[table["setting"] == setting]
    amplitude_MTK, axes = dense(rows, ("member", "iteration", "frequency"), "amplitude")
    times_MK = t_half(axes["iteration"], amplitude_MTK)
    fitted_M = np.isfinite(times_MK).sum(axis=1)
    fewest, most = fitted_M.min(), fitted_M.max()
    number = f"{fewest}" if fewest == most else f"{fewest} to {most}"
    note = f"{number} of {times_MK.shape[1]} frequencies reached half of their amplitude"
    require(fewest >= MIN_FITTED, note, len(times_MK))
    return times_MK, axes, note


def learning_order(tables: Tables, setting: str) -> Estimate:
    """Mean over runs of Kendall's tau-b over k of t_0.5(k).

    Args:
        tables: with `sinusoids_spectrum`.
        setting: "equal" or "increasing" amplitudes of the target.
    """
    times_MK, axes, note = _half_times(tables, setting)
    return mean_order(axes["frequency"], times_MK, note)


def _log_norms(tables: Tables, setting: str, spectrum_axes: dict[str, np.ndarray]) -> np.ndarray:
    """(M, T): mean over layers of log ||W_l|| at the members and times of the spectrum."""
    table = tables["sinusoids_norms"]
    rows = table[table["setting"] == setting]
    require(not rows.empty, f'no spectral norms of the setting "{setting}" were measured')
    norm_MTL, axes = dense(rows, ("member", "iteration", "layer"), "spectral_norm")
    for name in ("member", "iteration"):
        same = np.array_equal(axes[name], spectrum_axes[name])
        require(same, f"spectral norms and spectra were recorded for different {name}s")
    return np.log(norm_MTL).mean(axis=-1)


def _highest_fitted(times_MK: np.ndarray) -> np.ndarray:
    """(M,): t_0.5 of the highest frequency that each run has fitted."""
    highest_M = times_MK.shape[1] - 1 - np.isfinite(times_MK)[:, ::-1].argmax(axis=1)
    return times_MK[np.arange(len(times_MK)), highest_M]


def _at(log_norm_MT: np.ndarray, iterations: np.ndarray, times_M: np.ndarray) -> np.ndarray:
    """(M,): norm of each run, geometric mean over layers, at a recorded time of its own."""
    rows_M = np.searchsorted(iterations, times_M)
    return np.exp(log_norm_MT[np.arange(len(times_M)), rows_M])


def norm_growth(tables: Tables) -> Estimate:
    """Growth of the spectral norms between fitting the lowest and the highest fitted frequency.

    Let t_low be t_0.5 of the lowest frequency and t_high that of the highest frequency that is
    fitted, both of one run. The statistic is the geometric mean over layers and runs of ||W_l|| at
    t_high divided by ||W_l|| at t_low.
    """
    times_MK, axes, note = _half_times(tables, "equal")
    log_norm_MT = _log_norms(tables, "equal", axes)
    lowest = bool(np.isfinite(times_MK[:, 0]).all())
    require(lowest, "the lowest frequency is not fitted", len(times_MK))
    high_M = _at(log_norm_MT, axes["iteration"], _highest_fitted(times_MK))
    low_M = _at(log_norm_MT, axes["iteration"], times_MK[:, 0])
    return log_ratio_interval(high_M, low_M, note)


def norms_beside_low(tables: Tables) -> Estimate:
    """Spectral norms of networks that fit all frequencies over those of their controls.

    A control starts from the same weights, and its target is the lower part of the same target. The
    norms are compared at t_0.5 of the highest frequency that the run has fitted, so that both
    networks have trained equally long.
    """
    times_MK, axes, note = _half_times(tables, "equal")
    at_M = _highest_fitted(times_MK)
    all_M, low_M = (
        _at(_log_norms(tables, setting, axes), axes["iteration"], at_M)
        for setting in ("equal", "low")
    )
    return log_ratio_interval(all_M, low_M, note)


CLAIMS = (
    Claim(
        id="sinusoids_equal_lower_first",
        paper=PAPER,
        statement="Of a sum of sinusoids of equal amplitude, lower frequencies are fitted first.",
        figures=("fig01", "fig02", "fig10"),
        statistic=TAU_STATISTIC.format(which=""),
        threshold=TAU_THRESHOLD,
        threshold_reason=TAU_REASON,
        direction="above",
        tables=("sinusoids_spectrum",),
        measure=partial(learning_order, setting="equal"),
        unit=UNIT,
    ),
    Claim(
        id="sinusoids_increasing_lower_first",
        paper=PAPER,
        statement="Lower frequencies are fitted first even when higher ones have larger amplitude.",
        figures=("fig01", "fig10"),
        statistic=TAU_STATISTIC.format(which=", which increases with k"),
        threshold=TAU_THRESHOLD,
        threshold_reason=TAU_REASON,
        direction="above",
        tables=("sinusoids_spectrum",),
        measure=partial(learning_order, setting="increasing"),
        unit=UNIT,
    ),
    Claim(
        id="sinusoids_norms_grow",
        paper=PAPER,
        statement="The spectral norms of the weights grow while higher frequencies are fitted.",
        figures=("fig01",),
        statistic="Factor by which the spectral norm of a layer grows (geometric mean over layers "
        "and runs) from t_0.5 of the lowest frequency to t_0.5 of the highest fitted one of a run; "
        "equal amplitudes",
        threshold=1.47,
        threshold_reason="The steepest slope of the network is at most the product of its layers' "
        "norms, and sin(2 pi k z) takes a slope proportional to k. Fitting a ten times higher "
        "frequency with six layers asks for 10^(1/6) = 1.47 per layer; 1 would be no growth.",
        direction="above",
        tables=("sinusoids_spectrum", "sinusoids_norms"),
        measure=norm_growth,
        unit=UNIT,
    ),
    Claim(
        id="sinusoids_norms_need_high",
        paper=PAPER,
        statement="The spectral norms grow more where high frequencies are fitted than with the "
        "low ones alone over the same time.",
        figures=("fig01",),
        statistic="Spectral norm of a layer with all frequencies of equal amplitude over that with "
        "the low ones alone, from the same initial weights, at t_0.5 of the highest fitted "
        "frequency of a run (geometric mean over layers and runs)",
        threshold=1.0,
        threshold_reason="The claim is an order, and 1 is where the order turns: norms that grow "
        "with time alone grow alike.",
        direction="above",
        tables=("sinusoids_spectrum", "sinusoids_norms"),
        measure=norms_beside_low,
        unit=UNIT,
    ),
)
