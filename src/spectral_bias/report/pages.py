"""The pages about published scales, written from their files alone, so that no verdict is typed.

They are the README.md of a scale, and in the README.md of the project what stands between two marks
that name the scale: a row for each paper, and one line on the agreement with the authors' figures.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from spectral_bias.artefacts import read_json, replacing
from spectral_bias.claims.checks import CHECK_KEYS
from spectral_bias.claims.registry import KEYS, NOTE_MARK, shown_verdict
from spectral_bias.errors import UserError
from spectral_bias.experiments import titles
from spectral_bias.report import agreement as agreeing
from spectral_bias.report.build import undecided_counts, verdict_counts
from spectral_bias.report.format import label, multiplicity, number
from spectral_bias.report.markdown import plain, table
from spectral_bias.report.outcomes import measured, others, outcome, threshold

PUBLISHED = Path("results/published")
END = "<!-- end -->"

Facts = Mapping[str, Any]

FILES = """\
Beside each picture lie a .csv with the numbers that are drawn and a .json with the caption, the
keys of the training runs, and comparisons with the authors where they are possible."""
VERDICTS = """\
A claim **holds** if the whole 95 % interval of its statistic lies on the claimed side of a
threshold that was written down with its reason, and **fails** if the whole interval lies on the
other side, or within the margin around the threshold where a claim states one. Otherwise this scale
cannot decide it: **not tested**, because the interval includes the threshold (inconclusive) or
because there is no interval (no data). The statement says which side is claimed. The same statistic
from other measures stands beside, with its own verdict; it is not counted."""

CHECKED = """\
What a closed form or a theorem makes certain: only an error in the code could make it come out
otherwise. There is no interval, and a check is not counted among the claims."""


def write_pages(scale: str, root: Path = Path()) -> None:
    """Writes README.md of a published scale, and the rows about it in that of the project.

    Raises:
        UserError: nothing is published under this name, or a file lacks a key.
    """
    page, project = root / PUBLISHED / scale / "README.md", root / "README.md"
    texts = {page: scale_page(scale, root), project: with_rows(project.read_text(), scale, root)}
    for path, text in texts.items():
        with replacing(path) as temporary:
            temporary.write_text(text)


def scale_page(scale: str, root: Path = Path()) -> str:
    """README.md of a published scale: its figures, paper by paper, all claims and all checks."""
    figures, claims = _figures(scale, root), _listed("claims.json", KEYS, scale, root)
    checks = _listed("checks.json", CHECK_KEYS, scale, root)
    parts = [
        f"<!-- Written by `make publish SCALE={scale}` from the files beside it. -->",
        f"# Results at {scale} scale",
        f"{_settings(scale, root)}{FILES}",
        VERDICTS if claims else "No claims were evaluated at this scale.",
        multiplicity(claims),
    ]
    for paper, own in figures.items():
        carried = [claim for claim in claims if claim["paper"] == paper]
        parts += [f"## {paper}", f"{titles()[paper]}.", _figure_table(own, carried)]
    parts += agreeing.page_parts(_agreement(scale, root))
    if claims:
        parts += ["## Claims", _ledger(figures, claims)]
    if checks:
        parts += ["## Checks of the code", CHECKED, _check_table(figures, checks)]
    return "\n\n".join(filter(None, parts)) + "\n"


def with_rows(text: str, scale: str, root: Path = Path()) -> str:
    """A page with what it says of a scale written anew; as it is if it has no marks for that.

    Raises:
        UserError: the mark at the end is missing.
    """
    for name, written in (("verdicts", _rows), ("agreement", _agreement_line)):
        start = f"<!-- {name} of {PUBLISHED}/{scale}: written by make publish -->"
        if start not in text:
            continue
        before, _, rest = text.partition(start)
        _, end, after = rest.partition(END)
        if not end:
            raise UserError(f"README.md: no {END} after {start}; add it")
        text = f"{before}{start}\n\n{written(scale, root)}\n\n{END}{after}"
    return text


def _agreement_line(scale: str, root: Path) -> str:
    """The line on the agreement of a scale, with the way to its table."""
    page = f"{PUBLISHED}/{scale}/README.md"
    return agreeing.line(_agreement(scale, root), scale, page)


def _rows(scale: str, root: Path) -> str:
    """A row for each paper: its figures, and how many of its claims have which verdict."""
    claims, rows = _listed("claims.json", KEYS, scale, root), []
    for paper, figures in _figures(scale, root).items():
        counts = _counts(claim for claim in claims if claim["paper"] == paper)
        link = f"[{titles()[paper]}]({PUBLISHED}/{scale}/README.md#{paper})"
        rows.append([link, str(len(figures)), *map(str, counts.values())])
    return table(["paper", "figures", *_counts([])], rows)


def _counts(claims: Iterable[Facts]) -> dict[str, int]:
    """Number of claims for each verdict, and of those that are not tested for each reason."""
    claims = list(claims)
    counts, reasons = verdict_counts(claims), undecided_counts(claims)
    del counts["not tested"]
    return counts | {f"not tested: {reason}": count for reason, count in reasons.items()}


def _figure_table(figures: Sequence[Facts], claims: Sequence[Facts]) -> str:
    rows = []
    for facts in figures:
        picture, carried = f"{facts['paper']}/{facts['figure']}.png", []
        for claim in claims:
            if facts["figure"] in claim["figures"]:
                said = f"**{shown_verdict(claim)}**, {outcome(claim)}"
                carried.append("; ".join([said, *others(claim)]) + f": {claim['statement']}")
        title = f"[{label(facts['figure'])}]({picture})", f"[{plain(facts['title'])}]({picture})"
        rows.append([*title, "<br>".join(map(plain, carried)) or "none"])
    head = ["figure", "title", "claims: value [95 % interval], threshold"]
    width = 3 if claims else 2
    return table(head[:width], [row[:width] for row in rows])


def _ledger(figures: Mapping[str, Sequence[Facts]], claims: Sequence[Facts]) -> str:
    rows = []
    for claim in claims:
        unit = claim["unit"] and f"Interval over {claim['unit']}."
        values = "<br>".join(map(plain, [measured(claim), *others(claim)]))
        numbers = (values, threshold(claim), str(claim["n_runs"]))
        about = _about(claim, unit), _shown_figures(figures, claim)
        rows.append([*about, shown_verdict(claim), *numbers])
    head = ["claim", "figures", "verdict", "value [95 % interval]", "threshold", "runs"]
    return table(head, rows)


def _check_table(figures: Mapping[str, Sequence[Facts]], checks: Sequence[Facts]) -> str:
    rows = []
    for check in checks:
        about = _about(check), _shown_figures(figures, check)
        value = "no value" if check["value"] is None else number(check["value"])
        rows.append([*about, check["result"], value, number(check["threshold"])])
    return table(["check", "figures", "result", "value", "threshold"], rows)


def _about(item: Facts, *more: str) -> str:
    """Id, statement and statistic of a claim or check, with what is noted here."""
    statistic, _, note = item["statistic"].partition(NOTE_MARK)
    lines = [item["statement"], f"Statistic: {statistic}.", note and f"Here: {note}.", *more]
    return f"`{item['id']}`<br>" + "<br>".join(plain(line) for line in lines if line)


def _shown_figures(figures: Mapping[str, Sequence[Facts]], item: Facts) -> str:
    """The paper and the numbers of the figures of a claim or check, linked where published."""
    paper, shown = item["paper"], []
    drawn = {facts["figure"] for facts in figures.get(paper, ())}
    for name in item["figures"]:
        text = label(name).removeprefix("Figure ")
        shown.append(f"[{text}]({paper}/{name}.png)" if name in drawn else text)
    return f"{paper} {', '.join(shown)}"


def _settings(scale: str, root: Path) -> str:
    """A sentence that leads to the file of a scale, if there is one."""
    own = root / PUBLISHED / scale / f"{scale}.yaml"
    if own.is_file():
        return f"Settings: [{own.name}]({own.name}).\n"
    if (root / f"workflow/scales/{own.name}").is_file():
        return f"Settings: [{own.name}](../../../workflow/scales/{own.name}).\n"
    return ""


def _figures(scale: str, root: Path) -> dict[str, list[Facts]]:
    """Facts of the published figures by paper, in the papers' order."""
    folder = root / PUBLISHED / scale
    found = {paper: sorted(folder.glob(f"{paper}/fig*.json")) for paper in titles()}
    if not any(found.values()):
        raise UserError(f"{folder}: no figures are published there; check the name of the scale")
    keys = ("paper", "figure", "title")
    return {
        paper: [_with(read_json(path), keys, path) for path in paths]
        for paper, paths in found.items()
        if paths
    }


def _listed(name: str, keys: Sequence[str], scale: str, root: Path) -> list[Facts]:
    """The published claims or checks; none if their file is not there."""
    path = root / PUBLISHED / scale / name
    return [_with(item, keys, path) for item in read_json(path)] if path.is_file() else []


def _agreement(scale: str, root: Path) -> list[agreeing.Row]:
    """The published comparisons; none if no agreement.csv is there."""
    folder = root / PUBLISHED / scale
    paths = [folder / paper / "agreement.csv" for paper in titles()]
    return [row for path in paths if path.is_file() for row in agreeing.read_agreement(path)]


def _with(facts: Facts, keys: Iterable[str], path: Path) -> Facts:
    missing = [key for key in keys if key not in facts]
    if missing:
        raise UserError(f"{path}: lacks {', '.join(missing)}; build it again and publish it")
    return facts
