"""Spectral norms of weight matrices."""

import torch
from torch import Tensor


def spectral_norm(matrix: Tensor) -> Tensor:
    """Largest singular value of each matrix in a batch.

    Computed exactly, as the square root of the largest eigenvalue of the smaller Gram matrix
    (WᵀW or WWᵀ); the relative error is a few units of rounding. Rahaman et al. 2018, Section 3
    and Figure 1, whose published code iterates W in place of WᵀW and so reports another number
    for square matrices.

    Args:
        matrix: (..., m, n).

    Returns:
        (...), in the units of the weights.
    """
    m, n = matrix.shape[-2:]
    if min(m, n) == 1:
        return torch.linalg.vector_norm(matrix, dim=(-2, -1))
    gram = matrix.mT @ matrix if n <= m else matrix @ matrix.mT
    return torch.linalg.eigvalsh(gram)[..., -1].clamp_min(0).sqrt()
