"""What the store is told about a run or a figure, computed from their files. Needs no MLflow."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from pathlib import Path
from posixpath import normpath
from typing import Any

import numpy as np
import pandas as pd

from spectral_bias.provenance import digest
from spectral_bias.tracking.pages import BETWEEN, WITHIN

MAX_PARAM, MAX_TAG = 6000, 8000
MAX_LINKS, MAX_SCALE_LINKS = 2500, 800
"""Characters of one list of links in a description, which is a tag."""
ALSO_USED = "Used as well by the "
NOT_A_KEY = re.compile(r"[^\w :/.-]+", re.ASCII)
NOTE = "mlflow.note.content"
"""The tag that MLflow shows as the description of a run, as Markdown."""


def valid_key(name: str) -> str:
    """`name` with an underscore in place of what MLflow refuses in keys, such as brackets."""
    return normpath(NOT_A_KEY.sub("_", name).strip("_ /.") or "unnamed")[:250]


def flatten(settings: Mapping, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(dotted key, value) of every leaf of nested settings; an empty group is a leaf."""
    for key, value in settings.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            yield from flatten(value, f"{name}.")
        else:
            yield name, value


def as_text(value: Any, limit: int) -> str:
    """Text as it is, anything else as JSON; what exceeds `limit` is cut and marked."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= limit else f"{text[: limit - 6]} [cut]"


def params(facts: Mapping) -> dict[str, str]:
    """All resolved settings of a run, flattened with dots. The artifact run.json has them uncut."""
    return {valid_key(key): as_text(value, MAX_PARAM) for key, value in flatten(facts["settings"])}


def identity_tags(facts: Mapping, origin: str) -> dict[str, str]:
    """By these a training run is found again, whoever logged it first."""
    return {
        "kind": "training",
        "scale": facts["scale"],
        "run": facts["run"],
        "run_key": facts["run_key"],
        "result_path": facts["result_path"],
        "origin": origin,
        "superseded": "false",
        "mlflow.runName": f"{facts['scale']}/{facts['run']}",
        "mlflow.source.name": facts["result_path"],
        "mlflow.source.type": "LOCAL",
    }


def training_tags(facts: Mapping) -> dict[str, str]:
    """What a run was made of and on; what a live run does not know yet is left out."""
    names = ("members", "seed", "code_version", "data_checksum", "device", "precision", "resumed")
    tags = {name: as_text(facts[name], MAX_TAG) for name in names if facts.get(name) is not None}
    versions = facts.get("versions") or {}
    if warnings := facts.get("warnings"):
        tags["warnings"] = as_text("; ".join(warnings), MAX_TAG)
    return tags | {f"version.{package}": str(version) for package, version in versions.items()}


def figure_tags(meta: Mapping, key: str, path: str, origin: str) -> dict[str, str]:
    """What a figure shows and where its files are; its sources are added when they are known."""
    return {
        "kind": "figure",
        "scale": meta["scale"],
        "figure": meta["figure"],
        "figure_key": key,
        "title": as_text(meta["title"], MAX_TAG),
        "code_version": str(meta.get("code_version")),
        "result_path": path,
        "origin": origin,
        "superseded": "false",
        "mlflow.runName": f"{meta['scale']}/{meta['figure']} {meta['title']}"[:250],
        "mlflow.source.name": path,
        "mlflow.source.type": "LOCAL",
    }


def dataset(facts: Mapping) -> dict[str, str] | None:
    """What a run was trained on, as MLflow's Dataset takes it; None if no checksum is recorded.

    Named after the source of the data, for synthetic data after the problem.
    """
    settings, checksum = facts["settings"], facts.get("data_checksum")
    if not checksum:
        return None
    data = settings.get("data") or {"problem": settings.get("problem")}
    name = data.get("images") or data.get("source") or data.get("problem") or "data"
    folder = Path(data.get("folder") or "").name
    return {
        "name": f"{name} {folder}".strip(),
        "digest": checksum,
        "source_type": "local",
        "source": json.dumps(data),
    }


def training_times(facts: Mapping) -> tuple[int, int]:
    """Start and end of a training job in milliseconds since 1970.

    Its moments are recorded to the second, its length to 0.01 s.
    """
    started, finished = (milliseconds(facts[name]) for name in ("started", "finished"))
    seconds = facts.get("wall_seconds")
    return started, finished if seconds is None else started + round(1000 * seconds)


def figure_times(meta: Mapping, files: Iterable[Path]) -> tuple[int, int]:
    """Start and end of the drawing of a figure in milliseconds since 1970.

    They are `started` and `finished` of its .json; where these are not recorded, the times of the
    oldest and the newest of its files, which often are the same.
    """
    written = [round(path.stat().st_mtime * 1000) for path in files]
    finished = milliseconds(meta["finished"]) if "finished" in meta else max(written)
    started = milliseconds(meta["started"]) if "started" in meta else min(written)
    return min(started, finished), finished


def figure_key(meta: Mapping, files: Iterable[Path]) -> str:
    """12 hexadecimal digits of what a figure shows; when it was drawn does not matter."""
    content = {name: value for name, value in meta.items() if name not in ("started", "finished")}
    others = (path for path in files if path.suffix != ".json")
    return digest(json.dumps(content, sort_keys=True), content_digest(others))


def content_digest(files: Iterable[Path]) -> str:
    """12 hexadecimal digits that change when a file's name or content does."""
    parts = ((path.name, path.read_bytes()) for path in sorted(files))
    return digest(*chain.from_iterable(parts))


def milliseconds(moment: str) -> int:
    """Milliseconds since 1970 of an ISO date and time."""
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def fractions(summary: pd.DataFrame) -> pd.DataFrame:
    """Rows (iteration, metric, value) of the high-frequency fractions of a classifier by epoch.

    Args:
        summary: The content of interpolation_summary.csv; a column may be missing.
    """
    columns = {"within_fraction": WITHIN, "between_fraction": BETWEEN}
    rows = summary.rename(columns={"epoch": "iteration"} | columns)
    there = [name for name in columns.values() if name in rows]
    return rows.melt("iteration", there, "metric", "value").dropna()


def points(table: pd.DataFrame, started_ms: int, finished_ms: int) -> list[tuple]:
    """(metric, iteration, value, time) of metrics.csv, sorted by iteration.

    The table holds no times. They are spread evenly over the run, so that the same table gives the
    same points however often it is read, and MLflow's time axis is right on average.
    """
    table = table.sort_values("iteration", kind="stable")
    steps = table["iteration"].to_numpy(dtype=np.int64)
    share = steps / max(int(steps.max(initial=0)), 1)
    times = (started_ms + share * (finished_ms - started_ms)).astype(np.int64)
    names = table["metric"].map(valid_key)
    values = table["value"].to_numpy(dtype=float)
    return list(zip(names, steps.tolist(), values.tolist(), times.tolist(), strict=True))


def listed(items: Iterable[str], limit: int = MAX_LINKS) -> str:
    """Items with commas between them; of those that exceed `limit` characters only the number."""
    items, length = list(items), 0
    for number, item in enumerate(items):
        length += len(item) + 2
        if length > limit:
            return f"{', '.join(items[:number])} … and {len(items) - number} more"
    return ", ".join(items)


def scale_note(scale: str, figure_links: Iterable[str], student_links: Iterable[str]) -> str:
    """A part of the description of a run whose files another scale uses, too, and what for."""
    figures, students = (listed(links, MAX_SCALE_LINKS) for links in (figure_links, student_links))
    teacher = f" Teacher of: {students}." if students else ""
    return f"{ALSO_USED}**{scale}** scale.{teacher} Figures: {figures or 'none yet'}"


def with_scale_note(note: str, scale: str, new: str) -> str:
    """A description in which `new` takes the place of what it said of another scale."""
    old = f"{ALSO_USED}**{scale}** scale."
    kept = [part for part in note.split("\n\n") if part and not part.startswith(old)]
    return as_text("\n\n".join([*kept, new]), MAX_TAG)


def keep_scale_notes(note: str, before: str) -> str:
    """A new description with the parts that other scales wrote into the one `before`."""
    kept = [part for part in before.split("\n\n") if part.startswith(ALSO_USED)]
    return as_text("\n\n".join([note, *kept]), MAX_TAG)


def training_note(
    facts: Mapping,
    figure_links: Iterable[str] = (),
    teacher_link: str | None = None,
    student_links: Iterable[str] = (),
) -> str:
    """The description of a training run; MLflow shows two lines of it, and the rest on a click."""
    members = facts.get("members", 1)
    networks = "1 network" if members == 1 else f"{members} networks, curves are their means"
    teacher = f" Distilled from: {teacher_link}." if teacher_link else ""
    students = f" Teacher of: {links}." if (links := listed(student_links)) else ""
    warnings = "".join(f" **Warning:** {warning}." for warning in facts.get("warnings", ()))
    return (
        f"**{facts['run']}**, {facts['scale']} scale, {networks}.{warnings}{teacher}{students}"
        f" Figures made from it: {listed(figure_links) or 'none yet'}\n\n"
        f"Files: `{facts['result_path']}`"
    )


def figure_note(meta: Mapping, path: str, source_links: Iterable[str], picture: str) -> str:
    """The description of a figure, with the figure itself."""
    return (
        f"**{meta['title']}**, {meta['scale']} scale."
        f" Made from: {listed(source_links) or 'no training run'}\n\n"
        f"![{meta['figure']}]({picture})\n\n{meta['caption']}\n\nFiles: `{path}.*`"
    )
