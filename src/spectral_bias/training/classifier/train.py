"""Trains one image classifier by stochastic gradient descent with momentum.

Batches are augmented on the training device. Every epoch draws from generators of its own, seeded
by the run and the epoch's number: a job that resumes at an epoch's end goes on exactly as it would
have. The same seed is set for what networks draw themselves, such as Shake-Shake's weights.

Shape suffixes: N training images, B images of a batch, K classes, C channels, H and W pixels.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spectral_bias.artefacts import write_tensors
from spectral_bias.checksums import verify
from spectral_bias.errors import UserError
from spectral_bias.runtime.checkpoint import load_checkpoint, save_checkpoint
from spectral_bias.seeds import derived_seed
from spectral_bias.training.classifier.augmentation.pipeline import Augmenter, Choices
from spectral_bias.training.classifier.captured import captured_on_gpu
from spectral_bias.training.classifier.evaluation import PROBES, Evaluation
from spectral_bias.training.classifier.label_smoothing import LabelSmoothing, placed_waves
from spectral_bias.training.classifier.momentum import MomentumSGD
from spectral_bias.training.classifier.normalisation import Normalisation
from spectral_bias.training.classifier.settings import ClassifierSettings
from spectral_bias.training.classifier.sources import ImageSource
from spectral_bias.training.precision import autocast, float32_mode, tuned_convolutions

log = logging.getLogger(__name__)

CURVES = ("training_loss", "training_accuracy", "test_loss", "test_accuracy", "learning_rate")

History = dict[str, np.ndarray]
"""epoch (E,), from 1 on; an array (E,) for each of `CURVES`, (E, P) for each of `PROBES` and (P,)
for each of `evaluation.FACTS`, where P is the number of probed waves."""


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
        checkpoint_seconds: least time between two checkpoints, which are written at epochs' ends.
        observer: called after each epoch with its number and the history so far; what it raises
            ends training.
    """
    network.to(device=source.device, memory_format=torch.channels_last)
    optimiser = MomentumSGD(network.parameters(), settings.momentum, settings.nesterov)
    curves: dict[str, list] = {name: [] for name in (*CURVES, *PROBES)}
    state = checkpoint and load_checkpoint(checkpoint, fingerprint)
    if state and _kept_whole(checkpoint, settings, len(state["curves"]["test_loss"])):
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        curves = state["curves"]
    elif checkpoint:
        state = None
        for stale in kept_epochs(checkpoint).values():
            stale.unlink()
        if 0 in settings.checkpoint_epochs:
            _keep(network, checkpoint, 0)
    evaluation = Evaluation(source, settings.probes, settings.precision)
    step = _Step(network, source, settings, optimiser, teacher)
    done, last_save = len(curves["test_loss"]), time.monotonic()
    with float32_mode(settings.precision), tuned_convolutions():
        for epoch in range(done + 1, settings.epochs + 1):
            row = step.epoch(epoch, derived_seed(seed, "epoch", epoch)) | _tested(
                evaluation, network
            )
            for name, value in row.items():
                curves[name].append(value)
            if checkpoint and epoch in settings.checkpoint_epochs:
                _keep(network, checkpoint, epoch)
            observer(epoch, _arrays(curves, evaluation))
            if settings.reached(row):
                break
            if checkpoint and time.monotonic() - last_save >= checkpoint_seconds:
                parts = {"network": network.state_dict(), "optimiser": optimiser.state_dict()}
                save_checkpoint(checkpoint, fingerprint, {**parts, "curves": curves})
                last_save = time.monotonic()
    network.eval()
    return ClassifierResult(network, _arrays(curves, evaluation), bool(state))


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


class _Step:
    """One network's training, epoch by epoch."""

    def __init__(
        self,
        network: nn.Module,
        source: ImageSource,
        settings: ClassifierSettings,
        optimiser: MomentumSGD,
        teacher: nn.Module | None,
    ) -> None:
        self.network, self.source, self.settings = network, source, settings
        self.optimiser, self.teacher = optimiser, teacher
        normalisation = Normalisation.of(source.mean, source.std, source.device)
        self.augmenter = Augmenter(settings.augmentation, source.image_shape, normalisation)
        self.smoothing = None
        if settings.wave:
            (wave,) = placed_waves([settings.wave], source)
            self.smoothing = LabelSmoothing(wave, source.image_shape, source.device)
        state = [*network.parameters(), *network.buffers(), *optimiser.velocity]
        self.descend = captured_on_gpu(self._descended, state, source.device)

    def epoch(self, number: int, seed: int) -> dict[str, float]:
        """One pass over the training images; its mean loss and accuracy."""
        device, n = self.source.device, self.source.n_train
        size = min(self.settings.batch_size, n)
        n_batches = n // size
        generator = torch.Generator(device).manual_seed(seed)
        order = torch.randperm(n, generator=generator, device=device)
        host = torch.Generator().manual_seed(derived_seed(seed, "choices"))
        choices = self.augmenter.drawn(n_batches, size, host)
        loss_sum, correct = torch.zeros(2, device=device)
        self.network.train()
        with seeded(seed, device):
            batches = self.source.train_batches(order[: n_batches * size].split(size))
            for index, (pixels, labels) in enumerate(batches):
                share = (number - 1 + index / n_batches) / self.settings.epochs
                x, y = self.targets(pixels, labels, choices[index], generator)
                loss, logits = self.descend(x, y, self.settings.learning_rate_at(share))
                loss_sum += loss
                correct += (logits.argmax(1) == labels).sum()
        return {
            "training_loss": loss_sum.item() / n_batches,
            "training_accuracy": correct.item() / (n_batches * size),
            "learning_rate": self.settings.learning_rate_at((number - 1) / self.settings.epochs),
        }

    def targets(
        self, pixels: Tensor, labels: Tensor, choices: Choices, generator: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """(x (B, C, H, W), targets (B, K)): the augmented batch and what it should be called.

        Waves smooth the labels of the images that the network sees; a teacher sees them too.
        """
        onehot = F.one_hot(labels, self.source.n_classes).float()
        settings = self.settings
        x, y = self.augmenter(pixels, onehot, choices, generator)
        if self.smoothing is not None:
            y = self.smoothing.smoothed(x, y)
        if self.teacher is not None:
            with torch.no_grad(), autocast(settings.precision, x.device):
                p = self.teacher(x).float().softmax(1)
            y = settings.teacher_weight * y + (1 - settings.teacher_weight) * p
        return x, y

    def _descended(self, x: Tensor, y: Tensor, rate: float | Tensor) -> tuple[Tensor, Tensor]:
        """(loss, logits (B, K)) of one batch, on which the parameters then take a step."""
        settings = self.settings
        with autocast(settings.precision, x.device):
            logits = self.network(x)
        loss = F.cross_entropy(logits.float(), y)
        loss.backward()
        self.optimiser.step(rate, settings.weight_decay, settings.gradient_clip)
        return loss.detach(), logits.detach()


@contextmanager
def seeded(seed: int, device: torch.device) -> Iterator[None]:
    """Within it PyTorch's own generators start from `seed`; after it they are as before."""
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed)
        yield


def _tested(evaluation: Evaluation, network: nn.Module) -> dict[str, Any]:
    losses = evaluation.of(network)
    return {
        "test_loss": losses.loss,
        "test_accuracy": losses.accuracy,
        **losses.probes,
    }


def _arrays(curves: Mapping[str, list], evaluation: Evaluation) -> History:
    epochs = np.arange(1, len(curves["test_loss"]) + 1)
    arrays = {name: np.array(values, dtype=np.float64) for name, values in curves.items()}
    for name in PROBES:
        arrays[name] = arrays[name].reshape(len(epochs), -1)
    return {"epoch": epochs} | arrays | evaluation.facts
