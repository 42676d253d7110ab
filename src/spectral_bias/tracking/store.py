"""An open tracking store: made once, called patiently, with the few reads and writes we need."""

import logging
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from spectral_bias.tracking.facts import NOTE
from spectral_bias.tracking.location import (
    SQLITE,
    artifact_location,
    checked,
    exclusive,
    local_database,
    masked,
    public_uri,
    relocate,
)
from spectral_bias.tracking.pages import view_tags

# With MLflow's own values one call to a dead server takes many minutes, and addresses are printed
# with their passwords. Users may set others.
ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "20",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}
# They print whole tracebacks of errors that reach the user from here as one line.
NOISY_LOGGERS = ("mlflow.store.db.utils", "alembic", "urllib3.connectionpool")
ENTRIES_PER_CALL, PARAMS_OR_TAGS_PER_CALL, RUNS_PER_PAGE = 1000, 100, 1000
ORDER = "order"
"""The tag of an experiment that says which place its paper has among the papers."""

Papers = Mapping[str, str | None]
"""Titles of papers by name, in order. None leaves the description of the experiment to others."""
Point = tuple[str, int, float, int]
"""(metric, iteration, value, milliseconds since 1970)"""


@dataclass(frozen=True)
class Store:
    """An open store: a client that waits while the database is busy, and the experiments."""

    client: Any
    uri: str
    experiments: dict[str, str]


class PatientClient:
    """An MLflow client whose calls are repeated while the database is locked by others.

    SQLite itself waits 20 s for a lock; after that MLflow raises TEMPORARILY_UNAVAILABLE.
    """

    def __init__(self, client: Any, attempts: int = 3, pause_seconds: float = 2.0) -> None:
        self._client, self._attempts, self._pause = client, attempts, pause_seconds

    def __getattr__(self, name: str) -> Callable:
        return partial(self._call, getattr(self._client, name))

    def _call(self, method: Callable, *args: Any, **kwargs: Any) -> Any:
        from mlflow.exceptions import MlflowException

        for left in reversed(range(self._attempts)):
            try:
                return method(*args, **kwargs)
            except MlflowException as error:
                if left == 0 or "database is locked" not in str(error):
                    raise
                time.sleep(self._pause)


def open_store(uri: str, papers: Papers) -> Store:
    """Opens the store, and makes the database and the experiments of the papers if missing.

    Args:
        uri: The store, from `tracking_uri`.
        papers: The papers, each an experiment of its own.

    Raises:
        ValueError: The address is of no kind that works here.
        mlflow.exceptions.MlflowException: The server or the database does not answer, or the
            database was made by another version of MLflow.
    """
    checked(uri)
    prepare_environment()
    from mlflow import MlflowClient

    for name in NOISY_LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    database = local_database(uri)
    if database is None:
        client = PatientClient(MlflowClient(tracking_uri=uri))
        return Store(client, uri, _experiments(client, None, papers))
    with exclusive(database):
        return _open_database(database, MlflowClient, papers)


def prepare_environment() -> None:
    """Sets those of MLflow's variables that the user has not set; call it before MLflow is used."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def _open_database(database: Path, make_client: Callable, papers: Papers) -> Store:
    """Opens a local store; a database whose making was cut short is made anew."""
    uri, unfinished = f"{SQLITE}{database}", database.with_suffix(".unfinished")
    if unfinished.exists():
        database.unlink(missing_ok=True)
    if database.exists():
        relocate(database)
    else:
        unfinished.touch()
    client = PatientClient(make_client(tracking_uri=uri))
    experiments = _experiments(client, database, papers)
    unfinished.unlink(missing_ok=True)
    return Store(client, uri, experiments)


def _experiments(client: Any, database: Path | None, papers: Papers) -> dict[str, str]:
    """{paper: experiment id}; each is made, or brought back from the bin, if need be."""
    found = {}
    for place, (paper, title) in enumerate(papers.items()):
        tags = {} if title is None else {NOTE: title, ORDER: str(place), **view_tags()}
        experiment = client.get_experiment_by_name(paper)
        if experiment is None:
            location = artifact_location(database, paper) if database else None
            found[paper] = _new_experiment(client, paper, location, tags)
            continue
        if experiment.lifecycle_stage == "deleted":
            client.restore_experiment(experiment.experiment_id)
        for name, value in tags.items():
            # Descriptions and views may be edited in the browser; the edited ones are kept.
            if name not in experiment.tags or (name == ORDER and experiment.tags[name] != value):
                client.set_experiment_tag(experiment.experiment_id, name, value)
        found[paper] = experiment.experiment_id
    return found


def _new_experiment(client: Any, paper: str, location: str | None, tags: Mapping[str, str]) -> str:
    from mlflow.exceptions import MlflowException

    try:
        return client.create_experiment(paper, location, tags=dict(tags))
    except MlflowException:
        experiment = client.get_experiment_by_name(paper)  # another process was faster
        if experiment is None:
            raise
        return experiment.experiment_id


def init_store(uri: str, papers: Papers) -> dict[str, Any]:
    """Makes the store before anything logs; a failure is returned as `problem`, not raised.

    Returns:
        {"tracking_uri", "experiments": {paper: experiment id}, "problem": one line or None}
    """
    try:
        experiments, problem = open_store(uri, papers).experiments, None
    except Exception as error:
        experiments, problem = {}, one_line(error)
    return {"tracking_uri": public_uri(uri), "experiments": experiments, "problem": problem}


def one_line(error: BaseException) -> str:
    """The kind of an error and the first line of its text, without passwords, 300 characters."""
    text = next(iter(str(error).strip().splitlines()), "")
    return masked(f"{type(error).__name__}: {text}")[:300]


def search(store: Store, paper: str, tag: str, value: str) -> list[Any]:
    """Every run of a paper with this tag, training and figures, newest first."""
    query, runs, token = f"tags.{tag} = '{value}'", [], None
    while True:
        page = store.client.search_runs(
            [store.experiments[paper]], query, max_results=RUNS_PER_PAGE, page_token=token
        )
        runs += page
        token = page.token
        if not token:
            return runs


def history(store: Store, run: Any) -> dict[tuple[str, int], float]:
    """{(metric, iteration): value} of everything that was logged to a run."""
    return {
        (key, point.step): point.value
        for key in run.data.metrics
        for point in store.client.get_metric_history(run.info.run_id, key)
    }


def log_batch(
    store: Store,
    run_id: str,
    points: Iterable[Point] = (),
    params: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
) -> None:
    """Logs metric points, settings and tags in as few calls as MLflow's limits allow.

    MLflow refuses another value for a setting that has one.
    """
    from mlflow.entities import Metric, Param, RunTag

    metrics = [Metric(key, value, time, step) for key, step, value, time in points]
    entries = [Param(*item) for item in (params or {}).items()]
    labels = [RunTag(*item) for item in (tags or {}).items()]
    while metrics or entries or labels:
        first = {
            "params": entries[:PARAMS_OR_TAGS_PER_CALL],
            "tags": labels[:PARAMS_OR_TAGS_PER_CALL],
        }
        room = ENTRIES_PER_CALL - sum(map(len, first.values()))
        store.client.log_batch(run_id, metrics=metrics[:room], **first)
        metrics = metrics[room:]
        entries = entries[PARAMS_OR_TAGS_PER_CALL:]
        labels = labels[PARAMS_OR_TAGS_PER_CALL:]


def log_dataset(store: Store, run: Any, dataset: Mapping[str, str] | None) -> None:
    """Logs the data that a run was trained on, unless `run` had it when it was read."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    if dataset is None:
        return
    there = [entry.dataset for entry in run.inputs.dataset_inputs] if run.inputs else []
    wanted = Dataset(**dataset)
    if not any((d.name, d.digest) == (wanted.name, wanted.digest) for d in there):
        context = InputTag("mlflow.data.context", "training")
        store.client.log_inputs(run.info.run_id, [DatasetInput(wanted, [context])])


def stored_artifacts(store: Store, run: Any) -> set[str]:
    """Names of the files that a run has in the store.

    They are listed by their address, since the client would read the whole run anew to find it.
    """
    from mlflow.artifacts import list_artifacts

    address = run.info.artifact_uri
    return {Path(file.path).name for file in list_artifacts(address, tracking_uri=store.uri)}


def set_tags(store: Store, run: Any, wanted: Mapping[str, str]) -> None:
    """Sets those of the tags that differ from what `run` had when it was read."""
    tags = {name: value for name, value in wanted.items() if run.data.tags.get(name) != value}
    log_batch(store, run.info.run_id, tags=tags)
