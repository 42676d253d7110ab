"""RandAugment and AutoAugment in batches against torchvision, one image at a time."""

from collections import Counter
from fractions import Fraction

import pytest
import torch
from torchvision.transforms import AutoAugment, AutoAugmentPolicy, InterpolationMode, v2

from spectral_bias.training.classifier.augmentation.operations import (
    MOVES,
    SIGNED,
    Step,
    StepTable,
)
from spectral_bias.training.classifier.augmentation.policies import RAND_AUGMENT, Policy
from spectral_bias.training.classifier.augmentation.settings import Augmentation

FILL = [125.0, 123.0, 114.0]
CPU = torch.device("cpu")
CIFAR10 = AutoAugment(AutoAugmentPolicy.CIFAR10)
REFERENCE = v2.AutoAugment(AutoAugmentPolicy.CIFAR10, InterpolationMode.NEAREST, FILL)
AUTO_AUGMENT = Augmentation("a", policy="autoaugment")


def rand_augment(operations, magnitude):
    return Augmentation("r", policy="randaugment", operations=operations, magnitude=magnitude)


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def pixels():
    """Smooth pictures with some contrast, 16 x 14 pixels, channels last."""
    coarse = torch.rand(60, 3, 4, 4, generator=generator())
    smooth = torch.nn.functional.interpolate(coarse, (16, 14), mode="bilinear")
    return (30 + 190 * smooth).to(torch.uint8).contiguous(memory_format=torch.channels_last)


def done(pixels, *steps):
    """All images after one step each: the first, or the steps in turn over the images."""
    table = StepTable(steps, pixels.shape[1:], FILL, pixels.device)
    (plan,) = table.planned(torch.arange(len(pixels)).view(1, 1, -1) % len(steps))
    return table.applied(plan, pixels)


def augmented(augmentation, pixels, source):
    policy = Policy(augmentation, pixels.shape[1:], FILL, CPU)
    (plan,) = policy.drawn(1, len(pixels), source)
    return policy(plan, pixels)


def one_at_a_time(image, name, magnitude):
    """torchvision's own step of its AutoAugment and RandAugment."""
    options = REFERENCE.interpolation, REFERENCE._fill
    return REFERENCE._apply_image_or_video_transform(image, name, magnitude, *options)


def torchvision_magnitude(name, levels, level, size):
    """torchvision's value of an operation at one of so many levels, freed of float32's rounding."""
    if name == "Identity":
        return 0.0
    values = REFERENCE._AUGMENTATION_SPACE[name][0](levels, *size)
    if values is None:
        return 0.0
    return float(Fraction(values[level].item()).limit_denominator(10_000))


@pytest.mark.parametrize("name", [*RAND_AUGMENT, "Invert"])
@pytest.mark.parametrize("level", [0, 4, 10])
def test_operations_and_strengths_are_torchvisions(pixels, name, level):
    value = torchvision_magnitude(name, 11, level, pixels.shape[2:])
    signs = (1, -1) if name in SIGNED else (1,)
    for sign in signs:
        together = done(pixels, Step(name, sign * level / 10))
        for image, found in zip(pixels, together, strict=True):
            assert torch.equal(found, one_at_a_time(image, name, sign * value))


@pytest.mark.parametrize("size", [(8, 8), (32, 32), (13, 33)])
@pytest.mark.parametrize("name", SIGNED)
def test_strengths_of_one_operation_in_one_batch(name, size):
    """Also on grey and noisy images, where rounding shows."""
    pixels = torch.randint(0, 256, (42, 3, *size), generator=generator(), dtype=torch.uint8)
    pixels[:20] = pixels[:20, :1]
    levels = [level for level in range(-10, 11)]
    found = done(pixels, *(Step(name, level / 10) for level in levels))
    for image, result, level in zip(pixels, found, levels * 2, strict=True):
        sign = -1 if level < 0 else 1
        value = torchvision_magnitude(name, 11, abs(level), size)
        assert torch.equal(result, one_at_a_time(image, name, sign * value)), level


@pytest.mark.parametrize("name", ["Posterize", "Solarize"])
def test_unsigned_strengths_of_one_operation_in_one_batch(pixels, name):
    found = done(pixels, *(Step(name, level / 10) for level in range(11)))
    for number, (image, result) in enumerate(zip(pixels, found, strict=True)):
        value = torchvision_magnitude(name, 11, number % 11, pixels.shape[2:])
        assert torch.equal(result, one_at_a_time(image, name, value)), number


def test_operations_with_a_sign_are_torchvisions():
    space = v2.RandAugment._AUGMENTATION_SPACE
    assert set(space) == set(RAND_AUGMENT)
    assert {name for name, (_, signed) in space.items() if signed} == set(SIGNED)


@pytest.mark.parametrize("batch", [0, 1])
def test_rand_augmented_batch_equals_single_images(pixels, batch):
    policy = Policy(rand_augment(3, 4.0), pixels.shape[1:], FILL, CPU)
    found = policy(policy.drawn(2, 60, generator(1))[batch], pixels)
    draws = generator(1)
    chosen = torch.randint(0, len(RAND_AUGMENT), (2, 3, 60), generator=draws)[batch]
    negative = torch.randint(0, 2, (2, 3, 60), generator=draws)[batch]
    for number, image in enumerate(pixels):
        for layer in range(3):
            name = RAND_AUGMENT[chosen[layer, number]]
            value = torchvision_magnitude(name, 11, 4, pixels.shape[2:])
            sign = -1 if name in SIGNED and negative[layer, number] else 1
            image = one_at_a_time(image, name, sign * value)
        assert torch.equal(found[number], image)


@pytest.mark.parametrize("batch", [0, 1])
def test_auto_augmented_batch_equals_single_images(pixels, batch):
    augment = Policy(AUTO_AUGMENT, pixels.shape[1:], FILL, CPU)
    found = augment(augment.drawn(2, 60, generator(1))[batch], pixels)
    draws = generator(1)
    policy = torch.randint(0, 25, (2, 60), generator=draws)[batch]
    uniform = torch.rand((2, 2, 60), generator=draws)[batch]
    negative = torch.randint(0, 2, (2, 2, 60), generator=draws)[batch]
    for number, image in enumerate(pixels):
        for layer in range(2):
            name, probability, level = CIFAR10.policies[policy[number]][layer]
            if uniform[layer, number] >= probability:
                continue
            value = torchvision_magnitude(name, 10, level or 0, pixels.shape[2:])
            sign = -1 if name in SIGNED and negative[layer, number] else 1
            image = one_at_a_time(image, name, sign * value)
        assert torch.equal(found[number], image)


def counted(monkeypatch, augmentation, n_images):
    """Counts images by the operation and sign that they are to get."""
    steps, indices = [], []
    made = StepTable.__init__

    def noted(self, given, *args):
        steps.extend(given)
        made(self, given, *args)

    monkeypatch.setattr(StepTable, "__init__", noted)
    monkeypatch.setattr(StepTable, "planned", lambda self, chosen: indices.append(chosen))
    Policy(augmentation, (3, 2, 2), FILL, CPU).drawn(4, n_images // 4, generator())
    return Counter(
        (steps[index].operation, steps[index].strength < 0)
        for index in indices[0].flatten().tolist()
    )


def test_rand_augment_draws_operations_and_signs_evenly(monkeypatch):
    counts = counted(monkeypatch, rand_augment(3, 4.0), 2000)
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
    counts = counted(monkeypatch, AUTO_AUGMENT, 10_000)
    assert counts.total() == 20_000
    for name, share in expected.items():
        found = counts[name, False] + counts[name, True]
        assert found == pytest.approx(share, abs=5 * share**0.5), name


def test_the_generator_alone_decides(pixels):
    for augmentation in (rand_augment(2, 9.0), AUTO_AUGMENT):
        before = pixels.clone()
        first, same, other = (
            augmented(augmentation, pixels, generator(seed)) for seed in (0, 0, 1)
        )
        assert torch.equal(first, same) and not torch.equal(first, other)
        assert first.dtype == torch.uint8 and first.shape == pixels.shape
        assert torch.equal(pixels, before)


def test_the_colour_that_comes_in_is_the_given_one():
    white = torch.full((400, 3, 8, 8), 255, dtype=torch.uint8)
    moved = done(white, Step("TranslateX", 1.0))
    assert moved[:, :, 0, 0].unique(dim=0).tolist() == [[125, 123, 114]]
    turned = done(white, Step("Rotate", 1.0))
    assert turned[0, :, 0, 0].tolist() == [125, 123, 114]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("name", [*RAND_AUGMENT, "Invert"])
def test_operations_on_a_gpu_equal_those_on_the_cpu(pixels, name):
    here = done(pixels, Step(name, 0.4)).int()
    there = done(pixels.cuda(), Step(name, 0.4)).cpu().int()
    if name in MOVES:
        assert torch.equal(here, there)
    else:  # half-way cases may be rounded the other way
        assert ((here - there).abs() <= 1).all()
