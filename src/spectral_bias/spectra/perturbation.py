"""Robustness of a network's spectrum against random perturbations of its parameters.

Rahaman et al. 2018, Section 3 (Figure 3): f is evaluated at theta + delta u with u uniform on the
unit sphere of the whole parameter space.
"""

import numpy as np
import torch

from spectral_bias.models.batched import ForwardPass
from spectral_bias.models.shape import NetworkShape
from spectral_bias.spectra.fourier import single_sided_amplitude

CHUNK_BYTES = 30_000_000  # of perturbed parameters at a time; larger chunks leave the cache


def unit_directions(n: int, dimension: int, generator: torch.Generator) -> torch.Tensor:
    """(n, dimension): independent and uniform on the unit sphere, on the generator's device."""
    normal = torch.randn(n, dimension, generator=generator, device=generator.device)
    return normal / torch.linalg.vector_norm(normal, dim=1, keepdim=True)


def relative_amplitudes(
    parameters: torch.Tensor,
    shape: NetworkShape,
    inputs: torch.Tensor,
    frequencies: np.ndarray,
    deltas: np.ndarray,
    n_directions: int,
    generator: torch.Generator,
) -> np.ndarray:
    """Mean over directions of |f~(k)| of the perturbed network over |f~*(k)| of the network itself.

    Directions are drawn anew for each delta.

    Args:
        parameters: (P,), theta of one network.
        shape: of the network.
        inputs: (N, 1), the points z_j = j/N.
        frequencies: (K,), integers below N/2.
        deltas: (S,), Euclidean lengths of the perturbation.
        n_directions: directions for each delta.
        generator: source of the directions; its device does the work.

    Returns:
        (S, K), without unit; 1 at delta = 0.
    """
    device = generator.device
    parameters, inputs = parameters.to(device), inputs.to(device)
    chunk = min(n_directions, max(1, CHUNK_BYTES // (4 * shape.n_parameters)))
    perturbed = parameters.expand(chunk, -1).clone()
    forward = ForwardPass(inputs, perturbed, perturbed, shape)

    def amplitudes() -> np.ndarray:
        return single_sided_amplitude(forward.run().cpu().numpy(), frequencies)

    unperturbed = amplitudes()[0]
    means = []
    for delta in deltas:
        total = np.zeros(len(frequencies))
        for start in range(0, n_directions, chunk):
            n = min(chunk, n_directions - start)
            steps = unit_directions(n, shape.n_parameters, generator)
            torch.add(parameters, steps, alpha=float(delta), out=perturbed[:n])
            total += amplitudes()[:n].sum(axis=0)
        means.append(total / n_directions / unperturbed)
    return np.stack(means)
