"""Trained networks of an ensemble, evaluated on inputs of one's choice."""

import numpy as np
import torch

from spectral_bias.models.batched import ForwardPass, NetworkShape

CHUNK_BYTES = 200_000_000
"""Of activations at a time."""


def outputs(parameters: torch.Tensor, shape: NetworkShape, inputs: np.ndarray) -> np.ndarray:
    """What each network says about each input.

    Args:
        parameters: (R, P), as a finished run has them.
        shape: of every network.
        inputs: (N, D) for all networks, or (R, N, D).

    Returns:
        (R, N), float64; logits for networks that were trained as classifiers.
    """
    x = torch.as_tensor(inputs, dtype=parameters.dtype)
    member_bytes = parameters.element_size() * x.shape[-2] * shape.width * shape.depth
    chunk = max(1, CHUNK_BYTES // member_bytes)
    parts = []
    for start in range(0, len(parameters), chunk):
        some = parameters[start : start + chunk]
        theirs = x if x.dim() == 2 else x[start : start + chunk]
        parts.append(ForwardPass(theirs, some, some, shape).run().double().numpy())
    return np.concatenate(parts)
