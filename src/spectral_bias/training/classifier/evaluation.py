"""Losses of a classifier on its test set: clean, and with labels smoothed by waves.

What is measured of each wave, and why, is said in `training.classifier.noise_terms`.

Shape suffixes: M test images, P waves.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from spectral_bias.training.classifier.label_smoothing import LabelSmoothing, Wave, placed_waves
from spectral_bias.training.classifier.noise_terms import ImageLosses, Probe
from spectral_bias.training.classifier.normalisation import Normalisation
from spectral_bias.training.classifier.sources import ImageSource
from spectral_bias.training.precision import autocast

PROBES = ("clean_test_loss", "noisy_test_loss", "confidence_term", "covariance_term")
"""What is recorded of every probed wave after every epoch, see `TestLosses.probes`."""
FACTS = ("probe_frequency", "probe_deviation", "probe_rate_mean", "probe_rate_variance")
"""What does not change over training, see `Evaluation.facts`."""


@dataclass(frozen=True)
class TestLosses:
    """What one pass over the test set gives.

    Attributes:
        loss: mean cross-entropy with the true labels.
        accuracy: fraction of images that are correctly classified.
        probes: by the names of `PROBES`, (P,) each, in nats, over the images that a wave smooths:
            see `noise_terms.NoiseTerms`.
    """

    __test__ = False  # not a test class, whatever its name says to pytest

    loss: float
    accuracy: float
    probes: Mapping[str, list[float]]


class Evaluation:
    """The test set of a source, and how strongly each of some waves smooths its labels.

    Args:
        source: its test images are evaluated; waves are placed by its training images.
        waves: that are probed.
        precision: of the network's products, see `training.precision`.

    Attributes:
        facts: by the names of `FACTS`, (P,) each: the wave's f in cycles per unit and the standard
            deviation of the images along its coordinate (NaN for uniform smoothing); mean and
            variance of r over the images that it is judged by.
    """

    def __init__(
        self, source: ImageSource, waves: Sequence[Wave], precision: str = "float32"
    ) -> None:
        self.source, self.precision = source, precision
        self.normalise = Normalisation.of(source.mean, source.std, source.device)
        self._probes: list[Probe] = []
        facts: list[tuple[float, ...]] = []
        for placed, probe in self._placed(waves):
            self._probes.append(probe)
            place = placed.frequency or np.nan, placed.deviation or np.nan
            facts.append((*place, *probe.moments()))
        columns = np.array(facts, dtype=np.float64).reshape(-1, len(FACTS)).T
        self.facts = dict(zip(FACTS, columns, strict=True))

    def _placed(self, waves: Sequence[Wave]) -> Iterator[tuple[Wave, Probe]]:
        if not waves:
            return
        parts = zip(*self.source.test_batches(), strict=True)
        pixels, labels = (torch.cat(part) for part in parts)
        x = self.normalise(pixels)
        for placed in placed_waves(waves, self.source):
            smoothing = LabelSmoothing(placed, self.source.image_shape, self.source.device)
            yield placed, Probe.of(placed, smoothing.rate(x, labels), labels)

    def of(self, network: nn.Module) -> TestLosses:
        """The losses of a network, which is put into evaluation mode."""
        network.eval()
        parts = []
        with torch.no_grad():
            for pixels, labels in self.source.test_batches():
                with autocast(self.precision, self.source.device):
                    logits = network(self.normalise(pixels)).float()
                parts.append(ImageLosses.of(logits, labels))
        own_M, mean_M, right_M = ImageLosses.joined(parts)
        values = [probe.terms(own_M, mean_M) for probe in self._probes]
        columns = zip(*values, strict=True) if values else [()] * len(PROBES)
        probes = {name: list(column) for name, column in zip(PROBES, columns, strict=True)}
        return TestLosses(own_M.mean().item(), right_M.float().mean().item(), probes)
