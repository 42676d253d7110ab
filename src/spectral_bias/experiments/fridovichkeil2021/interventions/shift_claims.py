"""Claims on test images of another distribution (fridovichkeil2021, figure 16).

Accuracies on both kinds of images go hand in hand, so that the plain correlation repeats that of
test accuracy (`interventions_*`); what is tested is the correlation given test accuracy.
"""

from functools import partial

from spectral_bias.claims.registry import Claim, OtherMeasure, Tables
from spectral_bias.experiments.fridovichkeil2021.baseline import PAPER
from spectral_bias.experiments.fridovichkeil2021.interventions.claims import (
    EFFECTS,
    MODELS,
    NAMES,
    measured_order,
    require_learnt,
)
from spectral_bias.experiments.fridovichkeil2021.interventions.models import KINDS, compared
from spectral_bias.statistics import Estimate, require

REASON = (
    "0 is where the order turns; the side is that of the claims on test accuracy. The paper gives "
    "robustness no direction, so that no order is expected; over 153 published networks of the "
    "first author's this correlation is -0.35 between and -0.25 within classes. The interval "
    "includes 0 unless fewer than one in twenty permutations show so strong an order."
)


def shifted_order(tables: Tables, kind: str, measure: str, given: str) -> Estimate:
    """Rank correlation of accuracy on shifted images with a fraction.

    Args:
        tables: has `MODELS`.
        kind: "within" or "between".
        measure: of the fraction.
        given: "test_accuracy", what is held fixed, or "" for the plain correlation.

    Raises:
        UndecidedError: no network has learnt the classes, or no shifted images were tested.
    """
    found = tables["intervention_models"]
    require_learnt(found)
    rows = compared(found)
    require(rows["shifted_accuracy"].notna().any(), "no shifted images were tested", len(rows))
    return measured_order(tables, kind, measure, "shifted_accuracy", given)


def _claim(kind: str) -> Claim:
    direction, word, where = EFFECTS[kind]

    def measure(name: str, given: str = "test_accuracy") -> partial[Estimate]:
        return partial(shifted_order, kind=kind, measure=name, given=given)

    return Claim(
        id=f"shifted_accuracy_{kind}_class_frequency",
        paper=PAPER,
        statement="Of networks that are as accurate on usual test images, those that are more "
        "accurate on images of another distribution have functions of "
        f"{word} frequency {where} (our question; the paper shows the relation without a claim).",
        figures=("fig16",),
        statistic="Spearman's rank correlation, given test accuracy, of accuracy on shifted test "
        f"images and the high-frequency fraction on paths {kind} classes, over all networks of "
        "figures 5 to 9 (-1 to 1, no unit; interval by Fisher's z)",
        threshold=0.0,
        threshold_reason=REASON,
        direction=direction,
        tables=MODELS,
        measure=measure("raw"),
        unit="networks (each once)",
        measure_name=NAMES["raw"],
        others=(
            OtherMeasure("raw fraction, test accuracy not held fixed", measure("raw", "")),
            *(OtherMeasure(NAMES[name], measure(name)) for name in ("hann", "chord_free")),
        ),
    )


CLAIMS = tuple(_claim(kind) for kind in KINDS)
