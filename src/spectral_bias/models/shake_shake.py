"""Shake-Shake networks: Gastaldi 2017, "Shake-Shake regularization".

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
    three_stages,
)
from spectral_bias.models.resnet import convolution


class Mix(torch.autograd.Function):
    """alpha * first + (1 - alpha) * second, whose gradient is taken as if alpha were beta."""

    @staticmethod
    def forward(
        ctx: Any, first_BCHW: Tensor, second_BCHW: Tensor, alpha_B111: Tensor, beta_B111: Tensor
    ) -> Tensor:
        """The mixture with alpha."""
        ctx.save_for_backward(beta_B111)
        return torch.lerp(second_BCHW, first_BCHW, alpha_B111)

    @staticmethod
    def backward(ctx: Any, grad_BCHW: Tensor) -> tuple[Tensor, Tensor, None, None]:
        """beta and 1 - beta times the gradient."""
        (beta_B111,) = ctx.saved_tensors
        first_BCHW = beta_B111 * grad_BCHW
        return first_BCHW, grad_BCHW - first_BCHW, None, None


class ShakeShake(nn.Module):
    """Mixes two branches: at random in training, their mean in evaluation.

    alpha and beta are drawn from U[0, 1] for each image (Gastaldi's "Shake-Shake-Image"), from
    PyTorch's global generator. The code of Fridovich-Keil et al. draws u1 / (u1 + u2) instead,
    with u1 and u2 from U[0, 1]; its mean is the same.
    """

    def forward(self, first_BCHW: Tensor, second_BCHW: Tensor) -> Tensor:
        """(B, C, H, W)."""
        if not self.training:
            return (first_BCHW + second_BCHW) / 2
        shape = (2, len(first_BCHW), 1, 1, 1)
        alpha_B111, beta_B111 = torch.rand(shape, device=first_BCHW.device).to(first_BCHW.dtype)
        return Mix.apply(first_BCHW, second_BCHW, alpha_B111, beta_B111)


class ShiftedShortcut(nn.Module):
    """Two strided 1x1 convolutions, the second of the image shifted by one pixel; batch norm.

    With stride 2 the paths see different pixels. The shift goes up and to the left; zeros come in.

    Pixels are left out before the convolutions, which is the same as a stride. With one, oneDNN's
    AVX2 code writes past its workspace where there are fewer than 8 input channels and channels
    come last (its issue 6035): wrong gradients of the weights, and crashes.
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.stride, half = stride, outputs // 2
        self.path1 = nn.Conv2d(inputs, half, 1, bias=False)
        self.path2 = nn.Conv2d(inputs, outputs - half, 1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """(B, outputs, H / stride, W / stride)."""
        shifted = F.pad(x_BCHW, (-1, 1, -1, 1))
        first, second = (x[:, :, :: self.stride, :: self.stride] for x in (x_BCHW, shifted))
        return self.norm(torch.cat([self.path1(first), self.path2(second)], dim=1))


class Branch(nn.Module):
    """Convolution, batch norm, ReLU, convolution, batch norm; the block has rectified the input."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.norm1 = convolution(inputs, outputs, stride), nn.BatchNorm2d(outputs)
        self.conv2, self.norm2 = convolution(outputs, outputs), nn.BatchNorm2d(outputs)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """(B, outputs, H / stride, W / stride)."""
        h = F.relu(self.norm1(self.conv1(x_BCHW)), inplace=True)
        return self.norm2(self.conv2(h))


class ShakeShakeBlock(nn.Module):
    """A shortcut and the random mixture of two branches of the rectified input."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.branch1 = Branch(inputs, outputs, stride)
        self.branch2 = Branch(inputs, outputs, stride)
        self.shake = ShakeShake()
        changes = inputs != outputs or stride != 1
        self.shortcut = ShiftedShortcut(inputs, outputs, stride) if changes else nn.Identity()

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """(B, outputs, H / stride, W / stride)."""
        h = F.relu(x_BCHW)
        return self.shortcut(x_BCHW) + self.shake(self.branch1(h), self.branch2(h))


class ShakeShakeNet(ImageClassifier):
    """Three stages of n blocks with channels w, 2w, 4w in each of two branches; depth 6n + 2."""

    def __init__(self, num_classes: int, depth: int, width: int, stem: int) -> None:
        super().__init__()
        n_blocks = blocks_per_stage(depth, layers=6, rest=2)
        self.stem, self.norm = convolution(3, stem), nn.BatchNorm2d(stem)
        self.blocks = three_stages(ShakeShakeBlock, n_blocks, stem, width)
        self.head = nn.Linear(4 * width, num_classes)
        initialise_convolutions(self)

    def features(self, x_BCHW: Tensor) -> Tensor:
        """(B, 4w): averages over pixels after the last ReLU."""
        h = F.relu(self.blocks(self.norm(self.stem(x_BCHW))))
        return h.mean(dim=(2, 3))


def shake_shake(
    num_classes: int, depth: int = 26, width: int = 32, stem: int = 16
) -> ShakeShakeNet:
    """A Shake-Shake network; depth 26 and width w make "26 2 x w d", the paper's `shake_shake_w`.

    "26 2x96d" is published with 26.2 million parameters, which ours has too.

    Args:
        num_classes: outputs.
        depth: layers with weights on the longest way, 6n + 2.
        width: channels w of each branch in the first stage; the others have 2w and 4w.
        stem: channels of the first convolution.
    """
    return ShakeShakeNet(num_classes, depth, width, stem)
