"""Angular integrals of transforms that are known."""

import numpy as np
import pytest

from spectral_bias.spectra.radial import decay_exponent, hann_window, radial_spectrum

SIDE, POINTS = 4.0, 128
AXIS = -SIDE / 2 + SIDE * np.arange(POINTS) / POINTS
X, Y = np.meshgrid(AXIS, AXIS)


def test_isotropic_gaussian():
    """exp(-r²/2s²) has the transform 2 pi s² exp(-2 pi² s² k²) at every angle."""
    s = 0.1
    k, zeta = radial_spectrum(np.exp(-(X**2 + Y**2) / (2 * s**2)), SIDE, windowed=False)
    expected = 2 * np.pi * k * 2 * np.pi * s**2 * np.exp(-2 * np.pi**2 * s**2 * k**2)
    large = expected > 1e-3 * expected.max()
    assert large.sum() >= 15
    np.testing.assert_allclose(zeta[large], expected[large], rtol=0.05)


def test_radii_end_below_the_frequency_of_the_grid():
    k, zeta = radial_spectrum(np.ones((POINTS, POINTS)), SIDE)
    np.testing.assert_allclose(k * SIDE, np.arange(1, POINTS // 2), atol=0.21)
    np.testing.assert_allclose(zeta, 0, atol=1e-12)


def by_loops(samples, side, ring):
    """zeta at one ring by explicit sums over grid and Fourier cells."""
    points = len(samples)
    index = range(-points // 2, points // 2)
    values, radii = [], []
    for a in index:
        for b in index:
            if round(np.hypot(a, b)) == ring:
                phase = np.add.outer(a * np.arange(points), b * np.arange(points)) / points
                transform = (samples * np.exp(-2j * np.pi * phase)).sum() * (side / points) ** 2
                values.append(abs(transform))
                radii.append(np.hypot(a, b) / side)
    return 2 * np.pi * np.mean(radii) * np.mean(values)


def test_equals_slow_sums_on_random_samples():
    samples = np.random.default_rng(0).normal(size=(2, 8, 8))
    _, zeta = radial_spectrum(samples, 3.0, windowed=False)
    assert zeta.shape == (2, 3)
    expected = [[by_loops(f, 3.0, ring) for ring in (1, 2, 3)] for f in samples]
    np.testing.assert_allclose(zeta, expected)


@pytest.mark.parametrize(("a", "b"), [(12, 0), (0, 12), (9, 8), (-20, 21)])
@pytest.mark.parametrize("windowed", [False, True])
def test_plane_wave_sits_at_its_own_radius(a, b, windowed):
    wave = np.cos(2 * np.pi * (a * X + b * Y) / SIDE + 0.4)
    k, zeta = radial_spectrum(wave, SIDE, windowed=windowed)
    own = np.hypot(a, b) / SIDE
    assert abs(k[zeta.argmax()] - own) <= 0.55 / SIDE
    assert zeta[np.abs(k - own) > 2.5 / SIDE].max() < 1e-9 * zeta.max()


def test_sum_over_radii_is_the_integral_over_the_plane_of_frequencies():
    """Rings between k and k + dk hold 2 pi k dk: sum zeta dk = sum |f~| dk², up to the rings."""
    rng = np.random.default_rng(1)
    blobs = [np.exp(-((X - p) ** 2 + (Y - q) ** 2) / 0.02) for p, q in rng.uniform(-1, 1, (5, 2))]
    f = np.tensordot(rng.normal(size=5), blobs, axes=1)
    _, zeta = radial_spectrum(f, SIDE, windowed=False)
    total = np.abs(np.fft.fft2(f)) * (SIDE / POINTS) ** 2
    inside = total.sum() - total[0, 0]
    assert zeta.sum() / SIDE == pytest.approx(inside / SIDE**2, rel=0.02)


def test_turning_the_plane_changes_nothing():
    f = np.random.default_rng(2).normal(size=(POINTS, POINTS))
    periodic_turn = np.roll(np.rot90(f), 1, axis=0)
    for windowed in (False, True):
        first, second = (radial_spectrum(g, SIDE, windowed)[1] for g in (f, periodic_turn))
        np.testing.assert_allclose(first, second)


def test_window_keeps_amplitudes_and_removes_jumps_at_the_edge():
    window = hann_window(POINTS)
    assert window.mean() == pytest.approx(1)
    assert np.abs(window[0]).max() == np.abs(window[:, 0]).max() == 0
    k, plain = radial_spectrum(X, SIDE, windowed=False)
    _, windowed = radial_spectrum(X, SIDE)
    band = (k > 2) & (k < 8)
    assert decay_exponent(k[band], plain[band]) == pytest.approx(-1, abs=0.15)
    assert decay_exponent(k[band], windowed[band]) < -2.5


def test_decay_exponent_of_power_laws_and_of_nothing():
    k = np.arange(1.0, 20)
    zeta = np.stack([3 * k**-1.5, 0.1 * k**0.25, np.zeros_like(k)])
    found = decay_exponent(k, zeta)
    np.testing.assert_allclose(found[:2], [-1.5, 0.25])
    assert np.isnan(found[2])


def test_other_grids_are_refused():
    for shape in ((8, 6), (3, 3)):
        with pytest.raises(ValueError, match="square grid"):
            radial_spectrum(np.zeros(shape), 1.0)
