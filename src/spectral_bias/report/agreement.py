"""All comparisons with the authors' own figures in a table for each paper, agreement.csv, in words.

Of each figure whose original is known there is a row of kind "figure" with its one number `value`,
or the reason why the two are not comparable, and a row of kind "quantity" for each number that has
a verdict.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import pandas as pd

from spectral_bias.artefacts import read_table
from spectral_bias.errors import UserError
from spectral_bias.figures.agreement import Verdict
from spectral_bias.report.format import label, number
from spectral_bias.report.markdown import plain, slug, table

HEADING = "## Agreement with the authors' own figures"
FIGURE, QUANTITY = "figure", "quantity"
NUMBERS = (
    *("value", "theirs", "theirs_low", "theirs_high"),
    *("ours", "ours_low", "ours_high", "n_runs"),
)
COLUMNS = ["paper", "figure", "kind", "name", "unit", *NUMBERS, "verdict", "note"]
NOT_COMPARABLE = "not comparable"
EXPLANATION = (
    "Theirs is read off a published picture, or stated in the paper, with its error in brackets. "
    "Ours is the mean over runs with the 95 % interval (Student's t) in which the mean of as many "
    "further runs as the authors' would lie. A quantity is inside if theirs, widened by its error, "
    "meets that interval, outside otherwise, and not comparable where there is no interval."
)
Row = Mapping[str, Any]


def agreement_table(figures: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """The rows of some figures, in their order.

    Args:
        figures: contents of figNN.json; those without an agreement have no row.
    """
    rows: list[dict[str, Any]] = []
    for facts in figures:
        found = facts.get("agreement")
        if not found:
            continue
        where = {"paper": facts["paper"], "figure": facts["figure"]}
        own = {"name": found["measure"], **{key: found[key] for key in ("value", "unit", "note")}}
        verdict = NOT_COMPARABLE if found["value"] is None else None
        rows.append({**where, "kind": FIGURE, "verdict": verdict, **own})
        rows += [{**where, "kind": QUANTITY, **quantity} for quantity in found["quantities"]]
    return pd.DataFrame(rows, columns=COLUMNS)


def read_agreement(path: str | Path) -> list[Row]:
    """The rows of agreement.csv, with None for an empty number and "" for an empty text.

    Raises:
        UserError: a column is missing.
    """
    found = read_table(path)
    missing = [name for name in COLUMNS if name not in found]
    if missing:
        raise UserError(f"{path}: lacks {', '.join(missing)}; delete it and build it again")
    rows = found[COLUMNS].astype(object).where(found[COLUMNS].notna(), None).to_dict("records")
    texts = set(COLUMNS) - {*NUMBERS}
    return [row | {name: row[name] or "" for name in texts} for row in rows]


def of_figure(rows: Iterable[Row], paper: str, figure: str) -> list[Row]:
    """The rows of one figure, its own first."""
    return [row for row in rows if (row["paper"], row["figure"]) == (paper, figure)]


def verdicts(rows: Iterable[Row]) -> dict[Verdict, int]:
    """Number of quantities with each verdict, also if 0."""
    found = [row["verdict"] for row in rows if row["kind"] == QUANTITY]
    return {verdict: found.count(verdict) for verdict in get_args(Verdict)}


def counted(rows: Iterable[Row]) -> str:
    """How many quantities are inside and outside, and how many have no interval."""
    counts = verdicts(rows)
    texts = [f"{counts['inside']} of {sum(counts.values())} quantities inside our interval"]
    texts.append(f"{counts['outside']} outside")
    if counts[NOT_COMPARABLE]:
        texts.append(f"{counts[NOT_COMPARABLE]} without an interval")
    return ", ".join(texts)


def summary(rows: Sequence[Row]) -> str:
    """One line on all figures: their numbers, and how many quantities agree."""
    own = [row for row in rows if row["kind"] == FIGURE]
    shown = [row for row in own if row["value"] is not None]
    if not own:
        return "No figure has a published original to be compared with."
    if not shown:
        return (
            f"None of the figures with a published original ({len(own)}) is comparable at this "
            "scale: networks, data or iterations are others."
        )
    numbers = [f"{label(row['figure'])}: {number(row['value'])} ({measured(row)})" for row in shown]
    return (
        f"{len(shown)} of {len(own)} figures with a published original are comparable; "
        f"{counted(rows)}. {'; '.join(numbers)}."
    )


def measured(row: Row) -> str:
    """What the one number of a figure is, with its unit."""
    return ", ".join(filter(None, [row["name"], row["unit"]]))


def with_ends(row: Row, whose: str) -> str:
    """ "0.5 [0.48, 0.52]" of "theirs" or "ours"; an en dash where there is no number."""
    value, low, high = (row[f"{whose}{end}"] for end in ("", "_low", "_high"))
    if value is None:
        return number(None)
    ends = "" if low is None else f" [{number(low)}, {number(high)}]"
    return f"{number(value)}{ends}"


def line(rows: Sequence[Row], scale: str, page: str) -> str:
    """The summary in Markdown, with the way to the table on the published page of a scale."""
    if not rows:
        return f"At {scale} scale nothing has been compared with the authors' own figures yet."
    link = f"[table]({page}#{slug(HEADING)})"
    return f"{plain(summary(rows))} Every quantity with its interval: {link}."


def page_parts(rows: Sequence[Row]) -> list[str]:
    """What the published page of a scale says of agreement, in Markdown; nothing without rows."""
    if not rows:
        return []
    cells = []
    for row in rows:
        if row["kind"] == FIGURE:
            figure = f"[{label(row['figure'])}]({row['paper']}/{row['figure']}.png)"
            name = f"{figure}, {plain(measured(row))}"
            value = "" if row["value"] is None else f"**{number(row['value'])}**"
            numbers = ["", value, ""]
        else:
            name = plain(measured(row))
            numbers = [*(with_ends(row, whose) for whose in ("theirs", "ours"))]
            numbers.append(f"{row['n_runs']:.0f}")
        cells.append([name, *numbers, row["verdict"], plain(row["note"])])
    head = ["quantity", "theirs [reading]", "ours [95 % interval]", "runs", "verdict", "note"]
    return [HEADING, summary(rows), EXPLANATION, table(head, cells)]
