"""Amplitudes of functions whose spectrum is known."""

import numpy as np
import pytest

from spectral_bias.data.signals import sinusoid_sum, uniform_grid
from spectral_bias.spectra.fourier import (
    amplitudes_from_probe,
    fourier_probe,
    single_sided_amplitude,
)


@pytest.mark.parametrize("n", [40, 41])
@pytest.mark.parametrize("phase", [0.0, 1.0, 2.5])
def test_a_sampled_sine_has_its_amplitude_at_its_frequency_alone(n, phase):
    k = np.arange(1, 20)
    f = 0.7 * np.sin(2 * np.pi * 6 * uniform_grid(n) + phase) + 3.0
    expected = np.where(k == 6, 0.7, 0.0)
    np.testing.assert_allclose(single_sided_amplitude(f, k), expected, atol=1e-13)


def test_sums_of_sinusoids_give_back_their_amplitudes():
    k, amplitudes = np.array([2, 5, 9]), np.array([0.1, 1.0, 0.4])
    phases = np.random.default_rng(0).uniform(0, 2 * np.pi, (4, 3))
    f = sinusoid_sum(uniform_grid(64), k, amplitudes, phases)
    assert f.shape == (4, 64)
    np.testing.assert_allclose(
        single_sided_amplitude(f, k), np.tile(amplitudes, (4, 1)), atol=1e-12
    )


def test_parseval():
    f = np.random.default_rng(1).normal(size=101)
    amplitudes = single_sided_amplitude(f, np.arange(1, 51))
    power = f.mean() ** 2 + (amplitudes**2).sum() / 2
    np.testing.assert_allclose(power, (f**2).mean())


def test_agrees_with_the_sum_that_defines_it():
    n, k = 30, 7
    f = np.random.default_rng(2).normal(size=n)
    direct = abs(sum(f[j] * np.exp(-2j * np.pi * k * j / n) for j in range(n))) / n
    np.testing.assert_allclose(single_sided_amplitude(f, np.array([k])), [2 * direct])


@pytest.mark.parametrize("bad", [[0], [20], [21], [1.5], [-1]])
def test_frequencies_that_alias_are_refused(bad):
    with pytest.raises(ValueError, match=r"integers in \(0, 20\)"):
        single_sided_amplitude(np.zeros(40), np.array(bad))


@pytest.mark.parametrize("n", [40, 41])
def test_a_probe_gives_real_and_imaginary_parts_and_the_same_amplitudes(n):
    k = np.array([1, 6, 19])
    f = np.random.default_rng(3).normal(size=(2, 5, n))
    values = f @ fourier_probe(n, k)
    coefficients = np.fft.fft(f, axis=-1)[..., k] / n
    np.testing.assert_allclose(values[..., :3], coefficients.real, atol=1e-14)
    np.testing.assert_allclose(values[..., 3:], coefficients.imag, atol=1e-14)
    np.testing.assert_allclose(
        amplitudes_from_probe(values), single_sided_amplitude(f, k), atol=1e-14
    )


@pytest.mark.parametrize("bad", [[0], [20], [1.5]])
def test_probes_that_alias_are_refused(bad):
    with pytest.raises(ValueError, match=r"integers in \(0, 20\)"):
        fourier_probe(40, np.array(bad))
