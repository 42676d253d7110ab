"""Stochastic gradient descent with momentum, a few lines of it.

The numbers are those of torch.optim.SGD. Making one of PyTorch's optimisers imports its compiler,
which costs every process two to four seconds of CPU: as much as many a training of the quick scale.
"""

from collections.abc import Iterable

import torch
from torch import nn


class MomentumSGD:
    """v <- m v + g, then theta <- theta - rate (g + m v) for Nesterov's momentum, else rate v.

    Args:
        parameters: theta; those without a gradient stay as they are.
        momentum: m.
        nesterov: see above.
    """

    def __init__(
        self, parameters: Iterable[nn.Parameter], momentum: float, nesterov: bool = False
    ) -> None:
        self.parameters = list(parameters)
        self.momentum, self.nesterov = momentum, nesterov
        self.velocity = [torch.zeros_like(p) for p in self.parameters]

    @torch.no_grad()
    def step(
        self, rate: float | torch.Tensor, weight_decay: float = 0.0, clip: float | None = None
    ) -> None:
        """One update with the gradients that the parameters hold, which are then dropped.

        Args:
            rate: learning rate; as a tensor on the device of the parameters it may change between
                replays of a CUDA graph that holds the update.
            weight_decay: w of the penalty w |theta|^2 / 2, whose gradient is added first.
            clip: largest global norm of the gradient with that of the penalty; None for none.
        """
        chosen = [i for i, p in enumerate(self.parameters) if p.grad is not None]
        thetas = [self.parameters[i] for i in chosen]
        velocity = [self.velocity[i] for i in chosen]
        gradients = [theta.grad for theta in thetas]
        if weight_decay:
            torch._foreach_add_(gradients, thetas, alpha=weight_decay)
        if clip is not None:
            norm = torch.stack(torch._foreach_norm(gradients)).norm()
            torch._foreach_mul_(gradients, (clip / (norm + 1e-6)).clamp(max=1))
        torch._foreach_mul_(velocity, self.momentum)
        torch._foreach_add_(velocity, gradients)
        if self.nesterov:
            torch._foreach_add_(gradients, velocity, alpha=self.momentum)
        change = gradients if self.nesterov else velocity
        if isinstance(rate, torch.Tensor):
            torch._foreach_sub_(thetas, torch._foreach_mul(change, rate))
        else:
            torch._foreach_add_(thetas, change, alpha=-rate)
        for theta in thetas:
            theta.grad = None

    def state_dict(self) -> dict[str, list[torch.Tensor]]:
        """What a checkpoint has to hold."""
        return {"velocity": self.velocity}

    def load_state_dict(self, state: dict[str, list[torch.Tensor]]) -> None:
        """Goes on from `state_dict`."""
        for mine, saved in zip(self.velocity, state["velocity"], strict=True):
            mine.copy_(saved)
