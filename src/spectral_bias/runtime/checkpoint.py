"""Resume checkpoints: written beside a run's outputs, taken up only by the very same run.

The one before the last is kept too, and taken up where the last is damaged.
"""

import logging
import os
import sys
from pathlib import Path
from typing import Any

import torch

from spectral_bias.artefacts import checked
from spectral_bias.checksums import rename, verify

log = logging.getLogger(__name__)


def save_checkpoint(path: Path, fingerprint: str, state: dict[str, Any]) -> None:
    """Writes a checkpoint, and keeps the one before; a killed job leaves one of them whole."""
    with checked(path) as temporary:
        torch.save({"fingerprint": fingerprint, "state": state}, temporary)
        if path.exists():
            rename(path, _previous(path))


def load_checkpoint(path: Path, fingerprint: str) -> dict[str, Any] | None:
    """The saved state, or None where there is none of this fingerprint (settings, code, data).

    A file that cannot be read is set aside, and one line says so.
    """
    for file in (path, _previous(path)):
        content = _content(file) if file.exists() else None
        if content is None:
            continue
        found, state = content
        if found != fingerprint:
            log.warning("checkpoint %s is of other settings or code: training starts afresh", file)
            return None
        return state
    return None


def _previous(path: Path) -> Path:
    return path.with_name(f"{path.stem}.previous{path.suffix}")


def _content(path: Path) -> tuple[str, dict[str, Any]] | None:
    """(fingerprint, state) of a checkpoint; None, once it is set aside, if it is damaged."""
    try:
        verify(path)
        saved = torch.load(path, weights_only=True)
        return saved["fingerprint"], saved["state"]
    except Exception as error:  # a file may be wrong in any way, and each raises its own
        _set_aside(path, error)
        return None


def _set_aside(path: Path, error: Exception) -> None:
    aside = path.with_name(f"{path.name}.damaged")
    os.replace(path, aside)
    reason = (str(error) or type(error).__name__).splitlines()[0]
    line = (
        f"checkpoint {path} cannot be read and is now {aside.name}; training goes on from the one "
        "before it, or starts afresh"
    )
    log.warning("%s (%s)", line, reason)
    print(f"warning: {line}", file=sys.stderr, flush=True)
