"""The report: one HTML file that holds every figure, claim, check and run, and needs nothing else.

Pictures are embedded and the style is inline, so the page opens offline and stays whole when it is
sent on; it has no script. It only reads finished files: figNN.json with figNN.png beside it,
claims.json, checks.json, agreement.csv, run.json. What the page looks like is in
report.html.jinja and report.css.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from os.path import relpath
from pathlib import Path
from typing import Any, get_args

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup
from PIL import Image

from spectral_bias.artefacts import read_json
from spectral_bias.checksums import verify
from spectral_bias.claims.checks import CHECK_KEYS
from spectral_bias.claims.registry import (
    KEYS,
    NOTE_MARK,
    Undecided,
    Verdict,
    shown_verdict,
)
from spectral_bias.errors import UserError
from spectral_bias.experiments import all_checks, all_claims, titles
from spectral_bias.report import agreement as agreeing
from spectral_bias.report.format import (
    alt_text,
    anchor,
    base64_of,
    duration,
    flattened,
    label,
    multiplicity,
    number,
    slug,
    thumbnail,
)
from spectral_bias.report.sources import ReportSources
from spectral_bias.runtime.logs import read_log


def build_report(sources: ReportSources) -> str:
    """The report as HTML text.

    Raises:
        UserError: the picture beside a figure's json is missing or broken, or a json lacks a key.
    """
    runs = [_run(Path(path)) for path in sources.runs]
    claims = [_claim(entry, sources.claims) for entry in read_json(sources.claims)]
    by_key = {run["run_key"]: run for run in runs}
    compared = [row for path in sources.agreement for row in agreeing.read_agreement(path)]
    figures = [_figure(Path(path), sources.root, claims, by_key) for path in sources.figures]
    for figure in figures:
        figure["agreement"] = agreeing.of_figure(compared, figure["paper"], figure["figure"])
        figure["short"] = _short_title(figure["paper"])
    figures.sort(key=lambda figure: (_paper_order(figure["paper"]), figure["figure"]))
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        number=number, duration=duration, anchor=anchor, label=label, slug=slug
    )
    environment.filters.update(counted=agreeing.counted, with_ends=agreeing.with_ends)
    built = sources.built or datetime.now(UTC)
    return environment.from_string(_packaged("report.html.jinja")).render(
        style=Markup(_packaged("report.css")),
        scale=sources.scale,
        built=built.strftime("%Y-%m-%d %H:%M UTC"),
        papers=_grouped(figures, claims),
        claims=claims,
        checks=[_check(entry, sources.checks) for entry in read_json(sources.checks)],
        counts=verdict_counts(claims),
        multiplicity=multiplicity(claims),
        agreement={
            "rows": compared,
            "text": agreeing.summary(compared),
            "explanation": agreeing.EXPLANATION,
        },
        figures=figures,
        runs=runs,
        facts=_facts(runs),
        versions=_versions(runs),
        training_seconds=sum(run["wall_seconds"] for run in runs),
        networks=sum(run["members"] for run in runs),
        jobs=_jobs(sources.logs, sources.root),
        settings=list(flattened(sources.settings)),
        gaps=sources.gaps,
        short_titles={name: _short_title(name) for name in titles()},
        drawn={(figure["paper"], figure["figure"]) for figure in figures},
    )


def verdict_counts(claims: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Number of claims for each verdict: the known ones, also if 0, then others as they come."""
    counts = dict.fromkeys(get_args(Verdict), 0)
    for claim in claims:
        counts[claim["verdict"]] = counts.get(claim["verdict"], 0) + 1
    return counts


def undecided_counts(claims: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Number of claims that are not tested for each reason, also if 0."""
    reasons = [claim["undecided"] for claim in claims]
    return {reason: reasons.count(reason) for reason in get_args(Undecided)}


def _packaged(name: str) -> str:
    """Text of a file that lies beside this module."""
    return files("spectral_bias.report").joinpath(name).read_text(encoding="utf-8")


def _required(content: Mapping[str, Any], keys: Iterable[str], path: Path) -> None:
    missing = [key for key in keys if key not in content]
    if missing:
        raise UserError(f"{path}: lacks {', '.join(missing)}; delete it and build it again")


def _run(path: Path) -> dict:
    run = read_json(path)
    keys = ("paper", "run", "run_key", "members", "seed", "device", "wall_seconds", "settings")
    _required(run, keys, path)
    optional = {"precision": "", "started": "", "resumed": False, "warnings": [], "versions": {}}
    return optional | run | {"flat": list(flattened(run["settings"]))}


def _claim(entry: Mapping[str, Any], path: Path) -> dict:
    """A claim of claims.json, with the note split off and what the registry knows about it."""
    _required(entry, KEYS, path)
    statistic, _, note = entry["statistic"].partition(NOTE_MARK)
    known = {claim.id: claim for claim in all_claims()}.get(entry["id"])
    return {key: entry[key] for key in KEYS} | {
        "shown_verdict": shown_verdict(entry),
        "statistic": statistic,
        "note": note,
        "direction": known.direction if known else "",
        "reason": known.threshold_reason if known else "",
    }


def _check(entry: Mapping[str, Any], path: Path) -> dict:
    """A check of checks.json, with the note split off and what the registry knows about it."""
    _required(entry, CHECK_KEYS, path)
    statistic, _, note = entry["statistic"].partition(NOTE_MARK)
    known = {check.id: check for check in all_checks()}.get(entry["id"])
    return {key: entry[key] for key in CHECK_KEYS} | {
        "statistic": statistic,
        "note": note,
        "direction": known.direction if known else "",
        "reason": known.threshold_reason if known else "",
    }


def _figure(
    path: Path, root: Path, claims: Sequence[Mapping], by_key: Mapping[str, Mapping]
) -> dict:
    figure = read_json(path)
    _required(figure, ("paper", "figure", "title", "caption"), path)
    picture = path.with_suffix(".png")
    if not picture.is_file():
        raise UserError(f"{picture}: missing beside {path.name}; draw the figure again")
    verify(picture)
    small = thumbnail(picture)
    with Image.open(picture) as image:
        width, height = image.size
    claims = [
        c for c in claims if c["paper"] == figure["paper"] and figure["figure"] in c["figures"]
    ]
    paragraphs = [" ".join(p.split()) for p in figure["caption"].split("\n\n") if p.strip()]
    others = [path.with_suffix(suffix) for suffix in (".png", ".pdf", ".csv")]
    keys = figure.get("sources") or []
    return {
        "paper": figure["paper"],
        "figure": figure["figure"],
        "label": label(figure["figure"]),
        "title": figure["title"],
        "paragraphs": paragraphs,
        "image": base64_of(picture.read_bytes()),
        "thumbnail": base64_of(small),
        "width": width,
        "height": height,
        "alt": alt_text(figure["title"], " ".join(paragraphs)),
        "claims": claims,
        "counts": verdict_counts(claims),
        "runs": [by_key[key] for key in keys if key in by_key],
        "unknown_runs": [key for key in keys if key not in by_key],
        "files": [Path(relpath(p, root)).as_posix() for p in others if p.is_file()],
    }


def _paper_order(paper: str) -> tuple[int, str]:
    names = list(titles())
    return (names.index(paper) if paper in names else len(names), paper)


def _short_title(paper: str) -> str:
    """The authors of a paper."""
    return titles().get(paper, paper).partition(",")[0]


def _grouped(figures: Sequence[Mapping], claims: Sequence[Mapping]) -> list[dict]:
    """The papers that figures or claims name, each with its own and a short title."""
    papers = []
    names = {figure["paper"] for figure in figures} | {claim["paper"] for claim in claims}
    for name in sorted(names, key=_paper_order):
        own = [claim for claim in claims if claim["paper"] == name]
        papers.append(
            {
                "name": name,
                "title": titles().get(name, name),
                "short": _short_title(name),
                "figures": [figure for figure in figures if figure["paper"] == name],
                "claims": own,
                "counts": verdict_counts(own),
                "undecided": undecided_counts(own),
            }
        )
    return papers


def _facts(runs: Sequence[Mapping]) -> dict[str, str]:
    """Device, precision and seed, each value once if the runs agree, all values if not."""
    return {
        name: ", ".join(sorted({str(run[name]) for run in runs if run[name] != ""})) or "–"
        for name in ("device", "precision", "seed")
    }


def _versions(runs: Sequence[Mapping]) -> list[tuple[str, str]]:
    """(package, its version or versions) over all runs."""
    found: dict[str, set[str]] = {}
    for run in runs:
        for package, version in run["versions"].items():
            found.setdefault(package, set()).add(str(version))
    return [(package, ", ".join(sorted(found[package]))) for package in sorted(found)]


def _jobs(logs: Sequence[Path], root: Path) -> list[dict]:
    """Name, seconds, CPU seconds and peak memory (MB) of the jobs that are done, longest first."""
    done = [log for log in map(read_log, logs) if log.cpu_seconds is not None]
    return [
        {
            "name": log.path.relative_to(root / "logs").with_suffix("").as_posix(),
            "seconds": log.seconds,
            "cpu_seconds": log.cpu_seconds,
            "memory_mb": log.memory_mb,
        }
        for log in sorted(done, key=lambda log: -log.seconds)
    ]
