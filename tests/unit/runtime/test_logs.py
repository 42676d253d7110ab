"""What became of a job is in its log, also while it runs and after it was killed."""

import signal
import subprocess
import sys

import pytest

from spectral_bias.runtime.logs import read_log

WORKER = """
import sys, time
from spectral_bias.runtime.job import job
with job(sys.argv[1]):
    print("at work", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def working(tmp_path):
    """A job at work, and its log."""
    log = tmp_path / "x.log"
    command = [sys.executable, "-c", WORKER, str(log)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "at work\n"
    yield process, log
    process.kill()
    process.communicate()


@pytest.mark.parametrize(
    ("work", "state", "said"),
    [
        ("pass", "done", ""),
        ("raise ZeroDivisionError('by\\nnothing')", "failed", "ZeroDivisionError: by"),
    ],
)
def test_how_a_job_ended(tmp_path, work, state, said):
    code = f"import sys\nfrom spectral_bias.runtime.job import job\nwith job(sys.argv[1]): {work}"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "x.log")], stderr=subprocess.PIPE)
    told = read_log(tmp_path / "x.log")
    assert (told.state, told.said) == (state, said)
    assert 0 <= told.seconds < 60
    if state == "done":
        assert 0 < told.cpu_seconds < 60 and 5 < told.memory_mb < 5000
    else:
        assert told.cpu_seconds is None and told.memory_mb is None


@pytest.mark.parametrize("content", ["", "a line of something else\n", "\n\n"])
def test_a_log_of_something_else_tells_nothing(tmp_path, content):
    (tmp_path / "x.log").write_text(content)
    assert read_log(tmp_path / "x.log").state == "unknown"


def test_a_killed_job_ended_without_a_word(working):
    process, log = working
    assert read_log(log).state == "runs" and read_log(log).seconds > 0
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert read_log(log).state == "killed"


def test_a_stopped_job_says_so(working):
    process, log = working
    process.terminate()
    assert process.wait() == 143
    assert read_log(log).state == "stopped"
