"""Claims on sums of sinusoids (rahaman2018, Section 4.1 and appendix: figures 1, 2 and 10)."""

from functools import partial

import numpy as np
import pandas as pd

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.statistics import (
    Estimate,
    dense,
    kendall_tau,
    member_bootstrap,
    require,
    resampled_mean,
    t_half,
)

PAPER = "rahaman2018"
MIN_FITTED = 3
TAU_THRESHOLD = 0.5
TAU_REASON = (
    "0 is no order, 1 perfect order; 0.5 means that three of four pairs of frequencies stand in "
    "the claimed order. Ten frequencies in random order exceed it in one of 44 cases."
)


def _spectrum(tables: Tables, setting: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """(M, T, K) relative amplitudes of one setting and their member, iteration, frequency."""
    table = tables["sinusoids_spectrum"]
    return dense(
        table[table["setting"] == setting], ("member", "iteration", "frequency"), "amplitude"
    )


def _fitted_note(times_K: np.ndarray, members: int) -> str:
    """How many frequencies are fitted; raises UndecidedError when too few to speak of an order."""
    fitted = int(np.isfinite(times_K).sum())
    note = f"{fitted} of {len(times_K)} frequencies reached half of their amplitude"
    require(fitted >= MIN_FITTED, note, members)
    return note


def learning_order(tables: Tables, setting: str) -> Estimate:
    """Kendall tau-b over k of t_0.5(k), the time at which the mean amplitude reaches one half.

    Args:
        tables: with `sinusoids_spectrum`.
        setting: "equal" or "increasing" amplitudes of the target.
    """
    amplitude_MTK, axes = _spectrum(tables, setting)

    def times(index: np.ndarray) -> np.ndarray:
        return t_half(axes["iteration"], resampled_mean(amplitude_MTK, index))

    members = len(axes["member"])
    note = _fitted_note(times(np.arange(members)), members)
    return member_bootstrap(
        lambda index: kendall_tau(axes["frequency"], times(index)), members, note
    )


def _norms(table: pd.DataFrame, spectrum_axes: dict[str, np.ndarray]) -> np.ndarray:
    """(M, T, L) spectral norms of the equal setting at the members and times of the spectrum."""
    rows = table[table["setting"] == "equal"]
    norm_MTL, axes = dense(rows, ("member", "iteration", "layer"), "spectral_norm")
    for name in ("member", "iteration"):
        same = np.array_equal(axes[name], spectrum_axes[name])
        require(same, f"spectral norms and spectra were recorded for different {name}s")
    return norm_MTL


def norm_growth(tables: Tables) -> Estimate:
    """Growth of the spectral norms between fitting the lowest and the highest fitted frequency.

    Let t_low be t_0.5 of the lowest frequency and t_high that of the highest frequency that is
    fitted, from mean amplitudes over members. The statistic is the geometric mean over layers and
    members of ||W_l|| at t_high divided by ||W_l|| at t_low.
    """
    amplitude_MTK, axes = _spectrum(tables, "equal")
    log_norm_MT = np.log(_norms(tables["sinusoids_norms"], axes)).mean(axis=-1)
    iterations, frequencies = axes["iteration"], axes["frequency"]

    def growth(index: np.ndarray) -> np.ndarray:
        times = t_half(iterations, resampled_mean(amplitude_MTK, index))
        highest = len(frequencies) - 1 - np.isfinite(times)[..., ::-1].argmax(axis=-1)
        t_low = times[..., 0]
        t_high = np.take_along_axis(times, highest[..., None], axis=-1)[..., 0]
        valid = np.isfinite(t_low) & np.isfinite(t_high)
        log_norm_T = resampled_mean(log_norm_MT, index)

        def at(t: np.ndarray) -> np.ndarray:
            row = np.searchsorted(iterations, np.where(valid, t, iterations[0]))
            return np.take_along_axis(log_norm_T, row[..., None], axis=-1)[..., 0]

        return np.where(valid, np.exp(at(t_high) - at(t_low)), np.nan)

    members = len(axes["member"])
    times = t_half(iterations, amplitude_MTK.mean(axis=0))
    note = _fitted_note(times, members)
    require(bool(np.isfinite(times[0])), "the lowest frequency is not fitted", members)
    return member_bootstrap(growth, members, note)


CLAIMS = (
    Claim(
        id="sinusoids_equal_lower_first",
        paper=PAPER,
        statement="Of a sum of sinusoids of equal amplitude, lower frequencies are fitted first.",
        figures=("fig01", "fig02", "fig10"),
        statistic="Kendall's tau-b between frequency k and t_0.5(k), the first recorded iteration "
        "at which the mean amplitude over runs reaches half of the target's (no unit)",
        threshold=TAU_THRESHOLD,
        threshold_reason=TAU_REASON,
        direction="above",
        tables=("sinusoids_spectrum",),
        measure=partial(learning_order, setting="equal"),
    ),
    Claim(
        id="sinusoids_increasing_lower_first",
        paper=PAPER,
        statement="Lower frequencies are fitted first even when higher ones have larger amplitude.",
        figures=("fig01", "fig10"),
        statistic="Kendall's tau-b between frequency k and t_0.5(k), the first recorded iteration "
        "at which the mean amplitude over runs reaches half of the target's, which increases with "
        "k (no unit)",
        threshold=TAU_THRESHOLD,
        threshold_reason=TAU_REASON,
        direction="above",
        tables=("sinusoids_spectrum",),
        measure=partial(learning_order, setting="increasing"),
    ),
    Claim(
        id="sinusoids_norms_grow",
        paper=PAPER,
        statement="The spectral norms of the weights grow while higher frequencies are fitted.",
        figures=("fig01",),
        statistic="Factor by which the spectral norm of a layer grows (geometric mean over layers "
        "and runs) from t_0.5 of the lowest frequency to t_0.5 of the highest fitted one; equal "
        "amplitudes",
        threshold=1.47,
        threshold_reason="The steepest slope of the network is at most the product of its layers' "
        "norms, and sin(2 pi k z) takes a slope proportional to k. Fitting a ten times higher "
        "frequency with six layers asks for 10^(1/6) = 1.47 per layer; 1 would be no growth.",
        direction="above",
        tables=("sinusoids_spectrum", "sinusoids_norms"),
        measure=norm_growth,
    ),
)
