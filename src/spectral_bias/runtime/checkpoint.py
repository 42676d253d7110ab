"""Resume checkpoints: written beside a run's outputs, taken up only by the very same run.

The one before the last is kept too, and taken up where the last is damaged.
"""

import logging
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from spectral_bias.artefacts import checked
from spectral_bias.checksums import rename, verify
from spectral_bias.runtime.interrupt import uninterrupted

log = logging.getLogger(__name__)

State = dict[str, Any]
"""Tensors, numbers, text, lists and mappings of them."""


class Checkpoint:
    """The resume checkpoint of a training, or of a part of it.

    Args:
        path: the file; None for no checkpoint.
        fingerprint: names settings, code and data; only a state that bears it is taken up.
        seconds: least time between two states that are saved because they are `due`.
    """

    def __init__(self, path: Path | None, fingerprint: str, seconds: float = 30.0) -> None:
        self.path, self.fingerprint, self.seconds = path, fingerprint, seconds
        self._saved_at = time.monotonic()

    def load(self) -> State | None:
        """The saved state, its tensors on the CPU, if there is one of this fingerprint."""
        return None if self.path is None else load_checkpoint(self.path, self.fingerprint)

    @property
    def due(self) -> bool:
        """Whether the last state was saved long ago."""
        return self.path is not None and time.monotonic() - self._saved_at >= self.seconds

    def save(self, state: State) -> None:
        """Saves a state in place of the one before."""
        if self.path is not None:
            with uninterrupted():  # a second SIGTERM must not stop what the first one began
                save_checkpoint(self.path, self.fingerprint, state)
            self._saved_at = time.monotonic()

    @contextmanager
    def saved_when_interrupted(self, state: Callable[[], State]) -> Iterator[None]:
        """Saves the state if SIGTERM or Ctrl-C ends the block; steps in it are `uninterrupted`."""
        try:
            yield
        except (SystemExit, KeyboardInterrupt):
            self.save(state())
            raise


def save_checkpoint(path: Path, fingerprint: str, state: State) -> None:
    """Writes a checkpoint, and keeps the one before; a killed job leaves one of them whole."""
    with checked(path) as temporary:
        torch.save({"fingerprint": fingerprint, "state": state}, temporary)
        if path.exists():
            rename(path, _previous(path))


def load_checkpoint(path: Path, fingerprint: str) -> State | None:
    """The saved state, or None where there is none of this fingerprint (settings, code, data).

    Its tensors are on the CPU, wherever they were: the machine that goes on may have another GPU,
    or none, and whoever takes the state up copies it to where it computes. A file that cannot be
    read is set aside, and one line says so.
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


def _content(path: Path) -> tuple[str, State] | None:
    """(fingerprint, state) of a checkpoint; None, once it is set aside, if it is damaged."""
    try:
        verify(path)
        saved = torch.load(path, map_location="cpu", weights_only=True)
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
