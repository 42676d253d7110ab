"""The high-frequency fractions of measurement B, as tables name them, and the last of each run."""

import pandas as pd

from spectral_bias.measurements.pairs import KINDS

__all__ = ["FRACTIONS", "KINDS", "column", "last_epoch"]

FRACTIONS = {"raw": "fraction", "hann": "hann_fraction", "chord_free": "chord_free_fraction"}
"""The measures, and what interpolation_summary calls them after the kind of paths."""


def column(kind: str, measure: str) -> str:
    """The column of interpolation_summary with a measure of one kind of paths."""
    return f"{kind}_{FRACTIONS[measure]}"


def last_epoch(summary: pd.DataFrame) -> pd.DataFrame:
    """Of every run the row of its last measured epoch."""
    return summary.sort_values("epoch", kind="stable").drop_duplicates("run", keep="last")
