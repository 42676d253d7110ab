"""Where a network computes, and how it wants images laid out in memory."""

import os
from typing import Any

import torch
from torch import nn

from spectral_bias.errors import UserError


def device_of(network: Any, wanted: str | torch.device | None) -> torch.device:
    """Where to compute: the device that is wanted, to which the network is moved, or its own.

    Raises:
        UserError: there is no such device.
    """
    if wanted is None:
        tensors = network.parameters() if isinstance(network, nn.Module) else iter(())
        return next((tensor.device for tensor in tensors), torch.device("cpu"))
    place = named_device(wanted)
    if isinstance(network, nn.Module):
        network.to(place)
    return place


def named_device(wanted: str | torch.device) -> torch.device:
    """The device of that name, "auto" being a CUDA device if there is one.

    Raises:
        UserError: PyTorch knows or sees no such device.
    """
    if wanted == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        place = torch.device(wanted)
    except RuntimeError:
        raise UserError(f"device: {wanted!r} is none; write cpu, cuda, cuda:1 or auto") from None
    if place.type not in ("cpu", "cuda"):
        raise UserError(f"device: {place} is not supported; write cpu, cuda, cuda:1 or auto")
    if place.type == "cuda" and (place.index or 0) >= torch.cuda.device_count():
        seen = torch.cuda.device_count()
        raise UserError(f"device: {place} is not there; PyTorch sees {seen} CUDA devices; use cpu")
    return place


def layout_of(network: Any) -> torch.memory_format:
    """How the network's convolutions want images laid out in memory."""
    tensors = network.parameters() if isinstance(network, nn.Module) else ()
    last = torch.channels_last
    for tensor in tensors:
        if tensor.ndim == 4 and not tensor.is_contiguous():
            return last if tensor.is_contiguous(memory_format=last) else torch.contiguous_format
    return torch.contiguous_format


def threads_for_reading() -> int:
    """Threads that decode image files beside the network's own (ours): at most eight."""
    return min(8, os.cpu_count() or 1)
