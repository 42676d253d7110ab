"""Arrays, classes and soft targets, as users hold them.

Shape suffixes: B images of a batch, M of a set, K classes.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from spectral_bias.errors import UserError


def tensor_of(values: Any) -> Tensor:
    """A tensor, array or list as a tensor; an array is copied only if it may not be written."""
    if isinstance(values, np.ndarray):
        values = np.require(values, requirements="W")
    return torch.as_tensor(values).detach()


def class_count(labels_M: Tensor, given: int | None) -> int:
    """K, as given or by the largest label.

    Raises:
        UserError: a label is out of range.
    """
    least = int(labels_M.max()) + 1
    if given is not None and given < least:
        raise UserError(
            f"n_classes: {given}, but the labels go up to {least - 1}; classes count from 0"
        )
    return least if given is None else given


def soft_targets(targets: Any, n_classes: int, count: int) -> Tensor:
    """Targets (B, K) float32 from classes (B,) or targets (B, K).

    Raises:
        UserError: they are neither, not for B = count images, or a class is out of range.
    """
    targets = tensor_of(targets)
    if tuple(targets.shape) == (count, n_classes):
        return targets.float()
    if tuple(targets.shape) != (count,):
        raise UserError(
            f"targets: have the shape {tuple(targets.shape)}; give classes ({count},), or one-hot "
            f"or soft targets ({count}, {n_classes})"
        )
    if targets.is_floating_point():
        raise UserError("targets: are no whole numbers; give the index of each image's class")
    if count and not 0 <= int(targets.min()) <= int(targets.max()) < n_classes:
        odd = int(targets.min()) if int(targets.min()) < 0 else int(targets.max())
        raise UserError(
            f"targets: hold class {odd}, but there are {n_classes} classes, counted from 0; make "
            "NoiseFitting with the right n_classes"
        )
    return F.one_hot(targets.long(), n_classes).float()
