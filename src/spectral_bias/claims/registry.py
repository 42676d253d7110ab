"""What a claim is, how its verdict follows from numbers, and how all claims are evaluated.

A claim joins a statement about a paper's figures to one number that measured tables give. The
verdict is computed from that number's interval and a threshold written down beforehand; nobody
judges by eye. Claims stand in the folder of their experiment, in modules with a tuple `CLAIMS`.
"""

import logging
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from spectral_bias.statistics import Estimate, UndecidedError

log = logging.getLogger(__name__)

Tables = Mapping[str, pd.DataFrame]
Direction = Literal["above", "below"]
Verdict = Literal["holds", "fails", "not tested"]
Undecided = Literal["inconclusive", "no data"]
"""Why a claim is not tested: its interval includes the threshold, or there is no interval."""

KEYS = (
    "id",
    "paper",
    "statement",
    "figures",
    "statistic",
    "measure",
    "unit",
    "value",
    "ci_low",
    "ci_high",
    "threshold",
    "margin",
    "verdict",
    "undecided",
    "n_runs",
    "others",
)
OTHER_KEYS = ("measure", "value", "ci_low", "ci_high", "verdict")
NOTE_MARK = " — here: "
SUBJECT = "{subject}"
UNMEASURED = "data that were not measured"
"""What a statement is about whose subject no table names."""


@dataclass(frozen=True)
class OtherMeasure:
    """The statistic of a claim, computed from another measure of the same thing.

    It has a verdict of its own, which is shown beside that of the claim and decides nothing.

    Args:
        name: of the measure, such as "with a Hann window".
        measure: tables → Estimate; may raise `UndecidedError`.
    """

    name: str
    measure: Callable[[Tables], Estimate]


@dataclass(frozen=True)
class Claim:
    """One statement of a paper, in our words, and the number that decides it.

    Args:
        id: short name, unique among all claims.
        paper: "rahaman2018" or "fridovichkeil2021".
        statement: the claim, one sentence; `{subject}` in it is filled by `subject`.
        figures: "figNN" of that paper that carry it.
        statistic: what is computed, with its unit.
        threshold: border between holding and failing.
        threshold_reason: why the border lies there.
        direction: side of the threshold that is claimed.
        tables: names of the measured tables that `measure` reads.
        measure: tables → Estimate; may raise `UndecidedError`.
        margin: an effect no larger than this is too small to count: a claim whose whole interval
            lies nearer to the threshold fails. None is no such margin.
        unit: what the interval is over, such as "networks (seeds)".
        measure_name: name of the measure behind `measure`; needed where there are others.
        others: the same statistic from other measures.
        subject: tables → what was measured, such as "ImageNet", so that the statement never says
            more than that.
    """

    id: str
    paper: str
    statement: str
    figures: tuple[str, ...]
    statistic: str
    threshold: float
    threshold_reason: str
    direction: Direction
    tables: tuple[str, ...]
    measure: Callable[[Tables], Estimate]
    margin: float | None = None
    unit: str = ""
    measure_name: str = ""
    others: tuple[OtherMeasure, ...] = ()
    subject: Callable[[Tables], str] | None = None

    def __post_init__(self) -> None:
        require_border(f"claim {self.id}", self.direction, self.threshold, self.threshold_reason)
        if self.margin is not None and not 0 < self.margin < math.inf:
            raise ValueError(f"claim {self.id}: the margin must be positive and finite, or None")
        if (SUBJECT in self.statement) != (self.subject is not None):
            raise ValueError(f"claim {self.id}: a subject needs {SUBJECT} in the statement")
        names = [self.measure_name, *(other.name for other in self.others)]
        if self.others and not all(names):
            raise ValueError(f"claim {self.id}: with other measures every measure needs a name")
        if len(set(names)) < len(names):
            raise ValueError(f"claim {self.id}: two measures have the same name")


def verdict(
    estimate: Estimate, threshold: float, direction: Direction, margin: float | None = None
) -> Verdict:
    """'holds' / 'fails' if the whole interval lies strictly on the claimed / other side.

    'fails' also if it lies nearer to the threshold than `margin`, whichever the side. 'not tested'
    if there is no finite value and interval, or the interval touches the threshold.
    """
    if not _is_finite(estimate):
        return "not tested"
    if _within_margin(estimate, threshold, margin):
        return "fails"
    if estimate.ci_low > threshold:
        return "holds" if direction == "above" else "fails"
    if estimate.ci_high < threshold:
        return "holds" if direction == "below" else "fails"
    return "not tested"


def estimate(claim: Claim, tables: Tables) -> Estimate:
    """The claim's estimate; undecided, with a note, for missing tables and non-finite numbers."""
    return _estimate(claim.measure, claim, tables)


def evaluate(claims: Iterable[Claim], tables: Tables) -> list[dict]:
    """One dict with exactly the keys `KEYS` per claim, in the order given, ready for JSON.

    The estimate's note follows the text of `statistic` after `NOTE_MARK`. `others` holds a dict
    with the keys `OTHER_KEYS` for each other measure; `undecided` says why a claim is not tested.
    """
    results = []
    for claim in claims:
        found = estimate(claim, tables)
        outcome = verdict(found, claim.threshold, claim.direction, claim.margin)
        note = _note(claim, found, outcome)
        log.info("%s: %s (%s)", claim.id, outcome, note)
        results.append(
            {
                "id": claim.id,
                "paper": claim.paper,
                "statement": claim.statement.replace(SUBJECT, _subject(claim, tables)),
                "figures": list(claim.figures),
                "statistic": claim.statistic + (NOTE_MARK + note if note else ""),
                "measure": claim.measure_name,
                "unit": claim.unit,
                **_numbers(found),
                "threshold": float(claim.threshold),
                "margin": None if claim.margin is None else float(claim.margin),
                "verdict": outcome,
                "undecided": _undecided(found, outcome),
                "n_runs": int(found.n_runs),
                "others": [_other(other, claim, tables) for other in claim.others],
            }
        )
    return results


def shown_verdict(entry: Mapping[str, Any]) -> str:
    """The verdict of an entry of claims.json, with the reason why it is not tested."""
    return ": ".join(filter(None, [entry["verdict"], entry["undecided"]]))


def require_border(name: str, direction: str, threshold: float, reason: str) -> None:
    """Raises ValueError, naming `name`, unless a border is finite, has a reason and a side."""
    if direction not in ("above", "below"):
        raise ValueError(f"{name}: direction must be above or below")
    if not math.isfinite(threshold) or not reason.strip():
        raise ValueError(f"{name}: needs a finite threshold and its reason")


def unmeasured(names: Iterable[str], tables: Tables) -> str:
    """Says which of the tables `names` are missing; empty for none."""
    missing = [name for name in names if name not in tables]
    return f"not measured: {', '.join(missing)}" if missing else ""


def rounded(x: float | None) -> float | None:
    """`x` as a plain float of 6 significant digits, as in the measured tables."""
    return None if x is None else float(f"{x:.6g}")


def _other(other: OtherMeasure, claim: Claim, tables: Tables) -> dict:
    found = _estimate(other.measure, claim, tables)
    outcome = verdict(found, claim.threshold, claim.direction, claim.margin)
    log.info("%s, %s: %s (%s)", claim.id, other.name, outcome, _note(claim, found, outcome))
    return {"measure": other.name, **_numbers(found), "verdict": outcome}


def _estimate(measure: Callable[[Tables], Estimate], claim: Claim, tables: Tables) -> Estimate:
    if missing := unmeasured(claim.tables, tables):
        return Estimate(None, None, None, 0, missing)
    try:
        found = measure(tables)
    except UndecidedError as error:
        return Estimate(None, None, None, error.n_runs, str(error))
    if found.value is None:
        return Estimate(None, None, None, found.n_runs, found.note)
    if not _is_finite(found):
        note = "some runs give no finite number" + (f" ({found.note})" if found.note else "")
        return Estimate(None, None, None, found.n_runs, note)
    return found


def _is_finite(found: Estimate) -> bool:
    numbers = (found.value, found.ci_low, found.ci_high)
    return all(number is not None and math.isfinite(number) for number in numbers)


def _within_margin(found: Estimate, threshold: float, margin: float | None) -> bool:
    if margin is None or not _is_finite(found):
        return False
    return threshold - margin < found.ci_low and found.ci_high < threshold + margin


def _note(claim: Claim, found: Estimate, outcome: Verdict) -> str:
    """The estimate's note, after what the interval's place says about the verdict."""
    about = ""
    if _within_margin(found, claim.threshold, claim.margin):
        about = f"the whole interval lies within the margin ±{claim.margin:g}"
    elif _undecided(found, outcome) == "inconclusive":
        about = "the interval includes the threshold"
    return "; ".join(filter(None, [about, found.note]))


def _undecided(found: Estimate, outcome: Verdict) -> Undecided | None:
    if outcome != "not tested":
        return None
    return "no data" if found.value is None else "inconclusive"


def _subject(claim: Claim, tables: Tables) -> str:
    if claim.subject is None or any(name not in tables for name in claim.tables):
        return UNMEASURED
    try:
        return claim.subject(tables)
    except UndecidedError:
        return UNMEASURED


def _numbers(found: Estimate) -> dict[str, float | None]:
    """Value and interval as plain floats of 6 significant digits, as in the measured tables."""
    return {name: rounded(getattr(found, name)) for name in ("value", "ci_low", "ci_high")}
