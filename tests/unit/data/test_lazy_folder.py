"""Image files in folders: what is listed, shown, read in worker processes, and refused."""

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.datasets import ImageFolder
from torchvision.transforms._presets import ImageClassification

from spectral_bias.data.folder_index import index_folder, require_images
from spectral_bias.data.image_files import IMAGENET_MEAN, IMAGENET_STD, Listing, View, opened
from spectral_bias.data.lazy_folder import LazyImages
from spectral_bias.errors import UserError
from spectral_bias.training.classifier.normalisation import Normalisation

CPU = torch.device("cpu")
RNG = np.random.default_rng(0)


def picture(width=12, height=10, mode="RGB"):
    pixels = RNG.integers(0, 256, (height, width, 3)).astype(np.uint8)
    return Image.fromarray(pixels).convert(mode)


@pytest.fixture
def folder(tmp_path):
    """Two classes, two parts; grey, with palette, with transparency; sizes differ."""
    for part in ("train", "val"):
        for name, modes in {"cat": ("RGB", "L", "P"), "ant": ("RGBA", "RGB")}.items():
            place = tmp_path / part / name
            place.mkdir(parents=True)
            for number, mode in enumerate(modes):
                picture(12 + number, 10, mode).save(place / f"{number}.png")
    picture().save(tmp_path / "val" / "cat" / "3.jpg")
    return tmp_path


def test_the_listing_is_that_of_torchvision(folder):
    for part in ("train", "val"):
        ours, theirs = Listing.of(folder, part), ImageFolder(str(folder / part))
        assert list(zip(ours.paths, ours.labels, strict=True)) == theirs.samples
        assert list(ours.class_names) == theirs.classes == ["ant", "cat"]
    assert ours.counts == {"ant": 2, "cat": 4}
    assert ours.of_class(1).tolist() == [2, 3, 4, 5]


@pytest.mark.parametrize("size", [(300, 200), (200, 300), (231, 257), (256, 256), (40, 50)])
@pytest.mark.parametrize("way", ["bilinear", "bicubic"])
def test_a_view_is_what_torchvision_shows_its_classifiers(size, way):
    from torchvision.transforms import InterpolationMode

    image = picture(*size)
    view = View(resize=64, crop=56, interpolation=way)
    shown = torch.from_numpy(view(image).copy()).permute(2, 0, 1)[None]
    ours = Normalisation.of(IMAGENET_MEAN, IMAGENET_STD, CPU)(shown)[0]
    theirs = ImageClassification(
        crop_size=56, resize_size=64, interpolation=InterpolationMode(way)
    )(image)
    assert torch.allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "RGBA"])
def test_images_of_other_modes_become_coloured_ones(mode, tmp_path):
    image = picture(mode=mode)
    image.save(tmp_path / ("a.tif" if mode == "CMYK" else "a.png"))
    read = opened(str(next(tmp_path.iterdir())))
    assert read.mode == mode
    shown = View(10, 10)(read)
    assert shown.shape == (10, 10, 3)
    assert (shown == np.asarray(image.convert("RGB"))[:, 1:11]).all()


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_come_in_the_order_that_was_asked_for(folder, workers):
    listing, view = Listing.of(folder, "val"), View(8, 6)
    images = LazyImages(listing, view, CPU, workers)
    for order in ([[3, 0], [5]], [[1, 2, 4]], [range(2), range(4, 6)]):  # workers are kept
        found = list(images.batches(order))
        assert [labels.tolist() for _, labels in found] == [
            listing.labels[list(batch)].tolist() for batch in order
        ]
        for (pixels, _), batch in zip(found, order, strict=True):
            expected = [view(opened(listing.paths[i])).transpose(2, 0, 1) for i in batch]
            assert pixels.dtype == torch.uint8 and (pixels.numpy() == np.stack(expected)).all()


def test_reading_leaves_the_global_random_state_as_it_was(folder):
    images = LazyImages(Listing.of(folder, "val"), View(8, 8), CPU, 0)
    before = torch.get_rng_state()
    list(images.batches([[0, 1]]))
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_corrupt_file_is_named_in_one_line(folder, workers):
    bad = folder / "val" / "cat" / "3.jpg"
    bad.write_bytes(bad.read_bytes()[:150])
    images = LazyImages(Listing.of(folder, "val"), View(8, 8), CPU, workers)
    with pytest.raises(UserError, match="cannot be read as an image") as caught:
        list(images.batches([[0, 1], [5, 2]]))
    assert str(bad) in str(caught.value) and "\n" not in str(caught.value)
    with pytest.raises(UserError, match=r"3\.jpg: cannot be read"):
        index_folder(folder, ("train", "val"), 2)


def test_the_index_says_what_the_folder_holds(folder):
    found = index_folder(folder, ("train", "val"), 1)
    assert found["class_names"] == ["ant", "cat"] and found["folder"] == str(folder)
    val = found["val"]
    assert val["counts"] == {"ant": 2, "cat": 4} and val["n_images"] == 6
    assert val["converted"] == 3  # grey, palette, transparent
    assert val["sizes"] == {"least": [12, 10], "largest": [14, 10]}
    listing = Listing.of(folder, "val")
    pixels = [np.asarray(Image.open(p).convert("RGB")) / 255 for p in listing.paths]
    means = np.mean([p.mean(axis=(0, 1)) for p in pixels], axis=0)
    squares = np.mean([(p**2).mean(axis=(0, 1)) for p in pixels], axis=0)
    assert val["mean"] == pytest.approx(means, abs=2e-5)
    assert val["std"] == pytest.approx(np.sqrt(squares - means**2), abs=2e-5)
    assert index_folder(folder, ("val",), 3)["val"] == val


def test_the_checksum_changes_with_any_file_or_name(folder):
    def checksum():
        return index_folder(folder, ("train", "val"), 2)["checksum"]

    first = checksum()
    assert checksum() == first
    file = folder / "train" / "ant" / "0.png"
    file.rename(file.with_name("9.png"))
    renamed = checksum()
    picture().save(file.with_name("9.png"))
    assert len({first, renamed, checksum()}) == 3


def test_a_class_with_too_few_images_is_named_before_any_file_is_read(folder):
    (folder / "val" / "cat" / "3.jpg").write_bytes(b"")  # would be refused later

    def check(part, counts):
        require_images(counts, 5, "five are asked for", part)

    with pytest.raises(UserError, match="class 'ant' has 2 images, but five are asked for"):
        index_folder(folder, ("val",), 1, check)


def test_what_is_missing_is_named(folder):
    with pytest.raises(UserError, match="no folder 'test' in it"):
        Listing.of(folder, "test")
    (folder / "val" / "bee").mkdir()
    with pytest.raises(UserError, match="bee: has no image files"):
        Listing.of(folder, "val")
    picture().save(folder / "val" / "bee" / "0.png")
    with pytest.raises(UserError, match="only one of train and val has a class bee"):
        index_folder(folder, ("train", "val"), 1)
    (folder / "empty").mkdir()
    with pytest.raises(UserError, match="has no folders, one for each class"):
        Listing.of(folder, "empty")
