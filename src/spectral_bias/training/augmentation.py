"""Random changes of training images, for a whole batch at once and on its device.

Shape suffixes: B images, C channels, H and W pixels.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

CROP_PADDING = 4
AUGMENTATIONS = ("none", "flip_crop")


def augmented(name: str, x_BCHW: Tensor, generator: torch.Generator) -> Tensor:
    """The batch after the augmentation `name`, one of `AUGMENTATIONS`."""
    if name == "none":
        return x_BCHW
    if name == "flip_crop":
        return random_crop(random_flip(x_BCHW, generator), generator)
    raise ValueError(f"unknown augmentation {name!r}; known: {', '.join(AUGMENTATIONS)}")


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
