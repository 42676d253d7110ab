"""Claims on test images of another distribution (fridovichkeil2021, figure 16)."""

from functools import partial

from spectral_bias.claims.registry import Claim, Tables
from spectral_bias.experiments.fridovichkeil2021.interventions.claims import (
    EFFECTS,
    INTERVAL,
    PAPER,
    TABLES,
    ZERO,
    measured_order,
    require_learnt,
)
from spectral_bias.experiments.fridovichkeil2021.interventions.models import ALL, KINDS, compared
from spectral_bias.statistics import Estimate, require


def shifted_order(tables: Tables, kind: str) -> Estimate:
    """Rank correlation of accuracy on shifted images with the fraction of `kind`."""
    found = tables["intervention_models"]
    require_learnt(found)
    rows = compared(found, ALL)
    require(rows["shifted_accuracy"].notna().any(), "no shifted images were tested", len(rows))
    return measured_order(tables, kind, ALL, "shifted_accuracy")


def _claim(kind: str) -> Claim:
    direction, word, where = EFFECTS[kind]
    return Claim(
        id=f"shifted_accuracy_{kind}_class_frequency",
        paper=PAPER,
        statement="Networks that are more accurate on test images of another distribution have "
        f"{word} frequency {where}, as for the usual test images (no more is claimed: our source "
        "gives effective robustness no direction).",
        figures=("fig16",),
        statistic="Spearman's rank correlation between accuracy on shifted test images and the "
        f"high-frequency fraction on paths {kind} classes, over all networks of figures 5 to 9, "
        f"each once {INTERVAL}",
        threshold=0.0,
        threshold_reason=ZERO,
        direction=direction,
        tables=TABLES,
        measure=partial(shifted_order, kind=kind),
    )


CLAIMS = tuple(_claim(kind) for kind in KINDS)
