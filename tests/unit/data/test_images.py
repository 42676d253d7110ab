"""Image sets: patches of photographs, CIFAR-10 and folders, and what is said about bad ones."""

import hashlib
import pickle
import runpy
import socket
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from skimage.io import imsave

from spectral_bias.config.check import check_data_root
from spectral_bias.config.load import load_settings
from spectral_bias.data import cifar10, patches
from spectral_bias.data.imagefolder import read_imagefolder, require_test_images
from spectral_bias.data.images import (
    ImageSet,
    class_counts,
    first_of_each_class,
    read_images,
    write_images,
)
from spectral_bias.errors import UserError


@pytest.fixture(scope="module")
def few():
    return patches.patches(100, 50, 32, seed=0)


def test_patches_need_no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError("no network in this test")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    for name in patches.PHOTOGRAPHS:
        image = patches.photograph(name)
        assert image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3
        assert min(image.shape[:2]) >= 300


def test_patches_are_ten_even_classes_in_order(few):
    assert few.train_images.shape == (100, 32, 32, 3)
    assert few.test_images.shape == (50, 32, 32, 3)
    assert few.train_labels.tolist() == [c for c in range(10) for _ in range(10)]
    assert np.bincount(few.test_labels).tolist() == [5] * 10
    assert few.n_classes == 10 and few.class_names[3] == "cat"


@pytest.mark.parametrize("width", [128, 129, 451, 1411])
def test_regions_share_no_column_and_cover_all(width):
    train, test = patches.regions(width).values()
    assert set(train) & set(test) == set()
    assert [*train, *test] == list(range(width))


def test_no_pixel_is_in_training_and_test_patches():
    """Each pixel of this image has a value of its own, so that a shared one would show."""
    image = np.arange(40 * 150 * 3, dtype=np.int64).reshape(40, 150, 3)
    cuts = {
        part: patches.cut(image, columns, 30, 32, np.random.default_rng(0))
        for part, columns in patches.regions(150).items()
    }
    assert set(cuts["train"].ravel()) & set(cuts["test"].ravel()) == set()


def test_cut_equals_plain_slices_at_distinct_places():
    image = np.random.default_rng(0).integers(0, 256, (34, 50, 3)).astype(np.uint8)
    found = patches.cut(image, range(10, 44), 9, 32, np.random.default_rng(1))
    slices = {image[y : y + 32, x : x + 32].tobytes() for y in range(3) for x in range(10, 13)}
    assert {patch.tobytes() for patch in found} == slices


def test_more_patches_keep_those_of_fewer_and_seeds_differ(few):
    more = patches.patches(200, 50, 32, seed=0)
    for label in range(10):
        before = few.train_images[few.train_labels == label]
        np.testing.assert_array_equal(more.train_images[more.train_labels == label][:10], before)
    assert patches.patches(100, 50, 32, seed=1).checksum != few.checksum
    assert patches.patches(100, 50, 32, seed=0).checksum == few.checksum


def test_too_many_patches_and_a_missing_photograph_are_named(monkeypatch):
    with pytest.raises(UserError, match="10 patches of 32x32 do not fit into 34x34 pixels"):
        patches.cut(np.zeros((34, 50, 3)), range(10, 44), 10, 32, np.random.default_rng(0))
    monkeypatch.setitem(patches.PHOTOGRAPHS, "cat", ("skimage", "data/no_such.png"))
    with pytest.raises(UserError, match=r"no_such\.png: no such photograph in the installed skim"):
        patches.photograph("cat")


def test_file_holds_everything_and_channel_statistics(few, tmp_path):
    write_images(tmp_path / "images.npz", few, "patches")
    again, meta = read_images(tmp_path / "images.npz")
    assert meta["source"] == "patches" and meta["data_checksum"] == few.checksum
    assert meta["train_counts"] == dict.fromkeys(patches.PHOTOGRAPHS, 10)
    assert meta["test_counts"] == dict.fromkeys(patches.PHOTOGRAPHS, 5)
    assert again.checksum == few.checksum and again.class_names == few.class_names
    x = few.train_images.reshape(-1, 3) / 255
    np.testing.assert_allclose(again.mean, x.mean(axis=0))
    np.testing.assert_allclose(again.std, x.std(axis=0))
    np.testing.assert_allclose([meta["mean"], meta["std"]], [x.mean(axis=0), x.std(axis=0)])
    with np.load(tmp_path / "images.npz") as file:
        assert file["train_images"].dtype == np.uint8
        np.testing.assert_allclose(file["mean"], x.mean(axis=0))


def test_classes_without_images_are_counted():
    assert class_counts(np.array([2, 0, 2]), ["a", "b", "c", "d"]) == {
        "a": 1,
        "b": 0,
        "c": 2,
        "d": 0,
    }


def test_first_of_each_class_keeps_the_order():
    labels = np.array([1, 0, 1, 1, 0, 0])
    assert first_of_each_class(labels, 4, ["a", "b"], "n").tolist() == [0, 1, 2, 4]
    assert first_of_each_class(labels, None, ["a", "b"], "n").tolist() == list(range(6))
    with pytest.raises(UserError, match="n: class 'a' has 3 images of the 4 that are asked for"):
        first_of_each_class(labels, 8, ["a", "b"], "n")


# --- CIFAR-10 ----


@pytest.fixture
def cifar(tmp_path, monkeypatch):
    """A folder with the files of CIFAR-10, two images each."""
    from torchvision.datasets import CIFAR10

    folder = tmp_path / cifar10.FOLDER
    folder.mkdir()
    pixels = np.random.default_rng(0).integers(0, 256, (2, 3072)).astype(np.uint8)
    names = [f"class {c}" for c in range(10)]
    lists = {"train_list": [], "test_list": []}
    for part, files in {name: getattr(CIFAR10, name) for name in lists}.items():
        for name, _ in files:
            (folder / name).write_bytes(pickle.dumps({"data": pixels, "labels": [3, 8]}))
            lists[part].append([name, hashlib.md5((folder / name).read_bytes()).hexdigest()])
        monkeypatch.setattr(CIFAR10, part, lists[part])
    meta = folder / CIFAR10.meta["filename"]
    meta.write_bytes(pickle.dumps({"label_names": names}))
    md5 = hashlib.md5(meta.read_bytes()).hexdigest()
    monkeypatch.setattr(CIFAR10, "meta", {**CIFAR10.meta, "md5": md5})
    return tmp_path, pixels


def test_cifar10_from_a_folder(cifar):
    root, pixels = cifar
    for given in (root, root / cifar10.FOLDER):
        images = cifar10.read_cifar10(cifar10.cifar10_folder(given))
    assert images.train_images.shape == (10, 32, 32, 3)
    np.testing.assert_array_equal(
        images.test_images[1], pixels[1].reshape(3, 32, 32).transpose(1, 2, 0)
    )
    assert images.test_labels.tolist() == [3, 8]
    assert images.class_names[3] == "class 3"


def test_missing_and_damaged_files_of_cifar10_are_named(cifar):
    root, _ = cifar
    (root / cifar10.FOLDER / "data_batch_3").write_bytes(b"half a download")
    with pytest.raises(UserError, match=r"data_batch_3: checksum differs from that of CIFAR-10"):
        cifar10.cifar10_folder(root)
    (root / cifar10.FOLDER / "data_batch_3").unlink()
    with pytest.raises(UserError, match=r"CIFAR-10 needs the files .* missing: data_batch_3; "):
        cifar10.cifar10_folder(root)


def test_failing_download_of_cifar10_says_what_belongs_where(tmp_path, monkeypatch):
    import torchvision.datasets

    class Offline:
        filename = "cifar-10-python.tar.gz"

        def __init__(self, *args, **kwargs):
            raise OSError("Network is unreachable")

    monkeypatch.setattr(torchvision.datasets, "CIFAR10", Offline)
    with pytest.raises(UserError) as caught:
        cifar10.download_cifar10(tmp_path)
    for part in ("Network is unreachable", "cifar-10-python.tar.gz", cifar10.FOLDER, "data_root"):
        assert part in str(caught.value)


# --- CIFAR-10 as image files ----


@pytest.fixture
def files(tmp_path):
    """Two training images and a test image of each class of CIFAR-10, all of one colour."""
    for part, count in (("train", 2), ("val", 1)):
        for label, name in enumerate(cifar10.CLASS_NAMES):
            (tmp_path / part / name).mkdir(parents=True)
            for number in range(count):
                pixels = np.full((32, 32, 3), 20 * label + number, np.uint8)
                imsave(tmp_path / part / name / f"{number}.png", pixels, check_contrast=False)
    return tmp_path


def test_cifar10_as_image_files_has_the_labels_of_the_archive(files):
    images = cifar10.read_cifar10_files(files, None, None)
    assert images.class_names == cifar10.CLASS_NAMES and images.train_images.shape[1:3] == (32, 32)
    assert images.train_labels.tolist() == [label for label in range(10) for _ in range(2)]
    assert images.train_images[:, 0, 0, 0].tolist() == [
        20 * label + number for label in range(10) for number in range(2)
    ]
    few = cifar10.read_cifar10_files(files, 10, 10)
    assert few.train_images[:, 5, 5, 1].tolist() == [20 * label for label in range(10)]


def test_other_classes_and_sizes_than_those_of_cifar10_are_named(files):
    for part in ("train", "val"):
        (files / part / "cat").rename(files / part / "tiger")
    with pytest.raises(UserError) as caught:
        cifar10.read_cifar10_files(files, None, None)
    names = "airplane, automobile, bird, deer, dog, frog, horse, ship, tiger, truck"
    assert str(caught.value) == (
        f"data.folder: {files} holds the classes {names}, which are not those of CIFAR-10; set "
        "source: imagefolder"
    )
    for part in ("train", "val"):
        (files / part / "tiger").rename(files / part / "cat")
    for image in files.rglob("*.png"):
        imsave(image, np.zeros((16, 24, 3), np.uint8), check_contrast=False)
    with pytest.raises(UserError, match=r"have 16x24 pixels, those of CIFAR-10 32x32; set source:"):
        cifar10.read_cifar10_files(files, None, None)


@pytest.mark.parametrize("source", ["cifar10", "imagefolder"])
def test_the_job_reads_a_folder_and_neither_downloads_nor_looks_elsewhere(
    source, files, tmp_path, monkeypatch
):
    def download(folder):
        raise AssertionError("downloads")

    monkeypatch.setattr(cifar10, "download_cifar10", download)
    data = {"source": source, "folder": str(files), "n_train": 10, "n_test": None, "size": 32}
    snakemake = SimpleNamespace(
        params=SimpleNamespace(data=data, seed=0, data_root=str(tmp_path / "nowhere")),
        output=[str(tmp_path / "cifar10.npz")],
        log=[str(tmp_path / "log")],
    )
    script = Path(__file__).parents[3] / "workflow/scripts/images.py"
    runpy.run_path(str(script), init_globals={"snakemake": snakemake})
    images, facts = read_images(tmp_path / "cifar10.npz")
    assert facts["source"] == source and len(images.train_labels) == len(images.test_labels) == 10


# --- folders of image files ----


@pytest.fixture
def folder(tmp_path):
    """Two classes, three training and two test images each; one of them grey."""
    rng = np.random.default_rng(0)
    for part, count in (("train", 3), ("test", 2)):
        for name in ("ant", "bee"):
            (tmp_path / part / name).mkdir(parents=True)
            for number in range(count):
                shape = (8, 8) if (name, number) == ("bee", 0) else (8, 8, 3)
                image = rng.integers(0, 256, shape).astype(np.uint8)
                imsave(tmp_path / part / name / f"{number}.png", image, check_contrast=False)
    return tmp_path


def test_folder_of_images(folder):
    images = read_imagefolder(folder, 4, None)
    assert images.train_images.shape == (4, 8, 8, 3)
    assert images.train_labels.tolist() == [0, 0, 1, 1]
    assert images.test_labels.tolist() == [0, 0, 1, 1]
    assert images.class_names == ("ant", "bee")
    grey = images.train_images[2]
    np.testing.assert_array_equal(grey[..., 0], grey[..., 2])


def test_bad_folders_and_files_are_named(folder, tmp_path):
    with pytest.raises(UserError, match=r"nowhere: no folder 'train' in it"):
        read_imagefolder(tmp_path / "nowhere", None, None)
    with pytest.raises(UserError, match=r"data\.n_train in .*: class 'ant' has 3 images of the 5"):
        read_imagefolder(folder, 10, None)
    broken = folder / "train/bee/1.png"
    whole = broken.read_bytes()
    broken.write_bytes(whole[:60])
    with pytest.raises(UserError, match=r"bee/1\.png: cannot be read as an image"):
        read_imagefolder(folder, None, None)
    imsave(broken, np.zeros((4, 8, 3), np.uint8), check_contrast=False)
    with pytest.raises(UserError, match=r"bee/1\.png: 8x4 pixels where the first image has 8x8"):
        read_imagefolder(folder, None, None)
    broken.write_bytes(whole)
    (folder / "train/wasp").mkdir()
    (folder / "train/wasp/0.png").write_bytes(whole)
    with pytest.raises(UserError, match="only one of train and test has a class wasp"):
        read_imagefolder(folder, None, None)


def test_subset_of_a_set():
    labels = np.array([0, 1, 0, 1])
    pixels = np.arange(4 * 12, dtype=np.uint8).reshape(4, 2, 2, 3)
    images = ImageSet(pixels, labels, pixels, labels, ("a", "b")).first(2, None)
    assert images.train_labels.tolist() == [0, 1]
    np.testing.assert_array_equal(images.train_images, pixels[:2])
    assert len(images.test_images) == 4


# --- before any job runs ---


def settings(**data):
    section = {"rahaman2018": {"adversarial": {"data": data}}}
    return load_settings({"scale": "quick"} | section, Path(__file__).parents[3])


def test_too_few_test_images_for_the_paths_are_counted_before_any_job_runs(folder):
    fewest = min(len(list(path.iterdir())) for path in (folder / "test").iterdir())
    require_test_images(folder, fewest // 2, 2, "n_within")
    require_test_images(folder, fewest, 1, "n_between")
    message = rf"^n_within: {fewest} paths need {2 * fewest} .* at most {fewest // 2}, or add some$"
    with pytest.raises(UserError, match=message):
        require_test_images(folder, fewest, 2, "n_within")
    with pytest.raises(UserError, match=rf"^n_between: .* at most {fewest}, or add some$"):
        require_test_images(folder, fewest + 1, 1, "n_between")


def test_missing_data_are_named_before_any_job_runs(folder, tmp_path):
    check_data_root(settings())
    check_data_root(settings(source="imagefolder", folder=str(folder), n_train=None, n_test=None))
    with pytest.raises(UserError, match=r"data\.folder: .*nowhere: no folder 'train' in it"):
        check_data_root(settings(source="imagefolder", folder=str(tmp_path / "nowhere")))
    elsewhere = settings(source="cifar10", folder=str(folder))
    check_data_root(elsewhere.model_copy(update={"data_root": str(tmp_path)}))
    with pytest.raises(UserError, match=r"data\.folder: .*nowhere: no folder 'train' in it"):
        check_data_root(settings(source="cifar10", folder=str(tmp_path / "nowhere")))
    absent = settings(source="cifar10").model_copy(update={"data_root": str(tmp_path)})
    with pytest.raises(UserError, match="CIFAR-10 needs the files data_batch_1"):
        check_data_root(absent)
