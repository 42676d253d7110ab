"""Wide residual networks: Zagoruyko and Komodakis 2016, as Fridovich-Keil et al. 2021 use them.

Shape suffixes: B images, C channels, H and W pixels, F features.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from spectral_bias.models.image_classifier import (
    ImageClassifier,
    blocks_per_stage,
    initialise_convolutions,
    three_stages,
)
from spectral_bias.models.resnet import convolution


class PreActivationBlock(nn.Module):
    """Twice batch norm, ReLU, 3x3 convolution; the sum with the input.

    Where channels or size change, a 3x3 convolution of the normalised and rectified input takes
    the input's place in the sum (as in the paper's code; Zagoruyko and Komodakis: 1x1).
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(inputs), convolution(inputs, outputs, stride)
        self.norm2, self.conv2 = nn.BatchNorm2d(outputs), convolution(outputs, outputs)
        changes = inputs != outputs or stride != 1
        self.shortcut = convolution(inputs, outputs, stride) if changes else None

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """(B, outputs, H / stride, W / stride)."""
        h = F.relu(self.norm1(x_BCHW), inplace=True)
        shortcut = x_BCHW if self.shortcut is None else self.shortcut(h)
        h = self.conv2(F.relu(self.norm2(self.conv1(h)), inplace=True))
        return shortcut + h


class WideResNet(ImageClassifier):
    """Three stages of n blocks with channels w, 2w, 4w; depth 6n + 4."""

    def __init__(self, num_classes: int, depth: int, width: int, stem: int) -> None:
        super().__init__()
        n_blocks = blocks_per_stage(depth, layers=6, rest=4)
        self.stem = convolution(3, stem)
        self.blocks = three_stages(PreActivationBlock, n_blocks, stem, width)
        self.norm = nn.BatchNorm2d(4 * width)
        self.head = nn.Linear(4 * width, num_classes)
        initialise_convolutions(self)

    def features(self, x_BCHW: Tensor) -> Tensor:
        """(B, 4w): averages over pixels after the last batch norm and ReLU."""
        h = F.relu(self.norm(self.blocks(self.stem(x_BCHW))), inplace=True)
        return h.mean(dim=(2, 3))


def wide_resnet(num_classes: int, depth: int = 28, width: int = 32, stem: int = 16) -> WideResNet:
    """A wide ResNet; width 32 makes the paper's `wrn_32` (WRN-28-2), 160 `wrn_160` (WRN-28-10).

    WRN-28-10 is published with 36.5 million parameters; ours has 38.5 million, since its three
    convolutions in shortcuts are 3x3, as in the paper's code, instead of 1x1. Batch norm has
    PyTorch's momentum 0.1, a decay of 0.9.

    Args:
        num_classes: outputs.
        depth: convolutions, those of the three shortcuts included, 6n + 4.
        width: channels w of the first stage; the others have 2w and 4w.
        stem: channels of the first convolution.
    """
    return WideResNet(num_classes, depth, width, stem)
