"""How diverse the images of a class are (Fridovich-Keil et al. 2021, ImageNet).

Three numbers: the mean distance of two of its images, as pixels or as features of a network, and
the size of their losslessly compressed mean, since the mean of images that have little in common is
a blur, which compresses well (as for ImageNet, Deng et al. 2009).

Shape suffixes: N images, D numbers of each, H and W pixels.
"""

import io

import numpy as np
import torch
from PIL import Image
from torch import Tensor


def mean_pairwise_distance(x_ND: Tensor) -> float:
    """Mean Euclidean distance over all N (N - 1)/2 pairs of rows.

    Raises:
        ValueError: fewer than two rows.
    """
    if len(x_ND) < 2:
        raise ValueError(f"a distance needs two rows, got {len(x_ND)}")
    # Not by way of products, which lose all digits where rows are nearly equal.
    return torch.nn.functional.pdist(x_ND.flatten(1).double()).mean().item()


def mean_image(pixels_N3HW: Tensor) -> np.ndarray:
    """(H, W, 3) uint8: the mean of images of 0 to 255, rounded."""
    mean = pixels_N3HW.to(torch.float64).mean(dim=0)
    return mean.round().to(device="cpu", dtype=torch.uint8).permute(1, 2, 0).numpy()


def compressed_bytes(image_HW3: np.ndarray) -> int:
    """Bytes of an image (H, W, 3) uint8 as an optimised PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(image_HW3).save(buffer, "PNG", optimize=True)
    return len(buffer.getvalue())
