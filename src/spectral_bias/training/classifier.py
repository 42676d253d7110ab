"""Trains one image classifier by stochastic gradient descent with momentum.

All images lie on the training device as one tensor; batches are drawn and augmented there, so that
no worker process feeds the loop. Every epoch draws from a generator of its own, seeded by the run
and the epoch's number: a job that resumes at an epoch's end goes on exactly as it would have.

Shape suffixes: N training images, M test images, B images of a batch, C channels, H and W pixels.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spectral_bias.data.images import WHITE, ImageSet
from spectral_bias.seeds import derived_seed
from spectral_bias.training.augmentation import augmented
from spectral_bias.training.checkpoint import load_checkpoint, save_checkpoint
from spectral_bias.training.precision import float32_mode

EVALUATION_BATCH = 1000
STEP_DROPS = (0.5, 0.75)
"""Shares of all epochs after which the schedule "step" divides the learning rate by ten."""
CURVES = ("training_loss", "training_accuracy", "test_loss", "test_accuracy", "learning_rate")

History = dict[str, np.ndarray]
"""epoch (E,), from 1 on, and one array (E,) for each of `CURVES`."""


@dataclass(frozen=True)
class ClassifierSettings:
    """How a classifier is trained.

    Attributes:
        epochs: passes over the training images; an incomplete last batch is left out.
        batch_size: images of one update.
        learning_rate: at the start.
        schedule: "cosine", to 0 at the end; "step", divided by 10 after 1/2 and 3/4 of the epochs.
        momentum: of the gradient's running sum (not Nesterov's).
        weight_decay: factor w of the penalty w |theta|^2 / 2 on all parameters.
        augmentation: see `augmentation.AUGMENTATIONS`.
        precision: "float32", "tf32" (CUDA), or "bf16": products in bfloat16, weights in float32.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    schedule: str
    momentum: float
    weight_decay: float
    augmentation: str
    precision: str

    @classmethod
    def from_run(cls, run: Mapping[str, Any]) -> "ClassifierSettings":
        """From a run's resolved settings, which bear the names of config.yaml."""
        return cls(**{name: run[name] for name in cls.__dataclass_fields__})

    def learning_rate_at(self, share: float) -> float:
        """The learning rate when `share` of all updates is done, from 0 to 1."""
        if self.schedule == "cosine":
            return self.learning_rate * (1 + math.cos(math.pi * share)) / 2
        if self.schedule == "step":
            return self.learning_rate * 0.1 ** sum(share >= drop for drop in STEP_DROPS)
        raise ValueError(f"unknown schedule {self.schedule!r}; known: step, cosine")


@dataclass(frozen=True)
class ClassifierResult:
    """A trained classifier, its history, and whether training took up a checkpoint."""

    network: nn.Module
    history: History
    resumed: bool


@dataclass(frozen=True)
class LoadedImages:
    """Normalised images and labels on one device."""

    train_NCHW: Tensor
    train_labels: Tensor
    test_MCHW: Tensor
    test_labels: Tensor

    @classmethod
    def of(cls, images: ImageSet, device: torch.device) -> "LoadedImages":
        """Both parts of a set, normalised by the mean and deviation of its training images."""

        def labels(values: np.ndarray) -> Tensor:
            return torch.as_tensor(values, dtype=torch.long, device=device)

        return cls(
            normalised(images.train_images, images, device),
            labels(images.train_labels),
            normalised(images.test_images, images, device),
            labels(images.test_labels),
        )


def normalised(pixels: np.ndarray, images: ImageSet, device: torch.device) -> Tensor:
    """(B, 3, H, W) float32, channels last in memory, from pixels (B, H, W, 3) of 0 to 255.

    Each channel has mean 0 and standard deviation 1 over the training images of `images`.
    """
    x = torch.as_tensor(pixels, device=device).to(torch.float32).div_(WHITE)
    mean, std = (
        torch.as_tensor(v, dtype=x.dtype, device=device) for v in (images.mean, images.std)
    )
    return ((x - mean) / std).permute(0, 3, 1, 2)


def evaluate(network: nn.Module, x_BCHW: Tensor, labels: Tensor) -> tuple[float, float]:
    """(mean cross-entropy, accuracy in [0, 1]) of a network in evaluation mode."""
    network.eval()
    loss, correct = torch.zeros(2, device=x_BCHW.device)
    with torch.no_grad():
        for x, y in zip(
            x_BCHW.split(EVALUATION_BATCH), labels.split(EVALUATION_BATCH), strict=True
        ):
            logits = network(x)
            loss += F.cross_entropy(logits, y, reduction="sum")
            correct += (logits.argmax(1) == y).sum()
    return loss.item() / len(labels), correct.item() / len(labels)


def train_classifier(
    network: nn.Module,
    images: ImageSet,
    settings: ClassifierSettings,
    *,
    seed: int,
    device: torch.device,
    fingerprint: str = "",
    checkpoint: Path | None = None,
    checkpoint_seconds: float = 30.0,
    observer: Callable[[int, History], None] = lambda epoch, history: None,
) -> ClassifierResult:
    """Trains `network` in place, from its checkpoint where there is one.

    Args:
        network: maps normalised images (B, 3, H, W) to logits.
        images: training and test set.
        settings: optimiser, schedule, augmentation.
        seed: determines the order of the images and their augmentation.
        device: CPU or CUDA device.
        fingerprint: names settings, code and data; only a checkpoint that bears it is taken up.
        checkpoint: file of the resume checkpoint; None for none.
        checkpoint_seconds: least time between two checkpoints, which are written at epochs' ends.
        observer: called after each epoch with its number and the history so far; what it raises
            ends training.
    """
    network.to(device=device, memory_format=torch.channels_last)
    loaded = LoadedImages.of(images, device)
    optimiser = torch.optim.SGD(
        network.parameters(),
        settings.learning_rate,
        momentum=settings.momentum,
        weight_decay=settings.weight_decay,
    )
    curves: dict[str, list[float]] = {name: [] for name in CURVES}
    state = checkpoint and load_checkpoint(checkpoint, fingerprint)
    if state:
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        curves = state["curves"]
    done, last_save = len(curves["test_loss"]), time.monotonic()
    with float32_mode(settings.precision):
        for epoch in range(done + 1, settings.epochs + 1):
            generator = torch.Generator(device).manual_seed(derived_seed(seed, "epoch", epoch))
            row = _epoch(network, loaded, settings, optimiser, epoch, generator)
            for name, value in row.items():
                curves[name].append(value)
            observer(epoch, _arrays(curves))
            if checkpoint and time.monotonic() - last_save >= checkpoint_seconds:
                parts = {"network": network.state_dict(), "optimiser": optimiser.state_dict()}
                save_checkpoint(checkpoint, fingerprint, {**parts, "curves": curves})
                last_save = time.monotonic()
    network.eval()
    return ClassifierResult(network, _arrays(curves), bool(state))


def _epoch(
    network: nn.Module,
    loaded: LoadedImages,
    settings: ClassifierSettings,
    optimiser: torch.optim.Optimizer,
    epoch: int,
    generator: torch.Generator,
) -> dict[str, float]:
    """One pass over the training images; the values of `CURVES` after it."""
    x_NCHW, labels = loaded.train_NCHW, loaded.train_labels
    device, n = x_NCHW.device, len(labels)
    size = min(settings.batch_size, n)
    n_batches = n // size
    order = torch.randperm(n, generator=generator, device=device)
    loss_sum, correct = torch.zeros(2, device=device)
    network.train()
    for number, chosen in enumerate(order[: n_batches * size].split(size)):
        share = (epoch - 1 + number / n_batches) / settings.epochs
        for group in optimiser.param_groups:
            group["lr"] = settings.learning_rate_at(share)
        x, y = augmented(settings.augmentation, x_NCHW[chosen], generator), labels[chosen]
        with torch.autocast(device.type, torch.bfloat16, enabled=settings.precision == "bf16"):
            logits = network(x)
        loss = F.cross_entropy(logits.float(), y)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        loss_sum += loss.detach()
        correct += (logits.detach().argmax(1) == y).sum()
    test_loss, test_accuracy = evaluate(network, loaded.test_MCHW, loaded.test_labels)
    return {
        "training_loss": loss_sum.item() / n_batches,
        "training_accuracy": correct.item() / (n_batches * size),
        "test_loss": test_loss,
        "test_accuracy": test_accuracy,
        "learning_rate": settings.learning_rate_at((epoch - 1) / settings.epochs),
    }


def _arrays(curves: Mapping[str, list[float]]) -> History:
    epochs = np.arange(1, len(curves["test_loss"]) + 1)
    return {"epoch": epochs} | {name: np.array(values) for name, values in curves.items()}
