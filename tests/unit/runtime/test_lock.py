"""Of several processes one at a time is at work on a run."""

import errno
import signal
import subprocess
import sys
import time

import pytest

from spectral_bias.runtime import lock
from spectral_bias.runtime.lock import LOCK, alone, is_held

WORKER = """
import sys, time
from pathlib import Path
from spectral_bias.runtime.lock import alone
folder = Path(sys.argv[1])
with alone(folder):
    with (folder / "log").open("a") as log:
        print("in", file=log, flush=True)
        time.sleep(float(sys.argv[2]))
        print("out", file=log, flush=True)
"""


@pytest.fixture
def worker(tmp_path):
    """Starts a process that is at work on the folder for some seconds."""
    started = []

    def start(seconds):
        command = [sys.executable, "-c", WORKER, str(tmp_path), str(seconds)]
        started.append(subprocess.Popen(command, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def wait_until_held(folder):
    deadline = time.monotonic() + 60
    while not is_held(folder / LOCK) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert is_held(folder / LOCK)


def test_the_second_waits_for_the_first_and_says_so(tmp_path, worker):
    first = worker(2)
    wait_until_held(tmp_path)
    second = worker(0)
    _, said = second.communicate(timeout=60)
    assert (tmp_path / "log").read_text().split() == ["in", "out", "in", "out"]
    (line,) = said.splitlines()
    assert line.startswith(f"[{tmp_path.name}] waits for process {first.pid} on ")
    assert not is_held(tmp_path / LOCK)


def test_three_at_once_take_turns_and_a_killed_one_lets_go(tmp_path, worker):
    killed = worker(600)
    wait_until_held(tmp_path)
    others = [worker(0.3) for _ in range(3)]
    killed.send_signal(signal.SIGKILL)
    assert [process.wait(60) for process in others] == [0, 0, 0]
    assert (tmp_path / "log").read_text().split() == ["in", *["in", "out"] * 3]


def test_one_that_waits_can_be_ended(tmp_path, worker):
    worker(600)
    wait_until_held(tmp_path)
    second = worker(0)
    assert "waits for" in second.stderr.readline()
    second.terminate()
    assert second.wait(60) == -signal.SIGTERM


def test_without_locks_a_warning_says_so_and_the_job_goes_on(tmp_path, monkeypatch, capsys):
    def refuse(file, operation):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock.fcntl, "flock", refuse)
    with alone(tmp_path):
        assert not is_held(tmp_path / LOCK)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"warning: {tmp_path}: cannot be locked (No locks available)")
