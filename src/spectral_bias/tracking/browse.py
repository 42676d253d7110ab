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
from urllib.request import Request, urlopen

from spectral_bias.tracking.location import (
    SQLITE,
    checked,
    exclusive,
    local_database,
    public_uri,
    relocate,
    tracking_uri,
)
from spectral_bias.tracking.pages import runs_page
from spectral_bias.tracking.store import ENVIRONMENT, ORDER

HOST = "127.0.0.1"
START_SECONDS = 120.0
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


def experiments(address: str) -> dict[str, str]:
    """{paper: experiment id} of what `track` brought into a server's store, in its order."""
    query = Request(
        f"{address}/api/2.0/mlflow/experiments/search",
        json.dumps({"max_results": 1000}).encode(),
        {"Content-Type": "application/json"},
    )
    with urlopen(query, timeout=30) as answer:
        found = json.load(answer).get("experiments", [])
    places = []
    for experiment in found:
        tags = {tag["key"]: tag["value"] for tag in experiment.get("tags", [])}
        if ORDER in tags:
            places.append((int(tags[ORDER]), experiment["name"], experiment["experiment_id"]))
    return {name: number for _, name, number in sorted(places)}


def pages(address: str) -> dict[str, dict[str, str]]:
    """{paper: {what it shows: page}} of a server."""
    return {
        paper: {
            "training runs": f"{address}/{runs_page(number, 'training')}",
            "training curves": f"{address}/{runs_page(number, 'training', charts=True)}",
            "figures": f"{address}/{runs_page(number, 'figures')}",
        }
        for paper, number in experiments(address).items()
    }


def _announce(address: str, open_page: bool) -> None:
    found = pages(address)
    for paper, shown in found.items():
        print(f"\n{paper}")
        for name, page in shown.items():
            print(f"  {name:15}  {page}")
    print(
        f"\nMLflow's own links leave model training for its GenAI pages, until you choose"
        f" 'Model training'\nat the top left of {address} once. Ctrl-C ends the server",
        flush=True,
    )
    has_display = sys.platform == "darwin" or {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys()
    if open_page and has_display and found:
        webbrowser.open(next(iter(found.values()))["training runs"])


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
    # By itself MLflow takes every name that begins like a private address, such as 10.evil.example,
    # so that a page elsewhere could read the store by letting its name point to this machine.
    command += ["--allowed-hosts", ",".join(f"{name}:{port}" for name in (HOST, "localhost"))]
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
