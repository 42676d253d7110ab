"""Sampling and spectra of probabilities along paths, on functions whose spectrum is known."""

import numpy as np
import pytest
import torch

from spectral_bias.spectra.paths import (
    Sampling,
    chord_free_fraction,
    class_magnitude,
    distance_power,
    hann_fraction,
    high_bins,
    high_frequency_fraction,
    on_common_axis,
    relative_frequency,
)


def two_classes(first):
    return torch.as_tensor(np.stack([first, 1 - first], axis=-1))


def raw_fraction(p, high=0.1):
    return high_frequency_fraction(class_magnitude(p), high)


def direct_magnitude(f):
    """|f~(k)| by the sum that defines it."""
    n = len(f)
    waves = np.exp(-2j * np.pi * np.outer(np.arange(n // 2 + 1), np.arange(n)) / n)
    return np.abs(waves @ f) / n


@pytest.mark.parametrize("n", [16, 40, 64])
def test_a_sine_has_one_peak_of_half_its_amplitude_whatever_the_length(n):
    # One period every 8 points: a quarter of the Nyquist frequency on every path.
    p = two_classes(0.5 + 0.3 * np.sin(2 * np.pi * np.arange(n) / 8))
    share = relative_frequency(n)
    expected = np.select([share == 0, share == 0.25], [0.5, 0.15], 0.0)
    np.testing.assert_allclose(class_magnitude(p), expected, atol=1e-15)
    common = torch.linspace(0, 1, 65, dtype=torch.float64)
    mapped = on_common_axis(class_magnitude(p), n, common)
    np.testing.assert_allclose(mapped[[0, 16, 32]], [0.5, 0.15, 0.0], atol=1e-15)


@pytest.mark.parametrize("n", [11, 12])
def test_the_magnitude_is_the_mean_over_the_classes_of_the_defining_sum(n):
    p = np.random.default_rng(0).dirichlet(np.ones(3), (2, n))
    expected = [np.mean([direct_magnitude(c) for c in path.T], axis=0) for path in p]
    found = class_magnitude(torch.as_tensor(p))
    np.testing.assert_allclose(found, expected, atol=1e-15)
    np.testing.assert_allclose(found[:, 0], 1 / 3, atol=1e-15)


def test_the_power_is_that_of_the_distance_from_the_first_point():
    p = np.random.default_rng(1).dirichlet(np.ones(4), (2, 10))
    moved = np.array([[np.sqrt(((q - path[0]) ** 2).sum()) for q in path] for path in p])
    expected = [direct_magnitude(row) ** 2 for row in moved]
    np.testing.assert_allclose(distance_power(torch.as_tensor(p)), expected, atol=1e-15)


def test_spectra_of_float32_probabilities_are_computed_in_float64():
    p = torch.rand(3, 16, 5)
    for function in (class_magnitude, distance_power):
        torch.testing.assert_close(function(p), function(p.double()), rtol=0, atol=0)
    for fraction in (raw_fraction, hann_fraction, chord_free_fraction):
        assert fraction(p, 0.2).dtype == torch.float64


def test_a_ramp_leaks_as_one_over_k():
    n = 4000
    p = two_classes(np.linspace(0, 1, n, endpoint=False))
    k = np.arange(1, 20)
    np.testing.assert_allclose(class_magnitude(p)[k], 1 / (2 * np.pi * k), rtol=1e-4)


def test_a_function_with_equal_ends_does_not_leak_like_a_ramp():
    n, k = 4000, np.arange(1, 20)
    down_and_up = two_classes(np.abs(np.linspace(-1, 1, n, endpoint=False)))
    expected = np.where(k % 2, 2 / (np.pi * k) ** 2, 0)
    np.testing.assert_allclose(class_magnitude(down_and_up)[k], expected, rtol=1e-4, atol=1e-12)


@pytest.mark.parametrize("n", [20, 21, 64])
def test_a_constant_has_no_high_frequencies(n):
    p = torch.full((n, 5), 0.2)
    for fraction in (raw_fraction, hann_fraction, chord_free_fraction):
        assert fraction(p, 0.1) == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("n", [40, 64, 65])
def test_a_ramp_has_high_frequencies_by_its_jump_alone(n):
    """A line from 0 to 1 is as low as a function can be; the raw fraction is that of the jump."""
    ramp = two_classes(np.linspace(0, 1, n))
    assert raw_fraction(ramp) > 0.15
    assert hann_fraction(ramp, 0.1) < 0.02
    assert chord_free_fraction(ramp, 0.1) == pytest.approx(0, abs=1e-14)


def test_a_wave_is_high_under_a_window_too():
    """12 periods in 64 points, mean 1/2."""
    wave = two_classes(0.5 + 0.3 * np.sin(2 * np.pi * 12 * np.arange(64) / 64))
    assert raw_fraction(wave) == pytest.approx(0.15 / 0.65)
    # Windowed: 1/2 at k = 0 and 1/4 at k = 1; 0.15 at k = 12 and half of it to either side.
    assert hann_fraction(wave, 0.1) == pytest.approx(0.3 / (0.75 + 0.3))


def test_a_path_with_equal_first_and_last_points_has_no_chord_to_take_off():
    wave = two_classes(0.5 + 0.3 * np.cos(2 * np.pi * 12 * np.arange(64) / 63))
    assert chord_free_fraction(wave, 0.1) == pytest.approx(raw_fraction(wave).item(), abs=1e-14)
    tilted = wave + 0.2 * two_classes(np.linspace(-0.5, 0.5, 64))
    tilted[:, 1] -= 0.2  # two_classes adds 1 to the second
    assert abs(raw_fraction(tilted) - raw_fraction(wave)) > 1e-4
    assert chord_free_fraction(tilted, 0.1) == pytest.approx(raw_fraction(wave).item(), abs=1e-14)


@pytest.mark.parametrize(
    ("n_points", "first", "last"), [(8, 1, 3), (20, 2, 9), (21, 2, 9), (60, 4, 29), (64, 4, 31)]
)
def test_bins_count_as_high_from_a_tenth_of_their_number_to_the_last_but_one(n_points, first, last):
    n_bins = n_points // 2 + 1
    magnitude = 2.0 ** -torch.arange(n_bins, dtype=torch.float64)
    chosen = magnitude[first : last + 1]
    assert torch.equal(magnitude[high_bins(n_bins, 0.1)], chosen)
    assert high_frequency_fraction(magnitude, 0.1) == chosen.sum() / magnitude.sum()


@pytest.mark.parametrize("n", [2, 3])
def test_the_shortest_paths_have_no_bin_that_counts_as_high(n):
    assert raw_fraction(two_classes(np.arange(n) / n)) == 0


def test_a_path_whose_first_periodic_bin_is_high_has_no_windowed_fraction():
    p = torch.rand(2, 19, 3)
    assert hann_fraction(p, 0.1).isnan().all() and raw_fraction(p).isfinite().all()
    assert hann_fraction(torch.rand(2, 20, 3), 0.1).isfinite().all()


@pytest.mark.parametrize("n", [2, 7, 8])
def test_the_band_ends_at_the_nyquist_frequency(n):
    share = relative_frequency(n)
    np.testing.assert_allclose(share, 2 * np.fft.rfftfreq(n))
    assert share[-1] == (1 if n % 2 == 0 else (n - 1) / n)


def test_spectra_are_mapped_linearly_and_kept_beyond_the_last_bin():
    values = torch.tensor([[3.0, 1.0, 5.0], [0.0, 2.0, 0.0]], dtype=torch.float64)
    common = torch.linspace(0, 1, 5, dtype=torch.float64)
    np.testing.assert_allclose(
        on_common_axis(values, 4, common), [[3, 2, 1, 3, 5], [0, 1, 2, 1, 0]]
    )
    # Bins of 5 points lie at 0, 0.4 and 0.8.
    some = torch.tensor([0.2, 0.8, 1.0], dtype=torch.float64)
    np.testing.assert_allclose(on_common_axis(values, 5, some), [[2, 5, 5], [1, 0, 0]])


@pytest.mark.parametrize("distance", [1.01, 2.0, 7.3, 55.0])
@pytest.mark.parametrize("spacing", [0.5, 1.0])
def test_spaced_points_lie_as_in_the_authors_code(distance, spacing):
    t = Sampling(spacing, None, 3).shares(distance) * distance
    np.testing.assert_allclose(t, np.arange(0, distance, spacing), atol=1e-12)


@pytest.mark.parametrize("distance", [0.0, 0.4, 1.0])
def test_a_path_shorter_than_the_spacing_has_its_two_ends(distance):
    np.testing.assert_array_equal(Sampling(1.0, None, 3).shares(distance), [0, 1])


def test_both_ways_of_sampling_agree_where_they_have_as_many_points():
    spaced, counted = Sampling(0.5, None, 3), Sampling(None, 30, 3)
    np.testing.assert_allclose(spaced.shares(15.0), counted.shares(15.0), atol=1e-15)
    assert len(counted.shares(3.0)) == 30


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((1.0, 64, 9), "either spacing or n_samples"),
        ((None, None, 9), "either spacing or n_samples"),
        ((0.0, None, 9), "spacing must be above 0"),
        ((None, 1, 9), "must be 2 or more"),
        ((1.0, None, 1), "must be 2 or more"),
    ],
)
def test_impossible_samplings_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        Sampling(*values)
