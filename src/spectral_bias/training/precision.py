"""How exactly float32 products are computed."""

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


def autocast(precision: str, device: "torch.device") -> "torch.autocast":
    """Products in bfloat16 within it where `precision` is "bf16"; else nothing changes."""
    import torch

    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bf16")
