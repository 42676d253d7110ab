"""All that happens to a batch of training images before the network sees it.

Shape suffixes: B images, C channels, H and W pixels, K classes.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from spectral_bias.spectra.image_basis import COMPOSITES
from spectral_bias.training.classifier.augmentation.geometric import (
    cutout,
    random_crop,
    random_flip,
)
from spectral_bias.training.classifier.augmentation.image_frequency import image_frequency_augmented
from spectral_bias.training.classifier.augmentation.mixup import mixed
from spectral_bias.training.classifier.augmentation.policies import auto_augmented, rand_augmented
from spectral_bias.training.classifier.normalisation import Normalisation

POLICIES = ("none", "randaugment", "autoaugment")


@dataclass(frozen=True)
class Augmentation:
    """Which random changes are made, in the order of the attributes but for cutout.

    Attributes:
        name: what it is called in tables and figures.
        flip_crop: mirror with probability 1/2, then move by up to 4 pixels.
        cutout: side in pixels of the square that is set to the mean colour; 0 for none.
        policy: "none", "randaugment" or "autoaugment" (the policies found on CIFAR-10).
        operations: of RandAugment, for each image.
        magnitude: of RandAugment's operations, from 0 to 10.
        mixup_alpha: parameter of mixup's Beta distribution; 0 for no mixup.
        image_kind: spectrum of the images that are added, "f2" or "1/f2"; "" for none.
        image_norm: their Euclidean norm.
        image_amplitude: label smoothing that goes with them.

    Raises:
        ValueError: a value does not fit; the text starts with its name.
    """

    name: str
    flip_crop: bool = False
    cutout: int = 0
    policy: str = "none"
    operations: int = 0
    magnitude: float = 0.0
    mixup_alpha: float = 0.0
    image_kind: str = ""
    image_norm: float = 0.0
    image_amplitude: float = 0.0

    def __post_init__(self) -> None:
        if self.policy not in POLICIES:
            raise ValueError(f"policy: {self.policy!r}; choose one of {', '.join(POLICIES)}")
        if self.image_kind not in ("", *COMPOSITES):
            raise ValueError(
                f"image_kind: {self.image_kind!r}; choose f2, 1/f2, or an empty text for none"
            )
        if self.policy == "randaugment" and self.operations < 1:
            raise ValueError("operations: 0, but RandAugment needs at least one; choose 1 or more")
        for key, largest in (("magnitude", 10), ("image_amplitude", 1)):
            value = getattr(self, key)
            if not 0 <= value <= largest:
                raise ValueError(f"{key}: {value:g}; choose a number from 0 to {largest}")
        for key in ("cutout", "mixup_alpha", "image_norm"):
            if not getattr(self, key) >= 0:
                raise ValueError(f"{key}: {getattr(self, key)}; choose 0 or more")


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
