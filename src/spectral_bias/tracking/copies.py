"""Training runs that two scales have in common: one run of the store for both.

Such a run need not be trained twice. The second scale may hold copies (hard links) of the first
one's files, whose run.json still names the folder where they were made.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from spectral_bias import artefacts
from spectral_bias.tracking import facts as fact
from spectral_bias.tracking.liveness import origin
from spectral_bias.tracking.record import Recorded, matching, record_training, supersede_others
from spectral_bias.tracking.store import Store

RunsAt = Callable[[str], Sequence[Any]]
"""Gives the runs of a paper that the store has at a scale."""


@dataclass(frozen=True)
class Finished:
    """A finished training job as its files tell it.

    Attributes:
        folder: results/<scale>/<paper>/<run>, where they were made if that folder is still there.
        facts: The content of run.json.
        table: Its curves: iteration, metric, value.
    """

    folder: Path
    facts: Mapping[str, Any]
    table: pd.DataFrame


@dataclass(frozen=True)
class Trained:
    """A training run of a scale that is in the store; `shared` if it belongs to another scale."""

    facts: Mapping[str, Any]
    run: Recorded
    shared: bool = False


def original_folder(folder: Path, facts: Mapping[str, Any]) -> Path | None:
    """Where copied files were made; None if in `folder` itself, or if they are there no more."""
    original = folder.parents[2].joinpath(*_made_at(facts))
    record = original / "run.json"
    if original == folder or not record.exists():
        return None
    return original if artefacts.read_json(record).get("run_key") == facts["run_key"] else None


def record_finished(
    store: Store, here: Path, job: Finished, runs_at: RunsAt, max_bytes: int
) -> Trained:
    """Makes the run of a finished training job complete, at the scale where it was trained.

    A copy whose original was removed or trained anew belongs to the run that the store still has;
    if it has none, the copy counts as made where it lies.

    Args:
        store: The open store.
        here: Where the files lie, results/<scale>/<paper>/<run>.
        job: The job, read from where its files were made.
        runs_at: Gives the runs of the paper and of a scale.
        max_bytes: Files above this size are not copied; a tag names their path.
    """
    facts, runs = job.facts, runs_at(job.facts["scale"])
    if _made_at(facts) == here.parts[-3:]:
        return Trained(facts, record_training(store, here, facts, job.table, runs, max_bytes))
    local = _as_made(here, facts)
    runs_here = runs_at(local["scale"])
    if job.folder != here:
        run = record_training(store, job.folder, facts, job.table, runs, max_bytes)
    elif there := _in_store(store, here, facts, runs):
        run = Recorded(facts["run"], there, store.experiments[facts["paper"]])
    else:
        run = record_training(store, here, local, job.table, runs_here, max_bytes)
        return Trained(local, run)
    replaced = fact.identity_tags(local, origin(store.uri, here.parents[2]))
    supersede_others(store, runs_here, replaced, keep=run.run_id)
    return Trained(facts, run, shared=True)


def _made_at(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """(scale, paper, run) of the folder where the files of a run were made."""
    return Path(facts["result_path"]).parts[-3:]


def _as_made(here: Path, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts as they would be if the job had run in this folder."""
    place = here.parts[-3:]
    path = Path(facts["result_path"]).parents[2].joinpath(*place)
    return {**facts, "scale": place[0], "result_path": str(path)}


def _in_store(store: Store, here: Path, facts: Mapping, runs: Sequence[Any]) -> Any | None:
    """The newest run of this job, superseded or not."""
    tags = fact.identity_tags(facts, origin(store.uri, here.parents[2]))
    return next(iter(matching(runs, tags, ("kind", "run_key", "result_path", "origin"))), None)
