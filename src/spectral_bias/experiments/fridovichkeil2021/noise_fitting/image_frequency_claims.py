"""Claims on function and image frequency (fridovichkeil2021, figures 11, 12 and 13).

Spectral bias along a direction of image space shows in how far the minimum of noise fitting falls
from the lowest to higher frequencies of the wave. How far images vary along the direction sets how
many periods of the wave they cover, so the level of the minimum says nothing by itself. Minima are
taken above those of networks that saw no wave, where there are such networks.

Shape suffixes: K frequencies of the wave, S spatial frequencies, N norms.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.experiments.fridovichkeil2021.baseline import (
    PAPER,
    above_floor,
    baseline,
    require_fitted,
    require_learnt,
    waves,
)
from spectral_bias.statistics import MIN_MEMBERS, Estimate, dense, member_bootstrap, require


def fall(minimum_K: np.ndarray) -> np.ndarray:
    """(..., K - 1): by how much the minimum lies below that at the lowest frequency."""
    return minimum_K[..., :1] - minimum_K[..., 1:]


def over_frequencies(difference_K: np.ndarray, f_K: np.ndarray, note: str) -> Estimate:
    """Mean of differences at all frequencies but the lowest, with an interval over them."""
    count = len(difference_K)
    reason = (
        f"{count + 1} frequencies of the wave, where an interval over all but the lowest needs "
        f"at least {MIN_MEMBERS + 1}"
    )
    require(count >= MIN_MEMBERS, reason, 1)
    note = f"{note}; f = {f_K[0]:g} to {f_K[-1]:g}, one network for each wave"
    found = member_bootstrap(lambda index: difference_K[index].mean(axis=-1), count, note)
    return replace(found, n_runs=1)


def low_spatial_fall(tables: Tables) -> Estimate:
    """Fall of the minimum along low minus along high spatial frequencies, mean over frequencies.

    Low and high are the halves of the spatial frequencies; of an odd number the middle is left
    out.
    """
    minima = tables["noise_minima"]
    name = baseline(minima)
    own = above_floor(waves(minima, "fourier", name), minima, name)
    minimum_SK, axes = dense(own, ("spatial_frequency", "frequency"), "noise_fitting")
    require_learnt(own["test_accuracy"].mean(), 1)
    require_fitted(minima, name, "fourier")
    spatial_S, half = axes["spatial_frequency"], len(minimum_SK) // 2
    require(half >= 1, "waves of one spatial frequency alone", 1)
    low_K, high_K = fall(minimum_SK[:half]).mean(axis=0), fall(minimum_SK[-half:]).mean(axis=0)
    names = [", ".join(f"{s:g}" for s in part) for part in (spatial_S[:half], spatial_S[-half:])]
    note = f"spatial frequencies {names[0]} against {names[1]}"
    return over_frequencies(low_K - high_K, axes["frequency"], note)


def natural_fall(tables: Tables) -> Estimate:
    """Fall of the minimum along the 1/f² minus along the f² direction, mean over frequencies."""
    minima = tables["noise_minima"]
    name = baseline(minima)
    own = pd.concat([waves(minima, kind, name) for kind in ("1/f2", "f2")])
    own = above_floor(own, minima, name)
    require(own["kind"].nunique() == 2, "waves along one of the two directions were not run", 1)
    minimum, axes = dense(own, ("kind", "frequency"), "noise_fitting")
    require_learnt(own["test_accuracy"].mean(), 1)
    require_fitted(minima, name, "1/f2", "f2")
    natural_K, other_K = fall(minimum)
    return over_frequencies(natural_K - other_K, axes["frequency"], "1/f2 against f2")


def augmented_difference(tables: Tables) -> Estimate:
    """Between-class fraction with 1/f² images added minus that with f² images, mean over norms."""
    rows = tables["interventions"]
    rows = rows[(rows["intervention"] == "image_frequency") & rows["variant"].isin(["1/f2", "f2"])]
    summary = tables["interpolation_summary"].sort_values("epoch")
    found = rows.merge(summary.drop_duplicates("run", keep="last"), on="run")
    require(found["variant"].nunique() == 2, "networks with one of the two spectra are missing")
    fraction, axes = dense(found, ("variant", "value"), "between_fraction")
    count = len(axes["value"])
    require_learnt(found["test_accuracy"].max(), 2 * count)
    reason = f"{count} norms, where an interval over norms needs at least {MIN_MEMBERS}"
    require(count >= MIN_MEMBERS, reason, 2 * count)
    natural_N, other_N = fraction
    difference_N = natural_N - other_N
    note = f"norms {', '.join(f'{n:g}' for n in axes['value'])}, one network for each"
    result = member_bootstrap(lambda index: difference_N[index].mean(axis=-1), count, note)
    return replace(result, n_runs=2 * count)


_FALL = (
    "Fall of the minimum noise fitting, counted from that of networks trained on evenly smoothed "
    "labels, from the lowest to a higher frequency of the wave along {first} minus the same along "
    "{second}, mean over the higher frequencies (nats; one network for each wave, interval over "
    "the higher frequencies, which share the network of the lowest)"
)
_ORDER = "The claim is an order, and 0 is where it turns."

CLAIMS = (
    Claim(
        id="spectral_bias_along_low_spatial_frequencies",
        paper=PAPER,
        statement="Low function frequencies are preferred more strongly along image directions of "
        "low than of high spatial frequency (our measure of 'sensitive to the low frequencies "
        "prevalent in natural images').",
        figures=("fig11",),
        statistic=_FALL.format(
            first="the lower half of the spatial frequencies", second="the upper half"
        ),
        threshold=0.0,
        threshold_reason=_ORDER,
        direction="above",
        tables=("noise_minima",),
        measure=low_spatial_fall,
    ),
    Claim(
        id="spectral_bias_along_natural_directions",
        paper=PAPER,
        statement="Low function frequencies are preferred more strongly along a direction with "
        "the spectrum of natural images (1/f²) than along one with the opposite spectrum (f²).",
        figures=("fig12",),
        statistic=_FALL.format(first="the 1/f² direction", second="the f² direction"),
        threshold=0.0,
        threshold_reason=_ORDER,
        direction="above",
        tables=("noise_minima",),
        measure=natural_fall,
    ),
    Claim(
        id="natural_images_lower_between_class_frequency",
        paper=PAPER,
        statement="Training on images with 1/f² images added gives lower function frequencies "
        "between classes than with f² images of the same norm (ours: paths between images run "
        "mostly along low spatial frequencies, on which the former act; the paper reports an "
        "effect on frequency, whose sign we had to choose).",
        figures=("fig13",),
        statistic="High-frequency fraction on paths between classes with 1/f² images added minus "
        "that with f² images, mean over norms (0 to 1, no unit; one network for each, interval "
        "over norms)",
        threshold=0.0,
        threshold_reason=_ORDER,
        direction="below",
        tables=("interventions", "interpolation_summary"),
        measure=augmented_difference,
    ),
)
