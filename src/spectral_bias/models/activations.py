"""Activation functions of the small networks, and what the hand-written step needs of each.

Nothing here imports PyTorch before a function runs, since the settings read the names.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Activation:
    """An activation h = phi(a), applied entry by entry.

    Attributes:
        function: phi out of place, as autograd and `torch.func` want it.
        forward: turns a into h in place. Given a second tensor, it leaves there what `backward`
            asks for, if that is not h itself.
        backward: multiplies delta in place by phi'(a), from h, or from what `forward` left.
        keeps_derivative: whether phi'(a) is no function of h, so that `forward` has to leave it.
        piecewise_linear: whether networks with it are, so that their spectra have a closed form.
    """

    function: "Callable[[Tensor], Tensor]"
    forward: "Callable[[Tensor, Tensor | None], object]"
    backward: "Callable[[Tensor, Tensor], object]"
    keeps_derivative: bool = False
    piecewise_linear: bool = False


def _relu_backward(delta: "Tensor", h: "Tensor") -> None:
    """Sets `delta` to 0 wherever h is 0."""
    import torch

    torch.ops.aten.threshold_backward.grad_input(delta, h, 0, grad_input=delta)


def _tanh_backward(delta: "Tensor", h: "Tensor") -> None:
    """Multiplies `delta` by 1 - h^2."""
    import torch

    torch.ops.aten.tanh_backward.grad_input(delta, h, grad_input=delta)


def _sine_forward(a: "Tensor", derivative: "Tensor | None") -> None:
    """Leaves cos(a), which sin(a) does not determine: its sign is lost."""
    if derivative is not None:
        derivative.copy_(a).cos_()
    a.sin_()


ACTIVATIONS: dict[str, Activation] = {
    "relu": Activation(
        function=lambda a: a.relu(),
        forward=lambda a, _: a.clamp_min_(0),
        backward=_relu_backward,
        piecewise_linear=True,
    ),
    "tanh": Activation(
        function=lambda a: a.tanh(),
        forward=lambda a, _: a.tanh_(),
        backward=_tanh_backward,
    ),
    "sine": Activation(
        function=lambda a: a.sin(),
        forward=_sine_forward,
        backward=lambda delta, cosine: delta.mul_(cosine),
        keeps_derivative=True,
    ),
}
