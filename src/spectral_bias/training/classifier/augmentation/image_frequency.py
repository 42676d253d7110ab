"""Image-frequency augmentation: random images of a given spectrum added to the training images.

Fridovich-Keil et al. 2021, Figure 13. Shape suffixes: B images, C channels, H and W pixels, K
classes.
"""

import torch
from torch import Tensor

from spectral_bias.spectra.image_basis import composite_weights, synthesised


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
    image of either kind to a random half of the batch).

    Args:
        x_BCHW: normalised images.
        targets_BK: their class probabilities.
        kind: spectrum of what is added, "f2" or "1/f2".
        norm: Euclidean norm of what is added.
        amplitude: a, in [0, 1].
        generator: on the device of the images.
    """
    added = random_images(kind, norm, x_BCHW, generator)
    smoothed = (1 - amplitude) * targets_BK + amplitude / targets_BK.shape[1]
    return x_BCHW + added, smoothed


def random_images(kind: str, norm: float, like_BCHW: Tensor, generator: torch.Generator) -> Tensor:
    """(B, C, H, W): for each image another random one, the same in all channels.

    A sum of all Fourier basis images with weights f² or 1/f² and random signs. As the basis is
    orthonormal, the Euclidean norm is `norm` whatever the signs, and the power at spatial frequency
    f goes as f^4 or f^-4.
    """
    n, n_channels, height, width = like_BCHW.shape
    device = like_BCHW.device
    weights_HW = norm * composite_weights(kind, height, width).to(device, like_BCHW.dtype)
    bits = torch.randint(0, 2, (n, height, width), generator=generator, device=device)
    return synthesised(weights_HW * (2 * bits - 1), n_channels)
