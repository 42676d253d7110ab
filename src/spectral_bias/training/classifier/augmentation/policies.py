"""RandAugment and AutoAugment: which operations the images of a batch get.

All choices of an epoch are drawn at once on the CPU, before its first batch: see `operations`.
The sign of an operation that has one is positive with probability 1/2.

Shape suffixes: N batches, B images of each, L operations one after the other, P policies.
"""

from collections.abc import Sequence
from functools import cache

import torch
from torch import Tensor

from spectral_bias.training.classifier.augmentation.operations import (
    SIGNED,
    Plan,
    Step,
    StepTable,
)
from spectral_bias.training.classifier.augmentation.settings import Augmentation

LARGEST_MAGNITUDE = 10
"""Magnitude of RandAugment that is strength 1 (released code)."""
LARGEST_LEVEL = 9
"""Level of AutoAugment's policies that is strength 1 (torchvision: levels 0 to 9)."""
RAND_AUGMENT = (*SIGNED, "Identity", "AutoContrast", "Equalize", "Posterize", "Solarize")
"""The operations of RandAugment; AutoAugment also uses "Invert"."""


class Policy:
    """The policy of an augmentation, ready for images of one shape on one device.

    "randaugment" (Cubuk et al. 2020): so many operations for each image, drawn uniformly and with
    replacement, all at the strength magnitude/10. "autoaugment" (Cubuk et al. 2019): for each image
    one of 25 policies found on CIFAR-10, each of two operations with a probability and a level.
    torchvision holds the table of the paper; the released code of Fridovich-Keil et al. has a
    longer one.

    Args:
        augmentation: its policy, and for RandAugment operations and magnitude.
        image_shape: (C, H, W).
        fill: pixel value of each channel that comes in where an image is moved.
        device: where the images are.
    """

    def __init__(
        self,
        augmentation: Augmentation,
        image_shape: tuple[int, int, int],
        fill: Sequence[float],
        device: torch.device,
    ) -> None:
        self._augmentation = augmentation
        if augmentation.policy == "randaugment":
            strength = augmentation.magnitude / LARGEST_MAGNITUDE
            steps = [Step(name, strength) for name in RAND_AUGMENT]
        else:
            steps = _cifar10_policies()[0]
        # Steps 2n and 2n + 1 are the step n with positive and with negative sign.
        signed = [Step(name, sign * q) for name, q in steps for sign in _signs(name)]
        self._table = StepTable(signed, image_shape, fill, device)

    def drawn(self, n_batches: int, batch_size: int, generator: torch.Generator) -> list[Plan]:
        """Plans for N batches of B images; the generator is one of the CPU."""
        size = (n_batches, batch_size)
        if self._augmentation.policy == "randaugment":
            chosen_NLB = _rand_augment(*size, self._augmentation.operations, generator)
        else:
            chosen_NLB = _auto_augment(*size, generator)
        negative_NLB = torch.randint(0, 2, chosen_NLB.shape, generator=generator)
        return self._table.planned(2 * chosen_NLB + negative_NLB)

    def __call__(self, plan: Plan, pixels_BCHW: Tensor) -> Tensor:
        """The images (B, C, H, W) uint8 of one batch after the policy."""
        return self._table.applied(plan, pixels_BCHW)


def _signs(name: str) -> tuple[int, int]:
    return (1, -1) if name in SIGNED else (1, 1)


def _rand_augment(
    n_batches: int, batch_size: int, operations: int, generator: torch.Generator
) -> Tensor:
    """(N, L, B) indices into `RAND_AUGMENT`."""
    size = (n_batches, operations, batch_size)
    return torch.randint(0, len(RAND_AUGMENT), size, generator=generator)


def _auto_augment(n_batches: int, batch_size: int, generator: torch.Generator) -> Tensor:
    """(N, 2, B) indices into the steps of `_cifar10_policies`."""
    steps, which_LP, probability_LP = _cifar10_policies()
    n_policies = which_LP.shape[1]
    policy_NB = torch.randint(0, n_policies, (n_batches, batch_size), generator=generator)
    uniform_NLB = torch.rand((n_batches, len(which_LP), batch_size), generator=generator)
    done_NLB = uniform_NLB < probability_LP[:, policy_NB].transpose(0, 1)
    identity = steps.index(Step("Identity", 0.0))
    return torch.where(done_NLB, which_LP[:, policy_NB].transpose(0, 1), identity)


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
