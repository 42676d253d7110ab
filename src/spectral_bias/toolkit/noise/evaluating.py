"""A network's logits on images, in the midst of its training.

Shape suffixes: B images of a batch, C channels, H and W pixels, K classes.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from spectral_bias.toolkit.inputs.checks import LOGITS, predictor
from spectral_bias.training.precision import float32_mode


@contextmanager
def evaluating(network: nn.Module, outputs: str = LOGITS) -> Iterator[Callable[[Tensor], Tensor]]:
    """Yields a function from images (B, C, H, W) anywhere to logits (B, K) where the network is.

    Within it the network is in evaluation mode, nothing is differentiated, and products are exact
    where the network's numbers are float32, whatever autocast is on. Afterwards all modes and
    settings are as before. Logits are float32.

    Args:
        network: that gives a tensor, or an output with `.logits`.
        outputs: "logits" or "probabilities".

    Raises:
        UserError: there are no such outputs; from the function, if the network gives no tensor.
    """
    logits_of = predictor(network, outputs)
    place = next((value.device for value in _values(network)), None)
    dtype = next((v.dtype for v in _values(network) if v.is_floating_point()), torch.float32)

    def predict(x_BCHW: Tensor) -> Tensor:
        x_BCHW = x_BCHW.detach().to(place or x_BCHW.device, dtype)
        with torch.autocast(x_BCHW.device.type, enabled=False):
            return logits_of(x_BCHW).float()

    with _evaluation_mode(network), torch.no_grad(), float32_mode("float32"):
        yield predict


def _values(network: nn.Module) -> Iterator[Tensor]:
    yield from network.parameters()
    yield from network.buffers()


@contextmanager
def _evaluation_mode(network: nn.Module) -> Iterator[None]:
    """Within it all modules are in evaluation mode, afterwards each in its own again."""
    before = [(module, module.training) for module in network.modules()]
    # One by one, since an exported network refuses eval(), which changes nothing in it.
    for module, _ in before:
        module.training = False
    try:
        yield
    finally:
        for module, mode in before:
            module.training = mode
