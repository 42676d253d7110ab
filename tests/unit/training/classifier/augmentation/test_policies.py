"""RandAugment and AutoAugment in batches against torchvision, one image at a time."""

from collections import Counter

import pytest
import torch
from torchvision.transforms import AutoAugment, AutoAugmentPolicy, InterpolationMode, v2

from spectral_bias.training.classifier.augmentation import policies
from spectral_bias.training.classifier.augmentation.policies import (
    RAND_AUGMENT,
    SIGNED,
    auto_augmented,
    operation,
    rand_augmented,
)

FILL = [125.0, 123.0, 114.0]
CIFAR10 = AutoAugment(AutoAugmentPolicy.CIFAR10)
REFERENCE = v2.AutoAugment(AutoAugmentPolicy.CIFAR10, InterpolationMode.NEAREST, FILL)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def pixels():
    """Smooth pictures with some contrast, 16 x 14 pixels, channels last."""
    coarse = torch.rand(60, 3, 4, 4, generator=generator())
    smooth = torch.nn.functional.interpolate(coarse, (16, 14), mode="bilinear")
    return (30 + 190 * smooth).to(torch.uint8).contiguous(memory_format=torch.channels_last)


def one_at_a_time(image, name, magnitude):
    """torchvision's own step of its AutoAugment and RandAugment."""
    options = REFERENCE.interpolation, REFERENCE._fill
    return REFERENCE._apply_image_or_video_transform(image, name, magnitude, *options)


def torchvision_magnitude(name, levels, level, size):
    """torchvision's value of an operation at one of so many levels, freed of float32's rounding."""
    if name == "Identity":
        return 0.0
    values = REFERENCE._AUGMENTATION_SPACE[name][0](levels, *size)
    return 0.0 if values is None else round(values[level].item(), 7)


@pytest.mark.parametrize("name", [*RAND_AUGMENT, "Invert"])
@pytest.mark.parametrize("level", [0, 4, 10])
def test_operations_and_strengths_are_torchvisions(pixels, name, level):
    value = torchvision_magnitude(name, 11, level, pixels.shape[2:])
    signs = (1, -1) if name in SIGNED else (1,)
    for sign in signs:
        together = operation(name)(pixels, sign * level / 10, FILL)
        for image, found in zip(pixels, together, strict=True):
            assert torch.equal(found, one_at_a_time(image, name, sign * value))


def test_operations_with_a_sign_are_torchvisions():
    space = v2.RandAugment._AUGMENTATION_SPACE
    assert set(space) == set(RAND_AUGMENT)
    assert {name for name, (_, signed) in space.items() if signed} == set(SIGNED)


def test_rand_augmented_batch_equals_single_images(pixels):
    found = rand_augmented(pixels, 3, 4.0, FILL, generator(1))
    draws = generator(1)
    chosen = torch.randint(0, len(RAND_AUGMENT), (3, 60), generator=draws)
    negative = torch.randint(0, 2, (3, 60), generator=draws)
    for number, image in enumerate(pixels):
        for layer in range(3):
            name = RAND_AUGMENT[chosen[layer, number]]
            value = torchvision_magnitude(name, 11, 4, pixels.shape[2:])
            sign = -1 if name in SIGNED and negative[layer, number] else 1
            image = one_at_a_time(image, name, sign * value)
        assert torch.equal(found[number], image)


def test_auto_augmented_batch_equals_single_images(pixels):
    found = auto_augmented(pixels, FILL, generator(1))
    draws = generator(1)
    policy = torch.randint(0, 25, (60,), generator=draws)
    uniform = torch.rand((2, 60), generator=draws)
    negative = torch.randint(0, 2, (2, 60), generator=draws)
    for number, image in enumerate(pixels):
        for layer in range(2):
            name, probability, level = CIFAR10.policies[policy[number]][layer]
            if uniform[layer, number] >= probability:
                continue
            value = torchvision_magnitude(name, 10, level or 0, pixels.shape[2:])
            sign = -1 if name in SIGNED and negative[layer, number] else 1
            image = one_at_a_time(image, name, sign * value)
        assert torch.equal(found[number], image)


def counted(monkeypatch):
    """Counts images by the operation and sign that they get; nothing is done to them."""
    counts = Counter()

    def counting(name):
        def count(images, strength, fill):
            counts[name, strength < 0] += len(images)
            return images

        return count

    monkeypatch.setattr(policies, "operation", counting)
    return counts


def test_rand_augment_draws_operations_and_signs_evenly(monkeypatch):
    counts = counted(monkeypatch)
    blank = torch.zeros(2000, 3, 2, 2, dtype=torch.uint8)
    rand_augmented(blank, 3, 4.0, FILL, generator())
    assert counts.total() == 6000
    for name in RAND_AUGMENT:
        share = 6000 / len(RAND_AUGMENT)
        plus, minus = counts[name, False], counts[name, True]
        assert plus + minus == pytest.approx(share, abs=5 * share**0.5)
        assert minus == (pytest.approx(share / 2, abs=5 * share**0.5) if name in SIGNED else 0)


def test_auto_augment_draws_policies_evenly_and_keeps_their_probabilities(monkeypatch):
    expected = Counter()
    for policy in CIFAR10.policies:
        for name, probability, _ in policy:
            expected[name] += probability * 10_000 / 25
    counts = counted(monkeypatch)
    auto_augmented(torch.zeros(10_000, 3, 2, 2, dtype=torch.uint8), FILL, generator())
    assert counts.total() == 20_000
    for name, share in expected.items():
        found = counts[name, False] + counts[name, True]
        assert found == pytest.approx(share, abs=5 * share**0.5), name


def test_the_generator_alone_decides(pixels):
    for augment in (
        lambda source: rand_augmented(pixels, 2, 9.0, FILL, source),
        lambda source: auto_augmented(pixels, FILL, source),
    ):
        before = pixels.clone()
        first, same, other = (augment(generator(seed)) for seed in (0, 0, 1))
        assert torch.equal(first, same) and not torch.equal(first, other)
        assert first.dtype == torch.uint8 and first.shape == pixels.shape
        assert torch.equal(pixels, before)


def test_the_colour_that_comes_in_is_the_given_one():
    white = torch.full((400, 3, 8, 8), 255, dtype=torch.uint8)
    moved = operation("TranslateX")(white, 1.0, FILL)
    assert moved[:, :, 0, 0].unique(dim=0).tolist() == [[125, 123, 114]]
    turned = operation("Rotate")(white, 1.0, FILL)
    assert turned[0, :, 0, 0].tolist() == [125, 123, 114]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", [*RAND_AUGMENT, "Invert"])
def test_operations_on_a_gpu_equal_those_on_the_cpu(pixels, name):
    here = operation(name)(pixels, 0.4, FILL).int()
    there = operation(name)(pixels.cuda(), 0.4, FILL).cpu().int()
    # Half-way cases may be rounded the other way: a level, or, of moved pixels, a neighbour.
    assert ((here - there).abs() <= 1).float().mean() > 0.97
