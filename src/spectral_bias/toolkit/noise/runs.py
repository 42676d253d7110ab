"""Noise fitting over a training that is over, from the logits or the checkpoints it saved.

Shape suffixes: M probe images, K classes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from spectral_bias.errors import UserError
from spectral_bias.toolkit.inputs.checks import LOGITS, checked
from spectral_bias.toolkit.inputs.images import ImageData
from spectral_bias.toolkit.inputs.networks import load_network
from spectral_bias.toolkit.noise.evaluating import evaluating
from spectral_bias.toolkit.noise.fitting import BATCH, NoiseFitting
from spectral_bias.toolkit.noise.probe_images import passes_over
from spectral_bias.toolkit.noise.saved_arrays import read_labels, read_logits
from spectral_bias.training.classifier.wave import Wave

CHECKED = 8
"""Images on which a model is tried before it is evaluated on all."""


@dataclass(frozen=True, eq=False)
class ProbeFiles:
    """Images on which a wave is probed, from files.

    Attributes:
        name: of the file or folder.
        images: normalised (M, C, H, W), or image files.
        labels: (M,).
        training_images: by which the wave is placed; None for the images themselves.
        batch_size: images that are read and evaluated at one time.
    """

    name: str
    images: np.ndarray | ImageData
    labels: np.ndarray
    training_images: np.ndarray | ImageData | None = None
    batch_size: int = BATCH

    @classmethod
    def of(
        cls, name: str, images: np.ndarray | ImageData, labels: str | Path | None, **more: Any
    ) -> "ProbeFiles":
        """With the labels of a file, or of the images' folders.

        Raises:
            UserError: the labels cannot be read, or do not belong to the images.
        """
        given = None if labels is None else read_labels(labels)
        if given is None and not isinstance(images, ImageData):
            raise UserError(f"labels: are needed, since {name} holds images alone; give a file")
        if given is not None and len(given) != len(images):
            raise UserError(
                f"labels: {labels} has {len(given)}, but {name} {len(images)} images; give one for "
                "each"
            )
        if given is not None and given.min() < 0:
            raise UserError(f"labels: {labels} holds {given.min()}; classes count from 0")
        if isinstance(images, ImageData):
            images = images if given is None else replace(images, labels=given)
            given = images.labels
        return cls(name, images, given, **more)

    def noise_fitting(self, wave: Wave, n_classes: int) -> NoiseFitting:
        """Of a wave, without a history.

        Raises:
            UserError: a label is no class, or the wave does not fit the images.
        """
        if self.labels.max() >= n_classes:
            raise UserError(
                f"labels: go up to {self.labels.max()}, but there are outputs for {n_classes} "
                "classes, counted from 0; give the labels of these images"
            )
        return NoiseFitting(
            wave,
            images=self.images,
            labels=None if isinstance(self.images, ImageData) else self.labels,
            n_classes=n_classes,
            training_images=self.training_images,
            batch_size=self.batch_size,
        )


def of_logits(
    files: Sequence[Path],
    probe: ProbeFiles,
    wave: Wave,
    outputs: str = LOGITS,
    steps: Sequence[float] | None = None,
) -> NoiseFitting:
    """Noise fitting after each epoch whose logits were saved.

    Args:
        files: see `read_logits`.
        probe: the images that they are of.
        wave: in the labels.
        outputs: what the files hold.
        steps: one for each epoch; None counts them from 1.

    Raises:
        UserError: a file cannot be read, or files do not belong together.
    """
    noise = None
    for place, logits_MK in read_logits(files, outputs):
        if len(logits_MK) != len(probe.labels):
            raise UserError(
                f"{place}: holds logits of {len(logits_MK)} images, but {probe.name} has "
                f"{len(probe.labels)}; give those of the same images, in the same order"
            )
        if noise is None:
            noise = probe.noise_fitting(wave, logits_MK.shape[1])
        noise.evaluate_logits(logits_MK, _step(steps, len(noise.history)))
    return _complete(noise, steps)


def of_checkpoints(
    model: str,
    files: Sequence[Path],
    probe: ProbeFiles,
    wave: Wave,
    outputs: str = LOGITS,
    steps: Sequence[float] | None = None,
    *,
    device: torch.device | None = None,
    unsafe_load: bool = False,
) -> NoiseFitting:
    """Noise fitting after each epoch whose parameters were saved, see `load_network`.

    Args:
        model: whose parameters they are.
        files: in the order of training.
        probe: the images on which it is evaluated.
        wave: in the labels.
        outputs: what the model gives.
        steps: one for each file; None counts them from 1.
        device: where to compute; None is the CPU.
        unsafe_load: allows files that run code when they are opened.

    Raises:
        UserError: a file cannot be read, or the model gives no logits of the images' classes.
    """
    noise = None
    options = {"device": device, "unsafe_load": unsafe_load}
    for file in files:
        network = load_network(
            model, file, n_classes=int(probe.labels.max()) + 1, **options
        ).network
        if noise is None:
            noise = probe.noise_fitting(wave, _count_outputs(network, probe, outputs))
        found = noise.evaluate(network, _step(steps, len(noise.history)), outputs)
        if not math.isfinite(found.clean_loss):
            raise UserError(
                f"{file}: its outputs are not finite; leave out epochs after which a training has "
                "diverged"
            )
    return _complete(noise, steps)


def _count_outputs(network: torch.nn.Module, probe: ProbeFiles, outputs: str) -> int:
    x_BCHW, _ = next(passes_over(probe.images, None, CHECKED)())
    with evaluating(network) as predict:
        return checked(predict, x_BCHW, outputs)


def _step(steps: Sequence[float] | None, number: int) -> float:
    if steps is None:
        return number + 1
    if number >= len(steps):
        raise UserError(f"steps: are {number}, but more epochs were saved; give one for each")
    return steps[number]


def _complete(noise: NoiseFitting, steps: Sequence[float] | None) -> NoiseFitting:
    found = len(noise.history)
    if steps is not None and len(steps) > found:
        raise UserError(f"steps: are {len(steps)}, but {found} epochs were saved; give {found}")
    return noise
