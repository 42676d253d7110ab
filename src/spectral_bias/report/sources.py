"""What a report is made from: files, and what the build that made them lacks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Failure:
    """A job that failed.

    Attributes:
        log: path of its log.
        state: how it ended, as `runtime.logs.JobLog` has it.
        said: why, in one line; empty if it did not come to that.
    """

    log: str
    state: str
    said: str


@dataclass(frozen=True)
class Gaps:
    """What a build lacks: the jobs that failed and the (paper, figNN) that were not drawn."""

    failures: Sequence[Failure]
    figures: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class ReportSources:
    """The files a report is made from.

    Args:
        figures: figNN.json, each with its .png beside it.
        claims: claims.json.
        checks: checks.json.
        runs: run.json of the training runs.
        scale: name of the scale.
        root: folder that the report is written to; file names are given relative to it.
        agreement: agreement.csv of each paper.
        settings: resolved settings that are not those of a single run.
        logs: of jobs, in the folder `logs` of `root`.
        gaps: what the build lacks; None for a whole one.
        built: date of the report; None is now.
    """

    figures: Sequence[Path]
    claims: Path
    checks: Path
    runs: Sequence[Path]
    scale: str
    root: Path
    agreement: Sequence[Path] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    logs: Sequence[Path] = ()
    gaps: Gaps | None = None
    built: datetime | None = None
