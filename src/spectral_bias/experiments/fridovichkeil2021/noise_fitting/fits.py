"""How well a network fits its wave, as one row of numbers, see `measure`.

*Onset.* The epoch from which on the excess over the floor stays above three standard deviations of
the floor, by linear interpolation between epochs. A wave without one is not fitted. Nothing is
smoothed over epochs.
"""

from typing import Any

import numpy as np
import pandas as pd

WAVE_COLUMNS = (
    *("kind", "frequency", "cycles", "deviation", "amplitude"),
    *("spatial_frequency", "noise_class", "wave_seed"),
)
FITS = [
    *("purpose", "run", "base", "seed", *WAVE_COLUMNS, "epochs", "noise_fitting", "dip_epoch"),
    *("floor_noise_fitting", "final_noise_fitting", "excess", "mean_excess", "fit", "mean_fit"),
    *("floor_sd", "onset", "fitted", "rate_mean", "rate_variance", "test_accuracy", "n_floors"),
]
WAVE, EVEN = "wave", "even"
"""What the labels of a network were smoothed by."""
DEVIATIONS = 3
"""Of the floor, above which an excess counts (ours)."""


def fit_row(curves: pd.DataFrame, floor_sd: float, warm_up: int) -> dict[str, Any]:
    """How one network fits its wave: a row of the table wave_fits.

    Args:
        curves: rows of noise_fitting of one training on a wave and of its floor.
        floor_sd: see `floor_deviation`.
        warm_up: epochs that are left out at the start, where the test loss is unsteady. A run that
            ended within them is judged by its last epoch.

    Returns:
        purpose, run, base, seed, wave, epochs; noise_fitting, its minimum, dip_epoch, where that
        lies, floor_noise_fitting, mean minimum of the floor's networks, final_noise_fitting;
        excess of the covariance term over the floor after the last epoch, mean_excess over all
        epochs (both nats), fit and mean_fit, these over the variance of r; floor_sd, onset (epochs;
        NaN for none), fitted; rate_mean and rate_variance, test_accuracy after the last epoch,
        n_floors. A run whose losses are not finite after the warm-up has no minimum.
    """
    own = curves[curves["labels"] == WAVE]
    even = curves[curves["labels"] == EVEN]
    last, lowest = own.iloc[-1], minimum(own, warm_up)
    minima = [minimum(part, warm_up)["noise_fitting"] for _, part in even.groupby("run")]
    start = onset(own["epoch"].to_numpy(), own["excess"].to_numpy(), DEVIATIONS * floor_sd)
    variance = last["rate_variance"]
    return {
        **{name: last[name] for name in ("purpose", "run", "base", "seed", *WAVE_COLUMNS)},
        "epochs": last["epoch"],
        "noise_fitting": lowest["noise_fitting"],
        "dip_epoch": lowest["epoch"],
        "floor_noise_fitting": np.mean(minima) if minima else np.nan,
        "final_noise_fitting": last["noise_fitting"],
        "excess": last["excess"],
        "mean_excess": own["excess"].mean(skipna=False),
        "fit": last["excess"] / variance if variance > 0 else np.nan,
        "mean_fit": own["excess"].mean(skipna=False) / variance if variance > 0 else np.nan,
        "floor_sd": floor_sd,
        "onset": start,
        "fitted": bool(np.isfinite(start)),
        "rate_mean": last["rate_mean"],
        "rate_variance": variance,
        "test_accuracy": last["test_accuracy"],
        "n_floors": len(minima),
    }


def minimum(curve: pd.DataFrame, warm_up: int) -> pd.Series:
    """The row of a curve with the smallest noise fitting after the warm-up; NaN for none."""
    late = curve[curve["epoch"] > warm_up] if curve["epoch"].max() > warm_up else curve.tail(1)
    if not np.isfinite(late["noise_fitting"]).all():
        return pd.Series({"noise_fitting": np.nan, "epoch": np.nan})
    return late.loc[late["noise_fitting"].idxmin()]


def floor_deviation(even: pd.DataFrame, warm_up: int) -> float:
    """By how much networks on even labels differ in their covariance term, after the warm-up.

    Args:
        even: rows of one or several networks, with run, epoch and covariance_term.
        warm_up: epochs that are left out at the start, unless there are no others.

    Returns:
        Standard deviation about the mean over the networks at each epoch; of a single network that
        of its changes from epoch to epoch, over sqrt 2, which leaves out a slow trend; NaN for no
        network or a single epoch.
    """
    late = even[even["epoch"] > warm_up]
    values_TR = (late if len(late) else even).pivot(
        index="epoch", columns="run", values="covariance_term"
    )
    if values_TR.shape[1] > 1:
        return float(np.sqrt(values_TR.var(axis=1, ddof=1).mean()))
    changes = np.diff(values_TR.to_numpy(), axis=0)
    return float(np.sqrt((changes**2).mean() / 2)) if changes.size else np.nan


def onset(epochs: np.ndarray, excess: np.ndarray, level: float) -> float:
    """The epoch from which on the excess stays above a level; NaN if it ends below.

    Args:
        epochs: (E,) increasing, from 1 on; at epoch 0 the excess counts as 0.
        excess: (E,).
        level: positive; NaN for no level that could be passed.
    """
    if not (np.isfinite(excess).all() and excess[-1] > level):
        return np.nan
    below = np.flatnonzero(excess <= level)
    at = below[-1] if len(below) else -1
    before, height = (epochs[at], excess[at]) if at >= 0 else (0, 0.0)
    step, rise = epochs[at + 1] - before, excess[at + 1] - height
    return float(before + step * (level - height) / rise)
