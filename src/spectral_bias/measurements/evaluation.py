"""Trained networks of an ensemble, evaluated on inputs of one's choice."""

import numpy as np
import torch

from spectral_bias.models.batched import ForwardPass
from spectral_bias.models.shape import NetworkShape

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


def balanced_accuracy(right_RN: np.ndarray, labels_RN: np.ndarray) -> np.ndarray:
    """(R,): mean over two classes of the fraction of their samples that is correctly classified.

    Guessing gives 0.5, and so does naming the larger class always, however much larger it is.

    Args:
        right_RN: (R, N) whether a sample is correctly classified.
        labels_RN: (R, N) whether it is of the second class; both classes must occur.
    """
    right_RN, labels_RN = np.asarray(right_RN, dtype=bool), np.asarray(labels_RN, dtype=bool)
    fractions = [
        (right_RN & members).sum(axis=-1) / members.sum(axis=-1)
        for members in (labels_RN, ~labels_RN)
    ]
    return np.mean(fractions, axis=0)
