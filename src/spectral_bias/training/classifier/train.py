"""Trains one image classifier by stochastic gradient descent with momentum.

A job that is stopped saves where it stands between two batches, and a job that resumes goes on
exactly as it would have; see `training.classifier.epochs`.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from spectral_bias.artefacts import write_tensors
from spectral_bias.checksums import verify
from spectral_bias.errors import UserError
from spectral_bias.runtime.checkpoint import Checkpoint
from spectral_bias.seeds import derived_seed
from spectral_bias.training.classifier.epochs import Epochs, forked
from spectral_bias.training.classifier.evaluation import PROBES, Evaluation
from spectral_bias.training.classifier.settings import ClassifierSettings
from spectral_bias.training.classifier.sources import ImageSource
from spectral_bias.training.divergence import require_finite
from spectral_bias.training.precision import float32_mode, tuned_convolutions

log = logging.getLogger(__name__)

CURVES = ("training_loss", "training_accuracy", "test_loss", "test_accuracy", "learning_rate")

History = dict[str, np.ndarray]
"""epoch (E,), from 1 on; an array (E,) for each of `CURVES`, (E, P) for each of `PROBES` and (P,)
for each of `evaluation.FACTS`, where P is the number of probed waves."""

Row = dict[str, Any]
"""The values after one epoch: a number for each of `CURVES`, (P,) for each of `PROBES`."""


@dataclass(frozen=True)
class ClassifierResult:
    """A trained classifier, its history, and whether training took up a checkpoint."""

    network: nn.Module
    history: History
    resumed: bool


def train_classifier(
    network: nn.Module,
    source: ImageSource,
    settings: ClassifierSettings,
    *,
    seed: int,
    teacher: nn.Module | None = None,
    fingerprint: str = "",
    checkpoint: Path | None = None,
    checkpoint_seconds: float = 30.0,
    observer: Callable[[int, History], None] = lambda epoch, history: None,
) -> ClassifierResult:
    """Trains `network` in place, from its checkpoint where there is one.

    Args:
        network: maps normalised images (B, 3, H, W) to logits.
        source: training and test images.
        settings: optimiser, schedule, augmentation, label smoothing.
        seed: determines the order of the images and everything that is drawn.
        teacher: trained network in evaluation mode whose answers are mixed into the targets.
        fingerprint: names settings, code and data; only a checkpoint that bears it is taken up.
        checkpoint: file of the resume checkpoint; parameters of `settings.checkpoint_epochs` are
            kept beside it, see `kept_epochs`. None for neither.
        checkpoint_seconds: least time between two checkpoints, which are written between batches.
        observer: called after each epoch with its number and the history so far; what it raises
            ends training. SystemExit and KeyboardInterrupt, from there or from a signal handler,
            end it after a checkpoint is written.

    Raises:
        UserError: a loss is not finite; names the epoch and the learning rate.
    """
    network.to(device=source.device, memory_format=torch.channels_last)
    evaluation = Evaluation(source, settings.probes, settings.precision)
    epochs = Epochs(network, source, settings, teacher)
    saved = Checkpoint(checkpoint, fingerprint, checkpoint_seconds)
    rows: list[Row] = []

    def state() -> dict[str, Any]:
        return {"training": epochs.state(), "rows": rows}

    def must_be_finite(name: str, value: float) -> None:
        when = f"in epoch {epochs.position.epoch}"
        require_finite(f"the {name} loss", value, when, settings.learning_rate)

    def save_if_due() -> None:
        if saved.due:
            must_be_finite("training", epochs.loss_sum.item())
            saved.save(state())

    with float32_mode(settings.precision), tuned_convolutions(), forked(source.device):
        before = saved.load()
        if before and _kept_whole(checkpoint, settings, len(before["rows"])):
            epochs.load_state(before["training"])
            rows.extend(before["rows"])
        elif checkpoint:
            before = None
            for stale in kept_epochs(checkpoint).values():
                stale.unlink()
            if 0 in settings.checkpoint_epochs:
                _keep(network, checkpoint, 0)
        with saved.saved_when_interrupted(state):
            while len(rows) < settings.epochs and not (rows and settings.reached(rows[-1])):
                epoch = len(rows) + 1
                row = epochs.run(epoch, derived_seed(seed, "epoch", epoch), save_if_due)
                must_be_finite("training", row["training_loss"])
                row |= _tested(evaluation, network)
                must_be_finite("test", row["test_loss"])
                if checkpoint and epoch in settings.checkpoint_epochs:
                    _keep(network, checkpoint, epoch)
                rows.append(row)
                observer(epoch, _arrays(rows, evaluation))
    network.eval()
    return ClassifierResult(network, _arrays(rows, evaluation), bool(before))


def kept_epochs(checkpoint: Path) -> dict[int, Path]:
    """Files with the parameters of the epochs that were kept beside a resume checkpoint."""
    files = checkpoint.parent.glob("epoch*.safetensors")
    return {int(file.stem.removeprefix("epoch")): file for file in sorted(files)}


def _kept_whole(checkpoint: Path, settings: ClassifierSettings, done: int) -> bool:
    """Whether the parameters of every epoch that was to be kept up to `done` can be read."""
    kept = kept_epochs(checkpoint)
    wanted = [epoch for epoch in settings.checkpoint_epochs if epoch <= done]
    try:
        for epoch in wanted:
            verify(kept[epoch])
    except (KeyError, UserError) as error:
        log.warning("kept epochs are not whole (%s): training starts afresh", error)
        return False
    return True


def state_of(network: nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers on the CPU, as they are stored."""
    return {name: t.detach().cpu().contiguous() for name, t in network.state_dict().items()}


def _keep(network: nn.Module, checkpoint: Path, epoch: int) -> None:
    file = checkpoint.with_name(f"epoch{epoch}.safetensors")
    write_tensors(file, state_of(network), {"epoch": str(epoch)})


def _tested(evaluation: Evaluation, network: nn.Module) -> Row:
    losses = evaluation.of(network)
    return {
        "test_loss": losses.loss,
        "test_accuracy": losses.accuracy,
        **losses.probes,
    }


def _arrays(rows: Sequence[Row], evaluation: Evaluation) -> History:
    def column(name: str) -> np.ndarray:
        return np.array([row[name] for row in rows], dtype=np.float64)

    curves = {name: column(name) for name in CURVES}
    probes = {name: column(name).reshape(len(rows), -1) for name in PROBES}
    return {"epoch": np.arange(1, len(rows) + 1), **curves, **probes, **evaluation.facts}
