"""Claims of rahaman2018: one module per experiment, each with a tuple CLAIMS."""

from spectral_bias.claims.rahaman2018 import (
    adversarial,
    delta,
    kernel_spectra,
    label_noise,
    manifolds,
    neighbours,
    perturbation,
    random_labels,
    sinusoids,
    theory,
)
from spectral_bias.claims.registry import Claim

CLAIMS: tuple[Claim, ...] = (
    *sinusoids.CLAIMS,
    *perturbation.CLAIMS,
    *label_noise.CLAIMS,
    *kernel_spectra.CLAIMS,
    *manifolds.CLAIMS,
    *delta.CLAIMS,
    *random_labels.CLAIMS,
    *adversarial.CLAIMS,
    *neighbours.CLAIMS,
    *theory.CLAIMS,
)
