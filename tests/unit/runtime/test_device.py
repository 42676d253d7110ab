"""Devices: what is asked for, and which of several a job takes."""

import subprocess
import sys

import pytest
import torch

from spectral_bias.errors import UserError
from spectral_bias.runtime.device import choose_device, device_name, first_free


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
