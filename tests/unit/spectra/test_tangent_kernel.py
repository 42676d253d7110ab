"""The tangent kernel against autograd, closed forms and gradient descent itself."""

import numpy as np
import pytest
import torch

from spectral_bias.models.mlp import mlp
from spectral_bias.spectra import tangent_kernel as ntk

N = 12
X = torch.arange(N, dtype=torch.float64)[:, None] / N
RNG = np.random.default_rng(0)


def symmetric(eigenvalues):
    """A kernel of these eigenvalues with eigenvectors in general position."""
    n = len(eigenvalues)
    vectors = np.linalg.qr(RNG.normal(size=(n, n)))[0]
    return vectors @ np.diag(eigenvalues) @ vectors.T


@pytest.mark.parametrize("make", [lambda: mlp(1, 7, 4, 3, torch.float64), "tanh"])
def test_kernel_is_that_of_the_jacobian_from_autograd(make):
    layers = [torch.nn.Linear(1, 5), torch.nn.Tanh(), torch.nn.Linear(5, 1)]
    network = torch.nn.Sequential(*layers).double() if make == "tanh" else make()
    rows = []
    for x in X:
        network.zero_grad()
        network(x[None]).backward()
        rows.append(torch.cat([p.grad.flatten() for p in network.parameters()]).clone())
    jacobian = torch.stack(rows)
    np.testing.assert_allclose(
        ntk.tangent_kernel(network, X), (jacobian @ jacobian.T).numpy(), rtol=1e-12, atol=1e-14
    )


def test_kernel_of_one_hidden_layer_is_its_closed_form():
    """f(x) = sum_i v_i relu(w_i . x + b_i) + c with h_i = relu(...), s_i = [w_i . x + b_i > 0]:
    K(x, x') = sum_i h_i h_i' + sum_i v_i^2 s_i s_i' (x . x' + 1) + 1.
    """
    x = torch.tensor(RNG.normal(size=(9, 3)))
    network = mlp(3, 40, 2, 5, torch.float64)
    w, b, v, _ = (p.detach().numpy() for p in network.parameters())
    before = x.numpy() @ w.T + b
    h, s = np.maximum(before, 0), (before > 0) * v
    wanted = h @ h.T + (s @ s.T) * (x.numpy() @ x.numpy().T + 1) + 1
    np.testing.assert_allclose(ntk.tangent_kernel(network, x), wanted, rtol=1e-10, atol=1e-10)


def test_kernel_is_float64_whatever_the_network_and_leaves_no_gradient_behind():
    single, double = (mlp(1, 7, 3, 1, dtype) for dtype in (torch.float32, torch.float64))
    kernel = ntk.tangent_kernel(single, X.float())
    assert kernel.dtype == np.float64
    np.testing.assert_allclose(kernel, ntk.tangent_kernel(double, X), rtol=1e-4, atol=1e-6)
    assert all(p.grad is None and p.requires_grad for p in single.parameters())


def test_quotient_is_the_mean_of_cosine_and_sine_and_exact_for_a_circulant_kernel():
    kernel, z, k = symmetric(RNG.uniform(size=N)), np.arange(N) / N, np.array([1, 2, 5])
    for found, frequency in zip(ntk.mode_quotients(kernel, k), k, strict=True):
        waves = [f(2 * np.pi * frequency * z) * np.sqrt(2 / N) for f in (np.cos, np.sin)]
        assert found == pytest.approx(np.mean([wave @ kernel @ wave for wave in waves]))
    row = np.exp(-np.minimum(np.arange(N), N - np.arange(N)))
    circulant = np.stack([np.roll(row, shift) for shift in range(N)])
    stacked = ntk.mode_quotients(np.stack([circulant, 2 * circulant]), k)
    np.testing.assert_allclose(stacked[0], np.fft.fft(row).real[k], rtol=1e-12)
    np.testing.assert_allclose(stacked[1], 2 * stacked[0])


def test_quotient_is_the_squared_gradient_of_the_fourier_coefficient():
    network, k = mlp(1, 6, 3, 2, torch.float64), 3
    wave = torch.exp(-2j * torch.pi * k * X[:, 0]) / N
    squares = 0.0
    for part in (wave.real, wave.imag):
        network.zero_grad()
        (network(X)[:, 0] * part).sum().backward()
        squares += sum(float((p.grad**2).sum()) for p in network.parameters())
    found = ntk.mode_quotients(ntk.tangent_kernel(network, X), np.array([k]))
    assert found[0] == pytest.approx(N * squares)


def test_linearised_outputs_are_those_of_the_recursion():
    kernel, rate = symmetric(np.geomspace(1, 1e-6, N)), 0.7
    start, target = RNG.normal(size=(2, N))
    outputs, u = [], start
    for _ in range(31):
        outputs.append(u)
        u = u - 2 * rate / N * kernel @ (u - target)
    times = np.array([0, 1, 7, 30])
    found = ntk.linearised_outputs(kernel, start, target, rate, times)
    np.testing.assert_allclose(found, np.stack(outputs)[times], rtol=1e-12, atol=1e-13)
    late = ntk.linearised_outputs(kernel, start, target, rate, np.array([10**10]))
    np.testing.assert_allclose(late[0], target, atol=1e-12)


def test_an_eigenmode_shrinks_by_its_rate_and_diverges_beyond_two():
    kernel = np.eye(N) * 3.0
    assert ntk.contraction_rates(3.0, N, 0.4) == pytest.approx(0.2)
    found = ntk.linearised_outputs(kernel, np.ones(N), np.zeros(N), 0.4, np.array([5]))
    np.testing.assert_allclose(found, 0.8**5)
    found = ntk.linearised_outputs(kernel, np.ones(N), np.zeros(N), 0.4 * 15, np.array([2, 10**6]))
    np.testing.assert_allclose(found[0], 4.0)
    assert not np.isfinite(found[1]).any()
    time = np.array([0, 3])
    mixed = np.diag([3.0, 45.0] + [3.0] * (N - 2))  # rates 0.2 and 3
    found = ntk.linearised_outputs(mixed, np.ones(N), np.zeros(N), 0.4, time, "flow")
    np.testing.assert_allclose(found[1], [0.8**3, np.exp(-9.0)] + [0.8**3] * (N - 2))


def test_one_small_step_of_gradient_descent_is_the_linearised_one():
    network, target, rate = mlp(1, 20, 4, 4, torch.float64), RNG.normal(size=N), 1e-6
    kernel = ntk.tangent_kernel(network, X)
    before = network(X)[:, 0].detach().numpy().copy()
    ((network(X)[:, 0] - torch.tensor(target)) ** 2).mean().backward()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter -= rate * parameter.grad
    step = network(X)[:, 0].detach().numpy() - before
    found = ntk.linearised_outputs(kernel, before, target, rate, np.array([1]))[0] - before
    np.testing.assert_allclose(found, step, rtol=1e-3, atol=1e-12)


def test_alignment_is_one_for_proportional_kernels_and_zero_for_orthogonal_ones():
    kernel = symmetric(RNG.uniform(size=N))
    assert ntk.alignment(kernel, 3 * kernel) == pytest.approx(1)
    assert ntk.alignment(np.diag([1.0, 0.0]), np.diag([0.0, 2.0])) == 0
