"""Noise fitting of one network: a row of a history, with intervals over test images.

*Intervals (ours).* They say how much a value would scatter over other test images of the same
kind, not over other trainings, and are those of the jackknife: what is found with each image left
out, and the wave's strength set anew by the others, has a closed form. Values after several steps
share their images, so that a difference of two steps is often surer than their intervals say.

Shape suffixes: M test images, N of them by which the wave is judged.
"""

import math
from dataclasses import asdict, dataclass

import numpy as np
from scipy import special

from spectral_bias.statistics.estimates import LEVEL, MIN_MEMBERS
from spectral_bias.training.classifier.noise_terms import ImageLosses, Probe


@dataclass(frozen=True)
class NoiseFit:
    """Losses, in nats, over the images that a wave smooths; the intervals are those of 95 %.

    Attributes:
        step: of the training, in whatever its user counts.
        clean_loss: mean cross-entropy with the true labels.
        noisy_loss: with the smoothed ones.
        noise_fitting: clean_loss - noisy_loss = confidence_term + covariance_term.
        confidence_term: -mean(r) mean(m), which knows nothing of the wave.
        covariance_term: -Cov(r, m), positive where the network fits the wave.
        accuracy: fraction of the images that are correctly classified.
        noise_fitting_low: lower end of its interval; NaN below three images.
        noise_fitting_high: upper end.
        covariance_term_low: likewise.
        covariance_term_high: likewise.
    """

    step: float
    clean_loss: float
    noisy_loss: float
    noise_fitting: float
    confidence_term: float
    covariance_term: float
    accuracy: float
    noise_fitting_low: float
    noise_fitting_high: float
    covariance_term_low: float
    covariance_term_high: float

    def row(self) -> dict[str, float]:
        """The values by their names."""
        return asdict(self)


def noise_fit(probe: Probe, height_M: np.ndarray, losses: ImageLosses, step: float) -> NoiseFit:
    """What a network's losses say of its fit of a wave.

    Args:
        probe: of the wave, on the CPU.
        height_M: of the wave, to whose mean over all images its strength is inversely proportional.
        losses: of all images, on the CPU.
        step: of the training.
    """
    terms = probe.terms(losses.own_M, losses.mean_M)
    fitting = terms.clean - terms.noisy
    m_M = (losses.mean_M.double() - losses.own_M.double()).numpy()
    halves = half_widths(probe.rate_M.double().numpy(), m_M, probe.chosen_M.numpy(), height_M)
    return NoiseFit(
        step=step,
        clean_loss=terms.clean,
        noisy_loss=terms.noisy,
        noise_fitting=fitting,
        confidence_term=terms.confidence,
        covariance_term=terms.covariance,
        accuracy=losses.right_M[probe.chosen_M].double().mean().item(),
        noise_fitting_low=fitting - halves[0],
        noise_fitting_high=fitting + halves[0],
        covariance_term_low=terms.covariance - halves[1],
        covariance_term_high=terms.covariance + halves[1],
    )


def half_widths(
    r_M: np.ndarray, m_M: np.ndarray, chosen_M: np.ndarray, height_M: np.ndarray
) -> tuple[float, float]:
    """Half the widths of the intervals of noise fitting and covariance; NaN below three images."""
    left = chosen_M.sum() - chosen_M  # images by which the wave is judged, without each
    if chosen_M.sum() < MIN_MEMBERS:
        return math.nan, math.nan
    strength = height_M.mean() / _means_without_each(height_M) if height_M.any() else 1.0
    product = strength * ((chosen_M * r_M * m_M).sum() - chosen_M * r_M * m_M) / left
    # A covariance does not know of the means, and is then no small difference of products.
    r, m = (np.where(chosen_M, v - v[chosen_M].mean(), 0.0) for v in (r_M, m_M))
    covariance = strength * (((r * m).sum() - r * m) / left - r * m / left**2)
    t = special.stdtrit(chosen_M.sum() - 1, (1 + LEVEL) / 2)
    return tuple(float(t * math.sqrt(len(r_M) - 1) * v.std()) for v in (product, covariance))


def _means_without_each(values_M: np.ndarray) -> np.ndarray:
    """(M,) the mean of all values but one."""
    return (values_M.sum() - values_M) / (len(values_M) - 1)
