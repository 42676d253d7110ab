"""Our white-noise run of Experiment 4 against the authors' readings of theirs."""

from collections.abc import Sequence

import pandas as pd

from spectral_bias.experiments.rahaman2018.kernel_spectra.kernel_noise import validation_dip
from spectral_bias.figures.agreement import Agreement, not_comparable

# The authors worked in single precision; between these bins their kernel is so close to the
# identity that its eigenvectors, and with them the coefficients, depend on rounding.
ENDS = (*range(10), *range(81, 100))
WHERE = "bins 0-9 and 81-99"


def spectra(ours: pd.DataFrame, theirs: pd.DataFrame, reasons: Sequence[str]) -> list[Agreement]:
    """Mean absolute difference of |f~| at the two ends of the index, for each curve of theirs.

    Args:
        ours: mean over runs, with the lowest and highest run; columns curve, iteration, bin,
            abs_coefficient, abs_coefficient_low, abs_coefficient_high.
        theirs: the same columns.
        reasons: why the two cannot be compared; empty if they can.
    """
    found = []
    for (curve, iteration), read in theirs.groupby(["curve", "iteration"], dropna=False):
        words = curve.replace("_", " ") if pd.isna(iteration) else f"network at {iteration:g}"
        name = f"mean absolute difference of the spectrum, {words}"
        same = ours["iteration"].isna() if pd.isna(iteration) else ours["iteration"] == iteration
        mine = ours[(ours["curve"] == curve) & same].set_index("bin")
        if reasons or mine.empty:
            found.append(not_comparable(name, "", reasons or ["not recorded in ours"]))
            continue
        read = read.set_index("bin")["abs_coefficient"].loc[list(ENDS)]
        mine = mine.loc[list(ENDS)]
        difference = (mine["abs_coefficient"] - read).abs().mean()
        inside = read.between(mine["abs_coefficient_low"], mine["abs_coefficient_high"]).sum()
        meaning = f"{WHERE}; 0 is identical; coefficients there are {read.mean():.2g} on average"
        if curve != "pure_target":
            meaning += (
                "; noise and weights are other draws than the authors', whose values lie between "
                f"our lowest and highest run in {inside} of {len(ENDS)} bins"
            )
        found.append(Agreement(name, float(difference), "", meaning))
    return found


def dips(ours: pd.DataFrame, theirs: pd.DataFrame, reasons: Sequence[str]) -> list[Agreement]:
    """Value and place of the minimum of the validation loss against the authors'.

    Args:
        ours: mean over runs; columns curve, iteration, mse.
        theirs: the same columns, `iteration` counting updates in both.
        reasons: why the two cannot be compared; empty if they can.
    """
    value = "validation minimum over the authors', white noise"
    place = "iteration of the validation minimum minus the authors', white noise"
    if reasons:
        return [not_comparable(value, "", reasons), not_comparable(place, "iterations", reasons)]
    (at, lowest), (their_at, their_lowest) = validation_dip(ours), validation_dip(theirs)
    return [
        Agreement(
            value,
            lowest / their_lowest,
            "",
            f"ours {lowest:.4g} (mean over runs), authors {their_lowest:.4g} (one run, read to "
            "about 1 %); 1 is identical",
        ),
        Agreement(
            place,
            at - their_at,
            "iterations",
            f"ours {at:,.0f}, authors {their_at:,.0f} (their curve is within 1 % of its "
            "minimum for about 10 iterations); 0 is identical",
        ),
    ]
