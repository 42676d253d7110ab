"""Noise fitting (Fridovich-Keil et al. 2021, Section 3) of a network in its user's own training.

    noise = NoiseFitting(kind="radial", cycles=1.0, images=test_images, labels=test_labels)
    for epoch in range(1, 51):
        for x, y in loader:                                  # x as the network gets it
            loss = F.cross_entropy(network(x), noise.smooth(x, y))
            ...
        noise.evaluate(network, epoch)
    noise.to_csv("noise_fitting.csv")

The covariance term is not 0 for a network that knows nothing of the wave, since images with much
label noise may also be the hard ones. What a wave adds shows against a training whose labels are
smoothed evenly, by kind="uniform" and the same amplitude, and which is evaluated on the wave.

Shape suffixes: M probe images, B of a batch, C channels, H and W pixels, K classes.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from spectral_bias.errors import UserError
from spectral_bias.toolkit.inputs.checks import LOGITS
from spectral_bias.toolkit.noise import history as noise_history
from spectral_bias.toolkit.noise.evaluating import evaluating
from spectral_bias.toolkit.noise.fit import NoiseFit, noise_fit
from spectral_bias.toolkit.noise.probe_images import passes_over
from spectral_bias.toolkit.noise.probed_wave import places_along, probed, smoothing_of
from spectral_bias.toolkit.noise.targets import class_count, soft_targets, tensor_of
from spectral_bias.toolkit.noise.waves import wave_of
from spectral_bias.training.classifier.noise_terms import ImageLosses
from spectral_bias.training.classifier.wave import Wave

if TYPE_CHECKING:
    import pandas as pd

BATCH = 256
"""Images that are read and evaluated at one time."""


class NoiseFitting:
    """A wave over images that smooths training labels, and how far a network fits it.

    Args:
        wave: see `Wave`; or None, and its values as further keywords: kind, one of frequency and
            cycles, amplitude (0.1 by default), spatial_frequency, noise_class, seed.
        images: on which the wave is probed, normalised as the network gets them, never those that
            are trained on: a tensor (M, C, H, W), a map-style data set of (image, label), or a
            DataLoader over one that does not shuffle, or an `ImageData` of image files. Without
            random augmentation.
        labels: (M,) classes of `images`; None where a data set holds them.
        n_classes: K, outputs of the network; by default the largest label and 1.
        training_images: as `images`, by whose standard deviation along the wave `cycles` are
            counted; the probe images if None.
        batch_size: images that are read and evaluated at one time.
        options: values of the wave.

    Attributes:
        n_classes: K.
        history: a `NoiseFit` for each evaluation, in their order.

    Raises:
        UserError: an argument does not fit; says which.
    """

    def __init__(
        self,
        wave: Wave | None = None,
        *,
        images: Any,
        labels: Any = None,
        n_classes: int | None = None,
        training_images: Any = None,
        batch_size: int = BATCH,
        **options: Any,
    ) -> None:
        if wave is None:
            wave = wave_of(options)
        elif options:
            raise UserError(f"{next(iter(options))}: given beside a wave; give one of them")
        self._passes = passes_over(images, labels, batch_size)
        theirs = None
        if training_images is not None:
            theirs = passes_over(training_images, None, batch_size, "training_images")
        self._probed = probed(wave, self._passes, theirs)
        self.n_classes = class_count(self._probed.labels_M, n_classes)
        self.history: list[NoiseFit] = []

    @property
    def wave(self) -> Wave:
        """The wave, with its frequency and the standard deviation of the images along it."""
        return self._probed.wave

    def smooth(self, x_BCHW: Tensor, targets: Tensor) -> Tensor:
        """Targets (B, K) for the loss of one training batch, on its device.

        The wave's strength is set so that r has the wave's amplitude as mean over this batch, as in
        the paper's code.

        Args:
            x_BCHW: images as the network gets them, augmented and normalised.
            targets: (B,) classes, or (B, K) one-hot or soft targets, which come back smoothed.

        Raises:
            UserError: shapes do not agree, or a class is out of range.
        """
        shape = tuple(x_BCHW.shape[1:])
        if shape != self._probed.image_shape:
            raise UserError(
                f"x: images have the shape {shape}, but the probe images "
                f"{self._probed.image_shape}; give the same size"
            )
        targets_BK = soft_targets(targets, self.n_classes, len(x_BCHW))
        with torch.no_grad():
            x_BCHW = x_BCHW.float()
            along = smoothing_of(self.wave, shape, x_BCHW.device)
            return along.smoothed(x_BCHW, targets_BK.to(x_BCHW.device))

    def evaluate(self, network: nn.Module, step: float, outputs: str = LOGITS) -> NoiseFit:
        """Noise fitting of a network on the probe images, which joins the history.

        It is evaluated on the device where it is, in evaluation mode and with exact float32
        products; modes, settings and random numbers of the training stay as they are.

        Args:
            network: normalised images (B, C, H, W) → logits (B, K), or an output with `.logits`.
            step: of the training, such as the number of finished epochs.
            outputs: "logits", or "probabilities" if the network ends with a softmax.

        Raises:
            UserError: the network gives no logits of K classes, or the probe images are not those
                of the first reading, as under random augmentation.
        """
        parts, start = [], 0
        with evaluating(network, outputs) as predict:
            for x_BCHW, labels_B in self._passes():
                if not self._probed.holds(places_along(self.wave, x_BCHW), labels_B, start):
                    raise UserError(
                        "images: are not what they were at first, as under random augmentation; "
                        "probe the wave on images that stay the same"
                    )
                logits_BK = self._checked(predict(x_BCHW), len(x_BCHW))
                losses = ImageLosses.of(logits_BK, labels_B.to(logits_BK.device))
                parts.append(ImageLosses(*(values.cpu() for values in losses)))
                start += len(labels_B)
        if start < len(self._probed.labels_M):
            raise UserError(f"images: are {start}, but were {len(self._probed.labels_M)} at first")
        return self._recorded(ImageLosses.joined(parts), step)

    def evaluate_logits(self, logits: Any, step: float) -> NoiseFit:
        """As `evaluate`, from logits (M, K) on the probe images in their order.

        Raises:
            UserError: the shape is another.
        """
        labels_M = self._probed.labels_M
        logits_MK = tensor_of(logits).float().cpu()
        losses = ImageLosses.of(self._checked(logits_MK, len(labels_M)), labels_M)
        return self._recorded(losses, step)

    def _checked(self, logits_BK: Tensor, count: int) -> Tensor:
        """The logits of B = count images, if that is what they are."""
        shape = tuple(logits_BK.shape)
        if len(shape) != 2 or shape[0] != count:
            raise UserError(
                f"network: its outputs have the shape {shape} for {count} images; give logits of "
                "(images, classes)"
            )
        if shape[1] != self.n_classes:
            raise UserError(
                f"n_classes: the network has {shape[1]} outputs, but {self.n_classes} classes were "
                f"expected; make NoiseFitting with n_classes={shape[1]}"
            )
        return logits_BK

    def _recorded(self, losses: ImageLosses, step: float) -> NoiseFit:
        found = noise_fit(self._probed.probe, self._probed.height_M, losses, step)
        self.history.append(found)
        return found

    @property
    def facts(self) -> dict[str, Any]:
        """What holds for all of the history: the wave, and r over the images that it smooths."""
        mean, variance = self._probed.probe.moments()
        return {
            "wave": asdict(self.wave),
            "n_classes": self.n_classes,
            "n_images": int(self._probed.probe.chosen_M.sum()),
            "rate_mean": mean,
            "rate_variance": variance,
        }

    def table(self) -> "pd.DataFrame":
        """One row for each evaluation, with the columns of `NoiseFit`."""
        return noise_history.table(self.history)

    def to_csv(self, path: str | Path) -> None:
        """Writes `table`, with 6 significant digits."""
        noise_history.write_csv(path, self.history)

    def to_json(self, path: str | Path) -> None:
        """Writes `facts` and the history, with all digits; null where there is no number."""
        noise_history.write_json(path, self.history, self.facts)

    def plot(self, axes: Any, value: str = "noise_fitting", **line: Any) -> None:
        """Draws one column of the history over its steps, see `noise_history.plot`."""
        noise_history.plot(axes, self.history, value, **line)

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint needs to go on with this history; plain values and tensors."""
        return {
            "wave": asdict(self.wave),
            "n_classes": self.n_classes,
            "labels": self._probed.labels_M.clone(),
            "coordinate": self._probed.coordinate_M.clone(),
            "history": [fit.row() for fit in self.history],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Takes over the history of a state, in place of this one's.

        Raises:
            UserError: it belongs to another wave, number of classes or other probe images.
        """
        missing = [name for name in self.state_dict() if name not in state]
        if missing:
            raise UserError(f"state: has no {missing[0]!r}; give what state_dict() returned")
        wave = {**state["wave"], "n_classes": state["n_classes"]}
        for name, ours in {**asdict(self.wave), "n_classes": self.n_classes}.items():
            if not _alike(ours, wave.get(name)):
                raise UserError(
                    f"state: belongs to another wave, with {name} = {wave.get(name)} instead of "
                    f"{ours}; make NoiseFitting as it was made"
                )
        where, labels = state["coordinate"].cpu(), state["labels"].cpu()
        known = self._probed.labels_M.shape == labels.shape
        if not (known and self._probed.holds(where, labels, 0)):
            raise UserError(
                "state: belongs to other probe images; make NoiseFitting with the same ones, in "
                "the same order"
            )
        self.history = [NoiseFit(**row) for row in state["history"]]


def _alike(ours: Any, theirs: Any) -> bool:
    """Equality, but for the rounding with which another machine places the same wave."""
    if isinstance(ours, float) and isinstance(theirs, float | int):
        return math.isclose(ours, theirs, rel_tol=1e-4)
    return ours == theirs
