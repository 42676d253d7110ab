"""Brings one training run into an open store; what is there already is kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spectral_bias.tracking import facts as fact
from spectral_bias.tracking.liveness import origin, user
from spectral_bias.tracking.pages import run_page
from spectral_bias.tracking.store import (
    Store,
    history,
    log_batch,
    log_dataset,
    set_tags,
    stored_artifacts,
)

# The parameters are not logged as a model of MLflow's: the three calls that this takes (create,
# finalize, log_outputs) make an import a third slower, and without MLflow's description of how to
# load it a model can be neither loaded nor registered from its page.
ARTIFACTS = ("model.safetensors", "run.json", "metrics.csv", "problem.npz", "history.npz")
MEASURED = ("interpolation_*.csv", "class_accuracy.csv")
"""Tables that a measurement of this one run left in its folder."""
RELATIVE_DIFFERENCE = 1e-5
"""metrics.csv has six significant digits, live rows have all."""


@dataclass(frozen=True)
class Recorded:
    """A training run or a figure that is in the store."""

    name: str
    run: Any
    experiment: str

    @property
    def run_id(self) -> str:
        """MLflow's 32 hex digits."""
        return self.run.info.run_id

    @property
    def link(self) -> str:
        """A Markdown link that works inside MLflow's pages."""
        return f"[{self.name}]({run_page(self.experiment, self.run_id)})"


def matching(runs: Iterable[Any], tags: Mapping[str, str], names: Iterable[str]) -> list[Any]:
    """The runs that carry the tags of these names with the same values."""
    return [run for run in runs if all(run.data.tags.get(name) == tags[name] for name in names)]


def current_run(runs: Iterable[Any], tags: Mapping[str, str]) -> Any | None:
    """The newest run of this identity that is not superseded, if there is one."""
    names = ("kind", "run_key", "result_path", "origin", "superseded")
    return next(iter(matching(runs, tags, names)), None)


def supersede_others(store: Store, runs: Iterable[Any], tags: Mapping[str, str], keep: str) -> None:
    """Marks older runs of the same path. They stay; `tags.superseded = 'false'` hides them."""
    for run in matching(runs, tags, ("kind", "result_path", "origin", "superseded")):
        if run.info.run_id != keep:
            store.client.set_tag(run.info.run_id, "superseded", "true")


def create(store: Store, paper: str, tags: Mapping[str, str], started_ms: int | None) -> Any:
    """A new run with its identity; it is RUNNING until it is ended."""
    tags = {**tags, "mlflow.user": user()}
    return store.client.create_run(store.experiments[paper], started_ms, tags)


def log_artifacts(store: Store, run: Any, files: Iterable[Path], replace: bool) -> None:
    """Copies files: all to `replace` what is there, else only those that the store lacks."""
    there = set() if replace else stored_artifacts(store, run)
    for path in files:
        if path.name not in there:
            store.client.log_artifact(run.info.run_id, str(path))


def record_training(
    store: Store,
    folder: Path,
    facts: Mapping,
    table: pd.DataFrame,
    runs: Sequence[Any],
    max_bytes: int,
) -> Recorded:
    """Makes the run of a finished training job complete.

    Args:
        store: The open store.
        folder: The result folder, results/<scale>/<paper>/<run>.
        facts: The content of its run.json.
        table: Its curves: iteration, metric, value.
        runs: Runs of this paper and scale as they are in the store.
        max_bytes: Files above this size are not copied; a tag names their path.
    """
    identity = fact.identity_tags(facts, origin(store.uri, folder.parents[2]))
    run = current_run(runs, identity)
    measured = [path for pattern in MEASURED for path in sorted(folder.glob(pattern))]
    content = fact.content_digest([folder / "run.json", folder / "metrics.csv", *measured])
    files = [*(folder / name for name in ARTIFACTS if (folder / name).exists()), *measured]
    small = [path for path in files if path.stat().st_size <= max_bytes]
    changed = run is None or run.data.tags.get("content") != content
    if changed:
        run = _completed(store, facts, identity, run, table)
    log_artifacts(store, run, small, replace=changed)
    large = [path.name for path in files if path not in small]
    log_dataset(store, run, fact.dataset(facts))
    tags = identity | fact.training_tags(facts)
    tags |= {f"not_copied.{name}": f"{facts['result_path']}/{name}" for name in large}
    set_tags(store, run, tags | {"content": content})  # last: until then it counts as incomplete
    supersede_others(store, runs, identity, keep=run.info.run_id)
    return Recorded(facts["run"], run, store.experiments[facts["paper"]])


def _completed(
    store: Store, facts: Mapping, identity: Mapping, run: Any | None, table: pd.DataFrame
) -> Any:
    """Adds what a run lacks of settings and points, or makes a new one, and ends it."""
    started, finished = fact.training_times(facts)
    points, params = fact.points(table, started, finished), fact.params(facts)
    logged = {} if run is None else history(store, run)
    if run is None or contradicts(run, logged, params, points):
        tags = {**identity, **fact.training_tags(facts)}
        run, logged = create(store, facts["paper"], tags, started), {}
    missing = {key: value for key, value in params.items() if key not in run.data.params}
    new = [point for point in points if point[:2] not in logged]
    log_batch(store, run.info.run_id, new, missing)
    store.client.set_terminated(run.info.run_id, "FINISHED", finished)
    return run


def contradicts(
    run: Any, logged: Mapping[tuple[str, int], float], params: Mapping, points: Sequence[tuple]
) -> bool:
    """Whether the store holds another setting or value than the files, beyond rounding.

    So it is after a job went back to a checkpoint, or was repeated, on a device that does not
    give the same numbers twice. The store can change neither a setting nor a point.
    """
    if any(params.get(key, value) != value for key, value in run.data.params.items()):
        return True
    pairs = [(logged[point[:2]], point[2]) for point in points if point[:2] in logged]
    largest = np.finfo(float).max  # MLflow keeps infinity as this
    there, here = np.array(pairs).reshape(-1, 2).clip(-largest, largest).T
    return not np.allclose(there, here, rtol=RELATIVE_DIFFERENCE, atol=0, equal_nan=True)
