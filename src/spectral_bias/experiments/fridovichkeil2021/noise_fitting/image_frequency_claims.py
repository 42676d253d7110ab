"""Claims on waves along directions of image space (fridovichkeil2021, figures 11 and 12).

A model with one coefficient for how much faster the fit of waves falls with their frequency along
one kind of direction than along another is fitted by least squares to all trainings.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.experiments.fridovichkeil2021.baseline import PAPER, require_learnt
from spectral_bias.experiments.fridovichkeil2021.purposes import FOURIER, NATURAL
from spectral_bias.statistics import Estimate, interaction, require


def fitted_directions(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """Rows of the directions along which a wave is fitted.

    Raises:
        UndecidedError: these are fewer than half of the directions, or fewer than two.
    """
    require(len(rows) > 0, "no network was trained on waves along directions")
    require_learnt(rows["test_accuracy"].mean(), len(rows))
    any_fitted = rows["fitted"].astype(bool).groupby(rows[by]).any()
    found, count = int(any_fitted.sum()), len(any_fitted)
    require(
        found >= 2 and 2 * found >= count,
        f"along {found} of {count} directions a wave is fitted, where half of them and two are "
        "needed",
        len(rows),
    )
    return rows[rows[by].isin(any_fitted.index[any_fitted])]


def slopes_text(rows: pd.DataFrame, by: str) -> str:
    """Slope of the fit over octaves along each direction."""
    texts = []
    for name, part in rows.groupby(by):
        octaves = np.log2(part["cycles"].to_numpy())
        if len(np.unique(octaves)) > 1:
            value = np.polyfit(octaves, part["fit"].to_numpy(), 1)[0]
            texts.append(f"{name if isinstance(name, str) else format(name, 'g')}: {value:.2f}")
    return f"slopes per octave {', '.join(texts)}"


def over_spatial_frequency(tables: Tables) -> Estimate:
    """How the slope of the fit over octaves of the wave changes with octaves of d."""
    fits = tables["wave_fits"]
    rows = fits[(fits["purpose"] == FOURIER) & (fits["spatial_frequency"] > 0)]
    rows = fitted_directions(rows, "spatial_frequency")
    cycles, spatial = (np.log2(rows[name].to_numpy()) for name in ("cycles", "spatial_frequency"))
    note = f"{len(rows)} trainings, {slopes_text(rows, 'spatial_frequency')}"
    return interaction(
        rows["fit"].to_numpy(), cycles - cycles.mean(), spatial - spatial.mean(), note
    )


def between_spectra(tables: Tables, kinds: Sequence[str]) -> Estimate:
    """Slope of the fit over octaves along the second kind of direction minus along the first."""
    fits = tables["wave_fits"]
    rows = fits[(fits["purpose"] == NATURAL) & fits["kind"].isin(kinds)]
    require(rows["kind"].nunique() == 2, "waves along one of the two directions were not run")
    rows = fitted_directions(rows, "kind")
    require(rows["kind"].nunique() == 2, "along one of the two directions no wave is fitted")
    octaves = np.log2(rows["cycles"].to_numpy())
    second = (rows["kind"] == kinds[1]).to_numpy(dtype=float)
    note = f"{len(rows)} trainings, {slopes_text(rows, 'kind')}"
    return interaction(rows["fit"].to_numpy(), octaves - octaves.mean(), second, note)


_UNIT = "trainings (residuals of the model)"
_ORDER = (
    "The claim is an order, and 0 is where it turns; less than 0.02 nats an octave is too little "
    "to count."
)

CLAIMS = (
    Claim(
        id="spectral_bias_along_low_spatial_frequencies",
        paper=PAPER,
        statement="Low function frequencies are preferred more strongly along image directions of "
        "low than of high spatial frequency, among waves that cover as many periods of the images "
        "(our measure of 'sensitive to the low frequencies prevalent in natural images').",
        figures=("fig11",),
        statistic="By how much the slope over log2 cycles of the fit (covariance above the floor "
        "over the variance of r) rises with log2 of the direction's spatial frequency (nats per "
        "unit of smoothing, octave and octave), by least squares over all trainings along "
        "directions with a fitted wave",
        threshold=0.0,
        threshold_reason=_ORDER,
        direction="above",
        tables=("wave_fits",),
        measure=over_spatial_frequency,
        margin=0.02,
        unit=_UNIT,
    ),
    Claim(
        id="spectral_bias_along_natural_directions",
        paper=PAPER,
        statement="Low function frequencies are preferred more strongly along a direction with "
        "the spectrum of natural images (1/f²) than along one with the opposite spectrum (f²), "
        "among waves that cover as many periods of the images.",
        figures=("fig12",),
        statistic="Slope over log2 cycles of the fit (covariance above the floor over the variance "
        "of r) along the f² direction minus that along the 1/f² direction (nats per unit of "
        "smoothing and octave), by least squares over all trainings",
        threshold=0.0,
        threshold_reason=_ORDER,
        direction="above",
        tables=("wave_fits",),
        measure=partial(between_spectra, kinds=("1/f2", "f2")),
        margin=0.02,
        unit=_UNIT,
    ),
)
