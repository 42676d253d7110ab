"""Data and files that settings name are looked for before any job runs."""

from pathlib import Path

import pytest

from spectral_bias.config.check import check_data_root
from spectral_bias.config.load import load_settings
from spectral_bias.errors import UserError

ROOT = Path(__file__).parents[3]
CHECKPOINT = {"callable": "resnet", "arguments": {}, "resize": 64, "crop": 64}


def problem(paper="fridovichkeil2021", **sections):
    with pytest.raises(UserError) as caught:
        check_data_root(load_settings({"scale": "tiny", paper: sections}, ROOT))
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def image_folder(folder, *parts):
    for part in parts:
        (folder / part / "cat").mkdir(parents=True)
    return {"source": "imagefolder", "folder": str(folder), "n_train": None, "n_test": None}


def test_a_missing_folder_of_imagenet_is_one_line(tmp_path):
    data = {"source": "imagefolder", "folder": str(tmp_path / "nowhere")}
    said = problem(imagenet={"data": data, "trained": []})
    assert said.startswith(f"fridovichkeil2021.imagenet.data.folder: {tmp_path}/nowhere: no folder")


def test_networks_that_are_trained_here_need_training_images(tmp_path):
    image_folder(tmp_path, "val")
    data = {"source": "imagefolder", "folder": str(tmp_path)}
    check_data_root(
        load_settings(
            {"scale": "tiny", "fridovichkeil2021": {"imagenet": {"data": data, "trained": []}}},
            ROOT,
        )
    )
    assert "imagenet.data.folder: " in problem(imagenet={"data": data, "trained": ["wrn_4"]})


def test_a_missing_checkpoint_is_one_line(tmp_path):
    given = {"mine": CHECKPOINT | {"file": str(tmp_path / "nowhere.pt")}}
    said = problem(imagenet={"checkpoints": given})
    assert said.startswith("fridovichkeil2021.imagenet.checkpoints.mine.file: no file '")


@pytest.mark.parametrize(
    ("paper", "section"), [("rahaman2018", "adversarial"), ("fridovichkeil2021", "cifar10")]
)
def test_folders_of_small_images_are_named_with_their_section(tmp_path, paper, section):
    data = image_folder(tmp_path, "train")
    said = problem(paper, **{section: {"data": data}})
    assert said.startswith(f"{paper}.{section}.data.folder: {tmp_path}: no folder 'val' in it")


def test_too_few_images_for_the_paths_are_named_with_their_section(tmp_path):
    data = image_folder(tmp_path, "train", "val")
    assert problem(cifar10={"data": data}).startswith("fridovichkeil2021.cifar10.")


def test_a_missing_folder_of_shifted_images_is_one_line(tmp_path):
    shift = {"source": "imagefolder", "folder": str(tmp_path / "nowhere")}
    said = problem(cifar10={"shift": shift})
    assert said.startswith("fridovichkeil2021.cifar10.shift.folder: no folder")
