"""Flip, crop and cutout: what they may and may not change."""

import pytest
import torch
from torch.nn import functional as F

from spectral_bias.training.classifier.augmentation.geometric import (
    cutout,
    random_crop,
    random_flip,
)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def test_flip_mirrors_about_half_of_the_images():
    x = torch.rand(400, 3, 4, 4)
    flipped = random_flip(x, generator())
    mirrored = (flipped == x.flip(3)).flatten(1).all(1)
    kept = (flipped == x).flatten(1).all(1)
    assert (mirrored ^ kept).all()
    assert 150 < mirrored.sum() < 250


def test_crop_is_a_window_of_the_padded_image_at_every_place():
    x = torch.rand(300, 2, 5, 6)
    cropped = random_crop(x, generator(), padding=1)
    padded = F.pad(x, (1, 1, 1, 1))
    seen = set()
    for image, whole in zip(cropped, padded, strict=True):
        windows = {(r, c): whole[:, r : r + 5, c : c + 6] for r in range(3) for c in range(3)}
        found = [place for place, window in windows.items() if torch.equal(image, window)]
        assert found
        seen |= set(found)
    assert len(seen) == 9


@pytest.mark.parametrize("side", [2, 4])
def test_cutout_is_a_square_around_every_pixel_cut_off_at_the_border(side):
    height, width = 6, 5
    x = torch.rand(600, 3, height, width) + 1
    cut = cutout(x, side, generator())
    squares = {}
    for row in range(height):
        for column in range(width):
            square = torch.zeros(height, width, dtype=torch.bool)
            for y in range(row - side // 2, row + side // 2):
                for z in range(column - side // 2, column + side // 2):
                    if 0 <= y < height and 0 <= z < width:
                        square[y, z] = True
            squares[row, column] = square
    seen = set()
    for image, before in zip(cut, x, strict=True):
        zero = image == 0
        assert torch.equal(zero[0], zero[1]) and torch.equal(zero[0], zero[2])
        assert torch.equal(image[~zero], before[~zero])
        centres = [centre for centre, square in squares.items() if torch.equal(square, zero[0])]
        assert len(centres) == 1
        seen |= set(centres)
    assert seen == set(squares)


def test_memory_stays_channels_last():
    x = torch.rand(4, 3, 8, 8).contiguous(memory_format=torch.channels_last)
    for change in (random_flip, random_crop, lambda x, g: cutout(x, 4, g)):
        assert change(x, generator()).is_contiguous(memory_format=torch.channels_last)
