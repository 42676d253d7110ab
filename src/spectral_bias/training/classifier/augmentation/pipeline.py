"""All that happens to a batch of training images before the network sees it.

Shape suffixes: N batches, B images of each, C channels, H and W pixels, K classes.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from spectral_bias.training.classifier.augmentation.geometric import (
    cutout,
    random_crop,
    random_flip,
)
from spectral_bias.training.classifier.augmentation.image_frequency import image_frequency_augmented
from spectral_bias.training.classifier.augmentation.mixup import beta_draws, mixed
from spectral_bias.training.classifier.augmentation.operations import Plan
from spectral_bias.training.classifier.augmentation.policies import Policy
from spectral_bias.training.classifier.augmentation.settings import Augmentation
from spectral_bias.training.classifier.normalisation import Normalisation


class Choices(NamedTuple):
    """What is drawn for one batch beforehand; None for what the augmentation does not have.

    Attributes:
        plan: of the policy.
        weight: of mixup, one number on the device of the images.
    """

    plan: Plan | None
    weight: Tensor | None


class Augmenter:
    """An augmentation, ready for images of one shape on one device.

    The policy works on pixels; then the images are normalised, flipped and cropped, changed by
    image-frequency augmentation, cut out, and mixed. (The released code crops the image before the
    policy, which undoes the policy.)

    Nothing in it makes the CPU wait for the device: what the CPU has to know is drawn there, for
    all batches of an epoch at once, and the rest is drawn on the device, batch by batch.

    Args:
        augmentation: what is done.
        image_shape: (C, H, W).
        normalisation: of the training images, on their device.
    """

    def __init__(
        self,
        augmentation: Augmentation,
        image_shape: tuple[int, int, int],
        normalisation: Normalisation,
    ) -> None:
        self._augmentation, self._normalisation = augmentation, normalisation
        self._device = normalisation.mean.device
        self._policy = None
        if augmentation.policy != "none":
            fill = normalisation.mean_colour
            self._policy = Policy(augmentation, image_shape, fill, self._device)

    def drawn(self, n_batches: int, batch_size: int, generator: torch.Generator) -> list[Choices]:
        """The choices for N batches of B images; the generator is one of the CPU."""
        alpha = self._augmentation.mixup_alpha
        plans = weights = [None] * n_batches
        if self._policy is not None:
            plans = self._policy.drawn(n_batches, batch_size, generator)
        if alpha:
            weights = beta_draws(alpha, n_batches, generator).to(self._device)
        return [Choices(*parts) for parts in zip(plans, weights, strict=True)]

    def __call__(
        self,
        pixels_BCHW: Tensor,
        targets_BK: Tensor,
        choices: Choices,
        generator: torch.Generator,
    ) -> tuple[Tensor, Tensor]:
        """A batch as the network is trained on it.

        Args:
            pixels_BCHW: uint8.
            targets_BK: class probabilities, float32.
            choices: one of those `drawn`.
            generator: on the device of the images; the only other source of randomness.

        Returns:
            Normalised images (B, C, H, W) float32, channels last in memory, and their targets
            (B, K).
        """
        augmentation = self._augmentation
        if self._policy is not None:
            pixels_BCHW = self._policy(choices.plan, pixels_BCHW)
        x_BCHW = self._normalisation(pixels_BCHW.contiguous(memory_format=torch.channels_last))
        if augmentation.flip_crop:
            x_BCHW = random_crop(random_flip(x_BCHW, generator), generator)
        if augmentation.image_kind or augmentation.image_amplitude:
            x_BCHW, targets_BK = image_frequency_augmented(
                x_BCHW,
                targets_BK,
                augmentation.image_kind,
                augmentation.image_norm,
                augmentation.image_amplitude,
                generator,
            )
        if augmentation.cutout:
            x_BCHW = cutout(x_BCHW, augmentation.cutout, generator)
        if augmentation.mixup_alpha:
            x_BCHW, targets_BK = mixed(x_BCHW, targets_BK, choices.weight, generator)
        return x_BCHW, targets_BK
