"""How exactly float32 products are computed, and by which of the library's ways."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

PRECISIONS = ("float32", "tf32", "bf16")


@contextmanager
def float32_mode(precision: str) -> Iterator[None]:
    """Allows TF32 products on CUDA for the duration ("tf32"), or makes sure that they are exact.

    This concerns matrix products, convolutions and recurrent layers; PyTorch lets convolutions use
    TF32 unless told otherwise. The attributes that are set stand for PyTorch's older switches too,
    which it refuses to a program that has used these.
    """
    import torch

    backends, kinds = torch.backends, ("matmul", "conv", "rnn")
    cuda = [backends.cuda.matmul, backends.cudnn.conv, backends.cudnn.rnn]
    places = [*cuda, *(getattr(backends.mkldnn, kind) for kind in kinds)]
    before = [place.fp32_precision for place in places]
    for place in places:
        place.fp32_precision = "tf32" if precision == "tf32" and place in cuda else "ieee"
    try:
        yield
    finally:
        for place, own in zip(places, before, strict=True):
            place.fp32_precision = own


def autocast(precision: str, device: "torch.device") -> "torch.autocast":
    """Products in bfloat16 within it where `precision` is "bf16"; else nothing changes.

    A CUDA graph must not take weights from a cache that was filled outside of it. Each is cast once
    in a step, so that a cache would save nothing there.
    """
    import torch

    enabled, cached = precision == "bf16", device.type != "cuda"
    return torch.autocast(device.type, torch.bfloat16, enabled=enabled, cache_enabled=cached)


@contextmanager
def tuned_convolutions() -> Iterator[None]:
    """Lets cuDNN try its ways of computing a convolution and keep the fastest, for the duration.

    It tries anew for every shape, so this is for work whose batches all have the same; and the
    choice may differ from run to run, and with it the rounding. It concerns CUDA alone.
    """
    import torch

    before = torch.backends.cudnn.benchmark
    torch.backends.cudnn.benchmark = True
    try:
        yield
    finally:
        torch.backends.cudnn.benchmark = before
