"""`spectral-bias measure` on images that are damaged, of other kinds, too few or too many sizes."""

import shutil

import numpy as np
import pytest
from PIL import Image

from spectral_bias.measurements.path_points import path_probabilities
from tests.unit.toolkit.measured_examples import SIDE, image_folder, pixels

NONE = "cannot be read as an image"


def truncated(path):
    path.write_bytes(path.read_bytes()[:60])


def emptied(path):
    path.write_bytes(b"")


def text(path):
    path.write_text("no image at all")


def header_alone(path):
    path.write_bytes(b"II*\x00\xff\xff")


DAMAGE = {"truncated": truncated, "empty": emptied, "text": text, "header": header_alone}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())
def test_unreadable_files_are_left_out_counted_and_named(images, measured, damage):
    bad = [images / "cat" / "1.png", images / "fox" / "4.png"]
    for path in bad:
        damage(path)
    # Two paths of each class ask for all images that can be read, and then some.
    found = measured(pairs=6)
    assert found.json["images"]["skipped"] == ["cat/1.png", "fox/4.png"]
    (note,) = [note for note in found.notes if "could not be read" in note]
    assert note.startswith("2 images could not be read and others were taken: ")
    assert all(f"{path}: {NONE}" in note for path in bad)
    paths = (found.folder / "paths.csv").read_text()
    assert "cat/1.png" not in paths and "fox/4.png" not in paths
    assert len(paths.splitlines()) == 13


def test_strict_makes_them_an_error(images, refused):
    emptied(images / "cat" / "1.png")
    said = refused(pairs=9, strict=True)
    assert said.startswith(f"{images / 'cat' / '1.png'}: {NONE}")
    assert said.endswith("; repair or remove it")


def test_the_last_image_of_a_class_is_an_error(images, refused):
    for path in sorted((images / "dog").iterdir())[1:]:
        path.unlink()
    last = images / "dog" / "0.png"
    text(last)
    said = refused(kinds="between")
    assert said.startswith(f"{last}: {NONE}")
    assert said.endswith("; it was the last image of its class")


def test_a_class_whose_images_are_all_unreadable_is_an_error(images, refused):
    for path in (images / "dog").iterdir():
        text(path)
    said = refused()
    assert "class 'dog' has one image" in said and "5 images could not be read" in said


def test_too_few_readable_images_for_the_pairs(images, refused):
    for number in range(3):
        text(images / "dog" / f"{number}.png")
    said = refused(pairs=9)
    assert "pairs: 9 paths are 3 of each class, which need 6 images of class 'dog'" in said
    assert "so ask for at most 3 pairs, or add images; " in said
    assert "could not be read" in said, "which is why there are so few"


def saved(mode, path):
    """An image of this mode, and the RGB pixels that a network should be shown."""
    colours = pixels(3)
    grey = pixels(3, channels=0)
    if mode == "I;16":
        words = pixels(3, channels=0, dtype=np.uint16)
        Image.fromarray(words).save(path)
        return np.repeat(np.rint(words / 257)[..., None], 3, axis=2)
    if mode == "L":
        Image.fromarray(grey).save(path)
        return np.repeat(grey[..., None], 3, axis=2)
    if mode == "RGBA":
        Image.fromarray(np.dstack([colours, grey])).save(path)
        return colours
    image = Image.fromarray(colours).quantize(16)
    options = {"transparency": bytes(range(16))} if mode == "P, transparent" else {}
    image.save(path, **options)
    return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "P, transparent", "I;16"])
def test_other_modes_are_shown_as_rgb_and_noted(images, measured, monkeypatch, mode):
    shutil.rmtree(images)
    image_folder(images, per_class=2)
    wanted = saved(mode, images / "cat" / "0.png")
    seen = []

    def watched(predict, pairs, *rest):
        pairs = list(pairs)
        seen.extend(end for pair in pairs for end in pair)
        return path_probabilities(predict, pairs, *rest)

    monkeypatch.setattr("spectral_bias.measurements.interpolation.path_probabilities", watched)
    found = measured(pairs=3, kinds="within")
    assert "1 image of mode {} converted to RGB.".format(mode.split(",")[0]) in found.notes
    wanted = wanted.transpose(2, 0, 1) / 255
    assert any(np.allclose(wanted, x.numpy(), atol=1e-6) for x in seen)


def test_a_tiff_of_floats_has_no_known_range_and_is_left_out(images, measured):
    (images / "cat" / "0.png").unlink()
    Image.fromarray(np.random.rand(SIDE, SIDE).astype(np.float32)).save(images / "cat" / "0.tif")
    found = measured(pairs=None)
    assert found.json["images"]["skipped"] == ["cat/0.tif"]
    assert "pixels of mode F have no known range; save 8 or 16 bits" in found.notes[0]
    assert not any("converted" in note for note in found.notes), "it was not"


def test_one_class_has_no_paths_between(images, refused, measured, tmp_path):
    for name in ("dog", "fox"):
        shutil.rmtree(images / name)
    said = refused()
    assert said.startswith("images: all are of one class, so that there are no paths between")
    assert said.endswith("or ask for kinds=within alone")
    file = tmp_path / "three.py"
    file.write_text("from my_network import build\nthree = lambda: build(3)\n")
    found = measured(kinds="within", model=f"{file}:three")
    assert {row["kind"] for row in found.json["summary"]} == {"within"}
    assert found.notes == [
        "The network has 3 outputs, the images have 1 class: confidence and accuracy are not known."
    ]


def test_a_class_with_one_image_has_no_path_within(images, refused, measured):
    for number in range(1, 6):
        (images / "fox" / f"{number}.png").unlink()
    said = refused()
    assert said.startswith("images: class 'fox' has one image, and a path within a class needs two")
    assert len(measured(kinds="between").json["summary"]) > 0


def test_an_empty_folder_of_a_class(images, refused):
    (images / "wolf").mkdir()
    assert refused() == f"{images / 'wolf'}: has no image files; put some there"


def test_no_folders_of_classes(images, refused):
    flat = images.parent / "flat"
    flat.mkdir()
    shutil.copy(images / "cat" / "0.png", flat)
    assert refused(images=flat) == f"{flat}: has no folders, one for each class; put them there"


def test_no_folder_at_all(images, refused):
    said = refused(images=images / "gone")
    assert (
        said
        == f"--images: {images / 'gone'}: no such folder; name one that holds <class>/ and images"
    )
    file = images / "cat" / "0.png"
    assert refused(images=file).startswith(f"--images: {file}: no such folder")


def test_fewer_images_than_pairs(refused):
    assert refused(pairs=12) == (
        "pairs: 12 paths are 4 of each class, which need 8 images of class 'cat'; it has images "
        "for 3, so ask for at most 9 pairs, or add images"
    )
    said = refused(pairs=100, kinds="between")
    assert "100 paths are 34 of each pair of classes, which need 34 images of class 'cat'" in said
    assert "ask for at most 18 pairs" in said


@pytest.mark.parametrize("name", ["0", "5"])
def test_images_of_several_sizes_need_a_size(images, refused, measured, name):
    Image.fromarray(pixels(side=9)).save(images / "fox" / f"{name}.png")
    said = refused(pairs=9)
    assert "3×9×9 numbers where" in said and "3×6×6; give a size, so that all are scaled" in said
    assert "(--size)" in said
    assert measured(pairs=9, size=6).json["images"]["shape"] == [3, 6, 6]


def test_other_sizes_are_found_before_anything_is_measured(images, refused, monkeypatch):
    """The last images of 40 pairs would be read long after the first were measured."""
    shutil.rmtree(images)
    image_folder(images, per_class=80, classes=("cat", "dog"))
    for path in sorted((images / "dog").iterdir())[40:]:
        Image.fromarray(pixels(side=7)).save(path)

    def not_yet(*args):
        pytest.fail("the network must not be asked")

    monkeypatch.setattr("spectral_bias.toolkit.paths.measure.checked", not_yet)
    assert "give a size" in refused(pairs=80)


def test_a_size_larger_than_the_images_scales_them_up(measured, tmp_path):
    text = "import torch\nmake = lambda num_classes: torch.nn.Sequential(torch.nn.Flatten(), "
    file = tmp_path / "large.py"
    file.write_text(text + "torch.nn.Linear(3 * 11 * 11, num_classes))\n")
    found = measured(model=f"{file}:make", size=11)
    assert found.json["images"]["shape"] == [3, 11, 11]
    assert found.json["images"]["transform"].startswith("shorter side scaled to 11 (bilinear)")


def test_oblong_images_are_cut_to_the_middle_square(images, measured):
    for path in images.rglob("*.png"):
        Image.fromarray(np.dstack([pixels(channels=0, side=12)[:9]] * 3)).save(path)
    assert measured(size=6).json["images"]["shape"] == [3, 6, 6]


def test_images_of_another_size_than_the_network_takes(refused):
    said = refused(size=5)
    assert said.startswith("network: fails on images of 3×5×5 numbers (")


def test_other_channels_than_the_network_takes(refused):
    said = refused(normalise=None, mean=[0.5], std=[0.5])
    assert said.startswith("network: fails on images of 1×6×6 numbers (")


def test_parts_of_a_folder_are_no_classes(images, measured, tmp_path):
    whole = tmp_path / "whole"
    whole.mkdir()
    shutil.copytree(images, whole / "train")
    images.rename(whole / "val")
    found = measured(images=whole)
    assert found.json["images"]["class_names"] == ["cat", "dog", "fox"]
    assert found.json["accuracy"] is not None, "the network was asked for three outputs"
