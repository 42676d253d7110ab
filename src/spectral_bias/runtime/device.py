"""Which device a job computes on."""

import fcntl
import logging
import os
import stat
import tempfile
from pathlib import Path

import torch

from spectral_bias.errors import UserError

log = logging.getLogger(__name__)
_HELD: list[int] = []
"""Open lock files of this process; a lock ends with the process that holds it."""


def choose_device(wanted: str) -> torch.device:
    """The device named by the setting `device`: "auto", "cpu" or "cuda".

    Of several CUDA devices the first that no other job of this user holds on this machine;
    Snakemake counts GPUs but does not say which one a job should take.

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
    try:
        slot = first_free([f"spectral-bias-{name}" for name in names], private_folder())
    except OSError as error:
        log.warning("no lock on a device (%s); jobs may share the first one", error)
        slot = 0
    return torch.device("cuda", slot)


def private_folder() -> Path:
    """A folder on this machine that this user alone can write to: no one else plants files there.

    Raises:
        OSError: another user made the one in the folder of temporary files.
    """
    of_session = os.environ.get("XDG_RUNTIME_DIR")
    if of_session and _is_private(Path(of_session)):
        return Path(of_session)
    folder = Path(tempfile.gettempdir(), f"spectral-bias-{os.getuid()}")
    folder.mkdir(mode=0o700, exist_ok=True)
    if not _is_private(folder):
        raise PermissionError(f"{folder} is open to other users")
    return folder


def _is_private(folder: Path) -> bool:
    """Whether it is a folder, not a link to one, that this user owns and no other can enter."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    owned = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return owned and not found.st_mode & (stat.S_IRWXG | stat.S_IRWXO)


def first_free(names: list[str], folder: Path) -> int:
    """Index of the first name whose lock file in `folder` is free; it is held until this job ends.

    Where all are held, the first: jobs may share a device, only more slowly.
    """
    for index, name in enumerate(names):
        file = os.open(folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            continue
        _HELD.append(file)
        return index
    return 0


def device_name(device: torch.device) -> str:
    """For records: the kind, and the model of a GPU."""
    if device.type == "cuda":
        return f"cuda ({torch.cuda.get_device_name(device)})"
    return device.type
