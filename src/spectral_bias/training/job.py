"""A training job: from a problem file to the run's files, shown while it goes on."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spectral_bias.data.problem import Facts, read_problem
from spectral_bias.measurements.metrics import run_metrics
from spectral_bias.progress import Progress
from spectral_bias.tracking import LiveRun
from spectral_bias.training.device import choose_device
from spectral_bias.training.ensemble import TrainingView, train
from spectral_bias.training.record import LIVE_SECONDS, TrainingJob
from spectral_bias.training.settings import TrainSettings


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
    job = TrainingJob.begin(
        run,
        folder,
        scale=scale,
        code_version=code_version,
        data_checksum=meta["data_checksum"],
        members=len(problem.seeds),
        device=place,
    )
    with LiveRun(job.facts, tracking_uri, live_after_seconds) as live:
        result = train(
            problem,
            TrainSettings.from_run(run),
            device=place,
            threads=threads,
            fingerprint=job.key,
            checkpoint_dir=job.resume,
            observer=_Observer(run, len(problem.seeds), facts, live),
        )
    tensors, metrics = {"parameters": result.parameters}, run_metrics(result.history, facts)
    job.finish(tensors, result.history, metrics, resumed=result.resumed)


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
