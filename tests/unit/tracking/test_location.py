import json
import os
import threading
from urllib.parse import unquote

import pytest

from spectral_bias.tracking.location import (
    artifact_location,
    checked,
    exclusive,
    fit_for_files,
    local_database,
    masked,
    public_uri,
    tracking_uri,
    unfinished,
)


def test_local_store_lies_in_the_results(tmp_path):
    uri = tracking_uri(tmp_path / "results")
    assert local_database(uri) == tmp_path / "results/mlflow/mlflow.db"


def test_configuration_goes_before_environment(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://from-environment")
    assert tracking_uri("results") == "http://from-environment"
    assert tracking_uri("results", "http://configured") == "http://configured"


def test_a_server_has_no_database():
    assert local_database("https://example.org:5000") is None


@pytest.mark.parametrize("uri", ["databricks", "ftp://host", "results/mlruns", "file:///tmp"])
def test_other_kinds_of_store_are_refused(uri):
    with pytest.raises(ValueError, match=r"expected http://.*MLFLOW_TRACKING_URI"):
        checked(uri)


def test_public_address_has_no_password():
    assert public_uri("https://me:secret@host:5000/path") == "https://host:5000/path"


def test_public_address_is_relative_inside_the_project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert public_uri(tracking_uri("results")) == "sqlite:///results/mlflow/mlflow.db"
    assert public_uri("sqlite:////elsewhere/x.db") == "sqlite:////elsewhere/x.db"


def test_artifacts_lie_beside_the_database(tmp_path):
    location = artifact_location(tmp_path / "my results/mlflow.db", "paper")
    assert location == f"file://{tmp_path}/my%20results/artifacts/paper"


def test_only_one_is_inside(tmp_path):
    database, order, inside = tmp_path / "mlflow.db", [], threading.Event()

    def second():
        inside.wait()
        with exclusive(database):
            order.append("second")

    other = threading.Thread(target=second)
    other.start()
    with exclusive(database):
        inside.set()
        other.join(0.3)
        order.append("first")
    other.join()
    assert order == ["first", "second"]


@pytest.fixture
def outcome(tmp_path):
    def write(problem, uri="http://host"):
        path = tmp_path / "tracking.json"
        path.write_text(json.dumps({"problem": problem, "tracking_uri": public_uri(uri)}))
        return path

    return write


def test_nothing_to_finish_before_the_first_time_and_after_success(outcome, tmp_path):
    server = "http://host"
    assert unfinished(tmp_path / "none.json", server) == ""
    assert unfinished(outcome(None), server) == ""


def test_a_failure_is_tried_again_until_it_is_gone(outcome):
    path = outcome("no answer")
    first = unfinished(path, "http://host")
    os.utime(path, (1, 1))
    assert len({"", first, unfinished(path, "http://host")}) == 3


def test_a_removed_local_store_is_filled_again(outcome, tmp_path):
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    assert unfinished(outcome(None, uri), uri) != ""
    assert unfinished(outcome(None, "http://host"), uri) == ""  # it never held anything
    (tmp_path / "mlflow.db").touch()
    assert unfinished(outcome(None, uri), uri) == ""


@pytest.mark.parametrize(
    "uri",
    [
        "http://me:secret@host:5000/path",
        "https://me:sec/ret@host",
        "https://me:sec@ret@host",
        "https://me:sec?ret@host",
        "https://secret@host",
        "https://host?token=secret",
        "https://host#secret",
        "me:sec/ret@host",
        "postgresql://me:secret@host/db",
    ],
)
def test_no_part_of_a_password_is_public_or_may_stand_in_files(uri):
    assert "host" in public_uri(uri)
    assert not any(part in public_uri(uri) for part in ("sec", "ret", "me:"))
    with pytest.raises(ValueError) as caught:
        fit_for_files(uri)
    assert "sec" not in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("uri", ["http://host:5000/path", "sqlite:////elsewhere/x@y.db"])
def test_an_address_without_a_password_may_stand_in_files(uri):
    assert fit_for_files(uri) == uri


@pytest.mark.parametrize(
    "uri", ["http://", "http://host:port", "http://ho st", "http://host/a@b", "sqlite:///", "http:"]
)
def test_addresses_that_name_no_place_are_refused(uri):
    with pytest.raises(ValueError, match="tracking address"):
        checked(uri)


def test_a_password_of_the_right_form_works():
    assert checked("https://me:sec%2Fret%40@host") == "https://me:sec%2Fret%40@host"


@pytest.mark.parametrize("password", ["hunter2", "hun/ter2", "hun@ter2", "hun%2Fter2"])
def test_errors_show_no_part_of_the_address_that_is_secret(monkeypatch, password):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://somebody:{password}@host:1")
    plain = unquote(password)
    for text in (
        f"InvalidURL: http://somebody:{password}@host:1/api",
        f"cannot parse 'somebody:{password}@host'",
        f"bad password {plain} of http://a@b",
    ):
        shown = masked(text)
        assert password not in shown and plain not in shown and "somebody:" not in shown
    assert masked("HTTPConnectionPool(host='host', port=1)") == (
        "HTTPConnectionPool(host='host', port=1)"
    )


def test_other_secrets_of_the_environment_are_masked(monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "t0k3n")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "hunter2")
    assert masked("t0k3n and hunter2") == "*** and ***"


@pytest.mark.parametrize("content", ["", "{half", "[]", "{}"])
def test_a_damaged_outcome_is_made_again(tmp_path, content):
    (tmp_path / "tracking.json").write_text(content)
    assert unfinished(tmp_path / "tracking.json", "http://host") != ""
