"""Our white-noise run of Experiment 4 against the authors' readings of theirs (one run)."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from spectral_bias.experiments.rahaman2018.kernel_spectra.kernel_noise import validation_dip
from spectral_bias.figures.agreement import (
    Agreement,
    Quantity,
    Reading,
    compared,
    not_comparable,
    typical_factor,
)

# The authors worked in single precision; between these bins their kernel is so close to the
# identity that its eigenvectors, and with them the coefficients, depend on rounding.
ENDS = {"bins 0-9": range(10), "bins 81-99": range(81, 100)}
SPECTRA_MEASURE = "mean absolute difference of |f~|, bins 0-9 and 81-99"
LOSS_MEASURE = "typical factor between the losses"
AXIS_ERROR = 0.008
"""Relative, of the authors' logarithmic axis of losses."""
SHOWN = (50, 100, 275)
"""Iterations, counted in updates, whose losses are compared one by one."""


def spectra(ours: pd.DataFrame, theirs: pd.DataFrame, reasons: Sequence[str]) -> Agreement:
    """Mean absolute difference of |f~| at the two ends of the index, and each curve there.

    Args:
        ours: columns curve, iteration, member, bin, abs_coefficient.
        theirs: columns curve, iteration, bin, abs_coefficient, abs_coefficient_low and _high.
        reasons: why the two cannot be compared; empty if they can.
    """
    if reasons:
        return not_comparable(SPECTRA_MEASURE, "", reasons)
    wanted = [number for bins in ENDS.values() for number in bins]
    gaps, quantities = [], []
    for (curve, iteration), read in theirs.groupby(["curve", "iteration"], dropna=False):
        same = ours["iteration"].isna() if pd.isna(iteration) else ours["iteration"] == iteration
        rows = ours[(ours["curve"] == curve) & same]
        runs = rows.pivot(index="bin", columns="member", values="abs_coefficient")
        read = read.set_index("bin")
        quantities += _ends(_words(curve, iteration), runs, read, exact=curve == "pure_target")
        if len(runs):
            mean = runs.loc[wanted].mean(axis=1)
            gaps.append((mean - read.loc[wanted, "abs_coefficient"]).abs())
    if not gaps:
        return not_comparable(SPECTRA_MEASURE, "", ["no spectrum was recorded"])
    level = theirs[theirs["bin"].isin(wanted)]["abs_coefficient"].mean()
    note = (
        f"mean over {len(wanted)} bins of {len(gaps)} curves; 0 is identical, coefficients there "
        f"are {level:.2g} on average; in between the eigenvectors depend on rounding"
    )
    return Agreement(SPECTRA_MEASURE, float(pd.concat(gaps).mean()), "", note, tuple(quantities))


def _words(curve: str, iteration: float) -> str:
    return curve.replace("_", " ") if pd.isna(iteration) else f"network at iteration {iteration:g}"


def _ends(words: str, runs: pd.DataFrame, read: pd.DataFrame, exact: bool) -> Iterator[Quantity]:
    """The mean of |f~| over the bins of either end."""
    for where, bins in ENDS.items():
        rows = read.loc[list(bins)]
        means = rows[["abs_coefficient", "abs_coefficient_low", "abs_coefficient_high"]].mean()
        yield compared(
            f"mean |f~| of the {words}, {where}",
            runs.loc[list(bins)].mean().to_numpy() if len(runs) else np.array([]),
            Reading(*means.astype(float)),
            exact=exact,
            note="the same in every run" if exact else "",
        )


def losses(ours: pd.DataFrame, theirs: pd.DataFrame, reasons: Sequence[str]) -> Agreement:
    """Typical factor between the loss curves; the dip of the validation loss, and some iterations.

    Args:
        ours: columns curve, iteration, member, mse.
        theirs: columns curve, iteration, mse, mse_low, mse_high, `iteration` counting updates in
            both.
        reasons: why the two cannot be compared; empty if they can.
    """
    if reasons:
        return not_comparable(LOSS_MEASURE, "", reasons)
    runs = ours.pivot(index="iteration", columns=["curve", "member"], values="mse")
    pairs, quantities = [], list(_dip(runs["validation"], theirs))
    for curve, read in theirs.groupby("curve"):
        mean = np.exp(np.log(runs[curve]).mean(axis=1))
        both = read.set_index("iteration")["mse"].to_frame("theirs").join(mean.rename("ours"))
        pairs.append(both.dropna())
        for iteration in SHOWN:
            row = read[read["iteration"] == iteration].iloc[0]
            ends = row["mse_low"] * (1 - AXIS_ERROR), row["mse_high"] * (1 + AXIS_ERROR)
            there = iteration in runs.index
            quantities.append(
                compared(
                    f"{curve} loss at iteration {iteration}",
                    runs.loc[iteration, curve].to_numpy(float) if there else np.array([]),
                    Reading(float(row["mse"]), *map(float, ends)),
                    log=True,
                )
            )
    both = pd.concat(pairs)
    if both.empty:
        return not_comparable(LOSS_MEASURE, "", ["no iteration recorded by both"])
    note = (
        f"exp of the mean |ln(ours / theirs)| over {len(both):,} points of the training and the "
        "validation curve (ours: geometric mean over runs); 1 is identical"
    )
    factor = typical_factor(both["ours"].to_numpy(), both["theirs"].to_numpy())
    return Agreement(LOSS_MEASURE, factor, "", note, tuple(quantities))


def _dip(runs: pd.DataFrame, theirs: pd.DataFrame) -> Iterator[Quantity]:
    """Value and place of the minimum of the validation loss."""
    at, least = validation_dip(theirs)
    curve = theirs[theirs["curve"] == "validation"]
    ends = least * (1 - AXIS_ERROR), least * (1 + AXIS_ERROR)
    reading = Reading(least, *ends)
    yield compared("validation loss at its dip", runs.min().to_numpy(), reading, log=True)
    flat = curve.loc[curve["mse"] <= ends[1], "iteration"]
    yield compared(
        "iteration of the dip",
        runs.idxmin().to_numpy(float),
        Reading(at, float(flat.min()), float(flat.max())),
        unit="iterations",
        resolution=1.0,
    )
