"""What a check is, and how all checks are evaluated.

A check is a statement that a closed form or a theorem makes certain, so that only an error in the
code could make it come out otherwise. It is no evidence for a paper, has no interval, and is
listed apart from the claims. Checks stand beside claims in the folder of their experiment, in a
tuple `CHECKS`.
"""

import logging
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from spectral_bias.claims.registry import (
    NOTE_MARK,
    Direction,
    Tables,
    require_border,
    rounded,
    unmeasured,
)
from spectral_bias.statistics import UndecidedError

log = logging.getLogger(__name__)

Result = Literal["passes", "does not pass", "no data"]
CHECK_KEYS = ("id", "paper", "statement", "figures", "statistic", "value", "threshold", "result")


@dataclass(frozen=True)
class Check:
    """A statement that must come out as it says unless the code is wrong, and its number.

    Args:
        id: short name, unique among all claims and checks.
        paper: "rahaman2018" or "fridovichkeil2021".
        statement: what must come out, one sentence.
        figures: "figNN" of that paper that show it.
        statistic: what is computed, with its unit.
        threshold: border between passing and not passing.
        threshold_reason: why it is certain, and why the border lies there.
        direction: side of the threshold on which the number must lie.
        tables: names of the measured tables that `measure` reads.
        measure: tables → the number; may raise `UndecidedError`.
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
    measure: Callable[[Tables], float]

    def __post_init__(self) -> None:
        require_border(f"check {self.id}", self.direction, self.threshold, self.threshold_reason)


def evaluate_checks(checks: Iterable[Check], tables: Tables) -> list[dict]:
    """One dict with exactly the keys `CHECK_KEYS` per check, in the order given, ready for JSON.

    Why there is no number follows the text of `statistic` after `NOTE_MARK`.
    """
    results = []
    for check in checks:
        value, note = _checked(check, tables)
        result = _result(check, value)
        log.info("%s: %s (%s)", check.id, result, note)
        results.append(
            {
                "id": check.id,
                "paper": check.paper,
                "statement": check.statement,
                "figures": list(check.figures),
                "statistic": check.statistic + (NOTE_MARK + note if note else ""),
                "value": rounded(value),
                "threshold": float(check.threshold),
                "result": result,
            }
        )
    return results


def _checked(check: Check, tables: Tables) -> tuple[float | None, str]:
    """The number of a check, or None and the reason why there is none."""
    if missing := unmeasured(check.tables, tables):
        return None, missing
    try:
        value = float(check.measure(tables))
    except UndecidedError as error:
        return None, str(error)
    return (value, "") if math.isfinite(value) else (None, "no finite number")


def _result(check: Check, value: float | None) -> Result:
    if value is None:
        return "no data"
    above = check.direction == "above"
    passes = value > check.threshold if above else value < check.threshold
    return "passes" if passes else "does not pass"
