"""What the networks of this package that classify images have in common.

Shape suffixes: B images, C channels, H and W pixels, F features, K classes.
"""

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


def initialise_convolutions(network: nn.Module) -> None:
    """Draws the weights of all convolutions as He et al. 2015: normal, variance 2 / fan-out."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
