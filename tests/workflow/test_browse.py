"""The browser's view of the tracking store, served by the command behind `make browse`."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from spectral_bias.tracking import track
from spectral_bias.tracking.pages import run_page

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
PAPERS = {"rahaman2018": "The one", "fridovichkeil2021": "The other"}
FACTS = {
    "paper": "rahaman2018",
    "run": "sinusoids_equal",
    "scale": "tiny",
    "run_key": "0123456789ab",
    "settings": {"problem": "sinusoids", "width": 256},
    "data_checksum": "0fedcba98765",
    "started": "2025-03-01T12:00:00+00:00",
    "finished": "2025-03-01T12:01:00+00:00",
    "result_path": "results/tiny/rahaman2018/sinusoids_equal",
}


def browse(folder, *arguments):
    command = [sys.executable, "-m", "spectral_bias.tracking", "browse", *arguments]
    return subprocess.Popen(
        command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def get(address, host=None, **query):
    """The text of a page; with a query, the answer of the REST API to it."""
    data = json.dumps(query).encode() if query else None
    headers = {"Content-Type": "application/json"} | ({"Host": host} if host else {})
    request = Request(address, data, headers)
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


@contextmanager
def serving(folder, *arguments):
    """Serves a project; yields what was printed. Afterwards the server must have ended well."""
    server = browse(folder, *arguments)
    try:
        lines = []
        while not lines or "Ctrl-C" not in lines[-1]:
            lines.append(server.stdout.readline())
            assert lines[-1], server.stderr.read()
        yield "".join(lines)
    except BaseException:
        server.terminate()
        raise
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=60) == 0
    server.communicate()


def pages(printed):
    """(address of the server, rest of the address, experiment) of each page that was printed."""
    return re.findall(r"(http://127\.0\.0\.1:\d+)(/#/experiments/(\d+)/runs\S+)", printed)


def test_runs_curves_and_files_are_served(project):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with serving(project, "--results", "results", "--port", str(port)) as printed:
            found = pages(printed)
            assert len(found) == 6  # runs, curves and figures of two papers
            assert printed.index("rahaman2018") < printed.index("fridovichkeil2021")
            address, page, experiment = found[0]
            assert page.startswith(f"/#/experiments/{experiment}/runs?workflowType=machine_learn")
            assert address != f"http://127.0.0.1:{port}"
            assert '<div id="root"' in get(address + page)

            api = f"{address}/api/2.0/mlflow"
            tags = get(f"{api}/experiments/get?experiment_id={experiment}")
            for _, shown, _ in found[:3]:
                view = re.search(r"viewStateShareKey=(\w+)", shown)[1]
                assert f'"mlflow.sharedViewState.{view}"' in tags
            (run,) = json.loads(get(f"{api}/runs/search", experiment_ids=[experiment]))["runs"]
            assert run["info"]["run_name"] == "tiny/sinusoids_equal"
            assert run["data"]["metrics"][0]["value"] == 0.5
            run_id = run["info"]["run_id"]
            file = get(f"{address}/get-artifact?path=run.json&run_uuid={run_id}")
            assert json.loads(file) == FACTS

            own = address.rpartition(":")[2]
            assert get(address, host=f"localhost:{own}")
            for host in ("10.evil.example", "172.16.evil.example", f"192.168.0.1:{own}", "x"):
                with pytest.raises(HTTPError, match="403"):
                    get(address, host=host)
    with pytest.raises(OSError):
        get(address)
    assert {path.name for path in project.iterdir()} == {"results"}


def shown_in_browser(profile, page):
    """The content of a page, a second after its scripts have come to rest."""
    environment = {**os.environ, "HOME": str(profile), "XDG_RUNTIME_DIR": str(profile)}
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
    options += (f"--user-data-dir={profile}", "--window-size=2400,1200")
    options += ("--virtual-time-budget=30000", "--dump-dom")
    done = subprocess.run(
        [BROWSER, *options, page], capture_output=True, text=True, timeout=180, env=environment
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.browser
@pytest.mark.skipif(BROWSER is None, reason="needs the Debian package chromium")
def test_pages_open_with_data_and_losses_in_model_training(project, tmp_path_factory):
    with serving(project, "--port", "0") as printed:
        (address, runs, experiment), *_ = pages(printed)
        dom = shown_in_browser(tmp_path_factory.mktemp("runs"), address + runs)
        columns = set(re.findall(r'role="columnheader"[^>]*col-id="([^"]+)"', dom))
        columns |= set(re.findall(r'col-id="([^"]+)"[^>]*role="columnheader"', dom))
        assert {"attributes.`Dataset`", "metrics.`loss/training`", "params.`problem`"} <= columns
        assert "tiny/sinusoids_equal" in dom and "sinusoids (0fedcba98765)" in dom
        assert "Evaluation runs" not in dom  # stands in the margin of GenAI pages only

        api = f"{address}/api/2.0/mlflow"
        (run,) = json.loads(get(f"{api}/runs/search", experiment_ids=[experiment]))["runs"]
        link = f"{address}/{run_page(experiment, run['info']['run_id'])}"
        dom = shown_in_browser(tmp_path_factory.mktemp("run"), link)
        assert "Figures made from it" in dom and "Evaluation runs" not in dom
        dom = shown_in_browser(tmp_path_factory.mktemp("other"), link.partition("?")[0])
        assert "Evaluation runs" in dom


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
