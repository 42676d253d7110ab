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

    This concerns matrix products and convolutions; PyTorch lets the latter use TF32 unless told
    otherwise.
    """
    import torch

    tf32 = precision == "tf32"
    before = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    torch.set_float32_matmul_precision("high" if tf32 else "highest")
    torch.backends.cudnn.allow_tf32 = tf32
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before[0])
        torch.backends.cudnn.allow_tf32 = before[1]


@contextmanager
def exact_float32() -> Iterator[None]:
    """Makes sure that float32 products are exact, within a program that has settings of its own.

    As `float32_mode`, which PyTorch refuses to a program that chose its precision by attributes
    named fp32_precision; these stand for both ways.
    """
    import torch

    backends = torch.backends
    kinds = ("matmul", "conv", "rnn")
    places = [backends.cuda.matmul, backends.cudnn.conv, backends.cudnn.rnn]
    places += [getattr(backends.mkldnn, kind) for kind in kinds]
    before = [place.fp32_precision for place in places]
    for place in places:
        place.fp32_precision = "ieee"
    try:
        yield
    finally:
        for place, precision in zip(places, before, strict=True):
            place.fp32_precision = precision


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
