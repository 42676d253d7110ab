"""Verdicts and comparisons of a build that made a part of its figures, beside what is published.

Long scales are trained piece by piece, and earlier pieces may lie on another machine. What this
build has measured replaces what is published of it; all else that is published stays.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from spectral_bias.artefacts import read_json, read_table, write_json, write_table
from spectral_bias.claims.checks import Check, evaluate_checks
from spectral_bias.claims.registry import Claim, Tables, evaluate
from spectral_bias.experiments import all_checks, all_claims, table_file, tables, titles
from spectral_bias.report.agreement import COLUMNS, agreement_table

CLAIMS, CHECKS, AGREEMENT = "claims.json", "checks.json", "agreement.csv"


def join_part(results: Path, published: Path) -> None:
    """Writes claims.json, checks.json and every agreement.csv of a published scale anew.

    Args:
        results: of the scale; its measured tables decide, and the facts of its figures.
        published: folder of the scale; files that are not there yet are made.
    """
    measured = _measured(results)
    _join_verdicts(published / CLAIMS, all_claims(), evaluate, measured)
    _join_verdicts(published / CHECKS, all_checks(), evaluate_checks, measured)
    for paper in titles():
        _join_agreement(sorted((results / "figures" / paper).glob("*.json")), published / paper)


def _measured(results: Path) -> Tables:
    files = {name: results / table_file(name) for name in tables() if not Path(name).suffix}
    return {name: read_table(file) for name, file in files.items() if file.is_file()}


def _join_verdicts(
    path: Path,
    declared: Sequence[Claim | Check],
    evaluated: Callable[[Sequence[Any], Tables], list[dict]],
    measured: Tables,
) -> None:
    """In the order of the declarations; what is published and declared no more goes."""
    known: dict[str, Mapping] = {}
    if path.is_file():
        known = {item["id"]: item for item in read_json(path)}
    decided = [item for item in declared if measured.keys() >= {*item.tables}]
    known |= {item["id"]: item for item in evaluated(decided, measured)}
    joined = [known[item.id] for item in declared if item.id in known]
    if joined:
        write_json(path, joined, plain=True)


def _join_agreement(facts: Sequence[Path], folder: Path) -> None:
    path = folder / AGREEMENT
    parts = [agreement_table(map(read_json, facts))]
    if path.is_file():
        before = pd.read_csv(path)
        parts.append(before[~before["figure"].isin([file.stem for file in facts])])
    parts = [part for part in parts if len(part)]
    if parts:
        rows = pd.concat(parts)[COLUMNS].sort_values("figure", kind="stable")
        write_table(path, rows, plain=True)
