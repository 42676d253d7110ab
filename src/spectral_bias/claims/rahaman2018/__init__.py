"""Claims of rahaman2018: one module per experiment, each with a tuple CLAIMS."""

from spectral_bias.claims.rahaman2018 import label_noise, perturbation, sinusoids
from spectral_bias.claims.registry import Claim

CLAIMS: tuple[Claim, ...] = (*sinusoids.CLAIMS, *perturbation.CLAIMS, *label_noise.CLAIMS)
