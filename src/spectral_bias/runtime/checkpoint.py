"""Resume checkpoints: written beside a run's outputs, taken up only by the very same run."""

import logging
import os
import pickle
from pathlib import Path
from typing import Any

import torch

log = logging.getLogger(__name__)


def save_checkpoint(path: Path, fingerprint: str, state: dict[str, Any]) -> None:
    """Writes to a temporary file and renames, so that a killed job leaves the older one whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".partial")
    torch.save({"fingerprint": fingerprint, "state": state}, temporary)
    os.replace(temporary, path)


def load_checkpoint(path: Path, fingerprint: str) -> dict[str, Any] | None:
    """The saved state, or None where there is none of this fingerprint (settings, code, data)."""
    if not path.exists():
        return None
    try:
        saved = torch.load(path, weights_only=True)
    except (RuntimeError, EOFError, OSError, pickle.UnpicklingError) as error:
        log.warning("checkpoint %s cannot be read (%s): training starts afresh", path, error)
        return None
    if saved["fingerprint"] != fingerprint:
        log.warning("checkpoint %s is of other settings or code: training starts afresh", path)
        return None
    return saved["state"]
