"""The same against a tracking server, which keeps the artifacts itself."""

import os
import socket
import subprocess
import sys
import time
from subprocess import DEVNULL
from urllib.request import urlopen

import pytest
from mlflow import MlflowClient
from tracking_examples import curves, run_facts, track, write_figure, write_run

from spectral_bias.artefacts import write_json
from spectral_bias.tracking import LiveRun, record_measurement


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "mlflow", "server", "--workers", "1", "--port", port]
    command += ["--backend-store-uri", f"sqlite:///{folder}/server.db"]
    command += ["--artifacts-destination", str(folder / "kept")]
    environment = {
        **os.environ,
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    process = subprocess.Popen(
        command, env=environment, cwd=folder, stdout=DEVNULL, stderr=DEVNULL, start_new_session=True
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(400):
        try:
            urlopen(f"{address}/health", timeout=5).close()
            break
        except OSError:
            time.sleep(0.3)
    yield address
    os.killpg(process.pid, 15)
    process.wait(timeout=30)


def test_runs_and_figures_reach_a_server_once(server, results, scale, capsys):
    facts = run_facts(scale=scale)
    started = {name: facts[name] for name in facts if name not in ("finished", "status")}
    with LiveRun(started, server, live_after_seconds=0, flush_seconds=0.1) as live:
        live.offer(curves(range(0, 201, 100)))
        time.sleep(3)
    write_run(results, facts)
    write_figure(results, [facts["run_key"]], scale=scale)
    first = track(results, scale, server)
    assert first["problem"] is None and track(results, scale, server) == first

    client = MlflowClient(tracking_uri=server)
    experiment = client.get_experiment_by_name("rahaman2018").experiment_id
    runs = client.search_runs([experiment])
    assert {run.data.tags["kind"] for run in runs} == {"training", "figure"} and len(runs) == 2
    assert {run.info.run_id for run in runs} == {
        *first["runs"].values(),
        first["figures"]["rahaman2018/fig01"]["run_id"],
    }
    assert all(run.info.artifact_uri.startswith("mlflow-artifacts:/") for run in runs)
    (run_id,) = first["runs"].values()
    assert len(client.list_artifacts(run_id)) == 4
    history = client.get_metric_history(run_id, "loss/training")
    assert sorted(point.step for point in history) == [0, 100, 200, 300, 400]
    assert capsys.readouterr().out == ""


def test_a_measurement_reaches_a_server_and_no_password_is_shown(
    server, tmp_path, capfd, monkeypatch
):
    content = {
        "name": "mine",
        "images": {},
        "summary": [],
        "accuracy": None,
        "sentences": ["Said."],
    }
    write_json(tmp_path / "measurement.json", content)
    address = server.replace("://", "://me:hunter2@")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")  # MLflow sets it, and other tests need it unset
    run = MlflowClient(tracking_uri=server).get_run(record_measurement(address, tmp_path))
    assert run.info.run_name == "mine"
    shown = capfd.readouterr()
    assert "hunter2" not in shown.out + shown.err
    assert "hunter2" not in str(run.to_dictionary())
