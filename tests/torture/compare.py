"""Holds a build that was killed again and again against one that was not."""

import csv
import json
import re
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

# Logs and times belong to a build, and ids of MLflow to a store; they are not results.
NOT_RESULTS = ("logs", "benchmarks")
TIMES = ("started", "finished", "wall_seconds", "resumed")

Point = tuple[str, str, int]
"""(run key, metric, iteration)"""


def results(folder: Path) -> list[str]:
    """Names of the files that are to be the same."""
    return sorted(name for name in _files(folder) if not re.search(r"(^|/)\.", name))


def differing(whole: Path, killed: Path) -> list[str]:
    """Results of which the second folder has none or another."""
    return [
        name
        for name in results(whole)
        if not (killed / name).is_file() or _content(whole / name) != _content(killed / name)
    ]


def left_over(whole: Path, killed: Path) -> list[str]:
    """Files, hidden ones too, that only the second folder has."""
    return sorted(_files(killed) - _files(whole))


def _files(folder: Path) -> set[str]:
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {str(path) for path in found if path.parts[0] not in NOT_RESULTS}


def _content(path: Path) -> object:
    """The bytes of a file; of one that tells times or ids of MLflow, all the rest."""
    if path.name == "tracking.json":
        return {name: sorted(value or ()) for name, value in json.loads(path.read_text()).items()}
    if path.suffix == ".json" and isinstance(facts := json.loads(path.read_text()), dict):
        return {name: value for name, value in facts.items() if name not in TIMES}
    if path.name == "report.html":  # it tells when runs began, how long they took, which resumed
        page = re.sub(r'<table class="jobs">.*?</table>', "", path.read_text(), flags=re.DOTALL)
        page = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "", page.replace(" (resumed)", ""))
        return re.sub(r"\d[\d:., ]*\s?(s|min|h)\b", "", page)
    return path.read_bytes()


def logged_points(database: Path) -> Counter[Point]:
    """How often the store holds each point of each training run."""
    query = """
        SELECT tags.value, metrics.key, metrics.step, COUNT(*) FROM metrics
        JOIN tags ON tags.run_uuid = metrics.run_uuid AND tags.key = 'run_key'
        GROUP BY tags.value, metrics.key, metrics.step
    """
    with closing(sqlite3.connect(database)) as connection:
        return Counter({(key, *point): n for key, *point, n in connection.execute(query)})


def recorded_points(folder: Path) -> set[Point]:
    """The points of every training run that its files hold; a store must have them all.

    It may hold more: what was shown while a training lasted, at iterations that time decided.
    """
    return {
        (json.loads(record.read_text())["run_key"], row["metric"], int(row["iteration"]))
        for record in folder.glob("*/*/run.json")
        for row in csv.DictReader(record.with_name("metrics.csv").read_text().splitlines())
    }


def lost_and_doubled(recorded: set[Point], logged: Counter[Point]) -> tuple[int, int]:
    """Points of the files that a store lacks, and those that it holds more than once."""
    return len(recorded - logged.keys()), sum(number > 1 for number in logged.values())
