"""What Figures 6 and 12 of Rahaman et al. 2018 show: a kernel's eigenvectors on a line of points.

No network takes part. The Gaussian kernel is strictly totally positive, so on points of a line its
n-th eigenvector changes sign exactly n - 1 times, and its first entry is not zero.
"""

import numpy as np
import pandas as pd

from spectral_bias.data.signals import uniform_grid
from spectral_bias.errors import UserError
from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.measurements.tidy import long_table
from spectral_bias.spectra.kernels import eigenvectors, fourier_shares, numerical_rank, rbf_kernel


def measured(job: MeasuringJob, n_points: int, sigma: float) -> dict[str, pd.DataFrame]:
    """The tables of Figures 6 and 12, which come from no training."""
    vectors, spectra = grid_tables(n_points, sigma)
    return {"kernel_grid_vectors": vectors, "kernel_grid_spectra": spectra}


def grid_tables(n_points: int, sigma: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Eigenvectors of the kernel on z_j = j/N, and their Fourier spectra.

    Args:
        n_points: N.
        sigma: width of the kernel, in units of the interval.

    Returns:
        vectors: n (from 1, by decreasing eigenvalue), eigenvalue, z, value. The sign, which is
            arbitrary, is such that the first entry is positive.
        spectra: n, frequency (k, periods in the unit interval), magnitude (see `fourier_shares`).

    Raises:
        UserError: the kernel matrix is numerically singular.
    """
    z = uniform_grid(n_points)
    values, vectors = eigenvectors(rbf_kernel(z[:, None], sigma))
    rank = numerical_rank(values)
    if rank < n_points:
        raise UserError(
            f"rahaman2018.kernel_spectra.grid.sigma: with sigma = {sigma:g} only {rank} of "
            f"{n_points} eigenvalues differ from 0 by more than rounding, so the other "
            "eigenvectors are arbitrary; choose a smaller sigma or fewer n_points"
        )
    vectors = vectors * np.sign(vectors[0])
    n = range(1, n_points + 1)
    table = long_table("value", vectors.T, {"n": n, "z": z})
    table["eigenvalue"] = np.repeat(values, n_points)
    magnitude = fourier_shares(vectors)
    spectra = long_table("magnitude", magnitude, {"n": n, "frequency": range(magnitude.shape[1])})
    return table, spectra
