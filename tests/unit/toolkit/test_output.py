"""Folders of results that appear whole or not at all."""

import os

import pytest

from spectral_bias.errors import UserError
from spectral_bias.toolkit.output import new_folder


def test_a_folder_appears_with_all_its_files_at_the_end(tmp_path):
    target = tmp_path / "new" / "out"
    with new_folder(target) as folder:
        (folder / "a.csv").write_text("1")
        assert not target.exists()
        assert folder.parent == target.parent, "a rename needs the same disk"
    assert [file.name for file in target.iterdir()] == ["a.csv"]
    assert [path.name for path in target.parent.iterdir()] == ["out"]


@pytest.mark.parametrize("problem", [ValueError, KeyboardInterrupt])
def test_nothing_is_left_when_anything_goes_wrong(tmp_path, problem):
    with pytest.raises(problem), new_folder(tmp_path / "new" / "out") as folder:
        (folder / "a.csv").write_text("1")
        raise problem
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_filled_even_if_it_is_the_current_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    inode = os.stat(tmp_path).st_ino
    with pytest.raises(ValueError), new_folder(".") as folder:
        (folder / "a.csv").write_text("1")
        raise ValueError
    assert list(tmp_path.iterdir()) == []
    with new_folder(".") as folder:
        (folder / "a.csv").write_text("1")
    assert [file.name for file in tmp_path.iterdir()] == ["a.csv"]
    assert os.stat(tmp_path).st_ino == inode, "a shell in it must see the files"


def test_what_exists_is_not_overwritten(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("1")
    for path, said in ((tmp_path, "a folder that is not empty"), (file, "a file")):
        with pytest.raises(UserError) as caught, new_folder(path):
            pytest.fail("the folder must not be opened")
        assert str(caught.value) == f"{path}: is {said}; name a new folder for the results"
    assert file.read_text() == "1"


def test_folders_above_stay_if_others_use_them(tmp_path):
    with pytest.raises(ValueError), new_folder(tmp_path / "shared" / "mine"):
        (tmp_path / "shared" / "theirs").mkdir()
        raise ValueError
    assert [path.name for path in (tmp_path / "shared").iterdir()] == ["theirs"]


def test_where_no_folder_can_be_made_the_reason_is_said(tmp_path):
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "out"
    with pytest.raises(UserError) as caught, new_folder(path):
        pytest.fail("the folder must not be opened")
    reason = "cannot be made (Not a directory); name a folder where you may write"
    assert str(caught.value) == f"{path}: {reason}"
