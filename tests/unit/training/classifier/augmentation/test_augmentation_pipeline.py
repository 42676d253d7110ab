"""The whole augmentation: order of its parts, what is left out, what is refused."""

import pytest
import torch

from spectral_bias.training.classifier.augmentation.geometric import (
    cutout,
    random_crop,
    random_flip,
)
from spectral_bias.training.classifier.augmentation.image_frequency import image_frequency_augmented
from spectral_bias.training.classifier.augmentation.mixup import mixed
from spectral_bias.training.classifier.augmentation.pipeline import Augmentation, augmented
from spectral_bias.training.classifier.augmentation.policies import auto_augmented, rand_augmented
from spectral_bias.training.classifier.normalisation import Normalisation

NORMALISATION = Normalisation.of((0.5, 0.4, 0.6), (0.2, 0.3, 0.25), torch.device("cpu"))
ALL = Augmentation(
    "all",
    flip_crop=True,
    cutout=4,
    policy="randaugment",
    operations=2,
    magnitude=5.0,
    mixup_alpha=1.0,
    image_kind="f2",
    image_norm=2.0,
    image_amplitude=0.5,
)


def batch(size=16):
    generator = torch.Generator().manual_seed(9)
    pixels = torch.randint(0, 256, (size, 12, 12, 3), generator=generator, dtype=torch.uint8)
    return pixels.permute(0, 3, 1, 2), torch.eye(size)


def run(augmentation, seed=0):
    return augmented(augmentation, *batch(), NORMALISATION, torch.Generator().manual_seed(seed))


def test_without_augmentation_images_are_only_normalised():
    pixels, targets = batch()
    x, unchanged = run(Augmentation("none"))
    assert torch.equal(x, NORMALISATION(pixels)) and torch.equal(unchanged, targets)


@pytest.mark.parametrize("policy", ["randaugment", "autoaugment"])
def test_order_of_the_parts(policy):
    pixels, targets = batch()
    generator = torch.Generator().manual_seed(3)
    if policy == "randaugment":
        pixels = rand_augmented(pixels, 2, 5.0, [128.0, 102.0, 153.0], generator)
    else:
        pixels = auto_augmented(pixels, [128.0, 102.0, 153.0], generator)
    x = NORMALISATION(pixels)
    x = random_crop(random_flip(x, generator), generator)
    x, targets = image_frequency_augmented(x, targets, "f2", 2.0, 0.5, generator)
    x = cutout(x, 4, generator)
    x, targets = mixed(x, targets, 1.0, generator)
    found_x, found_targets = run(Augmentation(**{**vars(ALL), "policy": policy}), seed=3)
    torch.testing.assert_close(found_x, x)
    torch.testing.assert_close(found_targets, targets)


def test_what_is_cut_out_stays_empty():
    """Neither the policy's colours nor the added images fill the squares."""
    x, _ = run(Augmentation(**{**vars(ALL), "mixup_alpha": 0.0}))
    assert ((x == 0).all(1).flatten(1).sum(1) >= 4).all()


@pytest.mark.parametrize(
    "changes",
    [
        {"flip_crop": True},
        {"cutout": 4},
        {"policy": "randaugment", "operations": 2, "magnitude": 4.0},
        {"policy": "autoaugment"},
        {"mixup_alpha": 0.5},
        {"image_kind": "1/f2", "image_norm": 3.0, "image_amplitude": 0.5},
        vars(ALL),
    ],
    ids=lambda changes: "+".join(changes) if len(changes) < 4 else "all",
)
def test_the_generator_alone_decides_and_memory_is_channels_last(changes):
    augmentation = Augmentation(**{"name": "a", **changes})
    torch.manual_seed(0)
    first = run(augmentation)
    torch.manual_seed(1)
    same, other = run(augmentation), run(augmentation, seed=1)
    assert all(torch.equal(a, b) for a, b in zip(first, same, strict=True))
    assert not torch.equal(first[0], other[0])
    assert not torch.equal(first[0], NORMALISATION(batch()[0]))
    assert first[0].is_contiguous(memory_format=torch.channels_last)
    assert first[0].dtype == first[1].dtype == torch.float32
    torch.testing.assert_close(first[1].sum(1), torch.ones(16))


def test_inputs_stay_as_they_are():
    pixels, targets = batch()
    before = pixels.clone(), targets.clone()
    augmented(ALL, pixels, targets, NORMALISATION, torch.Generator().manual_seed(0))
    assert torch.equal(pixels, before[0]) and torch.equal(targets, before[1])


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("policy", {"policy": "trivial"}),
        ("operations", {"policy": "randaugment", "magnitude": 4.0}),
        ("magnitude", {"policy": "randaugment", "operations": 1, "magnitude": 11.0}),
        ("image_kind", {"image_kind": "f"}),
        ("image_amplitude", {"image_kind": "f2", "image_amplitude": 1.5}),
        ("image_norm", {"image_kind": "f2", "image_norm": -1.0}),
        ("cutout", {"cutout": -2}),
        ("mixup_alpha", {"mixup_alpha": float("nan")}),
    ],
)
def test_settings_that_make_no_sense_are_refused(key, changes):
    with pytest.raises(ValueError, match=f"^{key}: "):
        Augmentation("a", **changes)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("policy", ["none", "randaugment", "autoaugment"])
def test_everything_stays_on_the_device(policy):
    cuda = torch.device("cuda")
    augmentation = Augmentation(**{**vars(ALL), "policy": policy})
    pixels, targets = (part.to(cuda) for part in batch())
    normalisation = Normalisation.of(NORMALISATION.mean, NORMALISATION.std, cuda)
    first, same = (
        augmented(
            augmentation, pixels, targets, normalisation, torch.Generator(cuda).manual_seed(0)
        )
        for _ in range(2)
    )
    assert first[0].device.type == first[1].device.type == "cuda"
    assert all(torch.equal(a, b) for a, b in zip(first, same, strict=True))
    assert torch.isfinite(first[0]).all()
