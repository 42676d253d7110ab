"""The whole augmentation: order of its parts, what is left out or refused, waiting for a GPU."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from spectral_bias.training.classifier.augmentation.geometric import (
    cutout,
    random_crop,
    random_flip,
)
from spectral_bias.training.classifier.augmentation.image_frequency import image_frequency_augmented
from spectral_bias.training.classifier.augmentation.mixup import beta_draws, mixed
from spectral_bias.training.classifier.augmentation.pipeline import Augmentation, Augmenter
from spectral_bias.training.classifier.augmentation.policies import Policy
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


def generator(seed=0, device="cpu"):
    return torch.Generator(device).manual_seed(seed)


def run(augmentation, seed=0, device="cpu"):
    normalisation = Normalisation.of(NORMALISATION.mean, NORMALISATION.std, torch.device(device))
    augmenter = Augmenter(augmentation, (3, 12, 12), normalisation)
    (choices,) = augmenter.drawn(1, 16, generator(seed))
    pixels, targets = (part.to(device) for part in batch())
    return augmenter(pixels, targets, choices, generator(seed + 100, device))


def test_without_augmentation_images_are_only_normalised():
    pixels, targets = batch()
    x, unchanged = run(Augmentation("none"))
    assert torch.equal(x, NORMALISATION(pixels)) and torch.equal(unchanged, targets)


@pytest.mark.parametrize("policy", ["randaugment", "autoaugment"])
def test_order_of_the_parts(policy):
    pixels, targets = batch()
    augmentation = Augmentation(**{**vars(ALL), "policy": policy})
    first = Policy(augmentation, (3, 12, 12), [128.0, 102.0, 153.0], torch.device("cpu"))
    on_host, source = generator(3), generator(103)
    (plan,) = first.drawn(1, 16, on_host)
    (weight,) = beta_draws(1.0, 1, on_host)
    x = NORMALISATION(first(plan, pixels))
    x = random_crop(random_flip(x, source), source)
    x, targets = image_frequency_augmented(x, targets, "f2", 2.0, 0.5, source)
    x = cutout(x, 4, source)
    x, targets = mixed(x, targets, weight, source)
    found_x, found_targets = run(augmentation, seed=3)
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
        {"image_kind": "both", "image_norm": 3.0, "image_amplitude": 0.5},
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
    augmenter = Augmenter(ALL, (3, 12, 12), NORMALISATION)
    augmenter(pixels, targets, *augmenter.drawn(1, 16, generator()), generator())
    assert torch.equal(pixels, before[0]) and torch.equal(targets, before[1])


def test_the_control_of_added_images_smooths_labels_alone():
    (x, targets), (same, smoothed) = (
        run(Augmentation("a", flip_crop=True, image_amplitude=a)) for a in (0.0, 0.4)
    )
    assert torch.equal(x, same)
    torch.testing.assert_close(smoothed, 0.6 * targets + 0.4 / 16)


def test_the_batches_of_an_epoch_get_choices_of_their_own():
    augmenter = Augmenter(ALL, (3, 12, 12), NORMALISATION)
    every = augmenter.drawn(5, 16, generator())
    assert len(every) == 5
    assert len({choices.weight.item() for choices in every}) == 5
    results = [augmenter(*batch(), choices, generator())[0] for choices in every]
    assert not any(torch.equal(results[0], other) for other in results[1:])


class Waits(TorchDispatchMode):
    """Notes operations whose result the CPU would have to wait for if it came from a GPU."""

    WAITING = ("_local_scalar_dense", "nonzero", "unique", "masked_select")

    def __init__(self):
        super().__init__()
        self.found, self.count = [], 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.count += 1
        if any(name in str(function) for name in self.WAITING):
            self.found.append(str(function))
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("policy", ["none", "randaugment", "autoaugment"])
@pytest.mark.parametrize("kind", ["f2", "both"])
def test_no_batch_makes_the_cpu_wait_for_the_device(policy, kind):
    augmentation = Augmentation(**{**vars(ALL), "policy": policy, "image_kind": kind})
    augmenter = Augmenter(augmentation, (3, 12, 12), NORMALISATION)
    pixels, targets = batch()
    (choices,) = augmenter.drawn(1, 16, generator())
    with Waits() as waits:
        augmenter(pixels, targets, choices, generator())
    assert waits.found == [] and waits.count > 20
    with Waits() as waits:
        targets.sum().item()
    assert waits.found  # or this test would see nothing


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("policy", {"policy": "trivial"}),
        ("operations", {"policy": "randaugment", "magnitude": 4.0}),
        ("magnitude", {"policy": "randaugment", "operations": 1, "magnitude": 11.0}),
        ("image_kind", {"image_kind": "f"}),
        ("image_amplitude", {"image_kind": "f2", "image_amplitude": 1.5}),
        ("image_norm", {"image_kind": "f2", "image_norm": -1.0}),
        ("image_norm", {"image_norm": 2.0, "image_amplitude": 0.5}),
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
    augmentation = Augmentation(**{**vars(ALL), "policy": policy})
    first, same = (run(augmentation, device="cuda") for _ in range(2))
    assert first[0].device.type == first[1].device.type == "cuda"
    assert all(torch.equal(a, b) for a, b in zip(first, same, strict=True))
    assert torch.isfinite(first[0]).all()


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.filterwarnings("ignore:Synchronization debug mode")
@pytest.mark.parametrize("policy", ["none", "randaugment", "autoaugment"])
def test_the_cpu_never_waits_for_a_gpu(policy):
    augmentation = Augmentation(**{**vars(ALL), "policy": policy, "image_kind": "both"})
    run(augmentation, device="cuda")  # fills caches
    normalisation = Normalisation.of(NORMALISATION.mean, NORMALISATION.std, torch.device("cuda"))
    augmenter = Augmenter(augmentation, (3, 12, 12), normalisation)
    (choices,) = augmenter.drawn(1, 16, generator())
    pixels, targets = (part.to("cuda") for part in batch())
    source = generator(0, "cuda")
    torch.cuda.set_sync_debug_mode("error")
    try:
        augmenter(pixels, targets, choices, source)
    finally:
        torch.cuda.set_sync_debug_mode("default")
