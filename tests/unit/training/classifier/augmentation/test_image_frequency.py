"""Image-frequency augmentation: norm, spectrum and label smoothing."""

import pytest
import torch

from spectral_bias.spectra.image_basis import spatial_frequencies
from spectral_bias.training.classifier.augmentation.image_frequency import (
    image_frequency_augmented,
    random_images,
)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("kind", ["f2", "1/f2"])
def test_every_image_gets_another_one_of_the_wanted_norm(kind):
    x, targets = torch.randn(10, 3, 8, 8), torch.eye(10)
    changed, smoothed = image_frequency_augmented(x, targets, kind, 5.0, 0.5, generator())
    added = changed - x
    torch.testing.assert_close(added.flatten(1).norm(dim=1), torch.full((10,), 5.0))
    torch.testing.assert_close(added[:, 0], added[:, 2], atol=1e-5, rtol=0)
    torch.testing.assert_close(smoothed, 0.5 * targets + 0.05)
    assert len({tuple(image.round(decimals=3).flatten().tolist()) for image in added}) == 10


@pytest.mark.parametrize(("kind", "exponent"), [("f2", 2), ("1/f2", -2)])
def test_amplitude_goes_with_the_square_of_the_frequency(kind, exponent):
    images = random_images(kind, 3.0, torch.zeros(6, 1, 32, 32), generator())
    magnitude = torch.fft.fft2(images[:, 0]).abs()
    frequency = spatial_frequencies(32, 32).float()
    high = frequency >= 1
    x, y = frequency[high].log(), magnitude[:, high].log()
    x = x - x.mean()
    slopes = (y * x).sum(1) / (x**2).sum()
    torch.testing.assert_close(slopes, torch.full((6,), float(exponent)), atol=1e-3, rtol=0)


def rising(images):
    """Which images have more of their power above half of the highest frequency (f2)."""
    power = torch.fft.fft2(images[:, 0]).abs() ** 2
    high = spatial_frequencies(*images.shape[2:]) > images.shape[2] / 4
    return power[:, high].sum(1) > 0.5 * power.sum((1, 2))


@pytest.mark.parametrize("n", [40, 41])
def test_of_both_kinds_half_of_each_batch_gets_either(n):
    zeros = torch.zeros(n, 3, 16, 16)
    first, other = (random_images("both", 2.0, zeros, generator(seed)) for seed in (0, 1))
    torch.testing.assert_close(first.flatten(1).norm(dim=1), torch.full((n,), 2.0))
    assert rising(random_images("f2", 2.0, zeros, generator())).all()
    assert not rising(random_images("1/f2", 2.0, zeros, generator())).any()
    assert rising(first).sum() == rising(other).sum() == n // 2
    assert not torch.equal(rising(first), rising(other))


def test_without_a_kind_the_labels_alone_are_smoothed():
    x, targets = torch.randn(4, 3, 8, 8), torch.eye(4)
    same, smoothed = image_frequency_augmented(x, targets, "", 0.0, 0.4, generator())
    assert torch.equal(same, x)
    torch.testing.assert_close(smoothed, 0.6 * targets + 0.1)


def test_signs_are_random_and_even():
    images = random_images("f2", 1.0, torch.zeros(4000, 1, 4, 4), generator())
    mean = images.mean(0)
    assert mean.abs().max() < 4 * images.std(0).max() / 4000**0.5


def test_the_generator_alone_decides():
    zeros = torch.zeros(3, 3, 8, 8)
    first, same, other = (random_images("1/f2", 1.0, zeros, generator(s)) for s in (0, 0, 1))
    assert torch.equal(first, same) and not torch.equal(first, other)


def test_memory_stays_channels_last():
    x = torch.rand(4, 3, 8, 8).contiguous(memory_format=torch.channels_last)
    changed, _ = image_frequency_augmented(x, torch.eye(4), "f2", 1.0, 0.5, generator())
    assert changed.is_contiguous(memory_format=torch.channels_last)
