import json
import os
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from subprocess import PIPE

import pytest
from tracking_examples import PAPERS, curves, python, run_facts, track, write_figure, write_run

from spectral_bias.tracking import track_runs, tracking_uri
from spectral_bias.tracking.location import local_database
from spectral_bias.tracking.store import open_store

TRACK = """
import json
from spectral_bias.tracking import track
print(json.dumps(track("results", "quick", {papers!r})))
"""


def points(client, run_id):
    """(metric, iteration) of every point of a run, as often as it is there, with its value."""
    return [
        (key, point.step, point.value)
        for key in client.get_run(run_id).data.metrics
        for point in client.get_metric_history(run_id, key)
    ]


def artifacts(client, run_id):
    return {file.path: file.file_size for file in client.list_artifacts(run_id)}


def everything(results):
    """Number of rows of every table of the store, and all its artifact files with their times."""
    database = local_database(tracking_uri(results))
    with closing(sqlite3.connect(database)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        rows = {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for (name,) in tables.fetchall()
        }
    files = (path for path in (results / "mlflow/artifacts").rglob("*") if path.is_file())
    return rows, {path: path.stat().st_mtime_ns for path in files}


def test_run(results, scale, client):
    facts = run_facts(scale=scale)
    write_run(results, facts)
    outcome = track(results, scale)
    assert outcome["problem"] is None
    assert outcome["tracking_uri"] == "sqlite:///results/mlflow/mlflow.db"

    run = client.get_run(outcome["runs"][facts["run_key"]])
    assert run.info.status == "FINISHED"
    assert run.info.end_time - run.info.start_time == 100_000
    assert run.data.params["training.learning_rate"] == "0.0003"
    assert run.data.params["target.frequencies"] == "[5, 10, 15]"
    assert {
        "scale": scale,
        "run": "sinusoids_equal",
        "members": "3",
        "seed": "0",
        "code_version": "feedbeef",
        "run_key": facts["run_key"],
        "result_path": facts["result_path"],
        "device": "cpu",
        "precision": "float32",
        "superseded": "false",
    }.items() <= run.data.tags.items()
    assert artifacts(client, run.info.run_id).keys() == {
        "run.json",
        "metrics.csv",
        "model.safetensors",
        "history.npz",
    }
    wanted = {(m, i): v for i, m, v in curves().itertuples(index=False)}
    logged = points(client, run.info.run_id)
    assert {(m, i): pytest.approx(v, rel=1e-5) for m, i, v in logged} == wanted
    assert len(logged) == len(wanted)


def datasets(client, run_id):
    """(name, digest, context) of what a run was trained on."""
    inputs = client.get_run(run_id).inputs.dataset_inputs
    return [
        (entry.dataset.name, entry.dataset.digest, *(tag.value for tag in entry.tags))
        for entry in inputs
    ]


def test_runs_have_their_data_as_input(results, scale, client):
    for run, key, checksum in (
        ("equal", "aa", "d1"),
        ("increasing", "bb", "d1"),
        ("no", "cc", None),
    ):
        write_run(results, run_facts(run, key, scale) | {"data_checksum": checksum})
    for _ in range(2):
        ids = track(results, scale)["runs"]
        assert datasets(client, ids["aa"]) == datasets(client, ids["bb"])
        assert datasets(client, ids["aa"]) == [("sinusoids", "d1", "training")]
        assert datasets(client, ids["cc"]) == []


def test_runs_of_an_older_store_get_their_data(results, scale, client):
    facts = run_facts(scale=scale)
    write_run(results, facts)
    (run_id,) = track(results, scale)["runs"].values()
    write_run(results, facts | {"data_checksum": "d2"})
    assert list(track(results, scale)["runs"].values()) == [run_id]
    assert datasets(client, run_id) == [("sinusoids", "d2", "training")]


def test_a_figure_lasts_as_long_as_its_job(results, scale, client):
    write_run(results, run_facts(key="aa", scale=scale))
    moments = {"started": "2025-03-01T12:00:00+00:00", "finished": "2025-03-01T12:00:07+00:00"}
    write_figure(results, ["aa"], "fig01", scale, more=moments)
    drawn = write_figure(results, ["aa"], "fig02", scale)
    for suffix, age in ((".png", 0), (".pdf", 2), (".csv", 5), (".json", 0)):
        os.utime(drawn.with_suffix(suffix), (0, 1.7e9 - age))
    found = track(results, scale)["figures"]
    fig01, fig02 = (client.get_run(f["run_id"]).info for f in found.values())
    assert fig01.start_time == 1740830400000 and fig01.end_time - fig01.start_time == 7000
    assert fig02.end_time == 1_700_000_000_000 and fig02.end_time - fig02.start_time == 5000


def test_a_figure_that_is_drawn_again_alike_keeps_its_run(results, scale):
    write_run(results, run_facts(key="aa", scale=scale))
    found = []
    for minute in ("00", "01"):
        more = {"started": f"2025-03-01T12:{minute}:00+00:00"}
        write_figure(results, ["aa"], "fig01", scale, more=more)
        found.append(track(results, scale)["figures"])
    assert found[0] == found[1]


def test_the_length_of_a_short_run_is_exact(results, scale, client):
    facts = run_facts(scale=scale) | {"wall_seconds": 0.25}
    write_run(results, facts | {"finished": facts["started"]})
    (run_id,) = track(results, scale)["runs"].values()
    info = client.get_run(run_id).info
    assert info.end_time - info.start_time == 250


def test_again_adds_nothing(results, scale):
    for run, key in (("sinusoids_equal", "aa"), ("perturbation", "bb")):
        write_run(results, run_facts(run, key, scale) | {"data_checksum": "d3"})
    write_figure(results, ["aa", "bb"], scale=scale)
    first = track(results, scale)
    before = everything(results)
    assert track(results, scale) == first
    assert everything(results) == before
    assert len(first["runs"]) == 2 and len(first["figures"]) == 1 and first["problem"] is None


def test_runs_that_are_brought_in_ahead_are_left_to_be_linked(results, scale, client):
    write_run(results, run_facts("sinusoids_equal", "aa", scale))
    write_run(results, run_facts("wrn_32", "bb", scale, "fridovichkeil2021"))
    ahead = track_runs(results, scale, PAPERS, "rahaman2018")
    assert ahead["runs"].keys() == {"aa"} and ahead["problem"] is None
    before = client.get_run(ahead["runs"]["aa"])
    assert before.info.status == "FINISHED" and "figures" not in before.data.tags

    write_figure(results, ["aa"], scale=scale)
    told = points(client, ahead["runs"]["aa"])
    tracked = track(results, scale)
    assert tracked["runs"].keys() == {"aa", "bb"}
    assert tracked["runs"]["aa"] == ahead["runs"]["aa"]
    assert points(client, ahead["runs"]["aa"]) == told
    assert client.get_run(ahead["runs"]["aa"]).data.tags["figures"] == "fig01"


def test_a_store_that_fails_ahead_is_a_problem_and_no_error(results, scale):
    write_run(results, run_facts(scale=scale))
    ahead = track_runs(results, scale, PAPERS, "rahaman2018", "http://127.0.0.1:9")
    assert ahead["runs"] == {} and "127.0.0.1" in ahead["problem"]


def test_figures_and_runs_lead_to_each_other(results, scale, client):
    for run, key in (("sinusoids_equal", "aa"), ("sinusoids_increasing", "bb"), ("other", "cc")):
        write_run(results, run_facts(run, key, scale))
    write_figure(results, ["aa", "bb"], "fig01", scale)
    write_figure(results, ["aa"], "fig02", scale)
    outcome = track(results, scale)
    ids, fig01 = outcome["runs"], outcome["figures"]["rahaman2018/fig01"]
    fig02 = outcome["figures"]["rahaman2018/fig02"]
    assert fig01["source_run_ids"] == [ids["aa"], ids["bb"]]
    assert fig02["source_run_ids"] == [ids["aa"]]

    figure = client.get_run(fig01["run_id"])
    assert figure.info.status == "FINISHED"
    assert figure.data.tags["source_run_ids"] == f"{ids['aa']}, {ids['bb']}"
    assert figure.data.tags["source_run_keys"] == "aa, bb"
    assert f"/runs/{ids['bb']}?" in figure.data.tags["mlflow.note.content"]
    assert figure.data.metrics == {
        **{"agreement/mean difference _equal": 0.031, "agreement/inside": 2},
        "agreement/outside": 0,
    }
    suffixes = ("png", "pdf", "csv", "json")
    assert artifacts(client, fig01["run_id"]).keys() == {f"fig01.{s}" for s in suffixes}

    source = client.get_run(ids["aa"]).data.tags
    assert source["figures"] == "fig01, fig02"
    assert source["figure_run_ids"] == f"{fig01['run_id']}, {fig02['run_id']}"
    assert f"/runs/{fig01['run_id']}?" in source["mlflow.note.content"]
    assert client.get_run(ids["cc"]).data.tags["figures"] == ""

    found = client.search_runs([figure.info.experiment_id], "tags.source_run_keys LIKE '%bb%'")
    assert [run.info.run_id for run in found if run.data.tags["scale"] == scale] == [
        fig01["run_id"]
    ]


def test_a_run_with_new_settings_supersedes_the_old_one(results, scale, client):
    write_run(results, run_facts(key="aa", scale=scale))
    write_figure(results, ["aa"], scale=scale)
    old = track(results, scale)
    write_run(results, run_facts(key="bb", scale=scale))
    write_figure(results, ["bb"], scale=scale, picture=b"another picture")
    new = track(results, scale)
    assert new["runs"].keys() == {"bb"}
    superseded = [client.get_run(run).data.tags["superseded"] for run in (old["runs"]["aa"],
        old["figures"]["rahaman2018/fig01"]["run_id"],
        new["runs"]["bb"],
        new["figures"]["rahaman2018/fig01"]["run_id"],
    )]  # fmt: skip
    assert superseded == ["true", "true", "false", "false"]


def test_going_back_to_old_settings_makes_a_current_run(results, scale, client):
    ids = []
    for key in ("aa", "bb", "aa"):
        write_run(results, run_facts(key=key, scale=scale))
        ids.append(track(results, scale)["runs"][key])
    assert client.get_run(ids[-1]).data.tags["superseded"] == "false"
    assert client.get_run(ids[1]).data.tags["superseded"] == "true"


def test_other_scales_are_left_alone(results, scale, client):
    write_run(results, run_facts(key="aa", scale=scale))
    kept = track(results, scale)["runs"]["aa"]
    write_run(results, run_facts(key="bb", scale=f"{scale}_2"))
    track(results, f"{scale}_2")
    assert client.get_run(kept).data.tags["superseded"] == "false"


def test_other_numbers_for_the_same_key_make_a_new_run(results, scale, client):
    folder = write_run(results, run_facts(scale=scale))
    (old,) = track(results, scale)["runs"].values()
    table = curves()
    table["value"] *= 1.01
    write_run(results, run_facts(scale=scale), table)
    (new,) = track(results, scale)["runs"].values()
    assert new != old and client.get_run(old).data.tags["superseded"] == "true"
    assert max(Counter(p[:2] for p in points(client, new)).values()) == 1
    assert folder.exists()


def test_the_same_numbers_made_again_keep_their_run(results, scale, client):
    write_run(results, run_facts(scale=scale))
    (old,) = track(results, scale)["runs"].values()
    write_run(results, {**run_facts(scale=scale), "wall_seconds": 1.0}, content=b"new")
    assert list(track(results, scale)["runs"].values()) == [old]
    assert artifacts(client, old)["model.safetensors"] == 3


def test_diverged_runs_are_tracked_once(results, scale, client):
    table = curves()
    table.loc[table["iteration"] == 300, "value"] = float("nan")
    table.loc[table["iteration"] == 400, "value"] = float("-inf")
    write_run(results, run_facts(scale=scale), table)
    (old,) = track(results, scale)["runs"].values()
    write_run(results, {**run_facts(scale=scale), "wall_seconds": 1.0}, table)
    assert list(track(results, scale)["runs"].values()) == [old]
    assert len(points(client, old)) == len(table)


def test_lost_artifacts_come_back(results, scale, client):
    write_run(results, run_facts(scale=scale))
    (run_id,) = track(results, scale)["runs"].values()
    shutil.rmtree(results / "mlflow/artifacts/rahaman2018" / run_id)
    track(results, scale)
    assert len(artifacts(client, run_id)) == 4


def test_large_files_are_named_and_not_copied(results, scale, client):
    write_run(results, run_facts(scale=scale))
    (run_id,) = track(results, scale, max_artifact_bytes=4000)["runs"].values()
    assert "history.npz" not in artifacts(client, run_id)
    tag = client.get_run(run_id).data.tags["not_copied.history.npz"]
    assert tag == f"results/{scale}/rahaman2018/sinusoids_equal/history.npz"


def test_one_broken_file_does_not_stop_the_rest(results, scale):
    write_run(results, run_facts("good", "aa", scale))
    broken = write_run(results, run_facts("broken", "bb", scale))
    (broken / "run.json").write_text(json.dumps({"paper": "rahaman2018"}))
    (write_run(results, run_facts("half", "cc", scale)) / "metrics.csv").unlink()
    write_figure(results, ["aa", "dd"], scale=scale)
    outcome = track(results, scale)
    assert outcome["runs"].keys() == {"aa"} and len(outcome["figures"]) == 1
    for part in ("broken/run.json: ValueError: 'run' is missing", "half/", "has the key dd"):
        assert part in outcome["problem"]


def test_a_dead_server_is_a_problem_and_no_error(results, scale):
    write_run(results, run_facts(scale=scale))
    outcome = track(results, scale, uri="http://me:secret@127.0.0.1:9")
    assert "127.0.0.1" in outcome["problem"] and "secret" not in json.dumps(outcome)
    assert outcome["runs"] == {} and outcome["tracking_uri"] == "http://127.0.0.1:9"


def test_a_removed_database_comes_back(tmp_path):
    results = tmp_path / "results"
    write_run(results, run_facts())
    write_figure(results, ["0123456789ab"])

    first, rows = track(results, "quick"), everything(results)[0]
    shutil.rmtree(results / "mlflow")
    process = python(TRACK.format(papers=PAPERS), tmp_path, stdout=PIPE)
    second = json.loads(process.communicate(timeout=120)[0])
    assert everything(results)[0] == rows and rows["runs"] == 2 and rows["metrics"] > 30
    assert second["runs"].keys() == first["runs"].keys() and second["problem"] is None
    assert second["runs"] != first["runs"]


def test_a_moved_project_keeps_its_runs_and_artifacts(tmp_path, monkeypatch):
    old, new = tmp_path / "old place", tmp_path / "new place"
    old.mkdir()
    monkeypatch.chdir(old)
    write_run(old / "results", run_facts(), content=b"parameters")
    first = track("results", "quick")
    monkeypatch.chdir(tmp_path)
    old.rename(new)
    monkeypatch.chdir(new)

    write_run(new / "results", run_facts("perturbation", "bb"))
    second = track("results", "quick")
    assert second["problem"] is None and first["runs"].items() < second["runs"].items()
    store = open_store(tracking_uri("results"), PAPERS)
    experiment = store.client.get_experiment_by_name("rahaman2018")
    assert experiment.artifact_location == (new / "results/mlflow/artifacts/rahaman2018").as_uri()
    for run_id in second["runs"].values():
        copy = store.client.download_artifacts(run_id, "model.safetensors", str(tmp_path))
        assert Path(copy).read_bytes() == b"parameters"
    assert not old.exists()
