"""How far a build is, from its files alone: while it runs, after it died, on any computer.

    python -m spectral_bias.report.status            # or the name or file of a scale

What is left is estimated from what the finished part of each stage took.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spectral_bias import experiments
from spectral_bias.config.load import load_settings
from spectral_bias.errors import UserError
from spectral_bias.report.format import duration
from spectral_bias.runtime.logs import JobLog, read_log

HEADS = ("", "done", "of", "run now", "failed", "took", "left, about")
TROUBLES = {
    "failed": "failed",
    "stopped": "stopped before its end",
    "killed": "ended without a word, as if killed",
}


@dataclass(frozen=True)
class Stage:
    """A kind of results.

    Attributes:
        name: for the table.
        files: that it makes, relative to results/<scale>.
        logs: how the paths of its jobs' logs begin, relative to results/<scale>/logs.
    """

    name: str
    files: Sequence[str]
    logs: tuple[str, ...]


@dataclass(frozen=True)
class Progress:
    """How far a stage is; `left` is in seconds of one job, None where nothing is done yet."""

    name: str
    done: int
    total: int
    running: int
    failed: int
    took: float
    left: float | None


def stages(settings: Any) -> list[Stage]:
    """All stages, in the order in which they are done."""
    runs = experiments.training_runs(settings)

    def records(kind: str) -> list[str]:
        return [f"{run.paper}/{name}/run.json" for name, run in runs.items() if kind == run.KIND]

    drawn = experiments.figures()
    figures = [f"figures/{paper}/{name}.png" for paper, names in drawn.items() for name in names]
    return [
        Stage("small networks", records("mlp"), ("train_mlp/",)),
        Stage("autoencoders", records("autoencoder"), ("train_autoencoder/",)),
        Stage("classifiers", records("classifier"), ("train_classifier/", "train_folder")),
        Stage("measurements", experiments.measured_files(settings), ("measure_", "collect_")),
        Stage("figures", figures, ("figure/",)),
        Stage("claims, report", ["claims.json", "report.html"], ("claims", "report", "agreement")),
        Stage("tracking", ["tracking.json"], ("track",)),
    ]


def progress(stage: Stage, results: Path, logs: Iterable[JobLog]) -> Progress:
    """How far a stage is, given the logs of all jobs."""
    own = [log for log in logs if _name(log, results).startswith(stage.logs)]
    done = sum((results / file).is_file() for file in stage.files)
    missing = len(stage.files) - done
    spent = sum(log.seconds for log in own if log.state == "done")
    underway = sum(log.seconds for log in own if log.state == "runs")
    left: float | None = 0.0
    if missing:
        left = max(0.0, spent / done * missing - underway) if done else None
    return Progress(
        stage.name,
        done,
        len(stage.files),
        running=sum(log.state == "runs" for log in own),
        failed=sum(log.state in TROUBLES for log in own),
        took=spent + underway,
        left=left,
    )


def status_text(settings: Any, results: Path) -> str:
    """The table of all stages, what runs, what failed and where to look, and what is left."""
    logs = [read_log(path) for path in sorted((results / "logs").rglob("*.log"))]
    found = [progress(stage, results, logs) for stage in stages(settings)]
    found = [stage for stage in found if stage.total]
    running = [log for log in logs if log.state == "runs"]
    parts = [_table(found)]
    if running:
        lines = [f"  {_name(log, results)}  for {duration(log.seconds)}" for log in running]
        parts.append("\n".join(["runs:", *lines]))
    troubled = [_trouble(log, results) for log in logs if log.state in TROUBLES]
    if troubled:
        parts.append("\n".join(["not done:", *troubled]))
    return "\n\n".join([*parts, _summary(settings.scale, found, len(running))])


def _name(log: JobLog, results: Path) -> str:
    return log.path.relative_to(results / "logs").as_posix()


def _trouble(log: JobLog, results: Path) -> str:
    return f"  {_name(log, results)} {TROUBLES[log.state]}: {log.said or f'see {log.path}'}"


def _table(found: Iterable[Progress]) -> str:
    rows = [HEADS]
    for stage in found:
        left = "?" if stage.left is None else duration(stage.left) if stage.left else ""
        numbers = (stage.done, stage.total, stage.running or "", stage.failed or "")
        rows.append((stage.name, *map(str, numbers), duration(stage.took), left))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _summary(scale: str, found: Sequence[Progress], running: int) -> str:
    done, total = sum(stage.done for stage in found), sum(stage.total for stage in found)
    if done == total and not running:
        return f"{scale}: everything is there."
    seconds = sum(stage.left or 0.0 for stage in found) / max(running, 1)
    known = all(stage.left is not None for stage in found)
    left = f"{'about' if known else 'more than'} {duration(seconds)} left"
    if running:
        return f"{scale}: {done} of {total} done, {left}, {running} at a time."
    return (
        f"{scale}: {done} of {total} done, {left}, one at a time. No job runs now; the command "
        "that built it goes on where it stopped."
    )


def main() -> int:
    """Reads the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m spectral_bias.report.status")
    parser.add_argument("scale", nargs="?", help="name or file; that of config.yaml if not given")
    given = parser.parse_args()
    try:
        settings = load_settings({"scale": given.scale} if given.scale else {})
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(status_text(settings, Path("results", settings.scale)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
