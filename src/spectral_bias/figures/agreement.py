"""How closely a figure agrees with the authors' own: one form for all figures of both papers.

A quantity is inside if what was read off the authors' picture, widened by the reading error, meets
the interval in which the authors' number would lie if their runs were further runs of ours: 95 %,
by Student's t over our runs, for the mean of as many runs as theirs. It is outside otherwise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from spectral_bias.figures.captions import readable
from spectral_bias.statistics import MIN_MEMBERS, UndecidedError, prediction_interval

Verdict = Literal["inside", "outside", "not comparable"]


@dataclass(frozen=True)
class Reading:
    """A number of the authors.

    Attributes:
        value: as it was read or stated.
        low: lower end of the reading error.
        high: upper end.
        runs: independent runs that the authors took the mean over.
    """

    value: float
    low: float
    high: float
    runs: int = 1


@dataclass(frozen=True)
class Quantity:
    """One number of the authors beside ours.

    Attributes:
        name: what is compared.
        unit: of both numbers, empty for plain numbers.
        theirs: the authors' number.
        theirs_low: lower end of its reading error.
        theirs_high: upper end.
        ours: mean over our runs; None if there is none to compare.
        ours_low: lower end of the interval for the authors' number, see the module; None for none.
        ours_high: upper end.
        n_runs: our runs.
        verdict: whether theirs is inside our interval.
        note: what else there is to know, or why it is not comparable.
    """

    name: str
    unit: str
    theirs: float
    theirs_low: float
    theirs_high: float
    ours: float | None
    ours_low: float | None
    ours_high: float | None
    n_runs: int
    verdict: Verdict
    note: str = ""


@dataclass(frozen=True)
class Agreement:
    """A figure beside the authors'.

    Attributes:
        measure: what the one number of this figure is.
        value: that number; None where the settings or the recorded range forbid one.
        unit: unit of `value`, empty for plain numbers.
        note: how `value` is to be read, or why the figures are not comparable.
        quantities: single numbers, each with a verdict; none where the figures are not comparable.
    """

    measure: str
    value: float | None
    unit: str
    note: str
    quantities: tuple[Quantity, ...] = ()


def differences(
    ours: Mapping[str, Any], theirs: Mapping[str, Any], whose: str = "authors", prefix: str = ""
) -> list[str]:
    """The settings in which `ours` differs, as text such as "network.width 64 (authors 256)".

    Only keys of `theirs` count, so settings that do not touch the compared quantity are left out
    by not naming them there. A key that `ours` lacks counts as different.

    Args:
        ours: resolved settings, nested.
        theirs: what they are compared with.
        whose: what the text calls `theirs`.
        prefix: where `ours` stands within larger settings, e.g. "network.".
    """
    found: list[str] = []
    for key, reference in theirs.items():
        value = ours.get(key)
        if isinstance(reference, Mapping):
            nested = value if isinstance(value, Mapping) else {}
            found += differences(nested, reference, whose, f"{prefix}{key}.")
        elif not _equal(value, reference):
            found.append(f"{prefix}{key} {readable(value)} ({whose} {readable(reference)})")
    return found


def _equal(value: Any, theirs: Any) -> bool:
    if isinstance(theirs, (list, tuple)):
        return isinstance(value, (list, tuple)) and list(value) == list(theirs)
    return value == theirs


def not_comparable(measure: str, unit: str, reasons: Sequence[str]) -> Agreement:
    """An Agreement without value, because of `reasons`."""
    return Agreement(measure, None, unit, f"not comparable: {'; '.join(reasons)}")


def compared(
    name: str,
    ours_M: np.ndarray,
    theirs: Reading,
    *,
    unit: str = "",
    log: bool = False,
    exact: bool = False,
    at_most: float | None = None,
    resolution: float | None = None,
    note: str = "",
) -> Quantity:
    """One quantity of the authors beside our runs.

    Args:
        name: what is compared.
        ours_M: (M,), one number for each of our runs.
        theirs: the authors' number.
        unit: of both.
        log: whether ratios count: means and intervals are those of logarithms.
        exact: whether the quantity does not depend on chance, so that every run gives the same and
            the interval has no width.
        at_most: where the authors' picture clips its numbers.
        resolution: smallest step of the numbers, see `mean_interval`.
        note: passed on.
    """
    ours_M = np.asarray(ours_M, dtype=float)
    ours = low = high = None
    reason = "" if len(ours_M) else "not recorded in ours"
    if len(ours_M):
        there, back = (np.log, np.exp) if log else (np.asarray, np.asarray)
        ours = float(back(there(ours_M).mean()))
        try:
            low, high = (ours, ours) if exact else _interval(there(ours_M), theirs.runs, resolution)
            low, high = (low, high) if exact else (float(back(low)), float(back(high)))
        except UndecidedError as error:
            few = len(ours_M) < MIN_MEMBERS
            reason = f"{_runs(len(ours_M))} of ours, no interval" if few else str(error)
    if at_most is not None:
        ours, low, high = (v if v is None else min(v, at_most) for v in (ours, low, high))
    if low is None:
        verdict: Verdict = "not comparable"
    else:
        verdict = "inside" if theirs.low <= high and low <= theirs.high else "outside"
    return Quantity(
        name=name,
        unit=unit,
        theirs=theirs.value,
        theirs_low=theirs.low,
        theirs_high=theirs.high,
        ours=None if ours is None or not np.isfinite(ours) else ours,
        ours_low=low,
        ours_high=high,
        n_runs=len(ours_M),
        verdict=verdict,
        note="; ".join(filter(None, [reason, note])),
    )


def typical_factor(ours: np.ndarray, theirs: np.ndarray) -> float:
    """exp of the mean |ln(ours / theirs)|: 1 is identical, 2 a factor of two either way."""
    return float(np.exp(np.abs(np.log(np.asarray(ours) / np.asarray(theirs))).mean()))


def _interval(values_M: np.ndarray, runs: int, resolution: float | None) -> tuple[float, float]:
    found = prediction_interval(values_M, runs, resolution=resolution)
    return found.ci_low, found.ci_high


def _runs(count: int) -> str:
    return "one run" if count == 1 else f"{count} runs"
