"""A wave that is placed among images, and where the images lie along it.

Shape suffixes: M probe images, B of a batch, C channels, H and W pixels.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from spectral_bias.errors import UserError
from spectral_bias.spectra.image_basis import Shape
from spectral_bias.toolkit.noise.probe_images import Passes
from spectral_bias.training.classifier.label_smoothing import LabelSmoothing, Wave
from spectral_bias.training.classifier.noise_terms import Probe

TOLERANCE, ROUNDING = 1e-3, 1e-5
"""How far an image may lie from where it lay and still be the same: in standard deviations along
the wave, and in units of distance."""


@dataclass(frozen=True, eq=False)
class ProbedWave:
    """A wave on probe images, on the CPU.

    Attributes:
        wave: with its frequency, and the standard deviation of images along it.
        image_shape: (C, H, W).
        coordinate_M: where the images lie along the wave; along their norm if it is "uniform".
        labels_M: their classes.
        height_M: 1 + wave, float64.
        probe: r, and by which images the wave is judged.
    """

    wave: Wave
    image_shape: Shape
    coordinate_M: Tensor
    labels_M: Tensor
    height_M: np.ndarray
    probe: Probe

    def holds(self, coordinate_B: Tensor, labels_B: Tensor, start: int) -> bool:
        """Whether the images from number `start` on are those with these places and classes."""
        part = slice(start, start + len(labels_B))
        ours, atol = self.coordinate_M[part], ROUNDING
        if len(self.coordinate_M) > 1:
            atol += TOLERANCE * self.coordinate_M.std().item()
        same = torch.equal(self.labels_M[part], labels_B)
        return same and torch.allclose(coordinate_B, ours, rtol=0, atol=atol)


def probed(wave: Wave, images: Passes, training_images: Passes | None) -> ProbedWave:
    """Places a wave among images.

    Args:
        wave: that may be given in cycles.
        images: on which it is probed.
        training_images: by whose standard deviation it is placed; the probe images if None.

    Raises:
        UserError: the images have several shapes or numbers that are not finite, are all alike
            along the wave, or none is of the wave's class; or the wave does not fit their shape.
    """
    shape = tuple(next(images())[0].shape[1:])
    coordinate_M, labels_M = _places(wave, images, shape, "images")
    spread = coordinate_M
    if training_images is not None:
        spread, _ = _places(wave, training_images, shape, "training_images")
    deviation = spread.double().std(unbiased=False).item()
    if wave.kind != "uniform":
        if deviation <= ROUNDING:
            raise UserError(
                f"images: all lie at one place along the {wave.kind} wave, where it is constant; "
                "choose another wave, or images that differ"
            )
        wave = wave.placed(deviation)
    if wave.noise_class is not None and not (labels_M == wave.noise_class).any():
        raise UserError(
            f"noise_class: {wave.noise_class} is the class of none of the images; choose one of "
            f"0 to {labels_M.max()}"
        )
    along = smoothing_of(wave, shape, torch.device("cpu"))
    height_M = along.height_at(coordinate_M)
    probe = Probe.of(wave, along.rate_of(height_M, labels_M), labels_M)
    return ProbedWave(wave, shape, coordinate_M, labels_M, height_M.double().numpy(), probe)


def places_along(wave: Wave, x_BCHW: Tensor) -> Tensor:
    """(B,) float32 on the CPU: where images lie along a wave, whatever its frequency."""
    along = smoothing_of(wave, tuple(x_BCHW.shape[1:]), x_BCHW.device)
    return along.coordinate(x_BCHW.detach().float()).cpu()


def _places(wave: Wave, images: Passes, shape: Shape, name: str) -> tuple[Tensor, Tensor]:
    """Place and class of every image."""
    parts = []
    for x_BCHW, labels_B in images():
        if tuple(x_BCHW.shape[1:]) != shape:
            raise UserError(
                f"{name}: some have the shape {tuple(x_BCHW.shape[1:])}, the first has {shape}; "
                "bring all to one"
            )
        parts.append((places_along(wave, x_BCHW), labels_B))
    coordinate_M, labels_M = (torch.cat(part) for part in zip(*parts, strict=True))
    broken = int((~coordinate_M.isfinite()).sum())
    if broken:
        raise UserError(
            f"{name}: {broken} of {len(labels_M)} hold numbers that are not finite; repair them"
        )
    return coordinate_M, labels_M


@lru_cache(maxsize=16)
def smoothing_of(wave: Wave, shape: Shape, device: torch.device) -> LabelSmoothing:
    """A wave, ready for images of one shape on one device.

    Raises:
        UserError: the images have no such spatial frequency.
    """
    try:
        return LabelSmoothing(wave, shape, device)
    except ValueError as error:
        raise UserError(str(error)) from None
