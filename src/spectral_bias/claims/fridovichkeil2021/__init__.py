"""Claims of fridovichkeil2021: one module per experiment, each with a tuple CLAIMS."""

from spectral_bias.claims.fridovichkeil2021 import (
    image_frequency,
    imagenet,
    interventions,
    noise_fitting,
    shift,
    single_class,
    training_time,
)
from spectral_bias.claims.registry import Claim

CLAIMS: tuple[Claim, ...] = (
    *noise_fitting.CLAIMS,
    *training_time.CLAIMS,
    *interventions.CLAIMS,
    *image_frequency.CLAIMS,
    *shift.CLAIMS,
    *single_class.CLAIMS,
    *imagenet.CLAIMS,
)
