"""Pixels of 0 to 255 as numbers of mean 0 and standard deviation 1.

Shape suffixes: B images, C channels, H and W pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

WHITE = 255


@dataclass(frozen=True, eq=False)
class Normalisation:
    """Normalises each channel of images by a mean and a standard deviation.

    Attributes:
        mean: (C,) float32, of pixels scaled to [0, 1], on the device of the images.
        std: (C,) float32, likewise.
    """

    mean: Tensor
    std: Tensor

    @classmethod
    def of(
        cls,
        mean: Sequence[float] | np.ndarray,
        std: Sequence[float] | np.ndarray,
        device: torch.device,
    ) -> "Normalisation":
        """From two numbers per channel.

        Raises:
            ValueError: a standard deviation is not positive.
        """
        if min(std) <= 0:
            raise ValueError(f"std: {min(std)} for a channel; it must be positive")
        options = {"dtype": torch.float32, "device": device}
        return cls(torch.as_tensor(mean, **options), torch.as_tensor(std, **options))

    def __call__(self, pixels_BCHW: Tensor) -> Tensor:
        """Normalised images (B, C, H, W) float32, laid out in memory as the pixels (uint8)."""
        x_BCHW = pixels_BCHW.to(torch.float32, copy=True).div_(WHITE)
        return x_BCHW.sub_(self.mean[:, None, None]).div_(self.std[:, None, None])

    @property
    def mean_colour(self) -> list[float]:
        """The whole pixel values (C) nearest to the mean, which normalise to about 0."""
        return (WHITE * self.mean).round().tolist()
