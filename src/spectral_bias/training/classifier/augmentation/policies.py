"""RandAugment and AutoAugment for a batch at once, on its device.

Every image gets its own operations. Images that get the same operation at the same strength and
sign go through torchvision together, so that the cost is that of some dozen calls per batch instead
of several per image.

A strength q in [0, 1] is a fraction of an operation's largest value (ours: those of torchvision):
shear by 0.3 of the side, translation by 150/331 of the side (cut to whole pixels), rotation by 30
degrees, brightness, colour, contrast and sharpness times 1 ± 0.9 q, 8 - 4 q bits per channel left
by posterising, inversion above the value 255 (1 - q) by solarising. The first eight take either
sign, each with probability 1/2. Where an image is moved, the mean colour comes in, as in the
released code of Fridovich-Keil et al. 2021. That code differs in other points: enhancement by
0.1 + 1.8 q, which changes least at q = 1/2; translation by 10 q pixels; 4 - 4 q bits.

Shape suffixes: B images, C channels, H and W pixels, L operations one after the other, P policies.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor

LARGEST_MAGNITUDE = 10
"""Magnitude of RandAugment that is strength 1 (released code)."""
LARGEST_LEVEL = 9
"""Level of AutoAugment's policies that is strength 1 (torchvision: levels 0 to 9)."""
TRANSLATION = 150 / 331
SIGNED = (
    *("ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate"),
    *("Brightness", "Color", "Contrast", "Sharpness"),
)
RAND_AUGMENT = (*SIGNED, "Identity", "AutoContrast", "Equalize", "Posterize", "Solarize")
"""The operations of RandAugment; AutoAugment also uses "Invert"."""
Fill = Sequence[float]


class Step(NamedTuple):
    """An operation and its strength in [0, 1]."""

    operation: str
    strength: float


def rand_augmented(
    pixels_BCHW: Tensor, operations: int, magnitude: float, fill: Fill, generator: torch.Generator
) -> Tensor:
    """RandAugment (Cubuk et al. 2020): operations drawn uniformly, all at one magnitude.

    Args:
        pixels_BCHW: uint8.
        operations: L, for each image, drawn with replacement from `RAND_AUGMENT`.
        magnitude: 0 to 10; the strength is magnitude/10.
        fill: pixel value of each channel that comes in where an image is moved.
        generator: on the device of the images.
    """
    steps = [Step(name, magnitude / LARGEST_MAGNITUDE) for name in RAND_AUGMENT]
    draws = {"size": (operations, len(pixels_BCHW)), "generator": generator}
    chosen_LB = torch.randint(0, len(steps), **draws, device=pixels_BCHW.device)
    return _in_turn(pixels_BCHW, steps, chosen_LB, fill, generator)


def auto_augmented(pixels_BCHW: Tensor, fill: Fill, generator: torch.Generator) -> Tensor:
    """AutoAugment (Cubuk et al. 2019): one of 25 policies found on CIFAR-10 for each image.

    A policy has two operations with a probability and a level each. torchvision holds the table of
    the paper; the released code of Fridovich-Keil et al. has a longer one.

    Args:
        pixels_BCHW: uint8.
        fill: pixel value of each channel that comes in where an image is moved.
        generator: on the device of the images.
    """
    device = pixels_BCHW.device
    steps, which_LP, probability_LP = _cifar10_policies()
    size = len(pixels_BCHW)
    policy_B = torch.randint(0, which_LP.shape[1], (size,), generator=generator, device=device)
    uniform_LB = torch.rand((len(which_LP), size), generator=generator, device=device)
    done_LB = uniform_LB < probability_LP.to(device)[:, policy_B]
    identity = steps.index(Step("Identity", 0.0))
    chosen_LB = torch.where(done_LB, which_LP.to(device)[:, policy_B], identity)
    return _in_turn(pixels_BCHW, steps, chosen_LB, fill, generator)


@cache
def _cifar10_policies() -> tuple[list[Step], Tensor, Tensor]:
    """All different steps, and of each policy the two steps' indices and probabilities (2, P)."""
    from torchvision.transforms import AutoAugment, AutoAugmentPolicy

    policies = AutoAugment(AutoAugmentPolicy.CIFAR10).policies
    table = [
        [(Step(name, (level or 0) / LARGEST_LEVEL), p) for name, p, level in policy]
        for policy in policies
    ]
    steps = sorted({step for policy in table for step, _ in policy} | {Step("Identity", 0.0)})
    which_PL = torch.tensor([[steps.index(step) for step, _ in policy] for policy in table])
    probability_PL = torch.tensor([[p for _, p in policy] for policy in table])
    return steps, which_PL.T, probability_PL.T


def _in_turn(
    pixels_BCHW: Tensor,
    steps: Sequence[Step],
    chosen_LB: Tensor,
    fill: Fill,
    generator: torch.Generator,
) -> Tensor:
    """Applies to each image the steps with its indices in `chosen_LB`, with random signs."""
    pixels_BCHW = pixels_BCHW.contiguous()  # torchvision is slower on other layouts
    options = {"generator": generator, "device": pixels_BCHW.device}
    negative_LB = torch.randint(0, 2, chosen_LB.shape, **options)
    signed = torch.tensor([step.operation in SIGNED for step in steps], device=options["device"])
    # Steps 2n and 2n + 1 are the step n with positive and with negative sign.
    for chosen_B in 2 * chosen_LB + negative_LB * signed[chosen_LB]:
        pixels_BCHW = _grouped(pixels_BCHW, steps, chosen_B, fill)
    return pixels_BCHW


def _grouped(pixels_BCHW: Tensor, steps: Sequence[Step], chosen_B: Tensor, fill: Fill) -> Tensor:
    """One step for each image; those with the same step and sign together."""
    order_B = chosen_B.argsort(stable=True)
    found, counts = chosen_B[order_B].unique_consecutive(return_counts=True)
    groups = pixels_BCHW[order_B].split(counts.tolist())
    after = []
    for number, group in zip(found.tolist(), groups, strict=True):
        name, strength = steps[number // 2]
        after.append(operation(name)(group, -strength if number % 2 else strength, fill))
    result_BCHW = torch.empty_like(pixels_BCHW)
    result_BCHW[order_B] = torch.cat(after)
    return result_BCHW


def operation(name: str) -> Callable[[Tensor, float, Fill], Tensor]:
    """The operation of this name: (pixels (B, C, H, W), signed strength, fill) to pixels."""
    return _operations()[name]


@cache
def _operations() -> Mapping[str, Callable[[Tensor, float, Fill], Tensor]]:
    # Importing torchvision takes seconds, which only a training with policies should pay.
    from torchvision.transforms.v2 import functional as F

    def sheared(x: Tensor, across: float, down: float, fill: Fill) -> Tensor:
        degrees = [math.degrees(math.atan(slope)) for slope in (across, down)]
        return F.affine(x, 0.0, [0, 0], 1.0, degrees, fill=fill, center=[0, 0])

    return {
        "Identity": lambda x, q, fill: x,
        "ShearX": lambda x, q, fill: sheared(x, 0.3 * q, 0.0, fill),
        "ShearY": lambda x, q, fill: sheared(x, 0.0, 0.3 * q, fill),
        "TranslateX": lambda x, q, fill: translated(x, q, 0.0, fill),
        "TranslateY": lambda x, q, fill: translated(x, 0.0, q, fill),
        "Rotate": lambda x, q, fill: F.rotate(x, 30 * q, fill=fill),
        "Brightness": lambda x, q, fill: F.adjust_brightness(x, 1 + 0.9 * q),
        "Color": lambda x, q, fill: F.adjust_saturation(x, 1 + 0.9 * q),
        "Contrast": lambda x, q, fill: F.adjust_contrast(x, 1 + 0.9 * q),
        "Sharpness": lambda x, q, fill: F.adjust_sharpness(x, 1 + 0.9 * q),
        "Posterize": lambda x, q, fill: F.posterize(x, 8 - round(4 * q)),
        "Solarize": lambda x, q, fill: F.solarize(x, 255 * (1 - q)),
        "AutoContrast": lambda x, q, fill: F.autocontrast(x),
        "Equalize": lambda x, q, fill: F.equalize(x),
        "Invert": lambda x, q, fill: F.invert(x),
    }


def translated(x_BCHW: Tensor, across: float, down: float, fill: Fill) -> Tensor:
    """Images moved right and down by fractions of `TRANSLATION`, cut to whole pixels.

    The same as torchvision's affine transformation, which is several times slower.
    """
    height, width = x_BCHW.shape[2:]
    rows, columns = int(TRANSLATION * down * height), int(TRANSLATION * across * width)
    colour = torch.tensor(fill, dtype=x_BCHW.dtype, device=x_BCHW.device)
    result_BCHW = torch.empty_like(x_BCHW).copy_(colour[:, None, None])
    (to_y, from_y), (to_x, from_x) = _overlap(rows), _overlap(columns)
    result_BCHW[:, :, to_y, to_x] = x_BCHW[:, :, from_y, from_x]
    return result_BCHW


def _overlap(offset: int) -> tuple[slice, slice]:
    """Where pixels go that are moved by `offset`, and where they come from, along one axis."""
    ahead, behind = slice(max(offset, 0), None), slice(None, -abs(offset) or None)
    return (ahead, behind) if offset >= 0 else (behind, slice(-offset, None))
