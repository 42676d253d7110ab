"""How far predictions of the tangent kernel are off: what the figure and its claims share.

A time is known where the frequency reaches half of the target's amplitude within training, and
where the kernel says that it will. Shape suffix: M members.
"""

import numpy as np
import pandas as pd

HALF = 0.5
"""Fitted frequencies have this fraction of the target's amplitude."""


def remaining(times: pd.DataFrame) -> pd.DataFrame:
    """Predicted over measured time from the kernel's iteration to half of the amplitude.

    Rows without either time, and those of frequencies that are fitted already where the kernel is
    taken, are left out.

    Args:
        times: table `kernel_prediction_times`.

    Returns:
        `times` with log_ratio, the natural logarithm of that quotient.
    """
    open_rows = (times["reached"] < HALF) & (times["t_measured"] > times["kernel_at"])
    known = times["t_measured"].notna() & (times["t_predicted"] > times["kernel_at"])
    kept = times[open_rows & known]
    predicted, measured = (kept[name] - kept["kernel_at"] for name in ("t_predicted", "t_measured"))
    return kept.assign(log_ratio=np.log(predicted) - np.log(measured))


def first_failures(times: pd.DataFrame) -> pd.DataFrame:
    """The row of the frequency that goes wrong first, for each kernel_at and member.

    Of several that go wrong at the same record the lowest frequency. Predictions that hold to the
    end of training have no row.
    """
    failed = times.dropna(subset=["fails_at"]).sort_values(["fails_at", "frequency"])
    return failed.groupby(["kernel_at", "member"], sort=True).head(1).reset_index(drop=True)
