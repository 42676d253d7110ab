"""What every training job writes: its record and its files, whatever it trains."""

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from spectral_bias.artefacts import write_arrays, write_json, write_table, write_tensors
from spectral_bias.provenance import run_key, versions
from spectral_bias.training.device import device_name

LIVE_SECONDS = 5.0
"""Interval at which a growing run offers its curves to MLflow."""


@dataclass(frozen=True)
class TrainingJob:
    """A training job under way.

    Attributes:
        facts: what run.json will hold, as far as it is known at the start.
        folder: where the run's files go; resume checkpoints lie in `folder`/resume.
        started: on the monotonic clock, in seconds.
    """

    facts: dict[str, Any]
    folder: Path
    started: float

    @classmethod
    def begin(
        cls,
        run: Mapping[str, Any],
        folder: Path,
        *,
        scale: str,
        code_version: str,
        data_checksum: str,
        members: int,
        device: torch.device,
        more: Mapping[str, Any] | None = None,
    ) -> "TrainingJob":
        """The job of one run; `run` are its resolved settings, `members` its networks.

        `more` are further facts for run.json.
        """
        facts = {
            "paper": run["paper"],
            "run": run["run"],
            "scale": scale,
            "run_key": run_key(run, code_version, data_checksum),
            "settings": dict(run),
            "code_version": code_version,
            "data_checksum": data_checksum,
            "members": members,
            "seed": run["seed"],
            "device": device_name(device),
            "precision": run["precision"],
            "versions": versions(),
            "started": _now(),
            "result_path": str(folder),
        } | dict(more or {})
        return cls(facts, folder, time.monotonic())

    @property
    def resume(self) -> Path:
        """The folder of resume checkpoints."""
        return self.folder / "resume"

    @property
    def key(self) -> str:
        """The run key: names settings, code and data."""
        return self.facts["run_key"]

    def finish(
        self,
        tensors: Mapping[str, torch.Tensor],
        history: Mapping[str, np.ndarray],
        metrics: pd.DataFrame,
        *,
        resumed: bool,
    ) -> None:
        """Writes model.safetensors, history.npz, metrics.csv and, last, run.json.

        run.json comes last since it says that the others are there; checkpoints are removed.
        """
        seconds = time.monotonic() - self.started
        ended = {
            "finished": _now(),
            "wall_seconds": round(seconds, 2),
            "resumed": resumed,
            "status": "finished",
        }
        meta = {"run_key": self.key}
        write_tensors(self.folder / "model.safetensors", tensors, meta)
        write_arrays(self.folder / "history.npz", history, meta)
        write_table(self.folder / "metrics.csv", metrics)
        write_json(self.folder / "run.json", self.facts | ended)
        shutil.rmtree(self.resume, ignore_errors=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
