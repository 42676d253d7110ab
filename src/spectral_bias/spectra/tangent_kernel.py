"""The empirical neural tangent kernel of a network, and what it predicts for gradient descent.

K_ij = sum over all parameters p of (d f(x_i) / d theta_p) (d f(x_j) / d theta_p). To first order in
the learning rate eta, one update of full-batch gradient descent on the mean squared error changes
the outputs u on the N training inputs by -(2 eta / N) K (u - y). If K stayed what it is, the
residual would shrink along each eigenvector of K by the factor 1 - 2 eta lambda / N an update
(Jacot et al. 2018, arXiv:1806.07572). It does not stay: how long the prediction lasts says how far
training is from that linear regime.

On equidistant points the unit vector of the Fourier mode k is e_k = exp(2 pi i k j / N) / sqrt(N),
and e_k* K e_k = sum over p of |d f~(k) / d theta_p|^2 N, in the convention f~(k) = (1/N) sum_j
f(z_j) exp(-2 pi i k j / N). All is float64.

Shape suffixes: N samples, D inputs, P parameters, K frequencies, T iterations.
"""

from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap

from spectral_bias.spectra.kernels import eigenvectors

STABLE_BELOW = 2.0
"""Gradient descent diverges along eigenvectors that lose more than this fraction an update."""


def tangent_kernel(network: nn.Module, x_ND: Tensor) -> np.ndarray:
    """(N, N): inner products of the gradients of the outputs with respect to all parameters.

    Args:
        network: maps (N, D) to (N, 1), each row by itself (so without batch norm in training).
        x_ND: inputs, of the dtype of the parameters.
    """
    parameters = {name: value.detach() for name, value in network.named_parameters()}

    def output(values: dict[str, Tensor], x_D: Tensor) -> Tensor:
        return functional_call(network, values, (x_D.unsqueeze(0),)).squeeze()

    gradients = vmap(grad(output), in_dims=(None, 0))(parameters, x_ND)
    kernel_NN = x_ND.new_zeros((len(x_ND), len(x_ND)), dtype=torch.float64)
    for gradient in gradients.values():
        rows_NP = gradient.flatten(1).double()
        kernel_NN += rows_NP @ rows_NP.mT
    return kernel_NN.cpu().numpy()


def mode_quotients(kernel_NN: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """Rayleigh quotients e_k* K e_k of the Fourier modes k (K,): (..., N, N) to (..., K).

    For 0 < k < N/2 that is the mean of the quotients of the unit cosine and the unit sine, hence
    the same whatever the phase of the component of frequency k.
    """
    n = kernel_NN.shape[-1]
    angle_KN = 2 * np.pi * np.outer(frequencies, np.arange(n)) / n
    modes_KN = np.exp(1j * angle_KN) / np.sqrt(n)
    return np.einsum("kn,...nm,km->...k", modes_KN.conj(), kernel_NN, modes_KN, optimize=True).real


def contraction_rates(quotients: np.ndarray, n_samples: int, learning_rate: float) -> np.ndarray:
    """2 eta lambda / N: the fraction of a residual that one update of gradient descent takes away.

    Args:
        quotients: eigenvalues or Rayleigh quotients of the kernel, any shape.
        n_samples: N, over which the loss is a mean.
        learning_rate: eta.
    """
    return 2 * learning_rate * np.asarray(quotients, dtype=np.float64) / n_samples


def linearised_outputs(
    kernel_NN: np.ndarray,
    start_N: np.ndarray,
    target_N: np.ndarray,
    learning_rate: float,
    updates_T: np.ndarray,
    unstable: Literal["diverge", "flow"] = "diverge",
) -> np.ndarray:
    """(T, N): outputs after the given numbers of updates if the kernel stayed what it is.

    u_t = y + (1 - (2 eta / N) K)^t (u_0 - y), exactly, through the eigenvectors of K.

    Args:
        kernel_NN: K, symmetric and positive semidefinite.
        start_N: u_0, the outputs that the updates start from.
        target_N: y.
        learning_rate: eta.
        updates_T: t, non-negative integers.
        unstable: along eigenvectors whose residual grows, since 2 eta lambda / N > 2, let it
            "diverge", or let it "flow": shrink by exp(-2 eta lambda / N) an update, as in the limit
            of a small learning rate. Networks trained at the edge of stability (Cohen et al. 2021,
            arXiv:2103.00065) do neither: there the residual oscillates within bounds.
    """
    values_N, vectors_NN = eigenvectors(kernel_NN)
    rates_N = contraction_rates(values_N, len(target_N), learning_rate)
    factor_N = 1 - rates_N
    if unstable == "flow":
        factor_N = np.where(rates_N > STABLE_BELOW, np.exp(-rates_N), factor_N)
    residual_N = vectors_NN.T @ (np.asarray(start_N, dtype=np.float64) - target_N)
    with np.errstate(over="ignore", invalid="ignore"):  # what diverges shows as infinite or NaN
        factors_TN = factor_N ** np.asarray(updates_T, dtype=np.int64)[:, None]
        return target_N + (factors_TN * residual_N) @ vectors_NN.T


def alignment(kernel_NN: np.ndarray, other_NN: np.ndarray) -> float:
    """Cosine of the angle between two kernels as vectors of N^2 entries: 1 if proportional."""
    inner = float((kernel_NN * other_NN).sum())
    return inner / float(np.linalg.norm(kernel_NN) * np.linalg.norm(other_NN))
