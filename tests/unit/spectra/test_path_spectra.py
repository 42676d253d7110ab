"""Sampling and spectra of probabilities along paths, on functions whose spectrum is known."""

import numpy as np
import pytest

from spectral_bias.spectra.paths import (
    Sampling,
    class_magnitude,
    distance_power,
    frequency_sums,
    on_common_axis,
    relative_frequency,
)


def two_classes(first):
    return np.stack([first, 1 - first], axis=-1)


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
    common = np.linspace(0, 1, 65)
    mapped = on_common_axis(class_magnitude(p), n, common)
    np.testing.assert_allclose(mapped[[0, 16, 32]], [0.5, 0.15, 0.0], atol=1e-15)


@pytest.mark.parametrize("n", [11, 12])
def test_the_magnitude_is_the_mean_over_the_classes_of_the_defining_sum(n):
    p = np.random.default_rng(0).dirichlet(np.ones(3), (2, n))
    expected = [np.mean([direct_magnitude(c) for c in path.T], axis=0) for path in p]
    np.testing.assert_allclose(class_magnitude(p), expected, atol=1e-15)
    np.testing.assert_allclose(class_magnitude(p)[:, 0], 1 / 3, atol=1e-15)


def test_the_power_is_that_of_the_distance_from_the_first_point():
    p = np.random.default_rng(1).dirichlet(np.ones(4), (2, 10))
    moved = np.array([[np.sqrt(((q - path[0]) ** 2).sum()) for q in path] for path in p])
    expected = [direct_magnitude(row) ** 2 for row in moved]
    np.testing.assert_allclose(distance_power(p), expected, atol=1e-15)


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


def test_a_constant_has_no_high_frequencies():
    magnitude = class_magnitude(np.full((20, 5), 0.2))
    high, total = frequency_sums(magnitude, 20, 0.1)
    assert high == pytest.approx(0, abs=1e-15)
    assert total == pytest.approx(0.2)


@pytest.mark.parametrize(("n", "first_high"), [(20, 2), (21, 2), (60, 4), (64, 4), (200, 11)])
def test_a_bin_is_high_above_a_tenth_of_the_band_and_not_at_it(n, first_high):
    bins = np.arange(n // 2 + 1)
    high, total = frequency_sums(2.0**-bins, n, 0.1)
    assert high == (2.0**-bins)[first_high:].sum()
    assert total == (2.0**-bins).sum()


@pytest.mark.parametrize("n", [2, 7, 8])
def test_the_band_ends_at_the_nyquist_frequency(n):
    share = relative_frequency(n)
    np.testing.assert_allclose(share, 2 * np.fft.rfftfreq(n))
    assert share[-1] == (1 if n % 2 == 0 else (n - 1) / n)


def test_spectra_are_mapped_linearly_and_kept_beyond_the_last_bin():
    np.testing.assert_allclose(
        on_common_axis(np.array([3.0, 1.0, 5.0]), 4, np.linspace(0, 1, 5)), [3, 2, 1, 3, 5]
    )
    # Bins of 5 points lie at 0, 0.4 and 0.8.
    mapped = on_common_axis(np.array([3.0, 1.0, 5.0]), 5, np.array([0.2, 0.8, 1.0]))
    np.testing.assert_allclose(mapped, [2, 5, 5])


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
