"""The operations of RandAugment and AutoAugment, for a batch at once.

Every image gets its own operation at its own strength. Images with the same operation lie together
while it is done, whatever their strengths, and all images that are moved (sheared, translated,
rotated) go through one gather: with the nearest pixel as interpolation a move is a list of the
pixels that its pixels come from. Which image gets what is known beforehand on the CPU (`planned`),
so nothing that is done to a batch makes the CPU wait for the device.

A strength q in [-1, 1] is a fraction of an operation's largest value (ours: those of torchvision):
shear by 0.3 of the side, translation by 150/331 of the side (cut to whole pixels), rotation by 30
degrees, brightness, colour, contrast and sharpness times 1 + 0.9 q, 8 - 4 q bits per channel left
by posterising, inversion above the value 255 (1 - q) by solarising. Where an image is moved, the
mean colour comes in, as in the released code of Fridovich-Keil et al. 2021. That code differs in
other points: enhancement by 0.1 + 1.8 q, which changes least at q = 1/2; translation by 10 q
pixels; 4 - 4 q bits.

Shape suffixes: N batches, B images, C channels, H and W pixels, P = H W, L operations one after the
other, S steps, V = 2 values of a step.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

TRANSLATION = 150 / 331
MOVES = ("ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate")
ENHANCEMENTS = ("Brightness", "Color", "Contrast", "Sharpness")
SIGNED = (*MOVES, *ENHANCEMENTS)
"""The operations whose strength may be negative."""
GROUPS = (
    *("Move", *ENHANCEMENTS),
    *("Posterize", "Solarize", "AutoContrast", "Equalize", "Invert", "Identity"),
)
"""What images do together."""


class Step(NamedTuple):
    """An operation and its strength in [-1, 1]."""

    operation: str
    strength: float


@dataclass(frozen=True)
class Plan:
    """Which image of one batch gets what.

    Attributes:
        counts: for each of the L operations, how many images each of `GROUPS` has.
        moves: (L + 1, B) for each place of the batch the place where its image was before: to
            bring the images into the order of the groups, L times, and at last into their own.
        values: (L, B, V) of the images' steps, in that order.
    """

    counts: Sequence[Sequence[int]]
    moves: Tensor
    values: Tensor


class StepTable:
    """Some steps, ready for images of one shape on one device.

    Args:
        steps: S of them.
        image_shape: (C, H, W).
        fill: pixel value of each channel that comes in where an image is moved.
        device: where the images are.
    """

    def __init__(
        self,
        steps: Sequence[Step],
        image_shape: tuple[int, int, int],
        fill: Sequence[float],
        device: torch.device,
    ) -> None:
        self._device = device
        self._fill_C1 = torch.tensor(fill, device=device).to(torch.uint8)[:, None]
        moves = sorted({step for step in steps if step.operation in MOVES})
        sources = [_sources(step, *image_shape[1:]) for step in moves]
        self._sources_SP = torch.stack(sources).to(device) if sources else None
        groups = ["Move" if step in moves else step.operation for step in steps]
        self._group_S = torch.tensor([GROUPS.index(group) for group in groups])
        values = [
            (moves.index(step), 0.0) if step in moves else enhancement_values(step)
            for step in steps
        ]
        self._values_SV = torch.tensor(values, dtype=torch.float32)

    def planned(self, chosen_NLB: Tensor) -> list[Plan]:
        """A plan for each of N batches, from the indices of the images' steps, on the CPU."""
        group_NLB = self._group_S[chosen_NLB]
        order_NLB = group_NLB.argsort(dim=2, stable=True)
        place_NLB = order_NLB.argsort(dim=2)
        # In a turn the images lie as the turn before left them, and at last go to their own places.
        between = place_NLB[:, :-1].gather(2, order_NLB[:, 1:])
        moves = torch.cat([order_NLB[:, :1], between, place_NLB[:, -1:]], 1).to(self._device)
        values = self._values_SV[chosen_NLB.gather(2, order_NLB)].to(self._device)
        counts = (group_NLB.unsqueeze(3) == torch.arange(len(GROUPS))).sum(2).tolist()
        return [Plan(*parts) for parts in zip(counts, moves, values, strict=True)]

    def applied(self, plan: Plan, pixels_BCHW: Tensor) -> Tensor:
        """The images (B, C, H, W) uint8 after all steps of the plan, contiguous in memory."""
        pixels_BCHW = pixels_BCHW.contiguous()  # gathering is slower on other layouts
        for counts, moves_B, values_BV in zip(plan.counts, plan.moves, plan.values, strict=False):
            parts = zip(
                GROUPS, pixels_BCHW[moves_B].split(counts), values_BV.split(counts), strict=True
            )
            pixels_BCHW = torch.cat([self._done(*part) for part in parts if len(part[1])])
        return pixels_BCHW[plan.moves[-1]]

    def _done(self, group: str, x_BCHW: Tensor, values_BV: Tensor) -> Tensor:
        if group == "Move":
            return self._moved(x_BCHW, values_BV[:, 0].long())
        return _operations()[group](x_BCHW, *values_BV.T[..., None, None, None])

    def _moved(self, x_BCHW: Tensor, which_B: Tensor) -> Tensor:
        n, n_channels = x_BCHW.shape[:2]
        fill_BC1 = self._fill_C1.expand(n, n_channels, 1)
        framed = torch.cat([x_BCHW.flatten(2), fill_BC1], 2)  # the last pixel is the fill colour
        source_BCP = self._sources_SP[which_B].unsqueeze(1).expand(n, n_channels, -1)
        return framed.gather(2, source_BCP).view_as(x_BCHW)


def _sources(step: Step, height: int, width: int) -> Tensor:
    """(P,): where each pixel of a moved image comes from; H W where from outside.

    It is torchvision that moves an image whose pixel values are their places.
    """
    from torchvision.transforms.v2 import functional as tv

    q, outside = step.strength, float(height * width)
    angle, shift, slopes, options = 0.0, [0, 0], (0.0, 0.0), {}
    match step.operation:
        case "ShearX":
            slopes, options = (0.3 * q, 0.0), {"center": [0, 0]}
        case "ShearY":
            slopes, options = (0.0, 0.3 * q), {"center": [0, 0]}
        case "TranslateX":
            shift = [int(TRANSLATION * q * width), 0]
        case "TranslateY":
            shift = [0, int(TRANSLATION * q * height)]
        case "Rotate":
            places = torch.arange(outside).view(1, height, width)
            return tv.rotate(places, 30 * q, fill=[outside]).flatten().long()
    degrees = [math.degrees(math.atan(slope)) for slope in slopes]
    places = torch.arange(outside).view(1, height, width)
    moved = tv.affine(places, angle, shift, 1.0, degrees, fill=[outside], **options)
    return moved.flatten().long()


def enhancement_values(step: Step) -> tuple[float, float]:
    """The two numbers (V) that the step's operation is given; 0 where it needs none."""
    q = step.strength
    match step.operation:
        case "Posterize":
            return 256 - 2.0 ** round(4 * q), 0.0
        case "Solarize":
            return 255 * (1 - q), 0.0
        case name if name in ENHANCEMENTS:
            return 1 + 0.9 * q, 1 - (1 + 0.9 * q)
    return 0.0, 0.0


@cache
def _operations() -> dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]]:
    """By group: (pixels (B, C, H, W), first and second value (B, 1, 1, 1)) to pixels."""
    # Importing torchvision takes seconds, which only a training with policies should pay.
    from torchvision.transforms.v2 import functional as tv

    def grey(x: Tensor) -> Tensor:
        return tv.rgb_to_grayscale(x).float()

    return {
        "Brightness": lambda x, ratio, rest: _whole(x * ratio),
        "Color": lambda x, ratio, rest: _whole(torch.addcmul(x * ratio, grey(x), rest)),
        "Contrast": lambda x, ratio, rest: _whole(
            torch.addcmul(x * ratio, grey(x).mean((1, 2, 3), keepdim=True), rest)
        ),
        "Sharpness": lambda x, ratio, rest: _sharpened(x, rest),
        "Posterize": lambda x, mask, _: x & mask.to(torch.uint8),
        "Solarize": lambda x, threshold, _: torch.where(x >= threshold, x.bitwise_not(), x),
        "AutoContrast": lambda x, *_: _stretched(x),
        "Equalize": lambda x, *_: tv.equalize(x),
        "Invert": lambda x, *_: x.bitwise_not(),
        "Identity": lambda x, *_: x,
    }


def _whole(x_BCHW: Tensor) -> Tensor:
    """Pixel values from 0 to 255, cut to whole numbers."""
    return x_BCHW.clamp_(0, 255).to(torch.uint8)


def _stretched(x_BCHW: Tensor) -> Tensor:
    """Each channel of an image from its smallest value at 0 to its largest at 255."""
    low, high = (bound((2, 3), keepdim=True).float() for bound in (x_BCHW.amin, x_BCHW.amax))
    scale = (high - low) * (1 / 255)
    # torchvision's numbers, without its indexing by a mask.
    return torch.where(high == low, x_BCHW, _whole((x_BCHW - low) / scale))


def _sharpened(x_BCHW: Tensor, rest_B111: Tensor) -> Tensor:
    """The inner pixels plus `rest` times what smoothing by 3 x 3 pixels changes."""
    n_channels, height, width = x_BCHW.shape[1:]
    if min(height, width) < 3:
        return x_BCHW
    kernel = torch.full((n_channels, 1, 3, 3), 1 / 13, device=x_BCHW.device)
    kernel[:, :, 1, 1] = 5 / 13
    x = x_BCHW.float()
    smooth = F.conv2d(x, kernel, groups=n_channels).round_()
    inner = x[:, :, 1:-1, 1:-1]
    inner.addcmul_(smooth.sub_(inner), rest_B111)
    return _whole(x)
