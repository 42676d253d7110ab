"""What the store is told about a run or a figure, computed from their files. Needs no MLflow."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from pathlib import Path
from posixpath import normpath
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd

from spectral_bias.provenance import digest

MAX_PARAM, MAX_TAG = 6000, 8000
MAX_LINKS = 2500
"""Characters of one list of links in a description, which is a tag."""
NOT_A_KEY = re.compile(r"[^\w :/.-]+", re.ASCII)
MODEL_TRAINING = "workflowType=machine_learning"
"""Without this MLflow's pages show tools for language models around a run."""
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


def content_digest(files: Iterable[Path]) -> str:
    """12 hexadecimal digits that change when a file's name or content does."""
    parts = ((path.name, path.read_bytes()) for path in sorted(files))
    return digest(*chain.from_iterable(parts))


def milliseconds(moment: str) -> int:
    """Milliseconds since 1970 of an ISO date and time."""
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


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
    return (
        f"**{facts['run']}**, {facts['scale']} scale, {networks}.{teacher}{students}"
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


def picture_address(run_id: str, name: str) -> str:
    """Where MLflow's pages find an image among the artifacts of a run."""
    return f"get-artifact?path={quote(name)}&run_uuid={run_id}"


def run_page(experiment: str, run_id: str) -> str:
    """The page of a run, as an address inside MLflow's pages."""
    return f"#/experiments/{experiment}/runs/{run_id}?{MODEL_TRAINING}"
