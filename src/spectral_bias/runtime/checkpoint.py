"""Resume checkpoints: written beside a run's outputs, taken up only by the very same run."""

import logging
import os
import pickle
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

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
    """Writes to a temporary file and renames, so that a killed job leaves the older one whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".partial")
    torch.save({"fingerprint": fingerprint, "state": state}, temporary)
    os.replace(temporary, path)


def load_checkpoint(path: Path, fingerprint: str) -> State | None:
    """The saved state, or None where there is none of this fingerprint (settings, code, data).

    Its tensors are on the CPU, wherever they were: the machine that goes on may have another GPU,
    or none, and whoever takes the state up copies it to where it computes.
    """
    if not path.exists():
        return None
    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, OSError, pickle.UnpicklingError) as error:
        log.warning("checkpoint %s cannot be read (%s): training starts afresh", path, error)
        return None
    if saved["fingerprint"] != fingerprint:
        log.warning("checkpoint %s is of other settings or code: training starts afresh", path)
        return None
    return saved["state"]
