"""Flip, crop and cutout: random changes of where things are in an image.

Shape suffixes: B images, C channels, H and W pixels.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

CROP_PADDING = 4


def random_flip(x_BCHW: Tensor, generator: torch.Generator) -> Tensor:
    """Each image mirrored left to right with probability 1/2."""
    chosen = torch.rand(len(x_BCHW), generator=generator, device=x_BCHW.device) < 0.5
    return torch.where(chosen[:, None, None, None], x_BCHW.flip(3), x_BCHW)


def random_crop(x_BCHW: Tensor, generator: torch.Generator, padding: int = CROP_PADDING) -> Tensor:
    """Each image moved by up to `padding` pixels each way; zeros (the mean colour) come in."""
    n, _, height, width = x_BCHW.shape
    padded = F.pad(x_BCHW, (padding,) * 4)
    options = {"generator": generator, "device": x_BCHW.device}
    top, left = torch.randint(0, 2 * padding + 1, (2, n, 1), **options)
    rows = top + torch.arange(height, device=x_BCHW.device)
    columns = left + torch.arange(width, device=x_BCHW.device)
    image = torch.arange(n, device=x_BCHW.device)[:, None, None]
    # Indexing the pixels puts channels last; the view back is of PyTorch's channels-last layout.
    cropped_BHWC = padded.permute(0, 2, 3, 1)[image, rows[:, :, None], columns[:, None, :]]
    return cropped_BHWC.permute(0, 3, 1, 2)


def cutout(x_BCHW: Tensor, side: int, generator: torch.Generator) -> Tensor:
    """A square of each image set to zero (the mean colour), in all channels.

    It is centred at a random pixel c, covers c - side//2 to c + side//2 - 1 both ways, and is cut
    off at the image's border (DeVries and Taylor 2017; released code of Fridovich-Keil et al.
    2021). An odd side is taken one pixel smaller, as there.
    """
    n, _, height, width = x_BCHW.shape
    options = {"generator": generator, "device": x_BCHW.device}
    inside_BH, inside_BW = (
        _interval(torch.randint(0, size, (n, 1), **options), size, side // 2)
        for size in (height, width)
    )
    square_BHW = inside_BH[:, :, None] & inside_BW[:, None, :]
    return torch.where(square_BHW[:, None], 0, x_BCHW)


def _interval(centres_B1: Tensor, size: int, half: int) -> Tensor:
    """(B, size): which of `size` pixels lie from c - half to c + half - 1."""
    distance = torch.arange(size, device=centres_B1.device) - centres_B1
    return (distance >= -half) & (distance < half)
