"""Noise fitting of one network under one wave, and its two parts.

With l_c = -log softmax_c of an image of class y, the clean loss is the mean of l_y. A label that is
smoothed with rate r costs (1 - r) l_y + r mean_c l_c, since it is (1 - r) onehot + r / K. So one
pass gives the loss under any number of waves. Noise fitting is the clean minus the noisy loss
(Fridovich-Keil et al. 2021, Section 3).

*Its two parts (ours).* With m = mean_c l_c - l_y, which says how sure the network is of the true
class, noise fitting is -mean(r m) = -mean(r) mean(m) - Cov(r, m), exactly. The first term is
confidence and knows nothing of the wave; the second is positive where the network is less sure of
images whose labels are smoothed more, that is where it fits the wave.

Shape suffixes: M test images, B of a batch, K classes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from spectral_bias.training.classifier.wave import Wave


class ImageLosses(NamedTuple):
    """What the terms need to know of a network's logits, image by image.

    Attributes:
        own_M: -log p of the true class, in nats.
        mean_M: -log p, mean over the classes, in nats.
        right_M: whether the largest logit is that of the true class.
    """

    own_M: Tensor
    mean_M: Tensor
    right_M: Tensor

    @classmethod
    def of(cls, logits_BK: Tensor, labels_B: Tensor) -> "ImageLosses":
        """From logits and true classes, on one device."""
        minus_log_p = -F.log_softmax(logits_BK, 1)
        own = minus_log_p.gather(1, labels_B[:, None]).squeeze(1)
        return cls(own, minus_log_p.mean(1), logits_BK.argmax(1) == labels_B)

    @classmethod
    def joined(cls, parts: Iterable["ImageLosses"]) -> "ImageLosses":
        """Those of several batches as one."""
        return cls(*(torch.cat(part) for part in zip(*parts, strict=True)))


class NoiseTerms(NamedTuple):
    """Losses under one wave, in nats, over the images that it smooths.

    Attributes:
        clean: mean cross-entropy with the true labels.
        noisy: with the smoothed ones.
        confidence: -mean(r) mean(m).
        covariance: -Cov(r, m), divided by the number of images.
    """

    clean: float
    noisy: float
    confidence: float
    covariance: float


@dataclass(frozen=True)
class Probe:
    """A wave on test images: r (M,) and which of the images (M,) it is judged by.

    The strength of a wave is fixed over the whole test set, not batch by batch, so that it does not
    depend on the order of the images. A wave on one class is judged by the images of that class.
    """

    rate_M: Tensor
    chosen_M: Tensor

    @classmethod
    def of(cls, wave: Wave, rate_M: Tensor, labels_M: Tensor) -> "Probe":
        """From the wave's rate on all images and their true classes."""
        every = torch.ones_like(labels_M, dtype=torch.bool)
        return cls(rate_M, every if wave.noise_class is None else labels_M == wave.noise_class)

    def moments(self) -> tuple[float, float]:
        """Mean and variance of r over the images that the wave is judged by."""
        r = self.rate_M[self.chosen_M].double()
        return r.mean().item(), r.var(unbiased=False).item()

    def terms(self, own_M: Tensor, mean_M: Tensor) -> NoiseTerms:
        """See `ImageLosses`; computed in float64, since a covariance is a small difference."""
        r, own, mean = (v[self.chosen_M].double() for v in (self.rate_M, own_M, mean_M))
        m = mean - own
        covariance = ((r - r.mean()) * (m - m.mean())).mean()
        noisy = ((1 - r) * own + r * mean).mean()
        parts = own.mean(), noisy, -r.mean() * m.mean(), -covariance
        return NoiseTerms(*torch.stack(parts).tolist())
