"""A training job: from a problem file to the run's files, shown while it goes on."""

import shutil
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from spectral_bias.artefacts import write_arrays, write_json, write_table, write_tensors
from spectral_bias.data.problem import Facts, read_problem
from spectral_bias.measurements.metrics import run_metrics
from spectral_bias.progress import Progress
from spectral_bias.provenance import run_key, versions
from spectral_bias.tracking import LiveRun
from spectral_bias.training.device import choose_device, device_name
from spectral_bias.training.ensemble import TrainingResult, TrainingView, train
from spectral_bias.training.settings import TrainSettings

LIVE_SECONDS = 5.0
"""Interval at which a growing run offers its curves to MLflow."""


def train_run(
    run: Mapping[str, Any],
    problem_file: str | Path,
    folder: Path,
    *,
    scale: str,
    code_version: str,
    device: str,
    threads: int,
    tracking_uri: str | None,
    live_after_seconds: float,
) -> None:
    """Trains one run and writes model.safetensors, history.npz, metrics.csv, run.json to `folder`.

    A job that was killed takes up the checkpoints in `folder`/resume if settings, code and data are
    the same.
    """
    problem, facts, meta = read_problem(problem_file)
    place = choose_device(device)
    key = run_key(run, code_version, meta["data_checksum"])
    record = {
        "paper": run["paper"],
        "run": run["run"],
        "scale": scale,
        "run_key": key,
        "settings": dict(run),
        "code_version": code_version,
        "data_checksum": meta["data_checksum"],
        "members": len(problem.seeds),
        "seed": run["seed"],
        "device": device_name(place),
        "precision": run["precision"],
        "versions": versions(),
        "started": _now(),
        "result_path": str(folder),
    }
    started = time.monotonic()
    with LiveRun(record, tracking_uri, live_after_seconds) as live:
        result = train(
            problem,
            TrainSettings.from_run(run),
            device=place,
            threads=threads,
            fingerprint=key,
            checkpoint_dir=folder / "resume",
            observer=_Observer(run, len(problem.seeds), facts, live),
        )
    record |= {
        "finished": _now(),
        "wall_seconds": round(time.monotonic() - started, 2),
        "resumed": result.resumed,
        "status": "finished",
    }
    _write(folder, result, facts, record)
    shutil.rmtree(folder / "resume", ignore_errors=True)


class _Observer:
    """Reports progress at every call, and the curves so far every `LIVE_SECONDS`."""

    def __init__(self, run: Mapping[str, Any], members: int, facts: Facts, live: LiveRun) -> None:
        unit = f"iterations of {members} networks"
        self.progress = Progress(run["run"], run["iterations"], unit)
        self.facts, self.live, self.offered = facts, live, time.monotonic()

    def __call__(self, view: TrainingView) -> None:
        self.progress.update(view.iteration, view.share_done)
        if view.share_done >= 1:
            self.progress.close()
        elif time.monotonic() - self.offered >= LIVE_SECONDS:
            self.offered = time.monotonic()
            self.live.offer(run_metrics(view.records(), self.facts))


def _write(folder: Path, result: TrainingResult, facts: Facts, record: dict[str, Any]) -> None:
    """All files of a finished run; run.json last, since it says that the others are there."""
    meta = {"run_key": record["run_key"]}
    write_tensors(folder / "model.safetensors", {"parameters": result.parameters}, meta)
    write_arrays(folder / "history.npz", result.history, meta)
    write_table(folder / "metrics.csv", run_metrics(result.history, facts))
    write_json(folder / "run.json", record)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
