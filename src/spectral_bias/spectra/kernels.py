"""Spectra with respect to the eigenvectors of a Gaussian kernel; Rahaman et al. 2018, Section 4.

The eigenvectors v_n of the kernel matrix of the training inputs, by decreasing eigenvalue, take the
place of plane waves where inputs lie in many dimensions: the generalised spectrum of a function is
f~[n] = v_n . f. Smooth functions have large coefficients at small n.

What is arbitrary: where eigenvalues agree up to rounding, the v_n are some orthonormal basis of the
space that they span together, another one on another machine. Signs are not: of every v_n the entry
of largest size is positive. All is float64.

Shape suffixes: N samples, D inputs, B bins.
"""

import numpy as np
from scipy.linalg import eigh
from scipy.spatial.distance import cdist

AS_LARGE = 1e-6
"""Relative difference below which two entries of an eigenvector count as equally large: symmetric
data have such pairs, which rounding must not put in order."""


def rbf_kernel(x_ND: np.ndarray, sigma: float) -> np.ndarray:
    """(N, N): exp(-|x - y|^2 / (2 sigma^2)) for all pairs of rows; sigma in the units of x.

    Distances are sums of squared differences: the quicker |x|^2 - 2 x.y + |y|^2 loses digits for
    close points, on which the smallest eigenvalues depend.
    """
    x_ND = np.asarray(x_ND, dtype=np.float64)
    return np.exp(cdist(x_ND, x_ND, "sqeuclidean") / (-2 * sigma**2))


def eigenvectors(kernel_NN: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues (N,), decreasing, and orthonormal eigenvectors (N, N), one in each column.

    The entry of largest size of each eigenvector is positive (of several as large, the first): the
    sign that the solver leaves differs between machines, and between numbers of threads.
    """
    values_N, vectors_NN = eigh(kernel_NN)
    values_N, vectors_NN = values_N[::-1].copy(), vectors_NN[:, ::-1]
    size_NN = np.abs(vectors_NN)
    largest_N = (size_NN >= (1 - AS_LARGE) * size_NN.max(axis=0)).argmax(axis=0)
    return values_N, vectors_NN * np.sign(vectors_NN[largest_N, np.arange(len(values_N))])


def rounding(eigenvalues_N: np.ndarray) -> float:
    """Differences of eigenvalues below N eps max(lambda) are rounding (eps = 2.2e-16)."""
    eps = np.finfo(np.float64).eps
    return float(len(eigenvalues_N) * eps * np.abs(eigenvalues_N).max())


def numerical_rank(eigenvalues_N: np.ndarray) -> int:
    """How many eigenvalues differ from zero by more than rounding.

    Eigenvectors beyond that number have no order and are an arbitrary basis of the null space.
    """
    return int((eigenvalues_N > rounding(eigenvalues_N)).sum())


def gaps(eigenvalues_N: np.ndarray) -> np.ndarray:
    """(N,): distance of each of the decreasing eigenvalues from the nearest other one.

    An eigenvector is determined up to about eps max(lambda) / gap.
    """
    steps = np.abs(np.diff(eigenvalues_N))
    return np.minimum(np.append(steps, np.inf), np.insert(steps, 0, np.inf))


def generalised_spectrum(f_N: np.ndarray, eigenvectors_NN: np.ndarray) -> np.ndarray:
    """f~[n] = v_n . f for functions sampled at the N points: (..., N) to (..., N), in units of f.

    No factor 1/N: the squares sum to those of the samples (Parseval).
    """
    return np.asarray(f_N, dtype=np.float64) @ eigenvectors_NN


def bin_edges(n: int, n_bins: int) -> np.ndarray:
    """(B + 1,): first index of each of B runs of consecutive indices, and n at the end.

    Where B does not divide n the first n mod B bins hold one index more than the others.

    Raises:
        ValueError: for fewer indices than bins, or no bin.
    """
    if not 1 <= n_bins <= n:
        raise ValueError(f"{n} indices cannot be put into {n_bins} bins")
    size, rest = divmod(n, n_bins)
    return np.cumsum([0, *[size + 1] * rest, *[size] * (n_bins - rest)])


def binned_mean(values_N: np.ndarray, n_bins: int) -> np.ndarray:
    """Mean over each of the bins of `bin_edges`: (..., N) to (..., B)."""
    edges = bin_edges(values_N.shape[-1], n_bins)
    return np.add.reduceat(values_N, edges[:-1], axis=-1) / np.diff(edges)


def fourier_shares(vectors_NV: np.ndarray) -> np.ndarray:
    """Magnitude of each column's component of every frequency k = 0, 1, …, N/2: (V, K).

    The components are those in an orthonormal basis (1, sqrt(2) cos, sqrt(2) sin over sqrt(N)), the
    cosine and sine of one k taken together, so that the squares of a unit vector sum to 1 over k.
    """
    n = vectors_NV.shape[0]
    magnitude_KV = np.abs(np.fft.rfft(vectors_NV, axis=0, norm="ortho"))
    paired = slice(1, (n + 1) // 2)  # all but the constant and, for even N, the Nyquist frequency
    magnitude_KV[paired] *= np.sqrt(2)
    return magnitude_KV.T
