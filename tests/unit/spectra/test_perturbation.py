"""Perturbed spectra against a slow loop, and limits that are known."""

import numpy as np
import pytest
import torch

from spectral_bias.models.batched import initial_parameters
from spectral_bias.models.mlp import mlp
from spectral_bias.models.shape import NetworkShape
from spectral_bias.spectra import perturbation
from spectral_bias.spectra.fourier import single_sided_amplitude
from spectral_bias.spectra.perturbation import relative_amplitudes, unit_directions

SHAPE = NetworkShape(1, 12, 3)
INPUTS = (torch.arange(32) / 32).unsqueeze(1)
K = np.array([1, 3, 5])


def measure(deltas, n_directions, seed=0, n=1):
    parameters = initial_parameters(SHAPE, [5], torch.float32)[0]
    generator = torch.Generator().manual_seed(seed)
    return relative_amplitudes(
        parameters, SHAPE, INPUTS, K, np.array(deltas), n_directions, generator
    )


def test_directions_are_unit_vectors_without_preference():
    u = unit_directions(4000, 3, torch.Generator().manual_seed(0))
    torch.testing.assert_close(u.norm(dim=1), torch.ones(4000))
    torch.testing.assert_close(u.mean(dim=0), torch.zeros(3), atol=0.04, rtol=0)
    torch.testing.assert_close(u.T @ u / 4000, torch.eye(3) / 3, atol=0.03, rtol=0)


def test_no_perturbation_changes_nothing():
    np.testing.assert_allclose(measure([0.0], 4), 1.0, rtol=1e-5)


@pytest.mark.parametrize("chunk_bytes", [1, 1500, 10**9])
def test_equals_one_network_at_a_time(monkeypatch, chunk_bytes):
    monkeypatch.setattr(perturbation, "CHUNK_BYTES", chunk_bytes)
    ours = measure([0.3, 2.0], 5)
    generator = torch.Generator().manual_seed(0)
    network = mlp(1, 12, 3, 5)
    theta = torch.nn.utils.parameters_to_vector(network.parameters()).detach()

    def amplitudes(vector):
        torch.nn.utils.vector_to_parameters(vector, network.parameters())
        with torch.no_grad():
            return single_sided_amplitude(network(INPUTS).squeeze(1).numpy(), K)

    base = amplitudes(theta)
    chunk = min(5, max(1, chunk_bytes // (4 * SHAPE.n_parameters)))
    for row, delta in zip(ours, (0.3, 2.0), strict=True):
        sizes = [min(chunk, 5 - start) for start in range(0, 5, chunk)]
        parts = [unit_directions(n, SHAPE.n_parameters, generator) for n in sizes]
        slow = np.mean([amplitudes(theta + delta * u) for u in torch.cat(parts)], axis=0) / base
        np.testing.assert_allclose(row, slow, rtol=2e-4)
