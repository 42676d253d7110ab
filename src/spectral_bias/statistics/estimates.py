"""An estimate: a statistic with its interval, or the reason why there is none."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

LEVEL = 0.95
MIN_MEMBERS = 3


class UndecidedError(Exception):
    """The measured tables cannot decide a claim.

    Args:
        reason: why, one clause for the reader.
        n_runs: runs that were evaluated.
    """

    def __init__(self, reason: str, n_runs: int = 0) -> None:
        super().__init__(reason)
        self.n_runs = n_runs


@dataclass(frozen=True)
class Estimate:
    """A statistic with its interval (95 %); `value` None means undecided, `note` says why.

    Args:
        value: the statistic, in the unit that the claim's `statistic` states.
        ci_low: lower end of the interval.
        ci_high: upper end of the interval.
        n_runs: independent training runs (seeds) behind the value.
        note: what was compared, or why the value cannot be decided.
    """

    value: float | None
    ci_low: float | None
    ci_high: float | None
    n_runs: int
    note: str = ""


ROW = ("value", "ci_low", "ci_high", "n_runs", "note", "reason")
"""Columns of an estimate in a table; `note` says what was compared, `reason` why it has none."""


def estimate_row(measure: Callable[[], Estimate]) -> dict[str, Any]:
    """The columns `ROW` of what `measure` finds, or of why it finds nothing."""
    row: dict[str, Any] = dict.fromkeys(ROW)
    try:
        found = measure()
    except UndecidedError as error:
        return row | {"n_runs": error.n_runs, "reason": str(error)}
    return row | {name: getattr(found, name) for name in ROW[:-1]}


def estimate_of(row: pd.Series) -> Estimate:
    """The estimate that a row of a table holds.

    Raises:
        UndecidedError: the row says why there is none.
    """
    if pd.isna(row["value"]):
        raise UndecidedError(str(row["reason"]), int(row["n_runs"]))
    note = "" if pd.isna(row["note"]) else str(row["note"])
    return Estimate(row["value"], row["ci_low"], row["ci_high"], int(row["n_runs"]), note)


def require(condition: bool, reason: str, n_runs: int = 0) -> None:
    """Raises UndecidedError(reason, n_runs) unless the condition holds."""
    if not condition:
        raise UndecidedError(reason, n_runs)
