"""The report: one HTML file that holds every figure, claim and run, and needs nothing else.

Pictures are embedded and the style is inline, so the page opens offline and stays whole when it is
sent on. It only reads finished files: figNN.json with figNN.png beside it, claims.json, run.json.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from os.path import relpath
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined

from spectral_bias.artefacts import read_json
from spectral_bias.claims.registry import NOTE_MARK
from spectral_bias.experiments import all_claims, titles

VERDICTS = ("holds", "fails", "not tested")


@dataclass(frozen=True)
class ReportSources:
    """The files a report is made from.

    Args:
        figures: figNN.json, each with its .png beside it.
        claims: claims.json.
        runs: run.json of the training runs.
        scale: name of the scale.
        root: folder that the report is written to; file names are given relative to it.
        settings: resolved settings that are not those of a single run.
        benchmarks: Snakemake benchmark files (.tsv); those that do not exist are left out.
        built: date of the report; None is now.
    """

    figures: Sequence[Path]
    claims: Path
    runs: Sequence[Path]
    scale: str
    root: Path
    settings: Mapping[str, Any] = field(default_factory=dict)
    benchmarks: Sequence[Path] = ()
    built: datetime | None = None


def build_report(sources: ReportSources) -> str:
    """The report as HTML text.

    Raises:
        FileNotFoundError: an input or the picture beside a figure's json is missing.
        ValueError: a figure's or run's json lacks a key.
    """
    runs = [_run(Path(path)) for path in sources.runs]
    claims = [_claim(entry) for entry in read_json(sources.claims)]
    by_key = {run["run_key"]: run for run in runs}
    figures = [_figure(Path(path), sources.root, claims, by_key) for path in sources.figures]
    figures.sort(key=lambda figure: (_paper_order(figure["paper"]), figure["figure"]))
    jobs = _jobs([Path(path) for path in sources.benchmarks])
    template = files("spectral_bias").joinpath("report.html.jinja").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(number=number, duration=duration, anchor=anchor, label=label)
    built = sources.built or datetime.now(UTC)
    return environment.from_string(template).render(
        scale=sources.scale,
        built=built.strftime("%Y-%m-%d %H:%M UTC"),
        papers=_grouped(figures, claims),
        claims=claims,
        counts={name: sum(c["verdict"] == name for c in claims) for name in VERDICTS},
        runs=runs,
        facts=_facts(runs),
        versions=_versions(runs),
        training_seconds=sum(run["wall_seconds"] for run in runs),
        networks=sum(run["members"] for run in runs),
        jobs=jobs,
        settings=list(flattened(sources.settings)),
        drawn={(figure["paper"], figure["figure"]) for figure in figures},
    )


def number(value: float | None) -> str:
    """Three significant digits; an en dash for None."""
    if value is None:
        return "–"
    return f"{value:.3g}".replace("-", "−")


def duration(seconds: float) -> str:
    """Seconds as text, e.g. '12.3 s', '4 min 05 s', '1 h 02 min'."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def anchor(paper: str, figure: str) -> str:
    """The id of a figure's section in the page."""
    return f"{paper}-{figure}"


def flattened(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """(dotted key, value as text) of every leaf of nested settings."""
    for key, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield from flattened(value, f"{prefix}{key}.")
        elif isinstance(value, (list, tuple)):
            yield f"{prefix}{key}", ", ".join(str(item) for item in value)
        else:
            yield f"{prefix}{key}", str(value)


def outcome(claim: Mapping[str, Any]) -> str:
    """What a caption says about one claim: verdict, statement and numbers, one or two sentences."""
    opening = {
        "holds": "Holds at this scale",
        "fails": "Does not come out at this scale",
        "not tested": "Not tested at this scale",
    }[claim["verdict"]]
    text = f"{opening}: {claim['statement']}"
    if claim["value"] is None:
        return f"{text} Reason: {claim['note']}." if claim["note"] else text
    bound = f"claimed {claim['direction']}" if claim["direction"] else "threshold"
    note = f" ({claim['note']})" if claim["note"] else ""
    return (
        f"{text} Value {number(claim['value'])} [{number(claim['ci_low'])}, "
        f"{number(claim['ci_high'])}], {bound} {number(claim['threshold'])}, "
        f"{claim['n_runs']} runs{note}."
    )


def _required(content: Mapping[str, Any], keys: Iterable[str], path: Path) -> None:
    missing = [key for key in keys if key not in content]
    if missing:
        raise ValueError(f"{path}: lacks {', '.join(missing)}; delete it and build it again")


def _run(path: Path) -> dict:
    run = read_json(path)
    keys = ("paper", "run", "run_key", "members", "seed", "device", "wall_seconds", "settings")
    _required(run, keys, path)
    optional = {"precision": "", "started": "", "resumed": False, "versions": {}}
    return optional | run | {"flat": list(flattened(run["settings"]))}


def _claim(entry: Mapping[str, Any]) -> dict:
    """A claim of claims.json, with the note split off and what the registry knows about it."""
    statistic, _, note = entry["statistic"].partition(NOTE_MARK)
    known = {claim.id: claim for claim in all_claims()}.get(entry["id"])
    claim = {
        **entry,
        "statistic": statistic,
        "note": note,
        "direction": known.direction if known else "",
        "reason": known.threshold_reason if known else "",
    }
    return claim | {"outcome": outcome(claim)}


def _figure(
    path: Path, root: Path, claims: Sequence[Mapping], by_key: Mapping[str, Mapping]
) -> dict:
    figure = read_json(path)
    _required(figure, ("paper", "figure", "title", "caption"), path)
    picture = path.with_suffix(".png")
    if not picture.is_file():
        raise FileNotFoundError(f"{picture}: missing beside {path.name}; draw the figure again")
    others = [path.with_suffix(suffix) for suffix in (".png", ".pdf", ".csv")]
    keys = figure.get("sources") or []
    return {
        "paper": figure["paper"],
        "figure": figure["figure"],
        "label": label(figure["figure"]),
        "title": figure["title"],
        "paragraphs": [" ".join(p.split()) for p in figure["caption"].split("\n\n") if p.strip()],
        "image": base64.b64encode(picture.read_bytes()).decode("ascii"),
        "agreement": figure.get("agreement") or [],
        "claims": [
            claim
            for claim in claims
            if claim["paper"] == figure["paper"] and figure["figure"] in claim["figures"]
        ],
        "runs": [by_key[key] for key in keys if key in by_key],
        "unknown_runs": [key for key in keys if key not in by_key],
        "files": [Path(relpath(p, root)).as_posix() for p in others if p.is_file()],
    }


def label(figure: str) -> str:
    """'fig04' → 'Figure 4'; other names stay as they are."""
    digits = figure.removeprefix("fig")
    return f"Figure {int(digits)}" if digits.isdigit() else figure


def _paper_order(paper: str) -> tuple[int, str]:
    names = list(titles())
    return (names.index(paper) if paper in names else len(names), paper)


def _grouped(figures: Sequence[Mapping], claims: Sequence[Mapping]) -> list[dict]:
    names = {figure["paper"] for figure in figures} | {claim["paper"] for claim in claims}
    return [
        {
            "name": name,
            "title": titles().get(name, name),
            "figures": [figure for figure in figures if figure["paper"] == name],
            "claims": [claim for claim in claims if claim["paper"] == name],
        }
        for name in sorted(names, key=_paper_order)
    ]


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


def _jobs(benchmarks: Sequence[Path]) -> list[dict]:
    """Name, seconds and peak memory (MB, None if unknown) of the jobs that were measured."""
    jobs = []
    for path in benchmarks:
        if not path.is_file():
            continue
        table = pd.read_csv(path, sep="\t")
        memory = pd.to_numeric(table.get("max_rss", pd.Series(dtype=float)), errors="coerce").max()
        jobs.append(
            {
                "name": "/".join(path.with_suffix("").parts[-2:]),
                "seconds": float(table["s"].iloc[-1]),
                "memory_mb": None if pd.isna(memory) else float(memory),
            }
        )
    return sorted(jobs, key=lambda job: -job["seconds"])
