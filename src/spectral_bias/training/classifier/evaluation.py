"""Losses of a classifier on its test set: clean, and with labels smoothed by waves.

With l_c = -log softmax_c of an image of class y, the clean loss is the mean of l_y. A label that is
smoothed with rate r costs (1 - r) l_y + r mean_c l_c, since it is (1 - r) onehot + r / K. So one
pass gives the loss under any number of waves. Noise fitting is the clean minus the noisy loss
(Fridovich-Keil et al. 2021, Section 3).

Shape suffixes: M test images, P waves.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from spectral_bias.training.classifier.label_smoothing import LabelSmoothing, Wave
from spectral_bias.training.classifier.normalisation import Normalisation
from spectral_bias.training.classifier.sources import ImageSource


@dataclass(frozen=True)
class TestLosses:
    """What one pass over the test set gives.

    Attributes:
        loss: mean cross-entropy with the true labels.
        accuracy: fraction of images that are correctly classified.
        clean_losses: (P,) mean cross-entropy with the true labels of the images that a wave noises.
        noisy_losses: (P,) the same with labels smoothed by that wave.
    """

    __test__ = False  # not a test class, whatever its name says to pytest

    loss: float
    accuracy: float
    clean_losses: list[float]
    noisy_losses: list[float]


class Evaluation:
    """The test set of a source, and how strongly each of some waves smooths its labels.

    The strength of a wave is fixed over the whole test set, not batch by batch, so that it does not
    depend on the order of the images. A wave on one class is judged by the images of that class.
    """

    def __init__(self, source: ImageSource, waves: Sequence[Wave]) -> None:
        self.source = source
        self.normalise = Normalisation.of(source.mean, source.std, source.device)
        self.rates_PM, self.chosen_PM = self._rates(waves)

    def _rates(self, waves: Sequence[Wave]) -> tuple[list[Tensor], list[Tensor]]:
        if not waves:
            return [], []
        parts = zip(*self.source.test_batches(), strict=True)
        pixels, labels = (torch.cat(part) for part in parts)
        x = self.normalise(pixels)
        rates, chosen = [], []
        for wave in waves:
            smoothing = LabelSmoothing(wave, self.source.image_shape, self.source.device)
            rates.append(smoothing.rate(x, labels))
            every = torch.ones_like(labels, dtype=torch.bool)
            chosen.append(every if wave.noise_class is None else labels == wave.noise_class)
        return rates, chosen

    def of(self, network: nn.Module) -> TestLosses:
        """The losses of a network, which is put into evaluation mode."""
        network.eval()
        parts = []
        with torch.no_grad():
            for pixels, labels in self.source.test_batches():
                logits = network(self.normalise(pixels)).float()
                minus_log_p = -F.log_softmax(logits, 1)
                own = minus_log_p.gather(1, labels[:, None]).squeeze(1)
                parts.append((own, minus_log_p.mean(1), logits.argmax(1) == labels))
        own_M, mean_M, right_M = (torch.cat(part) for part in zip(*parts, strict=True))
        clean, noisy = [], []
        for rate, chosen in zip(self.rates_PM, self.chosen_PM, strict=True):
            clean.append(own_M[chosen].mean().item())
            noisy.append(((1 - rate) * own_M + rate * mean_M)[chosen].mean().item())
        return TestLosses(own_M.mean().item(), right_M.float().mean().item(), clean, noisy)
