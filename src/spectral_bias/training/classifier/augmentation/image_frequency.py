"""Image-frequency augmentation: random images of a given spectrum added to the training images.

Fridovich-Keil et al. 2021, Figure 13. Shape suffixes: B images, C channels, H and W pixels, K
classes.
"""

from functools import cache

import torch
from torch import Tensor

from spectral_bias.spectra.image_basis import composite_weights, synthesised
from spectral_bias.training.classifier.augmentation.settings import BOTH


def image_frequency_augmented(
    x_BCHW: Tensor,
    targets_BK: Tensor,
    kind: str,
    norm: float,
    amplitude: float,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Images with `random_images` added; targets (1 - a) target + a / K.

    Every image is changed, each by an image of its own (ours; the released code adds one fixed
    image of either kind). Without a kind the labels alone are smoothed: the control.

    Args:
        x_BCHW: normalised images.
        targets_BK: their class probabilities.
        kind: spectrum of what is added, "f2", "1/f2" or "both" (half of the batch each); "" for
            nothing.
        norm: Euclidean norm of what is added.
        amplitude: a, in [0, 1].
        generator: on the device of the images.
    """
    if kind:
        x_BCHW = x_BCHW + random_images(kind, norm, x_BCHW, generator)
    return x_BCHW, (1 - amplitude) * targets_BK + amplitude / targets_BK.shape[1]


def random_images(kind: str, norm: float, like_BCHW: Tensor, generator: torch.Generator) -> Tensor:
    """(B, C, H, W): for each image another random one, the same in all channels.

    A sum of all Fourier basis images with weights f² or 1/f² and random signs. As the basis is
    orthonormal, the Euclidean norm is `norm` whatever the signs, and the power at spatial frequency
    f goes as f^4 or f^-4. Of kind "both", half of the images (rounded down), chosen at random, get
    f² and the others 1/f² (the released code's default).
    """
    n, n_channels, height, width = like_BCHW.shape
    device = like_BCHW.device
    bits = torch.randint(0, 2, (n, height, width), generator=generator, device=device)
    options = height, width, device, like_BCHW.dtype
    if kind == BOTH:
        rising_B = torch.randperm(n, generator=generator, device=device) < n // 2
        weights = torch.where(
            rising_B[:, None, None], _weights("f2", *options), _weights("1/f2", *options)
        )
    else:
        weights = _weights(kind, *options)
    return synthesised(norm * weights * (2 * bits - 1), n_channels)


@cache
def _weights(
    kind: str, height: int, width: int, device: torch.device, dtype: torch.dtype
) -> Tensor:
    """(H, W): `composite_weights`, made once and not for every batch."""
    return composite_weights(kind, height, width).to(device, dtype)
