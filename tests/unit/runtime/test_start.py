"""What is decided when a workflow starts."""

import os
import shutil
import time

import pytest

from spectral_bias.runtime.start import (
    KEPT,
    at_start,
    device_of_jobs,
    run_jobs_on_a_copy,
    visible_gpus,
)


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Variables that are set in a test are gone after it."""
    monkeypatch.setattr(os, "environ", os.environ | {"PYTHONPATH": "/theirs"})
    return os.environ


def test_the_first_decision_holds(environment):
    assert at_start("gpus", lambda: "2") == "2"
    assert at_start("gpus", lambda: "0") == "2"
    assert environment["SPECTRAL_BIAS_GPUS"] == "2"


@pytest.mark.parametrize(
    ("wanted", "n_gpus", "given"),
    [("auto", 0, "cpu"), ("auto", 2, "auto"), ("cuda", 0, "cuda"), ("cpu", 2, "cpu")],
)
def test_a_job_takes_no_gpu_that_nobody_asked_for(wanted, n_gpus, given):
    assert device_of_jobs(wanted, n_gpus) == given


def test_gpus_are_counted_as_pytorch_does():
    import torch

    assert visible_gpus() == torch.cuda.device_count()


def test_jobs_import_the_code_of_the_start(tmp_path, environment):
    package, folder = tmp_path / "src/made_up", tmp_path / "kept"
    package.mkdir(parents=True)
    (package / "module.py").write_text("first")
    copy = run_jobs_on_a_copy(package, folder)
    (package / "module.py").write_text("second")
    assert (copy / "made_up/module.py").read_text() == "first"
    assert environment["PYTHONPATH"] == f"{copy}{os.pathsep}/theirs"
    (package / "module.py").write_text("first")
    assert run_jobs_on_a_copy(package, folder) == copy
    assert [path.name for path in folder.iterdir()] == [copy.name]


def test_only_the_newest_copies_stay(tmp_path):
    package, folder = tmp_path / "made_up", tmp_path / "kept"
    package.mkdir()
    copies = []
    for number in range(KEPT + 2):
        (package / "module.py").write_text(str(number))
        copies.append(run_jobs_on_a_copy(package, folder))
        time.sleep(0.02)
    assert {*folder.iterdir()} == {*copies[-KEPT:]}


def test_two_calls_may_begin_at_the_same_time(tmp_path, monkeypatch):
    package, folder = tmp_path / "made_up", tmp_path / "kept"
    package.mkdir()
    (package / "module.py").write_text("0")
    copytree = shutil.copytree

    def copied_twice(source, target):  # the other call is done while this one still copies
        copytree(source, target)
        finished = target.parent.with_suffix("")
        copytree(source, finished / target.name)

    monkeypatch.setattr(shutil, "copytree", copied_twice)
    copy = run_jobs_on_a_copy(package, folder)
    assert (copy / "made_up/module.py").read_text() == "0"
    assert [*folder.iterdir()] == [copy]


def test_a_copy_that_another_call_removes_is_passed_over(tmp_path, monkeypatch):
    package, folder = tmp_path / "made_up", tmp_path / "kept"
    package.mkdir()
    folder.mkdir()
    (folder / "gone").symlink_to(tmp_path / "nothing")  # listed, but no longer there
    assert run_jobs_on_a_copy(package, folder).is_dir()
