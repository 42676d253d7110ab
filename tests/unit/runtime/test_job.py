"""Failures of a job end in one clear line and a log; progress reads well."""

import io
import subprocess
import sys

import pytest

import spectral_bias.runtime.progress as progress_module
from spectral_bias.errors import UserError
from spectral_bias.runtime.job import job, part
from spectral_bias.runtime.progress import Progress
from spectral_bias.tracking.location import RUN_NOTE


def test_user_error_is_printed_as_it_is_with_the_log(tmp_path):
    log = tmp_path / "log"
    with pytest.raises(SystemExit) as ended, job(str(log)):
        raise UserError("data_root: no such folder; make it")
    assert ended.value.code == f"error: data_root: no such folder; make it (see {log})"


def test_a_failure_names_the_run_that_shows_it_in_mlflow(tmp_path):
    log = tmp_path / "log"
    with pytest.raises(SystemExit) as ended, job(str(log)):
        error = ValueError("diverged")
        error.add_note(f"{RUN_NOTE}0a1b")
        error.add_note("a note of somebody else")
        raise error
    assert ended.value.code == f"error: ValueError: diverged (see {log}, MLflow run 0a1b)"


def test_unexpected_error_leaves_its_traceback_in_the_log(tmp_path):
    log = tmp_path / "log"
    with pytest.raises(SystemExit) as ended, job(str(log)):
        raise ZeroDivisionError("by nothing")
    assert ended.value.code == f"error: ZeroDivisionError: by nothing (see {log})"
    assert "Traceback" in log.read_text()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UserError("train_sizes: too many; take fewer"), "train_sizes: too many; take fewer"),
        (ZeroDivisionError("by nothing"), "ZeroDivisionError: by nothing"),
    ],
)
def test_the_part_that_failed_is_named_with_the_log(tmp_path, error, said):
    log, begun = tmp_path / "log", []
    with pytest.raises(SystemExit) as ended, job(str(log)):
        for name in ("first", "second", "third"):
            with part(name):
                begun.append(name)
                if name == "second":
                    raise error
    assert ended.value.code == f"error: second: {said} (see {log})"
    assert begun == ["first", "second"] and "second" in log.read_text()


def test_sigterm_unwinds_the_job(tmp_path):
    code = f"""
import os, signal
from spectral_bias.runtime.job import job
with job({str(tmp_path / "log")!r}):
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        print("unwound")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("unwound\n", 143)


def test_progress_says_how_far_and_how_long(monkeypatch):
    clock = iter([0.0, 0.0, 3.0, 10.0, 20.0, 30.0])
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: next(clock))
    stream = io.StringIO()
    progress = Progress("run", 100, "iterations", interval=5, stream=stream)
    for done in (0, 10, 25, 100):  # at 0, 3, 10 and 20 s
        progress.update(done)
    progress.close()
    assert stream.getvalue().splitlines() == [
        "[run] 25/100 iterations · 25% · 00:30 left",
        "[run] 100 iterations done in 00:30",
    ]


def test_resumed_progress_counts_its_rate_from_where_it_started(monkeypatch):
    clock = iter([0.0, 0.0, 10.0])
    monkeypatch.setattr(progress_module.time, "monotonic", lambda: next(clock))
    stream = io.StringIO()
    progress = Progress("run", 100, "iterations", interval=5, stream=stream)
    progress.update(50)
    progress.update(60)
    assert "60% · 00:40 left" in stream.getvalue()
