"""Claims on waves along directions of image space (fridovichkeil2021, figures 11 and 12).

At equal cycles a wave has as many periods over the images along every direction, so what is left is
the direction itself. Each number of cycles gives one difference between directions.
"""

import numpy as np
import pandas as pd

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.experiments.fridovichkeil2021.baseline import PAPER, require_learnt
from spectral_bias.experiments.fridovichkeil2021.purposes import FOURIER, NATURAL
from spectral_bias.statistics import Estimate, dense, mean_interval, require

MIN_CYCLES = 3


def fits_over_cycles(rows: pd.DataFrame, by: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The fit of waves (D, C) along D directions and of C numbers of cycles, and both axes.

    Raises:
        UndecidedError: there are too few, or no wave is fitted along any direction.
    """
    require(len(rows) > 0, "no network was trained on waves along directions")
    count, cycles = rows[by].nunique(), rows["cycles"].nunique()
    require(count >= 2, "waves along one direction alone", len(rows))
    reason = f"{cycles} numbers of cycles, where an interval needs {MIN_CYCLES}"
    require(cycles >= MIN_CYCLES, reason, len(rows))
    require_learnt(rows["test_accuracy"].mean(), len(rows))
    require(bool(rows["fitted"].astype(bool).any()), "no wave was fitted", len(rows))
    return dense(rows.groupby([by, "cycles"], as_index=False)["fit"].mean(), (by, "cycles"), "fit")


def note(rows: pd.DataFrame, by: str) -> str:
    """How many waves are fitted along each direction, and how well."""
    texts = []
    for name, part in rows.groupby(by):
        label = name if isinstance(name, str) else f"{name:g}"
        fitted = int(part["fitted"].sum())
        texts.append(f"{label}: {part['fit'].mean():.2f}, {fitted} of {len(part)} fitted")
    return f"mean fit along {'; '.join(texts)}"


def over_spatial_frequency(tables: Tables) -> Estimate:
    """Fit along the lowest spatial frequency minus the mean fit along the others."""
    fits = tables["wave_fits"]
    rows = fits[fits["purpose"] == FOURIER]
    fit_SC, _ = fits_over_cycles(rows, "spatial_frequency")
    text = note(rows, "spatial_frequency")
    return mean_interval(fit_SC[0] - fit_SC[1:].mean(axis=0), text, len(rows))


def between_spectra(tables: Tables) -> Estimate:
    """Fit along the 1/f² direction minus that along the f² direction."""
    fits = tables["wave_fits"]
    rows = fits[(fits["purpose"] == NATURAL) & fits["kind"].isin(["1/f2", "f2"])]
    natural_C, other_C = fits_over_cycles(rows, "kind")[0]
    return mean_interval(natural_C - other_C, note(rows, "kind"), len(rows))


_FIT = (
    "(covariance above the floor after the last epoch over the variance of r, nats per unit of "
    "smoothing), mean over numbers of cycles, one network for each wave"
)
_REASON = (
    "The claim is an order, and 0 is where it turns; less than 0.1 nats, where a wave that is "
    "fitted has 1 to 6, is too little to count."
)

CLAIMS = (
    Claim(
        id="waves_along_low_spatial_frequencies_fitted_better",
        paper=PAPER,
        statement="Of waves that have as many periods over the images, networks fit those along "
        "image directions of low spatial frequency better (our measure of 'sensitive to the low "
        "frequencies prevalent in natural images').",
        figures=("fig11",),
        statistic="Fit of waves along the lowest spatial frequency minus the mean of that along "
        f"all others {_FIT}",
        threshold=0.0,
        threshold_reason=_REASON,
        direction="above",
        tables=("wave_fits",),
        measure=over_spatial_frequency,
        margin=0.1,
        unit="numbers of cycles (one network for each wave)",
    ),
    Claim(
        id="waves_along_natural_directions_fitted_better",
        paper=PAPER,
        statement="Of waves that have as many periods over the images, networks fit those along a "
        "direction with the spectrum of natural images (1/f²) better than those along one with "
        "the opposite spectrum (f²).",
        figures=("fig12",),
        statistic=f"Fit of waves along the 1/f² direction minus that along the f² direction {_FIT}",
        threshold=0.0,
        threshold_reason=_REASON,
        direction="above",
        tables=("wave_fits",),
        measure=between_spectra,
        margin=0.1,
        unit="numbers of cycles (one network for each wave)",
    ),
)
