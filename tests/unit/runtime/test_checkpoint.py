"""Checkpoints come back whole or not at all."""

import numpy as np
import pytest
import torch

from spectral_bias.runtime.checkpoint import load_checkpoint, save_checkpoint


@pytest.fixture
def path(tmp_path):
    return tmp_path / "resume" / "group.pt"


def state(iteration):
    return {"iteration": iteration, "weights": torch.full((40,), float(iteration))}


def iteration_of(path, fingerprint="f"):
    found = load_checkpoint(path, fingerprint)
    return found and found["iteration"]


def damage(path, content=b"no checkpoint"):
    path.write_bytes(content)


def test_the_last_checkpoint_of_the_same_run_is_taken_up(path):
    assert iteration_of(path) is None
    save_checkpoint(path, "f", state(1))
    save_checkpoint(path, "f", state(2))
    assert iteration_of(path) == 2
    assert iteration_of(path, "other") is None


def test_every_flipped_bit_of_a_checkpoint_is_noticed(path, capsys):
    save_checkpoint(path, "f", state(1))
    content = path.read_bytes()
    bits = np.random.default_rng(0).choice(8 * len(content), 300, replace=False)
    for bit in bits:
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        damage(path, bytes(changed))
        assert iteration_of(path) is None
    assert capsys.readouterr().err.count("\n") == len(bits)


@pytest.mark.parametrize("noted", [True, False])
@pytest.mark.parametrize(
    "content", [b"", b"hello", b"{}", b"PK", b"\x80\x02.", b"1 2 3\n" * 99, bytes(range(256))]
)
def test_whatever_a_checkpoint_is_it_is_set_aside_with_one_line(path, capsys, content, noted):
    save_checkpoint(path, "f", state(1))
    save_checkpoint(path, "f", state(2))
    damage(path, content)
    if not noted:
        (path.parent / ".checksums" / "group.pt.sha256").unlink()
    assert iteration_of(path) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"warning: checkpoint {path} cannot be read and is now group.pt.damaged")
    assert (path.parent / "group.pt.damaged").read_bytes() == content
    save_checkpoint(path, "f", state(3))
    assert iteration_of(path) == 3


def test_a_pickle_of_something_else_is_set_aside(path):
    save_checkpoint(path, "f", state(1))
    torch.save([1, 2], path)
    assert iteration_of(path) is None
    assert not path.exists()


def test_where_both_are_damaged_training_starts_afresh(path):
    for iteration in (1, 2):
        save_checkpoint(path, "f", state(iteration))
    for file in path.parent.glob("*.pt"):
        damage(file)
    assert iteration_of(path) is None


def test_a_job_killed_while_it_saves_leaves_a_checkpoint(path, monkeypatch):
    save_checkpoint(path, "f", state(1))

    def killed(path, content):
        raise KeyboardInterrupt

    monkeypatch.setattr("spectral_bias.artefacts.note", killed)
    with pytest.raises(KeyboardInterrupt):
        save_checkpoint(path, "f", state(2))
    assert not path.exists()
    assert iteration_of(path) == 1
