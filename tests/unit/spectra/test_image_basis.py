"""Fourier basis images and their weighted sums against the definitions, pixel by pixel."""

import math

import pytest
import torch

from spectral_bias.spectra.image_basis import (
    basis_image,
    composite_image,
    composite_weights,
    nearest_grid_frequency,
    spatial_frequencies,
    synthesised,
)

SHAPES = [(1, 4, 4), (3, 5, 6), (2, 6, 3)]


def all_images(shape):
    _, height, width = shape
    return torch.stack([basis_image(i, j, shape) for i in range(height) for j in range(width)])


@pytest.mark.parametrize("shape", SHAPES)
def test_basis_is_orthonormal(shape):
    images = all_images(shape).flatten(1)
    torch.testing.assert_close(images @ images.T, torch.eye(len(images), dtype=torch.float64))


@pytest.mark.parametrize(("i", "j"), [(0, 0), (1, 0), (2, -1), (3, 2)])
def test_basis_image_by_loops(i, j):
    shape = (3, 6, 5)
    expected = torch.empty(shape, dtype=torch.float64)
    for y in range(6):
        for x in range(5):
            t = 2 * math.pi * (i * y / 6 + j * x / 5)
            expected[:, y, x] = (math.cos(t) - math.sin(t)) / math.sqrt(3 * 6 * 5)
    torch.testing.assert_close(basis_image(i, j, shape), expected)


def test_spectrum_of_a_basis_image_has_one_frequency():
    power = torch.fft.fft2(basis_image(2, 3, (1, 8, 8)))[0].abs() ** 2
    assert {tuple(cell) for cell in (power > 1e-9).nonzero().tolist()} == {(2, 3), (6, 5)}
    assert spatial_frequencies(8, 8)[6, 5] == pytest.approx(math.sqrt(13))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [(0, (0, 0)), (1, (0, 1)), (1.4, (1, 1)), (2, (0, 2)), (5, (3, 4)), (10, (6, 8))],
)
def test_nearest_grid_frequency(wanted, expected):
    assert nearest_grid_frequency(wanted, 32, 32) == expected


@pytest.mark.parametrize("wanted", [0.3, 3.3, 7.77, 15, 20.1, 22.6])
def test_no_grid_frequency_is_nearer(wanted):
    found = math.hypot(*nearest_grid_frequency(wanted, 32, 32))
    assert abs(found - wanted) == pytest.approx(
        (spatial_frequencies(32, 32) - wanted).abs().min().item()
    )


@pytest.mark.parametrize("wanted", [-1, 22.7, math.nan])
def test_spatial_frequencies_off_the_grid_are_refused(wanted):
    with pytest.raises(ValueError, match=r"^spatial_frequency: .* from 0 to 22.63"):
        nearest_grid_frequency(wanted, 32, 32)


@pytest.mark.parametrize(("kind", "power"), [("f2", 2), ("1/f2", -2)])
@pytest.mark.parametrize("shape", SHAPES)
def test_composite_is_the_weighted_sum_of_all_basis_images(kind, power, shape):
    frequency = spatial_frequencies(*shape[1:]).flatten().clamp(min=1)
    total = torch.einsum("k,kchw->chw", frequency**power, all_images(shape))
    torch.testing.assert_close(composite_image(kind, shape), total / total.norm())


@pytest.mark.parametrize(("kind", "exponent"), [("f2", 4), ("1/f2", -4)])
def test_power_of_a_composite_goes_with_the_fourth_power_of_the_frequency(kind, exponent):
    power = torch.fft.fft2(composite_image(kind, (3, 8, 8))[1]).abs() ** 2
    frequency = spatial_frequencies(8, 8)
    ratio = power / power[0, 1]
    expected = frequency.clamp(min=1) ** exponent
    torch.testing.assert_close(ratio, expected)


def test_composite_is_even_about_its_first_pixel():
    image = composite_image("1/f2", (1, 6, 5))[0]
    torch.testing.assert_close(image, image.flip(0, 1).roll((1, 1), (0, 1)))
    assert image.argmax() == 0


def test_norm_of_an_image_is_that_of_its_weights():
    weights = torch.randn(4, 2, 6, 7, generator=torch.Generator().manual_seed(0))
    images = synthesised(weights, 3)
    assert images.shape == (4, 2, 3, 6, 7)
    torch.testing.assert_close(images.flatten(2).norm(dim=2), weights.flatten(2).norm(dim=2))


def test_other_sums_are_refused():
    with pytest.raises(ValueError, match="kind: 'f3'"):
        composite_weights("f3", 4, 4)
