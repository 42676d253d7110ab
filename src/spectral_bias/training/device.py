"""Which device a job computes on."""

import torch

from spectral_bias.jobs import UserError


def choose_device(wanted: str) -> torch.device:
    """The device named by the setting `device`: "auto", "cpu" or "cuda".

    Raises:
        UserError: for "cuda" where PyTorch sees no such device.
    """
    if wanted == "cuda" and not torch.cuda.is_available():
        raise UserError(
            "device: cuda is wanted, but PyTorch sees no CUDA device; use device=auto or device=cpu"
        )
    return torch.device("cuda" if torch.cuda.is_available() and wanted != "cpu" else "cpu")


def device_name(device: torch.device) -> str:
    """For records: the kind, and the model of a GPU."""
    if device.type == "cuda":
        return f"cuda ({torch.cuda.get_device_name(device)})"
    return device.type
