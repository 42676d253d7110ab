"""Losses of a classifier on its test set: clean, and with labels smoothed by waves.

With l_c = -log softmax_c of an image of class y, the clean loss is the mean of l_y. A label that is
smoothed with rate r costs (1 - r) l_y + r mean_c l_c, since it is (1 - r) onehot + r / K. So one
pass gives the loss under any number of waves. Noise fitting is the clean minus the noisy loss
(Fridovich-Keil et al. 2021, Section 3).

*Its two parts (ours).* With m = mean_c l_c - l_y, which says how sure the network is of the true
class, noise fitting is -mean(r m) = -mean(r) mean(m) - Cov(r, m), exactly. The first term is
confidence and knows nothing of the wave; the second is positive where the network is less sure of
images whose labels are smoothed more, that is where it fits the wave.

Shape suffixes: M test images, P waves.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spectral_bias.training.classifier.label_smoothing import LabelSmoothing, Wave, placed_waves
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
            mean cross-entropy with the true labels, with the smoothed ones, -mean(r) mean(m), and
            -Cov(r, m) (divided by the number of images).
    """

    __test__ = False  # not a test class, whatever its name says to pytest

    loss: float
    accuracy: float
    probes: Mapping[str, list[float]]


@dataclass(frozen=True)
class _Probe:
    """A wave on the test set: r (M,) and which images (M,) it is judged by."""

    rate_M: Tensor
    chosen_M: Tensor

    def of(self, own_M: Tensor, mean_M: Tensor) -> tuple[float, ...]:
        """The values of `PROBES`, computed in float64: a covariance is a small difference."""
        r, own, mean = (v[self.chosen_M].double() for v in (self.rate_M, own_M, mean_M))
        m = mean - own
        covariance = ((r - r.mean()) * (m - m.mean())).mean()
        noisy = ((1 - r) * own + r * mean).mean()
        parts = own.mean(), noisy, -r.mean() * m.mean(), -covariance
        return tuple(torch.stack(parts).tolist())


class Evaluation:
    """The test set of a source, and how strongly each of some waves smooths its labels.

    The strength of a wave is fixed over the whole test set, not batch by batch, so that it does not
    depend on the order of the images. A wave on one class is judged by the images of that class.

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
        self._probes: list[_Probe] = []
        facts: list[tuple[float, ...]] = []
        for placed, probe in self._placed(waves):
            r = probe.rate_M[probe.chosen_M].double()
            self._probes.append(probe)
            moments = r.mean().item(), r.var(unbiased=False).item()
            facts.append((placed.frequency or np.nan, placed.deviation or np.nan, *moments))
        columns = np.array(facts, dtype=np.float64).reshape(-1, len(FACTS)).T
        self.facts = dict(zip(FACTS, columns, strict=True))

    def _placed(self, waves: Sequence[Wave]) -> Iterator[tuple[Wave, _Probe]]:
        if not waves:
            return
        parts = zip(*self.source.test_batches(), strict=True)
        pixels, labels = (torch.cat(part) for part in parts)
        x = self.normalise(pixels)
        for placed in placed_waves(waves, self.source):
            smoothing = LabelSmoothing(placed, self.source.image_shape, self.source.device)
            every = torch.ones_like(labels, dtype=torch.bool)
            own = placed.noise_class
            yield placed, _Probe(smoothing.rate(x, labels), every if own is None else labels == own)

    def of(self, network: nn.Module) -> TestLosses:
        """The losses of a network, which is put into evaluation mode."""
        network.eval()
        parts = []
        with torch.no_grad():
            for pixels, labels in self.source.test_batches():
                with autocast(self.precision, self.source.device):
                    logits = network(self.normalise(pixels)).float()
                minus_log_p = -F.log_softmax(logits, 1)
                own = minus_log_p.gather(1, labels[:, None]).squeeze(1)
                parts.append((own, minus_log_p.mean(1), logits.argmax(1) == labels))
        own_M, mean_M, right_M = (torch.cat(part) for part in zip(*parts, strict=True))
        values = [probe.of(own_M, mean_M) for probe in self._probes]
        columns = zip(*values, strict=True) if values else [()] * len(PROBES)
        probes = {name: list(column) for name, column in zip(PROBES, columns, strict=True)}
        return TestLosses(own_M.mean().item(), right_M.float().mean().item(), probes)
