"""All that happens to a batch of training images before the network sees it.

Shape suffixes: B images, C channels, H and W pixels, K classes.
"""

import torch
from torch import Tensor

from spectral_bias.training.classifier.augmentation.geometric import (
    cutout,
    random_crop,
    random_flip,
)
from spectral_bias.training.classifier.augmentation.image_frequency import image_frequency_augmented
from spectral_bias.training.classifier.augmentation.mixup import mixed
from spectral_bias.training.classifier.augmentation.policies import auto_augmented, rand_augmented
from spectral_bias.training.classifier.augmentation.settings import Augmentation
from spectral_bias.training.classifier.normalisation import Normalisation


def augmented(
    augmentation: Augmentation,
    pixels_BCHW: Tensor,
    targets_BK: Tensor,
    normalisation: Normalisation,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """A batch as the network is trained on it.

    The policy works on pixels; then the images are normalised, flipped and cropped, changed by
    image-frequency augmentation, cut out, and mixed. (The released code crops the image before the
    policy, which undoes the policy.)

    Args:
        augmentation: what is done.
        pixels_BCHW: uint8.
        targets_BK: class probabilities, float32.
        normalisation: of the training images.
        generator: on the device of the images; the only source of randomness.

    Returns:
        Normalised images (B, C, H, W) float32, channels last in memory, and their targets (B, K).
    """
    if augmentation.policy != "none":
        pixels_BCHW = _by_policy(augmentation, pixels_BCHW, normalisation.mean_colour, generator)
    x_BCHW = normalisation(pixels_BCHW.contiguous(memory_format=torch.channels_last))
    if augmentation.flip_crop:
        x_BCHW = random_crop(random_flip(x_BCHW, generator), generator)
    if augmentation.image_kind:
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
        x_BCHW, targets_BK = mixed(x_BCHW, targets_BK, augmentation.mixup_alpha, generator)
    return x_BCHW, targets_BK


def _by_policy(
    augmentation: Augmentation, pixels_BCHW: Tensor, fill: list[float], generator: torch.Generator
) -> Tensor:
    if augmentation.policy == "autoaugment":
        return auto_augmented(pixels_BCHW, fill, generator)
    operations, magnitude = augmentation.operations, augmentation.magnitude
    return rand_augmented(pixels_BCHW, operations, magnitude, fill, generator)
