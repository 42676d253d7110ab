"""Label smoothing against its definition, image by image."""

import math

import pytest
import torch

from spectral_bias.spectra.image_basis import basis_image, composite_image
from spectral_bias.training.classifier.label_smoothing import (
    LabelSmoothing,
    Wave,
    direction,
    expected_norm,
)

CPU = torch.device("cpu")
SHAPE = (3, 8, 8)
WAVES = [
    Wave("radial", 0.3, 0.2),
    Wave("fourier", 0.1, 0.1, spatial_frequency=3.1),
    Wave("1/f2", 0.2, 0.4),
    Wave("f2", 0.7, 0.1),
    Wave("random", 0.05, 0.5, seed=3),
    Wave("uniform", None, 0.25),
]


def batch(size=40, seed=0):
    """Images, and targets of four classes."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(size, *SHAPE, generator=generator)
    return x, torch.eye(4)[torch.arange(size) % 4]


def smoothing(wave, shape=SHAPE):
    return LabelSmoothing(wave, shape, CPU)


def wave_by_hand(wave, image):
    """wave(x) in Python's own floats."""
    numbers = image.double().flatten().tolist()
    if wave.kind == "uniform":
        return 0.0
    if wave.kind == "radial":
        position = math.sqrt(sum(v * v for v in numbers)) - expected_norm(len(numbers))
    else:
        vectors = {
            "fourier": lambda: basis_image(1, 3, SHAPE),  # |(1, 3)| = 3.16 is nearest to 3.1
            "1/f2": lambda: composite_image("1/f2", SHAPE),
            "f2": lambda: composite_image("f2", SHAPE),
            "random": lambda: direction(wave, SHAPE),
        }
        d = vectors[wave.kind]().flatten().tolist()
        position = sum(v * u for v, u in zip(numbers, d, strict=True))
    return math.sin(2 * math.pi * wave.frequency * position)


@pytest.mark.parametrize("wave", WAVES, ids=lambda wave: wave.kind)
def test_smoothed_targets_by_loops(wave):
    x, targets = batch()
    heights = [1 + wave_by_hand(wave, image) for image in x]
    scale = wave.amplitude / (sum(heights) / len(heights))
    rates = torch.tensor([scale * height for height in heights])
    assert rates.max() < 1
    torch.testing.assert_close(smoothing(wave).rate(x, targets.argmax(1)), rates, atol=1e-5, rtol=0)
    expected = torch.stack([(1 - r) * t + r / 4 for r, t in zip(rates, targets, strict=True)])
    found = smoothing(wave).smoothed(x, targets)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)
    torch.testing.assert_close(found.sum(1), torch.ones(len(x)))


@pytest.mark.parametrize("wave", WAVES, ids=lambda wave: wave.kind)
def test_mean_rate_of_a_batch_is_the_amplitude(wave):
    for size in (7, 40):
        x, targets = batch(size)
        rate = smoothing(wave).rate(x, targets.argmax(1))
        assert rate.mean().item() == pytest.approx(wave.amplitude, rel=1e-5)


def test_memory_layout_changes_nothing():
    x, targets = batch()
    wave = smoothing(WAVES[1])
    other = wave.smoothed(x.contiguous(memory_format=torch.channels_last), targets)
    torch.testing.assert_close(other, wave.smoothed(x, targets))


@pytest.mark.parametrize("kind", ["radial", "uniform"])
def test_one_class_only(kind):
    wave = Wave(kind, 0.3 if kind == "radial" else None, 0.2, noise_class=2)
    x, targets = batch()
    rate = smoothing(wave).rate(x, targets.argmax(1))
    ours = torch.arange(40) % 4 == 2
    everyone = smoothing(Wave(kind, wave.frequency, 0.2)).rate(x, targets.argmax(1))
    assert torch.equal(rate[ours], everyone[ours]) and (rate[ours] > 0).all()
    assert (rate[~ours] == 0).all()
    smoothed = smoothing(wave).smoothed(x, targets)
    assert torch.equal(smoothed[~ours], targets[~ours])
    r = everyone[ours][:, None]
    torch.testing.assert_close(smoothed[ours], (1 - r) * targets[ours] + r / targets.shape[1])


def test_a_batch_without_the_class_stays_as_it_is():
    x, targets = batch()
    wave = smoothing(Wave("radial", 0.3, 0.2, noise_class=9))
    assert torch.equal(wave.smoothed(x, targets), targets)


def test_class_of_a_soft_target_is_its_largest_entry():
    x, _ = batch(2)
    targets = torch.tensor([[0.6, 0.4, 0.0], [0.4, 0.6, 0.0]])
    smoothed = smoothing(Wave("uniform", None, 0.3, noise_class=1)).smoothed(x, targets)
    assert torch.equal(smoothed[0], targets[0])
    torch.testing.assert_close(smoothed[1], 0.7 * targets[1] + 0.1)


def test_rate_stays_a_probability_where_nearly_all_images_lie_in_a_trough():
    wave = Wave("radial", 0.1, 0.5)
    centre = expected_norm(math.prod(SHAPE))
    norms = torch.full((20,), centre - 2.5)  # a quarter period before the centre: sin = -1
    norms[3] = centre + 2.5
    x = torch.ones(20, *SHAPE) * (norms / math.sqrt(math.prod(SHAPE)))[:, None, None, None]
    rate = smoothing(wave).rate(x, torch.zeros(20, dtype=torch.long))
    assert rate[3] == 1  # the mean height is 0.1, so uncut it would be 0.5 / 0.1 * 2 = 10
    assert (rate >= 0).all() and rate.mean().item() == pytest.approx(1 / 20, abs=1e-3)


def test_rate_of_images_at_the_very_bottom_is_zero(monkeypatch):
    wave = smoothing(WAVES[0])
    monkeypatch.setattr(wave, "height", lambda x: torch.zeros(len(x)))
    x, targets = batch()
    assert torch.equal(wave.smoothed(x, targets), targets)


def test_expected_norm():
    assert expected_norm(3072) == pytest.approx(55.4211, abs=5e-5)
    assert expected_norm(1) == pytest.approx(math.sqrt(2 / math.pi))
    assert expected_norm(2) == pytest.approx(math.sqrt(math.pi / 2))
    samples = torch.randn(20000, 5, generator=torch.Generator().manual_seed(0)).norm(dim=1)
    assert expected_norm(5) == pytest.approx(samples.mean().item(), abs=0.02)


@pytest.mark.parametrize("wave", WAVES[1:5], ids=lambda wave: wave.kind)
def test_a_wave_repeats_after_its_period_along_its_direction(wave):
    d = direction(wave, SHAPE)
    assert d.norm().item() == pytest.approx(1)
    x, _ = batch()
    ahead = x + (d / wave.frequency).float()
    half = x + (d / (2 * wave.frequency)).float()
    height = smoothing(wave).height
    torch.testing.assert_close(height(ahead), height(x), atol=1e-4, rtol=0)
    torch.testing.assert_close(height(half), 2 - height(x), atol=1e-4, rtol=0)


def test_random_directions_belong_to_their_seed():
    first, same, other = (direction(Wave("random", 1.0, 0.1, seed=s), SHAPE) for s in (0, 0, 1))
    assert torch.equal(first, same)
    assert abs((first * other).sum().item()) < 0.3
    for wave in (WAVES[0], WAVES[-1]):
        assert direction(wave, SHAPE) is None


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("kind", {"kind": "square"}),
        ("frequency", {"frequency": 0}),
        ("frequency", {"frequency": None}),
        ("frequency", {"frequency": -0.1}),
        ("frequency", {"frequency": math.inf}),
        ("frequency", {"kind": "uniform"}),
        ("amplitude", {"amplitude": -0.01}),
        ("amplitude", {"amplitude": 0.51}),
        ("amplitude", {"amplitude": math.nan}),
        ("spatial_frequency", {"kind": "fourier"}),
        ("spatial_frequency", {"kind": "fourier", "spatial_frequency": -1}),
        ("spatial_frequency", {"spatial_frequency": 2}),
        ("noise_class", {"noise_class": -1}),
        ("cycles", {"frequency": None, "cycles": 0.0}),
        ("cycles", {"frequency": None, "cycles": -1.0}),
        ("cycles", {"frequency": None, "cycles": math.inf}),
        ("cycles", {"frequency": None, "cycles": math.nan}),
        ("cycles", {"frequency": 0.1, "cycles": 1.0}),
        ("frequency", {"kind": "uniform", "frequency": None, "cycles": 1.0}),
    ],
)
def test_waves_that_make_no_sense_are_refused(key, change):
    with pytest.raises(ValueError, match=f"^{key}: "):
        Wave(**{"kind": "radial", "frequency": 0.1, "amplitude": 0.1, **change})


def test_refusals_say_what_to_do():
    with pytest.raises(ValueError) as both:
        Wave("radial", 0.1, 0.2, cycles=0.5)
    assert str(both.value) == "cycles: 0.5 with frequency 0.1; give one of them, a positive number"
    with pytest.raises(ValueError) as neither:
        Wave("1/f2", None, 0.2)
    assert str(neither.value) == (
        "frequency: None is no frequency of a 1/f2 wave; choose a positive number, in cycles per "
        "unit of distance"
    )


def test_a_wave_in_cycles_gets_its_frequency_by_the_spread_of_the_images():
    given = Wave("random", None, 0.2, seed=3, cycles=0.5)
    placed = given.placed(4.0)
    assert (placed.frequency, placed.deviation, placed.cycles) == (0.125, 4.0, 0.5)
    assert placed.placed(2.0).frequency == 0.25, "placed anew, it is another wave"
    by_frequency = Wave("radial", 0.1, 0.2).placed(4.0)
    assert (by_frequency.frequency, by_frequency.deviation) == (0.1, 4.0)
    even = Wave("uniform", None, 0.2).placed(4.0)
    assert even.frequency is None
    # Along the wave, images one standard deviation apart differ by that many cycles.
    x, _ = batch(400)
    along = smoothing(placed).coordinate(x)
    own = given.placed(along.std(unbiased=False).item())
    heights = smoothing(own).height(x)
    expected = 1 + torch.sin(2 * math.pi * 0.5 * along / along.std(unbiased=False))
    torch.testing.assert_close(heights, expected, atol=1e-5, rtol=0)


def test_the_bounds_of_the_amplitude_are_allowed():
    x, targets = batch()
    none, half = (
        smoothing(Wave("radial", 0.3, amplitude)).rate(x, targets.argmax(1))
        for amplitude in (0, 0.5)
    )
    assert (none == 0).all()
    assert half.max() <= 1 and half.mean().item() == pytest.approx(0.5, abs=0.01)


def test_a_spatial_frequency_above_those_of_the_image_is_refused():
    with pytest.raises(ValueError, match=r"^spatial_frequency: 6 .* 8 x 8 pixels"):
        smoothing(Wave("fourier", 0.1, 0.1, spatial_frequency=6))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("wave", WAVES, ids=lambda wave: wave.kind)
def test_a_gpu_smooths_as_the_cpu_does(wave):
    x, targets = batch()
    there = LabelSmoothing(wave, SHAPE, torch.device("cuda")).smoothed(x.cuda(), targets.cuda())
    here = smoothing(wave).smoothed(x, targets)
    torch.testing.assert_close(there.cpu(), here, atol=1e-4, rtol=0)
