"""Mixup: convex combinations of images and of their targets (Zhang et al. 2018).

Shape suffixes: N batches, B images of a batch, C channels, H and W pixels, K classes.
"""

import numpy as np
import torch
from torch import Tensor


def mixed(
    x_BCHW: Tensor, targets_BK: Tensor, weight: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Each image and target mixed with those of another image of the batch.

    One weight lambda for the whole batch and a random permutation p of it, as in the released code
    of both papers: lambda x + (1 - lambda) x[p].

    Args:
        x_BCHW: normalised images.
        targets_BK: their class probabilities.
        weight: lambda, one number, on the device of the images; see `beta_draws`.
        generator: on the device of the images.
    """
    partner = torch.randperm(len(x_BCHW), generator=generator, device=x_BCHW.device)
    return (
        torch.lerp(x_BCHW[partner], x_BCHW, weight),
        torch.lerp(targets_BK[partner], targets_BK, weight),
    )


def beta_draws(alpha: float, count: int, generator: torch.Generator) -> Tensor:
    """(N,) float32: draws from Beta(alpha, alpha); the smaller alpha, the more near 0 and 1.

    PyTorch draws none from a generator of one's own, so one of its numbers seeds NumPy's. The
    generator is one of the CPU.
    """
    seed = torch.randint(2**62, (), generator=generator).item()
    draws = np.random.default_rng(seed).beta(alpha, alpha, count)
    return torch.as_tensor(draws, dtype=torch.float32)
