"""Claims on radial waves in the labels (fridovichkeil2021, figures 1 and 3)."""

from functools import partial

import numpy as np
import pandas as pd

from spectral_bias.claims.registry import Claim, OtherMeasure, Tables
from spectral_bias.experiments.fridovichkeil2021.baseline import PAPER, require_learnt
from spectral_bias.experiments.fridovichkeil2021.purposes import SWEEP
from spectral_bias.statistics import (
    MIN_MEMBERS,
    Estimate,
    dense,
    mean_interval,
    require,
    slope,
)

MIN_FREQUENCIES = 3


def sweep(tables: Tables) -> pd.DataFrame:
    """Fits of the baseline on waves of several frequencies.

    Raises:
        UndecidedError: there are too few networks or frequencies, or they did not learn.
    """
    fits = tables["wave_fits"]
    own = fits[fits["purpose"] == SWEEP]
    seeds, frequencies = own["seed"].nunique(), own["frequency"].nunique()
    require(len(own) > 0, "no network was trained on a wave")
    require(
        seeds >= MIN_MEMBERS,
        f"{seeds} network(s) for each wave, where an interval needs at least {MIN_MEMBERS}",
        seeds,
    )
    require(
        frequencies >= MIN_FREQUENCIES,
        f"waves of {frequencies} frequencies, where a trend needs {MIN_FREQUENCIES}",
        seeds,
    )
    require_learnt(own["test_accuracy"].mean(), seeds)
    return own


def over_octaves(own: pd.DataFrame, values: pd.Series, note: str) -> Estimate:
    """Slope over log2 f of a value, of each network's seed, with a t-interval over seeds."""
    values_MK, axes = dense(own.assign(value=values), ("seed", "frequency"), "value")
    slope_M = slope(np.log2(axes["frequency"]), values_MK)
    f_K, mean_K = axes["frequency"], values_MK.mean(axis=0)
    ends = f"{mean_K[0]:.3g} at f = {f_K[0]:g}, {mean_K[-1]:.3g} at f = {f_K[-1]:g}"
    return mean_interval(slope_M, f"{note}{ends}; {len(slope_M)} networks for each f")


def readiness(tables: Tables, value: str) -> Estimate:
    """`over_octaves` of how well waves are fitted in the end."""
    own = sweep(tables)
    lowest = own[own["frequency"] == own["frequency"].min()]
    require(
        bool(lowest["fitted"].all()),
        "no wave was fitted: at the lowest frequency the covariance does not exceed the floor in "
        "all networks",
        own["seed"].nunique(),
    )
    values = own[value]
    if value == "noise_fitting":
        values = values - own["floor_noise_fitting"]
    return over_octaves(own, values, "")


def lateness(tables: Tables, value: str) -> Estimate:
    """`over_octaves` of log2 of the epoch at which waves begin to be fitted.

    Only waves count that every network fits (for dips: that turn before the last epoch).
    """
    own = sweep(tables)
    seen = own["fitted"] if value == "onset" else own[value] < own["epochs"]
    whole = seen.astype(bool).groupby(own["frequency"]).all()
    kept = own[own["frequency"].isin(whole.index[whole])]
    word = "are fitted" if value == "onset" else "have a dip before the last epoch"
    note = f"{whole.sum()} of {len(whole)} frequencies {word} in all networks"
    require(int(whole.sum()) >= MIN_FREQUENCIES, note, own["seed"].nunique())
    return over_octaves(kept, np.log2(kept[value]), f"{note}; log2 epoch ")


CLAIMS = (
    Claim(
        id="low_frequency_waves_fitted_more_readily",
        paper=PAPER,
        statement="The lower the frequency of a radial wave in the labels, the better a network "
        "fits it in the same time.",
        figures=("fig03",),
        statistic="Slope over log2 f of the covariance above the floor after the last epoch, over "
        "the variance of r (nats per unit of smoothing and octave), mean over networks",
        threshold=0.0,
        threshold_reason="The claim is an order, and 0 is where it turns; less than 0.02 nats an "
        "octave, where a wave that is fitted reaches 1 and more, is too little to count.",
        direction="below",
        tables=("wave_fits",),
        measure=partial(readiness, value="fit"),
        margin=0.02,
        unit="networks (seeds)",
        measure_name="covariance above the floor",
        others=(
            OtherMeasure(
                "minimum noise fitting above the floor", partial(readiness, value="noise_fitting")
            ),
        ),
    ),
    Claim(
        id="low_frequency_waves_fitted_first",
        paper=PAPER,
        statement="The higher the frequency of a radial wave in the labels, the later in training "
        "it begins to be fitted.",
        figures=("fig01", "fig03"),
        statistic="Slope over log2 f of log2 of the epoch from which on the covariance stays above "
        "the floor (no unit: 1 is twice as late at twice the frequency), over the frequencies that "
        "all networks fit, mean over networks",
        threshold=0.0,
        threshold_reason="The claim is an order, and 0 is where it turns; 0.05 is 4 % later at "
        "twice the frequency, too little to count.",
        direction="above",
        tables=("wave_fits",),
        measure=partial(lateness, value="onset"),
        margin=0.05,
        unit="networks (seeds)",
        measure_name="onset of the covariance",
        others=(OtherMeasure("dip of noise fitting", partial(lateness, value="dip_epoch")),),
    ),
)
