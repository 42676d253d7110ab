"""Test images of another distribution: CIFAR-10.1, zooming, folders, and what bad ones get."""

import hashlib

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from skimage.io import imsave
from torchvision.datasets import utils

from spectral_bias.config.check import check_data_root, warnings
from spectral_bias.config.load import load_settings
from spectral_bias.data import cifar10_1
from spectral_bias.data.images import ImageSet
from spectral_bias.data.shift import (
    check_shift,
    read_shifted,
    shifted_images,
    write_shifted,
    zoomed,
)
from spectral_bias.errors import UserError
from spectral_bias.experiments.image_sections import ImageData, Shift


def image_set(names, size=32, count=4):
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (count, size, size, 3)).astype(np.uint8)
    labels = np.arange(count) % len(names)
    return ImageSet(pixels, labels, pixels, labels, tuple(names))


# --- zoom ---


def test_zooming_is_a_bilinear_enlargement_of_the_central_three_quarters():
    pixels = image_set("ab").test_images
    found = zoomed(pixels)
    assert found.dtype == np.uint8 and found.shape == pixels.shape
    # Output pixel i lies at (i + 1/2) 24/32 - 1/2 of the 24 central ones; each axis by itself.
    at = np.clip((np.arange(32) + 0.5) * 24 / 32 - 0.5, 0, 23)
    below = np.minimum(at.astype(int), 22)
    weights = np.zeros((32, 24))
    weights[np.arange(32), below], weights[np.arange(32), below + 1] = 1 - at + below, at - below
    expected = np.einsum("yh,xw,bhwc->byxc", weights, weights, pixels[:, 4:28, 4:28].astype(float))
    assert np.abs(found - expected).max() <= 0.51


def test_zooming_works_in_batches_and_for_other_sizes(monkeypatch):
    pixels = image_set("ab", size=10, count=7).test_images[:, :6]
    whole = zoomed(pixels)
    monkeypatch.setattr("spectral_bias.data.shift.BATCH", 3)
    np.testing.assert_array_equal(zoomed(pixels), whole)
    assert whole.shape == (7, 6, 10, 3)


def test_zoomed_test_images_keep_labels_and_names():
    images = image_set(["ant", "bee"])
    found = shifted_images({"source": "zoom", "folder": None}, images, None)
    np.testing.assert_array_equal(found.images, zoomed(images.test_images))
    assert found.labels.tolist() == [0, 1, 0, 1] and found.class_names == ("ant", "bee")


# --- CIFAR-10.1 ---


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A folder with files as those of CIFAR-10.1, of three images; their checksums count."""
    folder = tmp_path / cifar10_1.FOLDER
    folder.mkdir()
    pixels = np.random.default_rng(1).integers(0, 256, (3, 32, 32, 3)).astype(np.uint8)
    np.save(folder / cifar10_1.PIXELS, pixels)
    np.save(folder / cifar10_1.LABELS, np.array([3, 8, 0], dtype=np.int32))
    sums = {name: hashlib.md5((folder / name).read_bytes()).hexdigest() for name in cifar10_1.MD5}
    monkeypatch.setattr(cifar10_1, "MD5", sums)
    return tmp_path


SHIFT = {"source": "cifar10.1", "folder": None}


def test_cifar10_1_from_a_folder(root):
    images = image_set(cifar10_1.CLASSES)
    for given in (root, root / cifar10_1.FOLDER):
        found = shifted_images(SHIFT, images, given)
        assert found.images.shape == (3, 32, 32, 3)
        assert found.labels.tolist() == [3, 8, 0] and found.labels.dtype == np.int64
    assert found.class_names[3] == "cat"
    check_shift(SHIFT, root)


def test_missing_and_damaged_files_of_cifar10_1_are_named(root):
    (root / cifar10_1.FOLDER / cifar10_1.LABELS).write_bytes(b"half a download")
    with pytest.raises(
        UserError, match=r"v6_labels\.npy: checksum differs from that of CIFAR-10\.1"
    ):
        check_shift(SHIFT, root)
    (root / cifar10_1.FOLDER / cifar10_1.LABELS).unlink()
    with pytest.raises(
        UserError, match=r"CIFAR-10\.1 needs .* missing: cifar10\.1_v6_labels\.npy;"
    ):
        shifted_images(SHIFT, image_set(cifar10_1.CLASSES), root)


def test_cifar10_1_is_downloaded_with_its_checksum(root, monkeypatch):
    calls = []
    monkeypatch.setattr(utils, "download_url", lambda *arguments: calls.append(arguments))
    cifar10_1.download_cifar10_1(root)
    folder = str(root / "cifar-10.1")
    assert calls == [
        (f"{cifar10_1.ADDRESS}/{name}", folder, name, md5) for name, md5 in cifar10_1.MD5.items()
    ]


def test_failing_download_says_what_belongs_where(tmp_path, monkeypatch):
    def offline(*arguments):
        raise OSError("Network is unreachable")

    monkeypatch.setattr(utils, "download_url", offline)
    with pytest.raises(UserError) as caught:
        cifar10_1.download_cifar10_1(tmp_path)
    for part in ("Network is unreachable", cifar10_1.PIXELS, "cifar-10.1", "data_root", "zoom"):
        assert part in str(caught.value)


def test_other_classes_and_sizes_are_named(root):
    with pytest.raises(UserError, match=r"same classes: airplane, .*, …; .* shift\.source: zoom"):
        shifted_images(SHIFT, image_set(["ant", "bee"]), root)
    with pytest.raises(UserError, match="32x32 pixels, the training images have 8x8"):
        shifted_images(SHIFT, image_set(cifar10_1.CLASSES, size=8), root)


# --- folders of image files ---


def test_folder_of_images_and_a_missing_one(tmp_path):
    for name in ("ant", "bee"):
        (tmp_path / name).mkdir()
        pixels = np.full((8, 8, 3), len(name) * ord(name[0]) % 256, np.uint8)
        imsave(tmp_path / name / "0.png", pixels, check_contrast=False)
    shift = {"source": "imagefolder", "folder": str(tmp_path)}
    check_shift(shift, None)
    found = shifted_images(shift, image_set(["ant", "bee"], size=8), None)
    assert found.labels.tolist() == [0, 1]
    assert found.images[:, 0, 0, 0].tolist() == [3 * ord("a") % 256, 3 * ord("b") % 256]
    with pytest.raises(UserError, match="same classes: bee, wasp"):
        shifted_images(shift, image_set(["ant", "wasp"], size=8), None)
    with pytest.raises(UserError, match=r"shift\.folder: no folder '.*nowhere'"):
        check_shift({**shift, "folder": str(tmp_path / "nowhere")}, None)


def test_file_holds_everything(tmp_path):
    images = image_set(["ant", "bee"], count=5)
    zoom = shifted_images({"source": "zoom", "folder": None}, images, None)
    write_shifted(tmp_path / "shift.npz", zoom, "zoom")
    again, meta = read_shifted(tmp_path / "shift.npz")
    np.testing.assert_array_equal(again.images, zoom.images)
    assert again.labels.tolist() == [0, 1, 0, 1, 0] and again.class_names == ("ant", "bee")
    assert meta["source"] == "zoom" and meta["data_checksum"] == again.checksum
    assert meta["counts"] == {"ant": 3, "bee": 2}
    x = torch.as_tensor(zoom.images).double().flatten(0, 2) / 255
    assert meta["mean"] == pytest.approx(x.mean(0).tolist())
    assert meta["std"] == pytest.approx(x.std(0, correction=0).tolist())


# --- before any job runs ---


def test_missing_data_are_named_before_any_job_runs(root, tmp_path, repository):
    def settings(**shift):
        cifar10 = {"cifar10": {"data": {"source": "cifar10", "n_train": 50000}, "shift": shift}}
        overrides = {"scale": "quick", "fridovichkeil2021": cifar10}
        return load_settings(overrides, repository)

    check_data_root(settings(source="zoom"))
    check_data_root(settings(source="cifar10.1"))  # downloaded by a rule of its own
    elsewhere = settings(source="imagefolder", folder=str(tmp_path / "nowhere"))
    with pytest.raises(UserError, match=r"shift\.folder: no folder '.*nowhere'"):
        check_data_root(elsewhere)
    # The first paper needs neither set, so a folder without them is good enough for it.
    empty = tmp_path / "empty"
    empty.mkdir()
    bare = settings(source="cifar10.1").model_copy(update={"data_root": str(empty)})
    check_data_root(bare)
    images, shifted = (line for line in warnings(bare) if "data_root" in line)
    assert images.startswith("only the first paper can be built: data_root: CIFAR-10 needs the")
    assert "CIFAR-10.1 needs the files" in shifted and str(empty) in shifted


# --- settings ---


@pytest.mark.parametrize(
    "values, message",
    [
        ({"source": "imagefolder", "folder": None}, "folder: source imagefolder needs a folder"),
        ({"source": "zoom", "folder": "x"}, "folder: source zoom takes no folder"),
        ({"source": "cifar10.2", "folder": None}, "cifar10.1"),
    ],
)
def test_bad_settings_are_refused(values, message):
    with pytest.raises(ValidationError, match=message):
        Shift(**values)


def test_cifar10_1_needs_networks_of_cifar10():
    patches = ImageData(source="patches", folder=None, n_train=100, n_test=50, size=32)
    Shift(source="zoom", folder=None).require_classes_of(patches)
    cifar10_1_shift = Shift(source="cifar10.1", folder=None)
    cifar10_1_shift.require_classes_of(patches.model_copy(update={"source": "cifar10"}))
    with pytest.raises(ValueError, match=r"shift\.source: cifar10\.1 .* data\.source is patches"):
        cifar10_1_shift.require_classes_of(patches)
