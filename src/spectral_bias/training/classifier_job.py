"""A training job of an image classifier: from a file of images to the run's files."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import nn

from spectral_bias.data.images import read_images
from spectral_bias.models.resnet import resnet
from spectral_bias.progress import Progress
from spectral_bias.seeds import derived_seed
from spectral_bias.tracking import LiveRun
from spectral_bias.training.classifier import (
    CURVES,
    ClassifierSettings,
    History,
    train_classifier,
)
from spectral_bias.training.device import choose_device
from spectral_bias.training.record import LIVE_SECONDS, TrainingJob


def classifier_network(run: Mapping[str, Any], n_classes: int) -> nn.Module:
    """The untrained network of a run, from its resolved settings."""
    seed = derived_seed(run["seed"], run["run"], "weights")
    return resnet(**run["network"], n_classes=n_classes, seed=seed)


def train_classifier_run(
    run: Mapping[str, Any],
    images_file: str | Path,
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

    A job that was killed takes up the checkpoint in `folder`/resume if settings, code and data are
    the same; it loses the epochs since then.
    """
    torch.set_num_threads(threads)
    images, meta = read_images(images_file)
    place = choose_device(device)
    job = TrainingJob.begin(
        run,
        folder,
        scale=scale,
        code_version=code_version,
        data_checksum=meta["data_checksum"],
        members=1,
        device=place,
    )
    with LiveRun(job.facts, tracking_uri, live_after_seconds) as live:
        result = train_classifier(
            classifier_network(run, images.n_classes),
            images,
            ClassifierSettings.from_run(run),
            seed=derived_seed(run["seed"], run["run"], "batches"),
            device=place,
            fingerprint=job.key,
            checkpoint=job.resume / "classifier.pt",
            observer=_Observer(run, live),
        )
    state = {name: t.cpu().contiguous() for name, t in result.network.state_dict().items()}
    job.finish(state, result.history, classifier_metrics(result.history), resumed=result.resumed)


def classifier_metrics(history: History) -> pd.DataFrame:
    """iteration (the epoch), metric (loss/training, …), value, in the order of epochs."""
    table = pd.DataFrame({"iteration": history["epoch"]})
    for name in CURVES:
        part, _, what = name.partition("_")
        metric = f"{what}/{part}" if part in ("training", "test") else name
        table[metric] = history[name]
    long = table.melt("iteration", var_name="metric", value_name="value")
    return long.sort_values("iteration", kind="stable", ignore_index=True)


class _Observer:
    """Reports progress after every epoch, and the curves so far every `LIVE_SECONDS`."""

    def __init__(self, run: Mapping[str, Any], live: LiveRun) -> None:
        self.progress = Progress(run["run"], run["epochs"], "epochs")
        self.live, self.offered = live, time.monotonic()

    def __call__(self, epoch: int, history: History) -> None:
        self.progress.update(epoch)
        if epoch == self.progress.total:
            self.progress.close()
        elif time.monotonic() - self.offered >= LIVE_SECONDS:
            self.offered = time.monotonic()
            self.live.offer(classifier_metrics(history))
