"""The verdicts on what a paper claims, shown at the figures that carry the claims."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spectral_bias import artefacts
from spectral_bias.tracking.facts import valid_key
from spectral_bias.tracking.pages import CLAIM_COUNTS
from spectral_bias.tracking.store import Point

CLAIM_FACTS = ("id", "paper", "figures", "unit", "value", "verdict", "undecided", "others")
Claims = Sequence[Mapping[str, Any]]
"""Entries of claims.json."""


def claims_of_figures(path: Path) -> dict[tuple[str, str], Claims] | None:
    """{(paper, figure): its claims}, read from claims.json; None if there is no such file.

    Raises:
        ValueError: The file is no JSON, or an entry lacks a key.
    """
    if not path.exists():
        return None
    found = defaultdict(list)
    for claim in artefacts.read_json(path):
        if lost := [name for name in CLAIM_FACTS if name not in claim]:
            raise ValueError(f"{lost[0]!r} is missing; remove the file and let it be made again")
        for figure in claim["figures"]:
            found[claim["paper"], figure].append(claim)
    return dict(found)


def claim_tags(claims: Claims) -> dict[str, str]:
    """The verdict on each claim of a figure, what its interval is over, and other measures'."""
    tags = {}
    for claim in claims:
        name = f"claim.{claim['id']}"
        tags[name] = ": ".join(filter(None, [claim["verdict"], claim["undecided"]]))
        tags |= {f"{name}.interval_over": claim["unit"]} if claim["unit"] else {}
        tags |= {f"{name}.{other['measure']}": other["verdict"] for other in claim["others"]}
    return {valid_key(key): value for key, value in tags.items()}


def claim_points(claims: Claims, time_ms: int) -> list[Point]:
    """The value of each claim of a figure, if it has one, and how many have which verdict.

    Other measures of a claim have values of their own, and are not counted.
    """
    found = {f"claim/{claim['id']}": claim["value"] for claim in claims}
    found |= {
        f"claim/{claim['id']}/{other['measure']}": other["value"]
        for claim in claims
        for other in claim["others"]
    }
    values = {
        valid_key(key): float(value)
        for key, value in found.items()
        if value is not None and math.isfinite(value)
    }
    verdicts = Counter(claim["verdict"] for claim in claims)
    counts = {name: float(verdicts[verdict]) for verdict, name in CLAIM_COUNTS.items()}
    metrics = values | counts if claims else {}
    return [(key, 0, value, time_ms) for key, value in metrics.items()]


def other_claims(run: Any, claims: Claims | None, time_ms: int) -> bool:
    """Whether a figure's run tells of its claims something else than the files do.

    The store can change no value, so that other values need another run.
    """
    logged = {
        key: value
        for key, value in run.data.metrics.items()
        if key.startswith("claim/") or key in CLAIM_COUNTS.values()
    }
    wanted = {key: value for key, _, value, _ in claim_points(claims or [], time_ms)}
    return claims is not None and bool(logged) and logged != wanted
