"""Residual networks for small images: He et al. 2016, "Deep Residual Learning", Section 4.2.

Shape suffixes: B images, C channels, H and W pixels.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spectral_bias.models.image_classifier import (
    blocks_per_stage,
    initialise_convolutions,
    three_stages,
)

RESNET20_PARAMETERS = 269_722
"""Of depth 20, width 16, ten classes; published as 0.27 million."""


def convolution(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    """3x3 convolution without bias that keeps the size (or divides it by `stride`)."""
    return nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)


class BasicBlock(nn.Module):
    """Two convolutions and a shortcut without parameters (He et al.'s option A).

    Where the size is halved the shortcut takes every second pixel, and fills new channels with
    zeros.
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.norm1 = convolution(inputs, outputs, stride), nn.BatchNorm2d(outputs)
        self.conv2, self.norm2 = convolution(outputs, outputs), nn.BatchNorm2d(outputs)
        self.stride, self.new_channels = stride, outputs - inputs

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """(B, outputs, H / stride, W / stride)."""
        h = F.relu(self.norm1(self.conv1(x_BCHW)))
        h = self.norm2(self.conv2(h))
        shortcut = x_BCHW[:, :, :: self.stride, :: self.stride]
        if self.new_channels:
            before = self.new_channels // 2
            shortcut = F.pad(shortcut, (0, 0, 0, 0, before, self.new_channels - before))
        return F.relu(h + shortcut)


class ResNet(nn.Module):
    """Three stages of n blocks with widths w, 2w, 4w; depth 6n + 2.

    Depth 20 and width 16 make the ResNet-20 of He et al., with 0.27 million parameters.

    Args:
        depth: layers with weights on the longest way, 6n + 2.
        width: channels of the first stage.
        n_classes: outputs.
    """

    def __init__(self, depth: int, width: int, n_classes: int) -> None:
        super().__init__()
        n_blocks = blocks_per_stage(depth, layers=6, rest=2)
        self.stem, self.norm = convolution(3, width), nn.BatchNorm2d(width)
        self.blocks = three_stages(BasicBlock, n_blocks, width, width)
        self.head = nn.Linear(4 * width, n_classes)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Logits (B, n_classes) of normalised images (B, 3, H, W)."""
        h = self.blocks(F.relu(self.norm(self.stem(x_BCHW))))
        return self.head(h.mean(dim=(2, 3)))


def classifier(num_classes: int, depth: int = 20, width: int = 16) -> ResNet:
    """A `ResNet` with convolutions initialised as in He et al. 2015, from the global generator."""
    network = ResNet(depth, width, num_classes)
    initialise_convolutions(network)
    return network


def resnet(depth: int, width: int, n_classes: int, seed: int) -> ResNet:
    """A `ResNet` with weights drawn from `seed`; the global random state is left as it was.

    Convolutions are initialised as in He et al. 2015 (normal, variance 2 / fan-out).
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return classifier(n_classes, depth, width)


def n_parameters(network: nn.Module) -> int:
    """Trained parameters of a network."""
    return sum(parameter.numel() for parameter in network.parameters())
