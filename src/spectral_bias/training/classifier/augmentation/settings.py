"""Which random changes training images get."""

from dataclasses import dataclass

from spectral_bias.spectra.composites import COMPOSITES

POLICIES = ("none", "randaugment", "autoaugment")
BOTH = "both"
"""The kind of image that is f2 for half of a batch and 1/f2 for the others."""


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
        image_kind: spectrum of the images that are added, "f2", "1/f2", or "both" for half of each
            batch either; "" for none.
        image_norm: their Euclidean norm.
        image_amplitude: label smoothing that goes with them, or alone if there are none.

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
        if self.image_kind not in ("", BOTH, *COMPOSITES):
            raise ValueError(
                f"image_kind: {self.image_kind!r}; choose f2, 1/f2, both, or an empty text for none"
            )
        if self.image_norm and not self.image_kind:
            raise ValueError(
                f"image_norm: {self.image_norm:g}, but no images are added; choose an image_kind, "
                "or 0 to smooth labels alone"
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
