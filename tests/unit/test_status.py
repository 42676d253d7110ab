"""How far a build is, told from files alone."""

import subprocess
import sys

import pytest

from spectral_bias.config.load import load_settings
from spectral_bias.experiments import figures, measured_files, training_runs
from spectral_bias.report.status import main, stages, status_text
from spectral_bias.runtime.logs import DONE, FAILED, STARTED
from tests.conftest import REPOSITORY

JOB = """
import sys
from spectral_bias.runtime.job import job
with job(sys.argv[1]):
    print("at work", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def settings():
    return load_settings({"scale": "tiny"}, REPOSITORY)


@pytest.fixture
def results(tmp_path):
    return tmp_path / "results" / "tiny"


def make(results, *files):
    for file in files:
        (results / file).parent.mkdir(parents=True, exist_ok=True)
        (results / file).touch()


def write_log(results, name, seconds, *last):
    path = results / "logs" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [STARTED, *last]
    times = [f"2025-03-01 12:{s // 60:02d}:{s % 60:02d},000" for s in (0, seconds)]
    path.write_text(
        "".join(f"{t} root INFO {line}\n" for t, line in zip(times, lines, strict=True))
    )


def row(text, stage):
    (line,) = [line for line in text.splitlines() if line.startswith(stage)]
    return line.removeprefix(stage).split()


def test_every_kind_of_result_is_counted(settings):
    counted = {stage.name: len(stage.files) for stage in stages(settings)}
    training = ("small networks", "autoencoders", "classifiers")
    assert sum(counted[name] for name in training) == len(training_runs(settings))
    assert counted["measurements"] == len(measured_files(settings)) > 50
    assert counted["figures"] == sum(map(len, figures().values()))


def test_before_the_first_build_all_is_left(settings, results):
    text = status_text(settings, results)
    assert row(text, "figures")[:2] == ["0", str(sum(map(len, figures().values())))]
    assert row(text, "tracking") == ["0", "1", "0.0", "s", "?"]
    assert text.splitlines()[-1].startswith("tiny: 0 of ") and "No job runs" in text


def test_what_is_left_is_estimated_from_what_is_done(settings, results):
    names = [f"figures/rahaman2018/fig{number:02d}.png" for number in (1, 2)]
    make(results, *names)
    for number in (1, 2):
        write_log(results, f"figure/rahaman2018_fig0{number}.log", 10 * number, DONE)
    text = status_text(settings, results)
    total = sum(map(len, figures().values()))
    left = 15 * (total - 2)
    assert row(text, "figures") == [
        *("2", str(total), "30.0", "s"),
        *f"{left // 60} min {left % 60:02d} s".split(),
    ]


def test_what_failed_and_what_was_killed_names_its_log(settings, results):
    write_log(results, "train_mlp/volume.log", 5, f"{FAILED}: ValueError: no (see x, MLflow run 1)")
    write_log(results, "figure/rahaman2018_fig01.log", 5, "halfway")
    text = status_text(settings, results)
    assert "  train_mlp/volume.log failed: ValueError: no (see x, MLflow run 1)" in text
    killed = results / "logs/figure/rahaman2018_fig01.log"
    assert f"ended without a word, as if killed: see {killed}" in text
    assert row(text, "small networks")[2] == "1" and row(text, "figures")[2] == "1"


def test_a_job_that_runs_is_seen(settings, results):
    log = results / "logs" / "track.log"
    log.parent.mkdir(parents=True)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen([sys.executable, "-c", JOB, str(log)], **pipes)
    assert process.stdout.readline() == "at work\n"
    text = status_text(settings, results)
    process.communicate()
    assert "runs:\n  track.log  for " in text and text.endswith(", 1 at a time.")
    assert row(text, "tracking")[:3] == ["0", "1", "1"]
    assert "\nruns:" not in status_text(settings, results)


def test_a_finished_build_says_so(settings, results):
    make(results, *(file for stage in stages(settings) for file in stage.files))
    assert status_text(settings, results).endswith("tiny: everything is there.")


def test_the_command_tells_the_scale_and_refuses_an_unknown_one(monkeypatch, capsys):
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setattr(sys, "argv", ["status", "tiny"])
    assert main() == 0 and "tiny:" in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["status", "tyni"])
    assert main() == 1
    assert "did you mean 'tiny'" in capsys.readouterr().err
