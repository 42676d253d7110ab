"""Features of images: what a classifier's last linear layer gets."""

from typing import Any

from torch import Tensor, nn

from spectral_bias.errors import UserError


def features(network: nn.Module, x_BCHW: Tensor) -> Tensor:
    """Penultimate features (B, F) of images: the input of the linear layer that runs last.

    Works for any classifier that ends in a linear layer. The network stays in the mode it is in;
    gradients are recorded unless the caller turns them off.

    Raises:
        UserError: no linear layer runs, as in a network that ends in a convolution.
    """
    inputs: list[Tensor] = []

    def keep(module: nn.Module, args: tuple[Any, ...]) -> None:
        inputs[:] = args[:1]

    linear = [module for module in network.modules() if isinstance(module, nn.Linear)]
    hooks = [module.register_forward_pre_hook(keep) for module in linear]
    try:
        network(x_BCHW)
    finally:
        for hook in hooks:
            hook.remove()
    if not inputs:
        raise UserError(
            f"{type(network).__name__}: has no linear layer whose input could be taken as "
            "features; choose a network that ends in one"
        )
    return inputs[0].flatten(1)
