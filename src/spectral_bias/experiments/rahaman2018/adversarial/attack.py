"""Targeted adversarial examples by projected gradient descent (Madry et al. 2018).

Shape suffixes: B images, C channels, H and W pixels.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F


def targeted_pgd(
    network: Callable[[Tensor], Tensor],
    x_BCHW: Tensor,
    targets: Tensor,
    *,
    budget: float,
    steps: int,
    step_size: float,
) -> Tensor:
    """Images near `x_BCHW` that `network` is made to call `targets`; not all attacks succeed.

    Each step goes against the sign of the gradient of the cross-entropy with the target class, and
    back into the box of allowed images: at most `budget` from the original in every value (maximum
    norm), and within [0, 1]. All steps are taken even if the class is reached before, so that the
    network becomes as sure of it as the budget allows.

    Args:
        network: maps images to logits (B, classes); its parameters are left alone.
        x_BCHW: original images, values in [0, 1].
        targets: (B,) the class wanted of each.
        budget: largest change of a value.
        steps: gradient steps.
        step_size: size of a step as a fraction of the budget.

    Returns:
        (B, C, H, W).
    """
    low, high = (x_BCHW - budget).clamp_min(0), (x_BCHW + budget).clamp_max(1)
    x = x_BCHW.clone()
    for _ in range(steps):
        x.requires_grad_(True)
        loss = F.cross_entropy(network(x), targets, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, x)
        x = x.detach() - step_size * budget * gradient.sign()
        x = torch.minimum(torch.maximum(x, low), high)
    return x
