"""How long random labels take to be fitted, from the losses of Experiment 8."""

import numpy as np
import pandas as pd

BEST_CONSTANT = 1 / 12
"""Loss of the best constant: the variance of U(0, 1)."""
LEVEL = 0.5
CURVED = "manifold"
OTHERS = ("flat", "flat_stretched")


def half_times(losses: pd.DataFrame) -> pd.DataFrame:
    """First recorded iteration at which a loss is at most half the best constant's.

    Args:
        losses: features, inputs, member, iteration, mse.

    Returns:
        features, inputs, member, half_time (NaN where a run does not come so far); one row for each
        run.
    """
    run = ["features", "inputs", "member"]
    fitted = losses["mse"] <= LEVEL * BEST_CONSTANT
    times = losses["iteration"].where(fitted).groupby([losses[name] for name in run])
    return times.min().rename("half_time").reset_index()


def ratios(losses: pd.DataFrame) -> pd.DataFrame:
    """Half-times on the curved manifold over those on other inputs, in pairs of equal members.

    Args:
        losses: as for `half_times`.

    Returns:
        features, inputs (the other ones), member, ratio: below 1 where the curved manifold is
        fitted faster, NaN where either run does not come so far.
    """
    times = half_times(losses)
    pair = ["features", "member"]
    curved = times[times["inputs"] == CURVED].set_index(pair)["half_time"]
    others = times[times["inputs"].isin(OTHERS)]
    own = curved.reindex(pd.MultiIndex.from_frame(others[pair])).to_numpy()
    ratio = own / others["half_time"].to_numpy(dtype=float)
    found = others.assign(ratio=np.where(np.isfinite(ratio), ratio, np.nan))
    return found[["features", "inputs", "member", "ratio"]].reset_index(drop=True)
