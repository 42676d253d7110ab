"""What the networks of this package that classify images have in common.

Shape suffixes: B images, C channels, H and W pixels, F features, K classes.
"""

from collections.abc import Callable

from torch import Tensor, nn


class ImageClassifier(nn.Module):
    """Features of an image, and a linear layer `head` on top of them."""

    head: nn.Linear

    def features(self, x_BCHW: Tensor) -> Tensor:
        """(B, F): what the linear layer gets, the average over pixels of the last channels."""
        raise NotImplementedError

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Logits (B, K) of normalised images (B, 3, H, W); H and W are divisible by 4."""
        return self.head(self.features(x_BCHW))


def blocks_per_stage(depth: int, layers: int, rest: int) -> int:
    """n of a network with three stages of n blocks, whose depth is `layers` n + `rest`.

    Raises:
        ValueError: no n >= 1 gives that depth.
    """
    n_blocks, left_over = divmod(depth - rest, layers)
    if n_blocks < 1 or left_over:
        raise ValueError(f"depth {depth} is not {layers}n + {rest} with n >= 1")
    return n_blocks


def three_stages(
    block: Callable[[int, int, int], nn.Module], n_blocks: int, inputs: int, width: int
) -> nn.Sequential:
    """Stages of n blocks with `width`, twice and four times as many channels.

    The first block of the second and of the third stage halves H and W.

    Args:
        block: makes one from its channels in, channels out and stride.
        n_blocks: n, of each stage.
        inputs: channels that the first block gets.
        width: channels of the first stage.
    """
    blocks: list[nn.Module] = []
    for stage in range(3):
        for index in range(n_blocks):
            outputs = width * 2**stage
            blocks.append(block(inputs, outputs, 2 if stage and not index else 1))
            inputs = outputs
    return nn.Sequential(*blocks)


def initialise_convolutions(network: nn.Module) -> None:
    """Draws the weights of all convolutions as He et al. 2015: normal, variance 2 / fan-out."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
