"""Kernels, their eigenvectors and generalised spectra against closed forms and slow references."""

import numpy as np
import pytest

from spectral_bias.spectra import kernels

RNG = np.random.default_rng(0)


def test_kernel_is_the_gaussian_of_every_distance():
    x, sigma = RNG.normal(size=(6, 3)), 0.7
    kernel = kernels.rbf_kernel(x, sigma)
    for i in range(6):
        for j in range(6):
            squared = sum((a - b) ** 2 for a, b in zip(x[i], x[j], strict=True))
            assert kernel[i, j] == pytest.approx(np.exp(-squared / (2 * sigma**2)), rel=1e-12)


def test_close_points_far_from_the_origin_keep_their_distance():
    x = np.array([[1e8, 0.0], [1e8, 1.0]])
    assert kernels.rbf_kernel(x, 1.0)[0, 1] == np.exp(-0.5)
    assert kernels.rbf_kernel(x.astype(np.float32), 1.0).dtype == np.float64


def test_distant_pairs_have_the_eigenvalues_of_two_points():
    """Pairs far from each other: 1 + q and 1 - q once for each pair, and 1 for a lone point."""
    places, distance, sigma = np.array([0.0, 100.0, 200.0]), np.array([0.5, 0.9, 1.4]), 0.4
    x = np.concatenate([places, places + distance, [300.0]])[:, None]
    values, vectors = kernels.eigenvectors(kernels.rbf_kernel(x, sigma))
    q = np.exp(-(distance**2) / (2 * sigma**2))
    np.testing.assert_allclose(values, sorted([*(1 + q), 1, *(1 - q)], reverse=True), rtol=1e-12)
    np.testing.assert_allclose(np.abs(vectors[[0, 3], 0]), np.sqrt(0.5), rtol=1e-12)
    assert vectors[0, 0] * vectors[3, 0] > 0 > vectors[0, -1] * vectors[3, -1]


def test_eigenvectors_are_orthonormal_and_give_the_kernel_back():
    kernel = kernels.rbf_kernel(RNG.normal(size=(20, 4)), 1.3)
    values, vectors = kernels.eigenvectors(kernel)
    assert (np.diff(values) <= 0).all()
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(20), atol=1e-12)
    np.testing.assert_allclose(vectors * values @ vectors.T, kernel, atol=1e-12)


def test_signs_are_those_of_the_largest_entry_whatever_the_solver_leaves(monkeypatch):
    """Flipped columns give the same vectors; a pair of entries as large by symmetry as well."""
    x = np.concatenate([RNG.normal(size=(15, 4)), [[50.0, 0, 0, 0], [50.4, 0, 0, 0]]])
    kernel = kernels.rbf_kernel(x, 1.3)
    values, vectors = kernels.eigenvectors(kernel)
    assert (vectors[np.abs(vectors).argmax(axis=0), range(17)] > 0).sum() >= 16
    solve, scatter = kernels.eigh, 1 + 1e-14 * RNG.normal(size=(17, 17))
    for flipped in (np.arange(17) % 2, np.arange(17) // 8 % 2):
        sign = 1 - 2 * flipped

        def other(kernel, sign=sign):
            found, columns = solve(kernel)
            return found, columns * sign * scatter

        monkeypatch.setattr(kernels, "eigh", other)
        again, same = kernels.eigenvectors(kernel)
        np.testing.assert_array_equal(again, values)
        np.testing.assert_allclose(same, vectors, atol=1e-12)
        assert same.flags.writeable and (same[-2] * same[-1] < 0).any()


def test_on_a_circle_the_spectrum_is_that_of_fourier():
    """The kernel of equally spaced points on a circle is circulant: its eigenvectors are waves.

    Cosine and sine of one frequency share an eigenvalue, so that single eigenvectors are arbitrary
    within the two, and only the length of the pair of coefficients is determined.
    """
    n, k = 15, 3
    angle = 2 * np.pi * np.arange(n) / n
    kernel = kernels.rbf_kernel(np.stack([np.cos(angle), np.sin(angle)], axis=1), 0.5)
    values, vectors = kernels.eigenvectors(kernel)
    closed_form = np.sort(np.fft.fft(kernel[0]).real)[::-1]
    np.testing.assert_allclose(values, closed_form, atol=1e-13)
    spectrum = kernels.generalised_spectrum(np.cos(k * angle + 0.3), vectors)
    pair = [2 * k - 1, 2 * k]
    assert np.hypot(*spectrum[pair]) == pytest.approx(np.sqrt(n / 2))
    np.testing.assert_allclose(np.delete(spectrum, pair), 0, atol=1e-10)
    assert (kernels.gaps(values)[1:] <= kernels.rounding(values)).all()
    assert kernels.gaps(values)[0] > 0.1


@pytest.mark.parametrize("n", [8, 13])
def test_on_a_line_the_nth_eigenvector_changes_sign_n_minus_1_times(n):
    """The Gaussian kernel is strictly totally positive (Gantmacher and Krein)."""
    _, vectors = kernels.eigenvectors(kernels.rbf_kernel(np.arange(n)[:, None] / n, 0.1))
    changes = (np.diff(np.sign(vectors), axis=0) != 0).sum(axis=0)
    assert changes.tolist() == list(range(n))


def test_spectrum_of_an_eigenvector_is_one_coefficient_and_lengths_are_kept():
    _, vectors = kernels.eigenvectors(kernels.rbf_kernel(RNG.normal(size=(9, 2)), 0.8))
    np.testing.assert_allclose(
        kernels.generalised_spectrum(2 * vectors[:, 4], vectors), 2 * np.eye(9)[4], atol=1e-12
    )
    f = RNG.normal(size=(2, 3, 9)).astype(np.float32)
    spectra = kernels.generalised_spectrum(f, vectors)
    assert spectra.dtype == np.float64
    np.testing.assert_allclose((spectra**2).sum(-1), (f.astype(float) ** 2).sum(-1))


def test_rank_tells_a_singular_kernel():
    x = RNG.normal(size=(12, 3))
    spread, _ = kernels.eigenvectors(kernels.rbf_kernel(x, 0.5))
    assert kernels.numerical_rank(spread) == 12
    twice, _ = kernels.eigenvectors(kernels.rbf_kernel(np.concatenate([x, x[:2]]), 0.5))
    assert kernels.numerical_rank(twice) == 12
    flat, _ = kernels.eigenvectors(kernels.rbf_kernel(x, 1e6))
    assert kernels.numerical_rank(flat) < 6


def test_gap_is_the_distance_to_the_nearer_neighbour():
    assert kernels.gaps(np.array([7.0, 4.0, 3.5, 3.5, 1.0])).tolist() == [3, 0.5, 0, 0, 2.5]


@pytest.mark.parametrize(("n", "n_bins"), [(12, 4), (10, 3), (357, 51), (60, 7), (5, 5), (5, 1)])
def test_binned_mean_is_the_mean_of_each_run_of_indices(n, n_bins):
    values = RNG.normal(size=(2, n))
    expected = [part.mean(axis=-1) for part in np.array_split(values, n_bins, axis=-1)]
    np.testing.assert_allclose(kernels.binned_mean(values, n_bins), np.stack(expected, axis=-1))


@pytest.mark.parametrize("n_bins", [0, 6])
def test_bins_that_would_be_empty_are_refused(n_bins):
    with pytest.raises(ValueError, match="5 indices cannot be put into"):
        kernels.bin_edges(5, n_bins)


@pytest.mark.parametrize("n", [10, 11])
def test_fourier_shares_of_waves_are_one_at_their_frequency(n):
    z = np.arange(n) / n
    ks = range(n // 2 + 1)
    waves = np.stack([np.cos(2 * np.pi * k * z + (0.4 if 0 < 2 * k < n else 0)) for k in ks], 1)
    waves /= np.linalg.norm(waves, axis=0)
    np.testing.assert_allclose(kernels.fourier_shares(waves), np.eye(n // 2 + 1), atol=1e-12)
    unit = np.linalg.qr(RNG.normal(size=(n, 4)))[0]
    np.testing.assert_allclose((kernels.fourier_shares(unit) ** 2).sum(axis=1), 1)
