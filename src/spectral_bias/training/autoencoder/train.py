"""Trains a denoising autoencoder by mini-batches with Adam, and says how well it reconstructs.

Every epoch draws its batches and its noise from a generator of its own, so that an epoch does not
depend on how many came before it. A job that is stopped saves where it stands between two batches.

Shape suffixes: N training images, M validation images, B images of a batch, D pixels.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spectral_bias.errors import UserError
from spectral_bias.runtime.checkpoint import Checkpoint
from spectral_bias.runtime.interrupt import uninterrupted
from spectral_bias.seeds import derived_seed
from spectral_bias.training.autoencoder.settings import AutoencoderSettings
from spectral_bias.training.divergence import require_finite
from spectral_bias.training.position import Position
from spectral_bias.training.precision import float32_mode

History = dict[str, np.ndarray]
"""epoch (E + 1,), from 0 (untrained) on; training_loss and validation_loss (E + 1,)."""


@dataclass(frozen=True)
class AutoencoderResult:
    """The history of a training, and whether it took up a checkpoint."""

    history: History
    resumed: bool


def train_autoencoder(
    network: nn.Module,
    x_ND: Tensor,
    validation_MD: Tensor,
    settings: AutoencoderSettings,
    seed: int,
    observer: Callable[[int, History], None] = lambda epoch, history: None,
    *,
    fingerprint: str = "",
    checkpoint: Path | None = None,
    checkpoint_seconds: float = 30.0,
) -> AutoencoderResult:
    """Trains `network` in place, on the device and in the type of the images.

    Losses are mean squared errors over images and pixels between an image and the reconstruction
    of that very image, without noise: that is how the autoencoder is used afterwards.

    Args:
        network: maps (B, D) to (B, D), on the device of the images.
        x_ND: training images.
        validation_MD: images that are not trained on.
        settings: see there.
        seed: of batches and noise.
        observer: called after every epoch with its number and the history so far; what it raises
            ends training. SystemExit and KeyboardInterrupt, from there or from a signal handler,
            end it after a checkpoint is written.
        fingerprint: names settings, code and data; only a checkpoint that bears it is taken up.
        checkpoint: file of the resume checkpoint; None for none.
        checkpoint_seconds: least time between two checkpoints.

    Raises:
        UserError: a loss is not finite; names the epoch and the learning rate.
    """
    # Adam's first moment sinks into subnormal numbers, which are slow.
    torch.set_flush_denormal(True)
    adam = torch.optim.Adam(network.parameters(), lr=settings.learning_rate, fused=True)
    position, rows = Position(x_ND.device), []
    saved = Checkpoint(checkpoint, fingerprint, checkpoint_seconds)

    def state() -> dict[str, Any]:
        trained = {"network": network.state_dict(), "adam": adam.state_dict()}
        return {**trained, "position": position.state(), "rows": rows}

    def evaluate(epoch: int) -> None:
        losses = _losses(network, x_ND, validation_MD)
        for name, loss in zip(("training", "validation"), losses, strict=True):
            require_finite(f"the {name} loss", loss, f"in epoch {epoch}", settings.learning_rate)
        rows.append((epoch, *losses))

    before = saved.load()
    if before:
        network.load_state_dict(before["network"])
        adam.load_state_dict(before["adam"])
        position.load_state(before["position"])
        rows.extend(before["rows"])
    with float32_mode(settings.precision), saved.saved_when_interrupted(state):
        if not rows:
            evaluate(0)
        for epoch in range(len(rows), settings.epochs + 1):
            order = position.order(epoch, derived_seed(seed, "epoch", epoch), len(x_ND))
            for chosen in order.split(settings.batch_size)[position.batch :]:
                with uninterrupted():
                    _descend(network, adam, x_ND[chosen], settings.noise, position.generator)
                    position.batch += 1
                if saved.due:
                    saved.save(state())
            evaluate(epoch)
            observer(epoch, _history(rows))
    return AutoencoderResult(_history(rows), bool(before))


def _descend(
    network: nn.Module,
    adam: torch.optim.Adam,
    clean_BD: Tensor,
    noise: float,
    generator: torch.Generator,
) -> None:
    noise_BD = torch.empty_like(clean_BD).normal_(0, noise, generator=generator)
    loss = F.mse_loss(network(clean_BD + noise_BD), clean_BD)
    adam.zero_grad()
    loss.backward()
    adam.step()


@torch.no_grad()
def reconstructed(network: nn.Module, x_ND: Tensor, chunk: int = 4096) -> Tensor:
    """(N, D): what the network makes of images, a part of them at a time."""
    return torch.cat([network(part) for part in x_ND.split(chunk)])


def _losses(network: nn.Module, *parts: Tensor) -> list[float]:
    return [F.mse_loss(reconstructed(network, part), part).item() for part in parts]


def _history(rows: Sequence[tuple[int, float, float]]) -> History:
    epochs, training, validation = zip(*rows, strict=True)
    return {
        "epoch": np.array(epochs),
        "training_loss": np.array(training),
        "validation_loss": np.array(validation),
    }


def mean_image_loss(x_ND: Tensor, validation_MD: Tensor) -> float:
    """Mean squared error of answering every validation image with the mean training image.

    What an autoencoder must beat; up to sampling it is the variance of the data, per pixel.
    """
    mean_D = x_ND.mean(dim=0)
    return (validation_MD - mean_D).square().mean().item()


def require_reconstruction(loss: float, mean_loss: float, key: str) -> None:
    """Does nothing if an autoencoder reconstructs better than the mean image.

    Args:
        loss: its mean squared error on validation images.
        mean_loss: that of the mean image, see `mean_image_loss`.
        key: the section of its settings, for the error.

    Raises:
        UserError: if it does not, or if its loss is no number.
    """
    if not (math.isfinite(loss) and loss < mean_loss):
        raise UserError(
            f"{key}: the autoencoder has validation loss {loss:.4g}, no better than the mean image "
            f"({mean_loss:.4g}), so its reconstructions are of no use; train for more epochs or "
            "change learning_rate, features or noise"
        )
