"""Claims on radial waves in the labels (fridovichkeil2021, figures 1 and 3).

Shape suffixes: M members (seeds), K frequencies.
"""

from dataclasses import replace

import numpy as np

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.experiments.fridovichkeil2021.baseline import (
    PAPER,
    baseline,
    require_fitted,
    require_learnt,
    waves,
)
from spectral_bias.statistics import (
    MIN_MEMBERS,
    Estimate,
    dense,
    kendall_tau,
    member_bootstrap,
    require,
    resampled_mean,
)

TABLES = ("noise_minima", "noise_fitting")
MIN_FREQUENCIES = 4
ALONE = 5
"""Frequencies needed where they are resampled: a perfect order of four has a chance of 1 in 24."""
MIN_TURNED = 3


def order(values_MK: np.ndarray, f_K: np.ndarray, note: str) -> Estimate:
    """Kendall's tau-b of the frequencies with the mean over seeds of `values`.

    The interval is over resampled seeds or, for fewer than three of them, over resampled
    frequencies; a resample of one frequency alone has no order and counts as 0.

    Raises:
        UndecidedError: too few frequencies.
    """
    members, count = values_MK.shape
    over_seeds = members >= MIN_MEMBERS
    needed = MIN_FREQUENCIES if over_seeds else ALONE
    unit = "seeds" if over_seeds else "frequencies"
    require(
        count >= needed,
        f"{count} frequencies, where an order with an interval over {unit} needs {needed}",
        members,
    )
    note = f"{note}; {count} frequencies, {members} seed(s), interval over {unit}"
    if over_seeds:
        return member_bootstrap(
            lambda index: kendall_tau(f_K, resampled_mean(values_MK, index)), members, note
        )
    mean_K = values_MK.mean(axis=0)
    found = member_bootstrap(
        lambda index: np.nan_to_num(kendall_tau(f_K[index], mean_K[index])), count, note
    )
    return replace(found, n_runs=members)


def minimum_order(tables: Tables) -> Estimate:
    """`order` of the minima of noise fitting of the baseline."""
    name = baseline(tables["noise_minima"])
    minima = waves(tables["noise_minima"], "radial", name)
    values_MK, axes = dense(minima, ("seed", "frequency"), "noise_fitting")
    require_learnt(minima["test_accuracy"].mean(), len(values_MK))
    require_fitted(tables["noise_minima"], name, "radial")
    low, high = values_MK.mean(axis=0)[[0, -1]]
    f_K = axes["frequency"]
    note = f"{low:.3f} at f = {f_K[0]:g}, {high:.3f} at f = {f_K[-1]:g}"
    return order(values_MK, f_K, note)


def dip_order(tables: Tables) -> Estimate:
    """`order` of the epochs of these minima.

    A minimum in the last epoch is no dip, since nothing shows that the curve turns there; it
    stands for a later epoch, and several of them are tied. Undecided unless three frequencies
    have a dip in all seeds.
    """
    name = baseline(tables["noise_minima"])
    minima = waves(tables["noise_minima"], "radial", name)
    values_MK, axes = dense(minima, ("seed", "frequency"), "epoch")
    members = len(values_MK)
    require_learnt(minima["test_accuracy"].mean(), members)
    require_fitted(tables["noise_minima"], name, "radial")
    last = waves(tables["noise_fitting"], "radial", name)["epoch"].max()
    turned = int((values_MK < last).all(axis=0).sum())
    note = f"{turned} of {len(axes['frequency'])} frequencies have a dip before the last epoch"
    require(turned >= MIN_TURNED, note, members)
    return order(values_MK, axes["frequency"], note)


_INTERVAL = "(-1 to 1, no unit; interval over seeds or, with fewer than three, over frequencies)"
_REASON = (
    "0 is no order, 1 perfect order; at 0.5 in size three of four pairs of frequencies stand in "
    "the claimed order."
)

CLAIMS = (
    Claim(
        id="low_frequency_waves_fitted_more_readily",
        paper=PAPER,
        statement="The lower the frequency of a wave in the labels, the more readily a network "
        "fits it.",
        figures=("fig03",),
        statistic="Kendall's tau-b between frequency and minimum noise fitting of radial waves, "
        f"mean over seeds of the baseline {_INTERVAL}",
        threshold=-0.5,
        threshold_reason=_REASON,
        direction="below",
        tables=TABLES,
        measure=minimum_order,
    ),
    Claim(
        id="low_frequency_waves_fitted_first",
        paper=PAPER,
        statement="The higher the frequency of a wave in the labels, the later in training its "
        "noise fitting turns up, that is the later the wave begins to be fitted.",
        figures=("fig01", "fig03"),
        statistic="Kendall's tau-b between frequency and the epoch of the minimum of noise "
        f"fitting of radial waves, mean over seeds of the baseline {_INTERVAL}",
        threshold=0.5,
        threshold_reason=_REASON,
        direction="above",
        tables=TABLES,
        measure=dip_order,
    ),
)
