"""Devices: what is asked for, and which of several a job takes."""

import subprocess
import sys
import tempfile

import pytest
import torch

from spectral_bias.errors import UserError
from spectral_bias.runtime.device import choose_device, device_name, first_free, private_folder


def test_cpu_is_what_it_says():
    assert choose_device("cpu") == torch.device("cpu")
    assert device_name(torch.device("cpu")) == "cpu"


def test_cuda_without_a_device_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert choose_device("auto") == torch.device("cpu")
    with pytest.raises(UserError, match="device: cuda is wanted"):
        choose_device("cuda")


def test_jobs_take_different_devices_and_give_them_back(tmp_path):
    held = f"""
import sys
from pathlib import Path
from spectral_bias.runtime.device import first_free
print(first_free(["a", "b"], Path({str(tmp_path)!r})), flush=True)
sys.stdin.read()
"""
    other = subprocess.Popen(
        [sys.executable, "-c", held], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout.readline() == "0\n"
    assert first_free(["a", "b"], tmp_path) == 1
    assert first_free(["a", "b"], tmp_path) == 0  # all held: share
    other.communicate()
    assert first_free(["a"], tmp_path) == 0


def test_a_lock_empties_no_file_and_follows_no_link(tmp_path):
    (tmp_path / "a.lock").write_text("kept")
    assert first_free(["a"], tmp_path) == 0
    assert (tmp_path / "a.lock").read_text() == "kept"
    (tmp_path / "target").write_text("kept")
    (tmp_path / "b.lock").symlink_to(tmp_path / "target")
    with pytest.raises(OSError):
        first_free(["b"], tmp_path)
    assert (tmp_path / "target").read_text() == "kept"


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_locks_lie_in_a_folder_of_the_user_alone(temporary, monkeypatch):
    folder = private_folder()
    assert folder.parent == temporary and folder.stat().st_mode & 0o777 == 0o700
    assert private_folder() == folder
    session = temporary / "session"
    session.mkdir(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(session))
    assert private_folder() == session
    session.chmod(0o755)
    assert private_folder() == folder


def test_a_folder_that_others_can_write_to_is_not_used_and_fails_no_job(
    temporary, monkeypatch, caplog
):
    private_folder().chmod(0o777)
    with pytest.raises(PermissionError, match="open to other users"):
        private_folder()
    private_folder_name = next(temporary.iterdir())
    private_folder_name.rmdir()
    private_folder_name.symlink_to(temporary)
    with pytest.raises(PermissionError):
        private_folder()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    assert choose_device("auto") == torch.device("cuda", 0)
    assert "open to other users" in caplog.text
