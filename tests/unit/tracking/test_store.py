import json
import re
import sqlite3
import time
from subprocess import PIPE
from types import SimpleNamespace

import pytest
from mlflow.exceptions import MlflowException
from tracking_examples import PAPERS, python

from spectral_bias.tracking import init_store, tracking_uri
from spectral_bias.tracking.location import local_database
from spectral_bias.tracking.store import PatientClient, log_batch, open_store

INIT = """
import json
from spectral_bias.tracking import init_store, tracking_uri
print(json.dumps(init_store(tracking_uri("results"), {papers!r})))
"""


def test_each_paper_has_an_experiment_with_artifacts_in_the_results(results, client):
    for paper in PAPERS:
        experiment = client.get_experiment_by_name(paper)
        assert experiment.artifact_location == (results / "mlflow/artifacts" / paper).as_uri()


def test_opening_again_makes_nothing_anew(results):
    uri = tracking_uri(results)
    assert init_store(uri, PAPERS) == init_store(uri, PAPERS)
    assert init_store(uri, PAPERS)["experiments"].keys() == PAPERS.keys()


def test_experiments_are_described_and_ordered_by_the_papers_that_are_given(tmp_path):
    uri = tracking_uri(tmp_path)
    open_store(uri, {"late": None})  # as a live run does, which knows its own paper only
    store = open_store(uri, {"early": "The first", "late": "The second"})
    tags = {
        paper: store.client.get_experiment(number).tags
        for paper, number in store.experiments.items()
    }
    assert list(tags) == ["early", "late"]
    assert [each["mlflow.note.content"] for each in tags.values()] == ["The first", "The second"]
    assert [each["order"] for each in tags.values()] == ["0", "1"]
    for each in tags.values():
        view = json.loads(each["mlflow.sharedViewState.training"])
        assert "metrics.`loss/training`" in view["selectedColumns"]


def test_what_was_edited_in_the_browser_is_kept(tmp_path):
    uri, papers = tracking_uri(tmp_path), {"paper": "The title"}
    store = open_store(uri, papers)
    number = store.experiments["paper"]
    for name in ("mlflow.note.content", "mlflow.sharedViewState.training"):
        store.client.set_experiment_tag(number, name, "edited")
    open_store(uri, papers)
    tags = store.client.get_experiment(number).tags
    assert tags["mlflow.note.content"] == tags["mlflow.sharedViewState.training"] == "edited"


def test_an_experiment_in_the_bin_is_brought_back(results, client):
    number = client.get_experiment_by_name("rahaman2018").experiment_id
    client.delete_experiment(number)
    assert open_store(tracking_uri(results), PAPERS).experiments["rahaman2018"] == number
    assert client.get_experiment(number).lifecycle_stage == "active"


def test_two_processes_at_once_make_one_store(tmp_path):
    processes = [python(INIT.format(papers=PAPERS), tmp_path, stdout=PIPE) for _ in range(2)]
    first, second = (json.loads(process.communicate(timeout=120)[0]) for process in processes)
    assert first == second
    assert first["problem"] is None and first["experiments"].keys() == PAPERS.keys()


def test_a_store_whose_making_was_cut_short_is_made_anew(tmp_path):
    uri = tracking_uri(tmp_path)
    database = local_database(uri)
    database.parent.mkdir()
    with sqlite3.connect(database) as half:
        half.execute("CREATE TABLE experiments (experiment_id INTEGER)")
    half.close()
    assert init_store(uri, PAPERS)["problem"]
    database.with_suffix(".unfinished").touch()
    made = init_store(uri, PAPERS)
    assert made["problem"] is None and made["experiments"].keys() == PAPERS.keys()
    assert not database.with_suffix(".unfinished").exists()


@pytest.mark.parametrize(
    ("uri", "problem"),
    [
        ("http://127.0.0.1:9", "MlflowException: .*127.0.0.1.*"),
        ("databricks", "ValueError: tracking address.*"),
    ],
)
def test_a_store_that_fails_is_a_quick_problem_and_no_error(uri, problem):
    start = time.monotonic()
    made = init_store(uri, PAPERS)
    assert time.monotonic() - start < 10
    assert made == {"tracking_uri": uri, "experiments": {}, "problem": made["problem"]}
    assert re.fullmatch(problem, made["problem"])


def test_batches_are_as_large_as_mlflow_takes():
    calls = []
    client = SimpleNamespace(log_batch=lambda run_id, **batch: calls.append(batch))
    points = [("loss", step, 1.0, 0) for step in range(2500)]
    params = {f"p{n}": "1" for n in range(130)}
    log_batch(SimpleNamespace(client=client), "run", points, params, {"tag": "t"})
    sizes = [tuple(len(call[name]) for name in ("metrics", "params", "tags")) for call in calls]
    assert sizes == [(899, 100, 1), (970, 30, 0), (631, 0, 0)]
    assert [m.step for call in calls for m in call["metrics"]] == list(range(2500))


class Busy:
    """A client that finds the database locked for the first `times` calls."""

    def __init__(self, times, message="(sqlite3.OperationalError) database is locked"):
        self.times, self.calls, self.message = times, 0, message

    def set_tag(self, *args):
        self.calls += 1
        if self.calls <= self.times:
            raise MlflowException(self.message)
        return args


def test_a_locked_database_is_waited_for():
    busy = Busy(times=2)
    assert PatientClient(busy, pause_seconds=0).set_tag("run", "key", "value") == (
        "run",
        "key",
        "value",
    )
    assert busy.calls == 3


@pytest.mark.parametrize(("busy", "calls"), [(Busy(9), 3), (Busy(9, "no such run"), 1)])
def test_what_does_not_pass_is_raised(busy, calls):
    with pytest.raises(MlflowException):
        PatientClient(busy, pause_seconds=0).set_tag()
    assert busy.calls == calls
