"""The browser's view of the tracking store, served by the command behind `make browse`."""

import json
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from spectral_bias.tracking import track

PAPERS = {"rahaman2018": "The one", "fridovichkeil2021": "The other"}
FACTS = {
    "paper": "rahaman2018",
    "run": "sinusoids_equal",
    "scale": "tiny",
    "run_key": "0123456789ab",
    "settings": {"width": 256},
    "started": "2025-03-01T12:00:00+00:00",
    "finished": "2025-03-01T12:01:00+00:00",
    "result_path": "results/tiny/rahaman2018/sinusoids_equal",
}


def browse(folder, *arguments):
    command = [sys.executable, "-m", "spectral_bias.tracking", "browse", *arguments]
    return subprocess.Popen(
        command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def get(address, **query):
    """The text of a page; with a query, the answer of the REST API to it."""
    data = json.dumps(query).encode() if query else None
    request = Request(address, data, {"Content-Type": "application/json"})
    with urlopen(request, timeout=60) as answer:
        assert answer.status == 200
        return answer.read().decode()


@pytest.fixture
def project(tmp_path):
    """A project folder with one tracked run."""
    folder = tmp_path / FACTS["result_path"]
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps(FACTS))
    (folder / "metrics.csv").write_text("iteration,metric,value\n0,loss/training,0.5\n")
    assert track(tmp_path / "results", "tiny", PAPERS)["problem"] is None
    return tmp_path


def test_runs_curves_and_files_are_served(project):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        server = browse(project, "--results", "results", "--port", str(port))
        try:
            lines = []
            while not lines or "Ctrl-C" not in lines[-1]:
                lines.append(server.stdout.readline())
                assert lines[-1], server.stderr.read()
        except BaseException:
            server.kill()
            raise
    try:
        pages = re.findall(
            r"(http://127\.0\.0\.1:\d+)(/#/experiments/(\d+)/runs\S+)", "".join(lines)
        )
        assert len(pages) == 6  # runs, curves and figures of two papers
        address, page, experiment = pages[0]
        assert page.startswith(f"/#/experiments/{experiment}/runs?workflowType=machine_learning&")
        assert address != f"http://127.0.0.1:{port}"
        assert '<div id="root"' in get(address + page)

        api = f"{address}/api/2.0/mlflow"
        (run,) = json.loads(get(f"{api}/runs/search", experiment_ids=[experiment]))["runs"]
        assert run["info"]["run_name"] == "tiny/sinusoids_equal"
        assert run["data"]["metrics"][0]["value"] == 0.5
        run_id = run["info"]["run_id"]
        file = get(f"{address}/get-artifact?path=run.json&run_uuid={run_id}")
        assert json.loads(file) == FACTS
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=60) == 0
        server.communicate()
    with pytest.raises(OSError):
        get(address)
    assert {path.name for path in project.iterdir()} == {"results"}


def test_without_a_store_one_line_says_what_to_do(tmp_path):
    _, errors = (process := browse(tmp_path)).communicate(timeout=60)
    assert process.returncode == 1
    assert re.fullmatch(r"No tracking store at .*mlflow\.db yet: run `snakemake track`.*\n", errors)
    assert not Path(tmp_path / "results").exists()


def test_a_server_elsewhere_is_only_pointed_to(tmp_path):
    out, _ = (process := browse(tmp_path, "--uri", "http://me:secret@host:5000")).communicate()
    assert process.returncode == 0
    assert out == "The tracking server is http://host:5000\n"


def test_an_address_that_cannot_work_is_refused(tmp_path):
    _, errors = (process := browse(tmp_path, "--uri", "databricks")).communicate(timeout=60)
    assert process.returncode == 1 and errors.startswith("tracking address 'databricks'")
