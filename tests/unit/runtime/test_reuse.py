"""A run that another scale has finished is taken over; anything less is not."""

import pytest

from spectral_bias.artefacts import read_json, write_json
from spectral_bias.runtime import reuse
from spectral_bias.runtime.reuse import taken_over

FILES = ("run.json", "history.npz", "model.safetensors")


def run_folder(root, scale, key="key", status="finished", names=FILES, run="delta"):
    """A run of some scale; its files say where they come from."""
    folder = root / "results" / scale / "rahaman2018" / run
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_text(f"{name} of {scale}")
    write_json(folder / "run.json", {"run_key": key, "status": status, "scale": scale})
    return folder


@pytest.fixture
def outputs(tmp_path):
    folder = tmp_path / "results/tiny/rahaman2018/delta"
    (folder / "resume").mkdir(parents=True)
    return [folder / name for name in FILES]


def test_the_same_run_is_copied_whole_and_named(tmp_path, outputs, capsys):
    source = run_folder(tmp_path, "quick")
    assert taken_over("key", outputs)
    for file in outputs:
        assert file.read_bytes() == (source / file.name).read_bytes()
        assert not file.is_symlink() and not file.samefile(source / file.name)
    assert read_json(outputs[0])["scale"] == "quick"
    assert not (outputs[0].parent / "resume").exists()
    assert {file.name for file in outputs[0].parent.iterdir() if file.is_file()} == set(FILES)
    assert capsys.readouterr().err == f"[delta] taken over from {source}\n"


def test_the_record_is_copied_last(tmp_path, outputs, monkeypatch):
    run_folder(tmp_path, "quick")
    copied, copy = [], reuse.shutil.copyfile

    def noted(source, target):
        copied.append(source.name)
        return copy(source, target)

    monkeypatch.setattr(reuse.shutil, "copyfile", noted)
    assert taken_over("key", outputs)
    assert copied[-1] == "run.json" and sorted(copied) == sorted(FILES)


@pytest.mark.parametrize(
    "there",
    [
        {"key": "other"},
        {"status": "running"},
        {"names": FILES[:-1]},
        {"run": "delta_depth3"},
    ],
    ids=lambda there: next(iter(there)),
)
def test_other_unfinished_and_incomplete_runs_are_not_taken(tmp_path, there):
    run_folder(tmp_path, **{"scale": "quick"} | there)
    folder = tmp_path / "results/tiny/rahaman2018/delta"
    assert not taken_over("key", [folder / name for name in FILES])
    assert not folder.exists()


def test_a_damaged_record_is_passed_over(tmp_path, outputs):
    (run_folder(tmp_path, "paper") / "run.json").write_text("{half")
    assert not taken_over("key", outputs)
    run_folder(tmp_path, "quick")
    assert taken_over("key", outputs)


def test_a_run_with_a_damaged_file_is_passed_over(tmp_path, outputs):
    source = run_folder(tmp_path, "quick", names=())
    for name in FILES[1:]:
        write_json(source / name, [0])
    (source / "model.safetensors").write_text("[1]")
    assert not taken_over("key", outputs)


def test_what_another_process_finished_meanwhile_is_not_trained_again(tmp_path, capsys):
    folder = run_folder(tmp_path, "tiny")
    (folder / "resume").mkdir()
    outputs = [folder / name for name in FILES]
    before = {file: file.read_bytes() for file in outputs}
    assert taken_over("key", outputs) and not taken_over("other", outputs)
    assert {file: file.read_bytes() for file in outputs} == before
    assert not (folder / "resume").exists()
    assert capsys.readouterr().err == "[delta] another process has trained it\n"
