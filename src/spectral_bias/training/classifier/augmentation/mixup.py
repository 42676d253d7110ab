"""Mixup: convex combinations of images and of their targets (Zhang et al. 2018).

Shape suffixes: B images, C channels, H and W pixels, K classes.
"""

import numpy as np
import torch
from torch import Tensor


def mixed(
    x_BCHW: Tensor, targets_BK: Tensor, alpha: float, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Each image and target mixed with those of another image of the batch.

    One share lambda ~ Beta(alpha, alpha) for the whole batch and a random permutation p of it, as
    in the released code of both papers: lambda x + (1 - lambda) x[p].

    Args:
        x_BCHW: normalised images.
        targets_BK: their class probabilities.
        alpha: positive; the smaller, the more often lambda is near 0 or 1.
        generator: on the device of the images.
    """
    device = x_BCHW.device
    share = beta_draw(alpha, generator, device)
    partner = torch.randperm(len(x_BCHW), generator=generator, device=device)
    return (
        torch.lerp(x_BCHW[partner], x_BCHW, share),
        torch.lerp(targets_BK[partner], targets_BK, share),
    )


def beta_draw(alpha: float, generator: torch.Generator, device: torch.device) -> float:
    """One draw from Beta(alpha, alpha).

    PyTorch draws none from a generator of one's own, so that seeds NumPy's.
    """
    seed = torch.randint(2**62, (), generator=generator, device=device).item()
    return float(np.random.default_rng(seed).beta(alpha, alpha))
