"""Serves the tracking store on this machine for a browser. Needs no MLflow in this process."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

from spectral_bias.tracking.facts import MODEL_TRAINING
from spectral_bias.tracking.location import (
    SQLITE,
    checked,
    exclusive,
    local_database,
    public_uri,
    relocate,
    tracking_uri,
)
from spectral_bias.tracking.store import ENVIRONMENT, PAPERS

HOST = "127.0.0.1"
START_SECONDS = 120.0
CURRENT = "tags.superseded = 'false'"
CURVES = f"{CURRENT} and tags.kind = 'training'"
# The job service of MLflow's server costs 1.6 GB and 15 s, for functions that are not used here.
SERVER_ENVIRONMENT = ENVIRONMENT | {
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "PYTHONWARNINGS": "ignore",
}


def browse(
    results: str | Path, uri: str | None = None, port: int = 5000, open_page: bool = False
) -> int:
    """Serves the store until it is interrupted, and says where to look.

    Args:
        results: Folder of all results.
        uri: The store; by default what `tracking_uri` says. A server is only pointed to.
        port: The port to use, or if it is taken a free one.
        open_page: Whether to open the page in a browser where there is a display.

    Returns:
        The exit status: 0, or 1 if there is nothing to show.

    Raises:
        ValueError: The address is of no kind that works here.
    """
    uri = checked(uri or tracking_uri(results))
    database = local_database(uri)
    if database is None:
        print(f"The tracking server is {public_uri(uri)}", flush=True)
        return 0
    if not database.exists() or database.with_suffix(".unfinished").exists():
        print(f"No tracking store at {database} yet: run `snakemake track` first", file=sys.stderr)
        return 1
    with exclusive(database):
        relocate(database)
    address = f"http://{HOST}:{_free_port(port)}"
    with _server(database, address) as server:
        if not _answers(address, server):
            print("The MLflow server did not start; see its messages above", file=sys.stderr)
            return 1
        _announce(address, open_page)
        server.wait()
    return 0


def runs_page(address: str, paper: str) -> str | None:
    """The page that lists the runs of a paper; None if the store has no such experiment."""
    query = f"{address}/api/2.0/mlflow/experiments/get-by-name?experiment_name={quote(paper)}"
    try:
        with urlopen(query, timeout=30) as answer:
            number = json.load(answer)["experiment"]["experiment_id"]
    except URLError:
        return None
    return f"{address}/#/experiments/{number}/runs?{MODEL_TRAINING}"


def _announce(address: str, open_page: bool) -> None:
    pages = {paper: page for paper in PAPERS if (page := runs_page(address, paper))}
    for paper, page in pages.items():
        print(f"\n{paper}\n  runs and figures  {page}&searchFilter={quote(CURRENT)}")
        print(f"  training curves   {page}&searchFilter={quote(CURVES)}&compareRunsMode=CHART")
    print("\nCtrl-C ends the server", flush=True)
    has_display = sys.platform == "darwin" or {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys()
    if open_page and has_display and pages:
        webbrowser.open(f"{next(iter(pages.values()))}&searchFilter={quote(CURRENT)}")


def _free_port(wanted: int) -> int:
    """`wanted`, or any free port if something listens there."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise OSError(f"no free port on {HOST}")


@contextmanager
def _server(database: Path, address: str) -> Iterator[subprocess.Popen]:
    """An MLflow server in a process group of its own, which ends with this block."""
    port = address.rpartition(":")[2]
    command = [sys.executable, "-m", "mlflow", "server", "--workers", "1"]
    command += ["--uvicorn-opts", "--log-level warning"]
    command += ["--host", HOST, "--port", port, "--backend-store-uri", f"{SQLITE}{database}"]
    command += ["--default-artifact-root", (database.parent / "artifacts").as_uri()]
    print(f"Starting MLflow on {address}, which takes about 15 s …", flush=True)
    server = subprocess.Popen(
        command, env=SERVER_ENVIRONMENT | os.environ, start_new_session=True, cwd=database.parent
    )
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield server
    except KeyboardInterrupt:
        print("", flush=True)
    finally:
        signal.signal(signal.SIGTERM, previous)
        _end_group(server)


def _end_group(server: subprocess.Popen) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, sign)
            server.wait(timeout=10)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _answers(address: str, server: subprocess.Popen) -> bool:
    """Waits until the server answers; False if it ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urlopen(f"{address}/health", timeout=5):
                return True
        except OSError:
            time.sleep(0.3)
    return False
