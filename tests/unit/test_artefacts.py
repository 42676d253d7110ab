"""What is written comes back; nothing is ever half-written."""

import errno
import os
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from spectral_bias import artefacts
from spectral_bias.checksums import note, verify
from spectral_bias.errors import UserError


def test_arrays_come_back_with_their_facts(tmp_path):
    path = tmp_path / "deep" / "file.npz"
    arrays = {"a": np.arange(6).reshape(2, 3), "b": np.array([0.1, np.nan])}
    artefacts.write_arrays(path, arrays, {"k": [1, None]})
    back, meta = artefacts.read_arrays(path)
    assert meta == {"k": [1, None]}
    np.testing.assert_array_equal(back["a"], arrays["a"])
    np.testing.assert_array_equal(back["b"], arrays["b"])


def test_tables_and_their_facts_come_back(tmp_path):
    table = pd.DataFrame({"k": [1, 2], "mse": [0.5, 1e-9]})
    artefacts.write_table(tmp_path / "t.csv", table, {"sources": ["x"]})
    pd.testing.assert_frame_equal(artefacts.read_table(tmp_path / "t.csv"), table)
    assert artefacts.read_meta(tmp_path / "t.csv") == {"sources": ["x"]}


def test_tensors_come_back(tmp_path):
    tensors = {"parameters": torch.randn(2, 5)}
    artefacts.write_tensors(tmp_path / "m.safetensors", tensors, {"run_key": "abc"})
    assert torch.equal(
        artefacts.read_tensors(tmp_path / "m.safetensors")["parameters"], tensors["parameters"]
    )


def test_a_failed_write_leaves_the_old_file_and_no_rest(tmp_path):
    path = tmp_path / "x.json"
    artefacts.write_json(path, {"old": 1})
    with pytest.raises(ValueError, match="JSON"):
        artefacts.write_json(path, {"new": float("nan")})
    assert artefacts.read_json(path) == {"old": 1}
    assert files_in(tmp_path) == ["x.json"]


def files_in(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_file())


def test_what_a_killed_process_left_is_removed_and_what_lives_is_not(tmp_path):
    gone = subprocess.Popen(["true"])
    gone.wait()
    left = [tmp_path / f".fig.{gone.pid}{suffix}" for suffix in (".png", ".csv")]
    others = [tmp_path / f".fig.{os.getppid()}.png", tmp_path / ".fig.txt.png"]
    for file in (*left, *others):
        file.touch()
    with artefacts.checked(tmp_path / "fig.png") as temporary:
        temporary.write_bytes(b"picture")
    assert files_in(tmp_path) == sorted(["fig.png", *(f.name for f in (left[1], *others))])


@pytest.mark.parametrize("umask", [0o022, 0o027])
def test_every_kind_of_file_has_the_permissions_that_umask_says(tmp_path, umask):
    before = os.umask(umask)
    try:
        written = written_files(tmp_path)
    finally:
        os.umask(before)
    assert {file.stat().st_mode & 0o777 for file in written} == {0o666 & ~umask}


def test_files_and_folders_are_on_the_disk_before_they_have_their_name(tmp_path, monkeypatch):
    done, path = [], tmp_path / "x.json"
    monkeypatch.setattr(artefacts, "_sync", done.append)
    monkeypatch.setattr(artefacts.os, "replace", lambda old, new: done.append(new))
    artefacts.write_json(path, {})
    assert done[-3:] == [tmp_path / f".x.{os.getpid()}.json", path, tmp_path]


READERS = {
    ".npz": artefacts.read_arrays,
    ".csv": artefacts.read_table,
    ".json": artefacts.read_json,
    ".safetensors": artefacts.read_tensors,
    ".png": verify,
}


def written_files(folder):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"k": np.arange(40), "mse": rng.random(40)})
    artefacts.write_arrays(folder / "a.npz", {"a": rng.random((20, 3))}, {"k": [1, None]})
    artefacts.write_table(folder / "t.csv", table)
    with artefacts.checked(folder / "p.png") as temporary:
        temporary.write_bytes(rng.bytes(300))
    artefacts.write_json(folder / "f.json", {"values": list(rng.random(40))})
    tensors = {"weights": torch.from_numpy(rng.random((20, 3)))}
    artefacts.write_tensors(folder / "m.safetensors", tensors, {"run_key": "abc"})
    return sorted(path for path in folder.iterdir() if path.is_file())


def flipped(content, bit):
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize("suffix", READERS)
def test_every_flipped_bit_is_noticed(tmp_path, suffix):
    (path,) = [path for path in written_files(tmp_path) if path.suffix == suffix]
    content, read = path.read_bytes(), READERS[suffix]
    bits = np.random.default_rng(1).choice(8 * len(content), 500, replace=False)
    for bit in bits:
        path.write_bytes(flipped(content, bit))
        with pytest.raises(UserError, match=rf"{path.name}: is damaged .* remove it"):
            read(path)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(UserError, match="is damaged"):
        read(path)
    path.write_bytes(content)
    read(path)


def test_meta_of_damaged_arrays_is_not_read(tmp_path):
    artefacts.write_arrays(tmp_path / "a.npz", {"a": np.zeros(9)}, {"k": 1})
    content = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "a.npz").write_bytes(flipped(content, 8 * 60))
    with pytest.raises(UserError, match="is damaged"):
        artefacts.read_array_meta(tmp_path / "a.npz")


def test_a_file_of_others_is_read_as_it_is(tmp_path):
    (tmp_path / "x.json").write_text('{"a": 1}')
    assert artefacts.read_json(tmp_path / "x.json") == {"a": 1}


def test_a_process_that_ends_between_checksum_and_file_leaves_the_old_one_whole(
    tmp_path, monkeypatch
):
    path = tmp_path / "x.json"
    artefacts.write_json(path, {"old": 1})

    def killed(path, content):
        note(path, content)
        raise KeyboardInterrupt

    monkeypatch.setattr(artefacts, "note", killed)
    with pytest.raises(KeyboardInterrupt):
        artefacts.write_json(path, {"new": 1})
    assert artefacts.read_json(path) == {"old": 1}


def test_a_disk_that_is_full_leaves_nothing_of_a_checksum(tmp_path, monkeypatch):
    def full(self, text):
        self.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        with pytest.raises(OSError, match="No space left"):
            artefacts.write_arrays(tmp_path / "a.npz", {}, {})
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
