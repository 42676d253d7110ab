"""Label smoothing by a wave of known frequency over the space of images.

Fridovich-Keil et al. 2021, measurement A: the label of a normalised, augmented image x becomes
(1 - r) target + r / K with r = s (1 + wave(x)), where s gives r the wanted mean over a batch.

Shape suffixes: B images of a batch, C channels, H and W pixels, K classes.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from spectral_bias.seeds import derived_generator
from spectral_bias.spectra.composites import COMPOSITES
from spectral_bias.spectra.image_basis import (
    Shape,
    basis_image,
    composite_image,
    nearest_grid_frequency,
)
from spectral_bias.training.classifier.normalisation import Normalisation
from spectral_bias.training.classifier.wave import Wave

CHUNK = 1000
TINY = torch.finfo(torch.float32).tiny


def expected_norm(n_dimensions: int) -> float:
    """Mean Euclidean norm of a standard normal vector, sqrt(2) Gamma((d+1)/2) / Gamma(d/2).

    55.4211 for the d = 3072 numbers of a normalised CIFAR-10 image.
    """
    half = n_dimensions / 2
    return math.sqrt(2) * math.exp(math.lgamma(half + 0.5) - math.lgamma(half))


def direction(wave: Wave, shape: Shape) -> Tensor | None:
    """The unit vector (C, H, W) float64 along which a wave runs; None if it runs along none.

    "fourier": the basis image with the grid frequency nearest to the wanted spatial frequency;
    "1/f2" and "f2": the sum of all basis images with these weights; "random": uniformly
    distributed over the sphere.

    Raises:
        ValueError: the spatial frequency is above those of the image.
    """
    if wave.kind == "fourier":
        return basis_image(*nearest_grid_frequency(wave.spatial_frequency, *shape[1:]), shape)
    if wave.kind in COMPOSITES:
        return composite_image(wave.kind, shape)
    if wave.kind == "random":
        normal = derived_generator(wave.seed, "direction").standard_normal(shape)
        vector = torch.as_tensor(normal)
        return vector / vector.norm()
    return None


class LabelSmoothing:
    """A wave, ready to smooth the labels of images of one shape on one device."""

    def __init__(self, wave: Wave, image_shape: Shape, device: torch.device) -> None:
        """See `Wave`; image_shape is (C, H, W)."""
        self.wave = wave
        self._centre = expected_norm(math.prod(image_shape))
        along = direction(wave, image_shape)
        self._direction = None if along is None else along.to(device, torch.float32)

    def height(self, x_BCHW: Tensor) -> Tensor:
        """(B,) 1 + wave(x), in [0, 2]."""
        if self.wave.kind == "uniform":
            return torch.ones(len(x_BCHW), device=x_BCHW.device)
        return self.height_at(self.coordinate(x_BCHW))

    def height_at(self, coordinate_B: Tensor) -> Tensor:
        """(B,) the height where images lie at these coordinates."""
        if self.wave.kind == "uniform":
            return torch.ones_like(coordinate_B)
        return 1 + torch.sin(2 * math.pi * self.wave.frequency * coordinate_B)

    def coordinate(self, x_BCHW: Tensor) -> Tensor:
        """(B,) where images lie along the wave: |x| - c, or <x, d>."""
        if self._direction is None:
            return torch.linalg.vector_norm(x_BCHW, dim=(1, 2, 3)) - self._centre
        # A plain sum: matrix products may run at lower precision on a GPU.
        return (x_BCHW * self._direction).sum(dim=(1, 2, 3))

    def rate(self, x_BCHW: Tensor, classes_B: Tensor) -> Tensor:
        """r (B,) in [0, 1] for the images of one batch; 0 for those of other classes.

        s is set so that the mean of s (1 + wave) over the whole batch is the wave's amplitude, also
        where a single class is smoothed (as in the released code): few images of one class in a
        batch would make s jump. Where nearly all images lie in a trough, s is so large that r would
        exceed 1 on a crest: such an r is cut to 1, and the mean stays below the amplitude (ours).
        If all heights are 0, so is r.
        """
        return self.rate_of(self.height(x_BCHW), classes_B)

    def rate_of(self, height_B: Tensor, classes_B: Tensor) -> Tensor:
        """`rate` of images whose heights are known."""
        r_B = (height_B * (self.wave.amplitude / height_B.mean().clamp(min=TINY))).clamp(max=1)
        return r_B if self.wave.noise_class is None else r_B * (classes_B == self.wave.noise_class)

    def smoothed(self, x_BCHW: Tensor, targets_BK: Tensor) -> Tensor:
        """Targets (B, K) after smoothing; the class of a soft target is its largest entry."""
        r_B1 = self.rate(x_BCHW, targets_BK.argmax(1))[:, None]
        return (1 - r_B1) * targets_BK + r_B1 / targets_BK.shape[1]


def deviations(along: Sequence[LabelSmoothing], batches: Iterable[Tensor]) -> list[float]:
    """The standard deviation of images along each of some waves, see `Wave`.

    Args:
        along: P waves.
        batches: all images, normalised (B, C, H, W), some at a time.
    """
    parts = [torch.stack([one.coordinate(x) for one in along]) for x in batches]
    return torch.cat(parts, 1).double().std(dim=1, unbiased=False).tolist()


class TrainingImages(Protocol):
    """The part of an `ImageSource` by which waves are placed."""

    n_train: int
    image_shape: tuple[int, int, int]
    mean: np.ndarray
    std: np.ndarray
    device: torch.device

    def train_batches(self, order: Sequence[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
        """Pixels and labels of the training images whose indices each element names."""
        ...


def placed_waves(waves: Iterable[Wave], source: TrainingImages) -> list[Wave]:
    """Waves with the standard deviation of the normalised training images along each, see `Wave`.

    Images are taken as they are, without augmentation. Uniform smoothing stays as it is.
    """
    waves = list(waves)
    chosen = [at for at, wave in enumerate(waves) if wave.kind != "uniform"]
    if not chosen:
        return waves
    normalise = Normalisation.of(source.mean, source.std, source.device)
    # A wave that is given in cycles has no frequency yet, and its coordinate needs none.
    along = [LabelSmoothing(waves[at], source.image_shape, source.device) for at in chosen]
    order = torch.arange(source.n_train, device=source.device).split(CHUNK)
    batches = (normalise(pixels) for pixels, _ in source.train_batches(order))
    for at, deviation in zip(chosen, deviations(along, batches), strict=True):
        waves[at] = waves[at].placed(deviation)
    return waves
