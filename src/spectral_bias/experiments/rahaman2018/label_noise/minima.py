"""Our minima of the validation loss under label noise against the authors' readings."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from spectral_bias.experiments.rahaman2018.label_noise.loss_panels import is_in
from spectral_bias.experiments.rahaman2018.source_settings import AUTHORS
from spectral_bias.figures.agreement import Agreement, differences, not_comparable


def compared(data: pd.DataFrame, context: Mapping[str, Any]) -> list[Agreement]:
    """Value and iteration of the minimum of the validation loss against the authors' readings.

    For no noise and for k = 0.05 the authors' minimum is flat, so only its value is compared.
    """
    reasons = differences(context["settings"]["label_noise"], AUTHORS["label_noise"])
    found = []
    for (frequency, beta), words in {
        (1.0, 1.0): "k = 1, beta = 1",
        (0.05, 1.0): "k = 0.05, beta = 1",
        (np.nan, 0.0): "no noise",
    }.items():
        rows = data[is_in(data["frequency"], [frequency]) & np.isclose(data["beta"], beta)]
        lowest = {source: _minimum(curve) for source, curve in rows.groupby("source")}
        found += _minima(words, lowest, reasons, with_iteration=frequency == 1.0)
    return found


def _minima(
    words: str,
    lowest: Mapping[str, tuple[float, float]],
    reasons: list[str],
    with_iteration: bool,
) -> list[Agreement]:
    """Agreement in the (iteration, mse) of the minima of "ours" and "authors"."""
    names = [f"validation minimum over the authors', {words}"]
    if with_iteration:
        names.append(f"iteration of the validation minimum minus the authors', {words}")
    units = ["", "iterations"]
    missing = [f"no curve of {source}" for source in ("ours", "authors") if source not in lowest]
    if reasons or missing:
        return [
            not_comparable(name, unit, reasons or missing)
            for name, unit in zip(names, units, strict=False)
        ]
    (at, value), (their_at, theirs) = lowest["ours"], lowest["authors"]
    values = [value / theirs, at - their_at]
    meanings = [
        f"ours {value:.4g} (mean over runs), authors {theirs:.4g} (one run, read to about 2 %); "
        "1 is identical",
        f"ours {at:,.0f}, authors {their_at:,.0f} (read to about 24 iterations); 0 is identical",
    ]
    entries = zip(names, values, units, meanings, strict=False)
    return [Agreement(name, float(number), unit, text) for name, number, unit, text in entries]


def _minimum(curve: pd.DataFrame) -> tuple[float, float]:
    """(iteration, mse) of the lowest drawn point; for the authors of the stroke's lower edge.

    A point of theirs is a stroke about 16 iterations wide, whose lower edge is the lowest value.
    """
    column = "mse_low" if (curve["source"] == "authors").all() else "mse"
    lowest = curve.loc[curve[column].idxmin()]
    return float(lowest["iteration"]), float(lowest[column])
