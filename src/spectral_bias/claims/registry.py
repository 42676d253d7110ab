"""What a claim is, how its verdict follows from numbers, and how all claims are evaluated.

A claim joins a statement about a paper's figures to one number that measured tables give. The
verdict is computed from that number's interval and a threshold written down beforehand; nobody
judges by eye. Claims stand in the folder of their experiment, in modules with a tuple `CLAIMS`.
"""

import logging
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from spectral_bias.statistics import Estimate, UndecidedError

log = logging.getLogger(__name__)

Tables = Mapping[str, pd.DataFrame]
Direction = Literal["above", "below"]
Verdict = Literal["holds", "fails", "not tested"]

KEYS = (
    "id",
    "paper",
    "statement",
    "figures",
    "statistic",
    "value",
    "ci_low",
    "ci_high",
    "threshold",
    "verdict",
    "n_runs",
)
NOTE_MARK = " — here: "


@dataclass(frozen=True)
class Claim:
    """One statement of a paper, in our words, and the number that decides it.

    Args:
        id: short name, unique among all claims.
        paper: "rahaman2018" or "fridovichkeil2021".
        statement: the claim, one sentence.
        figures: "figNN" of that paper that carry it.
        statistic: what is computed, with its unit.
        threshold: border between holding and failing.
        threshold_reason: why the border lies there.
        direction: side of the threshold that is claimed.
        tables: names of the measured tables that `measure` reads.
        measure: tables → Estimate; may raise `UndecidedError`.
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

    def __post_init__(self) -> None:
        if self.direction not in ("above", "below"):
            raise ValueError(f"claim {self.id}: direction must be above or below")
        if not math.isfinite(self.threshold) or not self.threshold_reason.strip():
            raise ValueError(f"claim {self.id}: needs a finite threshold and its reason")


def verdict(estimate: Estimate, threshold: float, direction: Direction) -> Verdict:
    """'holds' / 'fails' if the whole interval lies strictly on the claimed / other side.

    'not tested' if there is no finite value and interval, or the interval touches the threshold.
    """
    numbers = (estimate.value, estimate.ci_low, estimate.ci_high)
    if any(number is None or not math.isfinite(number) for number in numbers):
        return "not tested"
    if estimate.ci_low > threshold:
        return "holds" if direction == "above" else "fails"
    if estimate.ci_high < threshold:
        return "holds" if direction == "below" else "fails"
    return "not tested"


def estimate(claim: Claim, tables: Tables) -> Estimate:
    """The claim's estimate; undecided, with a note, for missing tables and non-finite numbers."""
    missing = [name for name in claim.tables if name not in tables]
    if missing:
        return Estimate(None, None, None, 0, f"not measured: {', '.join(missing)}")
    try:
        found = claim.measure(tables)
    except UndecidedError as error:
        return Estimate(None, None, None, error.n_runs, str(error))
    if found.value is None:
        return Estimate(None, None, None, found.n_runs, found.note)
    if not all(math.isfinite(x) for x in (found.value, found.ci_low, found.ci_high)):
        note = "some runs give no finite number" + (f" ({found.note})" if found.note else "")
        return Estimate(None, None, None, found.n_runs, note)
    return found


def evaluate(claims: Iterable[Claim], tables: Tables) -> list[dict]:
    """One dict with exactly the keys `KEYS` per claim, in the order given, ready for JSON.

    The estimate's note follows the text of `statistic` after `NOTE_MARK`.
    """
    results = []
    for claim in claims:
        found = estimate(claim, tables)
        outcome = verdict(found, claim.threshold, claim.direction)
        if outcome == "not tested" and found.value is not None:
            note = f"the interval includes the threshold; {found.note}".rstrip("; ")
        else:
            note = found.note
        log.info("%s: %s (%s)", claim.id, outcome, note)
        results.append(
            {
                "id": claim.id,
                "paper": claim.paper,
                "statement": claim.statement,
                "figures": list(claim.figures),
                "statistic": claim.statistic + (NOTE_MARK + note if note else ""),
                "value": _number(found.value),
                "ci_low": _number(found.ci_low),
                "ci_high": _number(found.ci_high),
                "threshold": float(claim.threshold),
                "verdict": outcome,
                "n_runs": int(found.n_runs),
            }
        )
    return results


def _number(value: float | None) -> float | None:
    """A plain float of 6 significant digits, as in the measured tables."""
    return None if value is None else float(f"{value:.6g}")
