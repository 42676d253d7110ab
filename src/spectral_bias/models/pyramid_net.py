"""PyramidNet (Han et al. 2017) with ShakeDrop (Yamada et al. 2018).

Shape suffixes: B images, C channels, H and W pixels, F features.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spectral_bias.models.image_classifier import (
    ImageClassifier,
    blocks_per_stage,
    initialise_convolutions,
)
from spectral_bias.models.resnet import convolution


class Scale(torch.autograd.Function):
    """A factor for each image in the forward pass, and another one in the backward pass."""

    @staticmethod
    def forward(ctx: Any, x_BCHW: Tensor, forward_B111: Tensor, backward_B111: Tensor) -> Tensor:
        """The first factor times x."""
        ctx.save_for_backward(backward_B111)
        return forward_B111 * x_BCHW

    @staticmethod
    def backward(ctx: Any, grad_BCHW: Tensor) -> tuple[Tensor, None, None]:
        """The second factor times the gradient."""
        (backward_B111,) = ctx.saved_tensors
        return backward_B111 * grad_BCHW, None, None


class ShakeDrop(nn.Module):
    """Keeps a branch with probability p, else multiplies it by a random number.

    In training the branch is multiplied by b + alpha - b alpha, its gradient by b + beta - b beta.
    b (1 with probability p, else 0), alpha from U[-1, 1] and beta from U[0, 1] are drawn for each
    image from PyTorch's global generator. Evaluation multiplies by the mean, which is p since
    alpha has mean 0.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """(B, C, H, W)."""
        if not self.training:
            return self.p * x_BCHW
        shape = (3, len(x_BCHW), 1, 1, 1)
        u_B111, alpha_B111, beta_B111 = torch.rand(shape, device=x_BCHW.device)
        kept_B111 = u_B111 < self.p
        forward_B111 = torch.where(kept_B111, 1.0, 2 * alpha_B111 - 1).to(x_BCHW.dtype)
        backward_B111 = torch.where(kept_B111, 1.0, beta_B111).to(x_BCHW.dtype)
        return Scale.apply(x_BCHW, forward_B111, backward_B111)

    def extra_repr(self) -> str:
        """The probability."""
        return f"p={self.p:.3g}"


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions between four batch norms; ReLU after the inner two of these.

    The shortcut has no parameters: pixels are averaged two by two where the size is halved, and
    new channels hold zeros.

    Args:
        inputs: channels that come in.
        width: channels of the 3x3 convolution.
        outputs: channels that go out, at least as many as come in.
        stride: of the 3x3 convolution, 1 or 2.
        p: probability that ShakeDrop keeps the branch.
    """

    def __init__(self, inputs: int, width: int, outputs: int, stride: int, p: float) -> None:
        super().__init__()
        self.norm0 = nn.BatchNorm2d(inputs)
        self.conv1, self.norm1 = nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.norm2 = convolution(width, width, stride), nn.BatchNorm2d(width)
        self.conv3, self.norm3 = nn.Conv2d(width, outputs, 1, bias=False), nn.BatchNorm2d(outputs)
        self.shake = ShakeDrop(p)
        self.stride, self.new_channels = stride, outputs - inputs

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """(B, outputs, H / stride, W / stride)."""
        h = self.norm1(self.conv1(self.norm0(x_BCHW)))
        h = self.norm2(self.conv2(F.relu(h, inplace=True)))
        h = self.norm3(self.conv3(F.relu(h, inplace=True)))
        shortcut = F.avg_pool2d(x_BCHW, 2) if self.stride == 2 else x_BCHW
        return self.shake(h) + F.pad(shortcut, (0, 0, 0, 0, 0, self.new_channels))


class PyramidNet(ImageClassifier):
    """Three stages of n bottlenecks, each of which adds alpha / 3n channels; depth 9n + 2."""

    def __init__(
        self, num_classes: int, depth: int, alpha: int, p_last: float, stem: int, expansion: int
    ) -> None:
        super().__init__()
        n_blocks = 3 * blocks_per_stage(depth, layers=9, rest=2)
        if alpha < 0 or expansion < 1:
            raise ValueError(f"alpha {alpha} is below 0 or expansion {expansion} below 1")
        if not 0 <= p_last <= 1:
            raise ValueError(f"p_last {p_last} is not a probability")
        self.stem, self.norm = convolution(3, stem), nn.BatchNorm2d(stem)
        blocks, channels = [], stem
        for block in range(n_blocks):
            # stem + alpha (block + 1) / n_blocks, rounded, halves up.
            width = stem + (2 * alpha * (block + 1) + n_blocks) // (2 * n_blocks)
            stride = 2 if block in (n_blocks // 3, 2 * n_blocks // 3) else 1
            p = 1 - (1 - p_last) * (block + 1) / n_blocks
            blocks.append(Bottleneck(channels, width, expansion * width, stride, p))
            channels = expansion * width
        self.blocks = nn.Sequential(*blocks)
        self.last_norm = nn.BatchNorm2d(channels)
        self.head = nn.Linear(channels, num_classes)
        initialise_convolutions(self)

    def features(self, x_BCHW: Tensor) -> Tensor:
        """(B, expansion (stem + alpha)): averages over pixels after the last batch norm, ReLU."""
        h = self.last_norm(self.blocks(self.norm(self.stem(x_BCHW))))
        return F.relu(h, inplace=True).mean(dim=(2, 3))


def pyramid_net(
    num_classes: int,
    depth: int = 272,
    alpha: int = 200,
    p_last: float = 0.5,
    stem: int = 16,
    expansion: int = 4,
) -> PyramidNet:
    """A PyramidNet with ShakeDrop; as is, the paper's `pyramid_net`.

    Depth 272 and alpha 200 are published with 26.0 million parameters. That is what the
    convolutions and the linear layer hold; ours has 26.2 million with those of batch norm.

    Args:
        num_classes: outputs.
        depth: layers with weights on the longest way, 9n + 2.
        alpha: channels that the 3x3 convolutions gain from the stem to the last bottleneck.
        p_last: p_L, the probability of keeping the last bottleneck's branch; that of bottleneck l
            of L is 1 - (1 - p_L) l / L.
        stem: channels of the first convolution.
        expansion: channels that a bottleneck puts out, over those of its 3x3 convolution.
    """
    return PyramidNet(num_classes, depth, alpha, p_last, stem, expansion)
