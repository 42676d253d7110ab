"""Which device a job computes on."""

import fcntl
import tempfile
from pathlib import Path

import torch

from spectral_bias.errors import UserError

_HELD = []
"""Lock files of this process; a lock ends with the process that holds it."""


def choose_device(wanted: str) -> torch.device:
    """The device named by the setting `device`: "auto", "cpu" or "cuda".

    Of several CUDA devices the first that no other job of this user's machine holds; Snakemake
    counts GPUs but does not say which one a job should take.

    Raises:
        UserError: for "cuda" where PyTorch sees no such device.
    """
    if wanted == "cuda" and not torch.cuda.is_available():
        raise UserError(
            "device: cuda is wanted, but PyTorch sees no CUDA device; use device=auto or device=cpu"
        )
    if wanted == "cpu" or not torch.cuda.is_available():
        return torch.device("cpu")
    names = [torch.cuda.get_device_properties(i).uuid for i in range(torch.cuda.device_count())]
    slot = first_free([f"spectral-bias-{name}" for name in names], Path(tempfile.gettempdir()))
    return torch.device("cuda", slot)


def first_free(names: list[str], folder: Path) -> int:
    """Index of the first name whose lock file in `folder` is free; it is held until this job ends.

    Where all are held, the first: jobs may share a device, only more slowly.
    """
    for index, name in enumerate(names):
        file = (folder / f"{name}.lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            continue
        _HELD.append(file)
        return index
    return 0


def device_name(device: torch.device) -> str:
    """For records: the kind, and the model of a GPU."""
    if device.type == "cuda":
        return f"cuda ({torch.cuda.get_device_name(device)})"
    return device.type
