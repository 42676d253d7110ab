"""Optimisers of an ensemble: all members' parameters in one tensor, updated in place.

Each updates entry by entry, so that a member of a group moves as it would alone, and launches no
more than it must: a step is captured as a CUDA graph. Nothing here imports PyTorch before an
optimiser is made, since the settings read the names.
"""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor


class Optimiser(Protocol):
    """Moves `parameters` against `gradient`; both tensors stay where they are."""

    def __init__(self, parameters: "Tensor", gradient: "Tensor", learning_rate: float) -> None: ...

    def step(self) -> None:
        """One update."""

    def state(self) -> "dict[str, Tensor]":
        """All that a step depends on besides parameters and gradient; the tensors themselves."""


class Adam:
    """Adam without weight decay (betas 0.9, 0.999; eps 1e-8), as one fused call."""

    def __init__(self, parameters: "Tensor", gradient: "Tensor", learning_rate: float) -> None:
        import torch

        parameters.grad = gradient
        capturable = parameters.device.type == "cuda"
        self._parameters = parameters
        self._adam = torch.optim.Adam(
            [parameters], lr=learning_rate, fused=True, capturable=capturable
        )
        # Made here and not at the first step, so that a state can be loaded in place before it.
        self._adam.state[parameters] = {
            "step": torch.zeros((), device=parameters.device),
            "exp_avg": torch.zeros_like(parameters),
            "exp_avg_sq": torch.zeros_like(parameters),
        }

    def step(self) -> None:
        """One update."""
        self._adam.step()

    def state(self) -> "dict[str, Tensor]":
        """Number of steps and both moments."""
        return {f"adam_{name}": value for name, value in self._adam.state[self._parameters].items()}


class GradientDescent:
    """Plain gradient descent, theta -= learning_rate * gradient; on all samples, so no noise."""

    def __init__(self, parameters: "Tensor", gradient: "Tensor", learning_rate: float) -> None:
        self._parameters, self._gradient = parameters, gradient
        self._learning_rate = learning_rate

    def step(self) -> None:
        """One update."""
        self._parameters.add_(self._gradient, alpha=-self._learning_rate)

    def state(self) -> "dict[str, Tensor]":
        """Nothing: a step depends on the gradient alone."""
        return {}


OPTIMISERS: dict[str, type[Optimiser]] = {"adam": Adam, "sgd": GradientDescent}
