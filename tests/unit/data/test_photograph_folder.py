"""Images cut from photographs: disjoint parts, growing windows, the folder that is written."""

import numpy as np
import pytest
from PIL import Image

from spectral_bias.data.patches import PHOTOGRAPHS, photograph
from spectral_bias.data.photograph_folder import (
    CONTRAST_ORDER,
    NARROW,
    SIZE,
    levels,
    places,
    read_levels,
    views,
    write_photographs,
)
from spectral_bias.errors import UserError
from spectral_bias.seeds import derived_generator


def drawn(part, level, count=200, seed=0):
    columns = range(150) if part == "train" else range(150, 300)
    found = places(200, columns, part, level, count, np.random.default_rng(seed))
    return np.array(found)


def test_the_photographs_stand_in_the_order_of_their_contrast():
    contrast = [photograph(name).std(axis=(0, 1)).mean() for name in CONTRAST_ORDER]
    assert sorted(contrast) == contrast
    assert set(CONTRAST_ORDER) == set(PHOTOGRAPHS)
    assert list(levels().values()) == pytest.approx(np.arange(10) / 9)


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_cuts_are_distinct_and_stay_in_their_own_half(level):
    for part, first, last in (("train", 0, 150), ("val", 150, 300)):
        side, row, column = drawn(part, level, 40).T
        assert row.min() >= 0 and (row + side).max() <= 200
        assert column.min() >= first and (column + side).max() <= last
        assert len(np.unique(np.stack([side, row, column]), axis=1).T) == 40


def test_windows_and_zooms_grow_with_the_level():
    narrow, whole = drawn("train", 0.0, 40), drawn("train", 1.0, 400)
    assert set(narrow[:, 0]) == {SIZE}
    spread = np.ptp(narrow[:, 1:], axis=0)
    assert (spread <= np.ceil(NARROW * (np.array([200, 150]) - SIZE))).all()
    assert (narrow[:, 2] + SIZE).max() == 149  # at the border between the parts
    assert whole[:, 0].min() < SIZE / 2 and whole[:, 0].max() > 1.5 * SIZE
    assert whole[:, 1].min() == 0 and whole[:, 2].min() == 0


def test_more_images_keep_the_first_ones():
    assert drawn("val", 0.7, 30).tolist() == drawn("val", 0.7, 60)[:30].tolist()


def test_too_many_images_are_refused():
    with pytest.raises(UserError, match="100 images of a class ask for more than the narrowest"):
        drawn("train", 0.0, 100)


def test_a_cut_of_the_unchanged_side_is_the_photograph_itself():
    name = CONTRAST_ORDER[0]  # level 0: no change of size
    image, found = photograph(name), views(name, "val", 3, seed=1)
    height, width, _ = image.shape
    rng = derived_generator(1, "photographs", name, "val")
    cuts = places(height, range(width // 2, width), "val", 0.0, 3, rng)
    assert found.shape == (3, SIZE, SIZE, 3)
    for view, (_, row, column) in zip(found, cuts, strict=True):
        assert (view == image[row : row + SIZE, column : column + SIZE]).all()


def test_the_folder_holds_both_parts_and_the_levels(tmp_path):
    write_photographs(tmp_path, 2, 1, seed=0)
    for part, count in (("train", 2), ("val", 1)):
        for name in PHOTOGRAPHS:
            files = sorted((tmp_path / part / name).iterdir())
            assert [file.name for file in files] == [f"{i:03d}.png" for i in range(count)]
    stored = np.asarray(Image.open(tmp_path / "train" / "cat" / "001.png"))
    assert (stored == views("cat", "train", 2, 0)[1]).all()
    assert read_levels(tmp_path) == pytest.approx(levels(), rel=1e-5)


def test_a_folder_without_levels_has_none(tmp_path):
    assert read_levels(tmp_path) == {}
