"""What training jobs have in common, whatever they train: record, files, progress."""

import logging
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import torch

from spectral_bias.artefacts import write_arrays, write_json, write_table, write_tensors
from spectral_bias.provenance import run_key, versions
from spectral_bias.runtime.device import choose_device, device_name
from spectral_bias.runtime.progress import Progress
from spectral_bias.runtime.reuse import RESUME
from spectral_bias.tracking import LiveRun, live_uri, tracking_uri

log = logging.getLogger(__name__)
LIVE_SECONDS = 5.0
"""Interval at which a growing run offers its curves to MLflow."""


class TrainingRun(Protocol):
    """What a record says of any run; see `training.runs`."""

    paper: str
    run: str
    seed: int

    def settings(self) -> dict[str, Any]:
        """Resolved settings, precision among them."""
        ...


@dataclass(frozen=True)
class JobContext:
    """What a training job is told besides its run.

    Attributes:
        scale: name of the scale.
        code_version: of the modules that the job runs.
        device: "auto", "cpu" or "cuda".
        threads: that PyTorch may use on a CPU.
        tracking_uri: MLflow's store to show the job in while it lasts, None for none.
        live_after_seconds: how long a job must last to be shown there while it runs.
    """

    scale: str
    code_version: str
    device: str = "cpu"
    threads: int = 1
    tracking_uri: str | None = None
    live_after_seconds: float = 60.0

    @classmethod
    def of(cls, snakemake: Any) -> "JobContext":
        """Of the `snakemake` object that a training script gets."""
        tracking = snakemake.config["tracking"]
        return cls(
            scale=snakemake.params.scale,
            code_version=snakemake.params.code,
            device=snakemake.config["device"],
            threads=snakemake.threads,
            tracking_uri=live_uri(tracking_uri("results", tracking["uri"])),
            live_after_seconds=tracking["live_after_seconds"],
        )

    def place(self) -> torch.device:
        """The device that `device` names, once PyTorch has its number of threads."""
        torch.set_num_threads(self.threads)
        return choose_device(self.device)


@dataclass(frozen=True)
class TrainingJob:
    """A training job under way.

    Attributes:
        facts: what run.json will hold, as far as it is known at the start.
        folder: where the run's files go; resume checkpoints lie in `folder`/resume/<key>.
        context: what the job was told besides its run.
        started: on the monotonic clock, in seconds.
    """

    facts: dict[str, Any]
    folder: Path
    context: JobContext
    started: float

    @classmethod
    def begin(
        cls,
        run: TrainingRun,
        folder: Path,
        context: JobContext,
        *,
        data_checksum: str,
        members: int,
        device: torch.device,
        more: Mapping[str, Any] | None = None,
    ) -> "TrainingJob":
        """The job of one run of `members` networks; `more` are further facts for run.json."""
        settings = run.settings()
        facts = {
            "paper": run.paper,
            "run": run.run,
            "scale": context.scale,
            "run_key": run_key(settings, context.code_version, data_checksum),
            "settings": settings,
            "code_version": context.code_version,
            "data_checksum": data_checksum,
            "members": members,
            "seed": run.seed,
            "device": device_name(device),
            "precision": settings["precision"],
            "versions": versions(),
            "started": _now(),
            "result_path": str(folder),
        } | dict(more or {})
        return cls(facts, folder, context, time.monotonic())

    @property
    def resume(self) -> Path:
        """The folder of resume checkpoints; those of other settings or code lie beside it."""
        return self.folder / RESUME / self.key

    @property
    def key(self) -> str:
        """The run key: names settings, code and data."""
        return self.facts["run_key"]

    def live(self) -> LiveRun:
        """Shows the job in MLflow while it lasts; used as a context."""
        return LiveRun(self.facts, self.context.tracking_uri, self.context.live_after_seconds)

    def finish(
        self,
        tensors: Mapping[str, torch.Tensor],
        history: Mapping[str, np.ndarray],
        metrics: pd.DataFrame,
        *,
        resumed: bool,
        warnings: Sequence[str] = (),
    ) -> None:
        """Writes model.safetensors, history.npz, metrics.csv and, last, run.json.

        run.json comes last since it says that the others are there; checkpoints are removed. Each
        of the `warnings`, what readers of the results have to know of this run, goes to the user,
        to the log and into run.json, from where the report and MLflow show it.
        """
        for warning in warnings:
            log.warning("%s: %s", self.facts["run"], warning)
            print(f"[{self.facts['run']}] {warning}", file=sys.stderr, flush=True)
        seconds = time.monotonic() - self.started
        ended = {
            "finished": _now(),
            "wall_seconds": round(seconds, 2),
            "resumed": resumed,
            "warnings": list(warnings),
            "status": "finished",
        }
        meta = {"run_key": self.key}
        write_tensors(self.folder / "model.safetensors", tensors, meta)
        write_arrays(self.folder / "history.npz", history, meta)
        write_table(self.folder / "metrics.csv", metrics)
        write_json(self.folder / "run.json", self.facts | ended)
        shutil.rmtree(self.folder / RESUME, ignore_errors=True)


class Shown:
    """A run while it trains: its progress as lines, its curves in MLflow every `LIVE_SECONDS`."""

    def __init__(self, progress: Progress, live: LiveRun) -> None:
        self.progress, self.live, self.offered = progress, live, time.monotonic()

    def update(
        self, done: int, metrics: Callable[[], pd.DataFrame], share: float | None = None
    ) -> None:
        """Shows that `done` steps are done.

        Args:
            done: steps completed.
            metrics: makes the table of the curves so far, where it is wanted.
            share: fraction of the work in [0, 1] where it is finer than done / total.
        """
        self.progress.update(done, share)
        if (done / self.progress.total if share is None else share) >= 1:
            self.progress.close()
        elif time.monotonic() - self.offered >= LIVE_SECONDS:
            self.offered = time.monotonic()
            self.live.offer(metrics())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
