"""The schema of config.yaml as a whole; its sections stand in modules of their own."""

from typing import Annotated, Literal

from pydantic import Field

from spectral_bias.config.base import NonNegative, Section
from spectral_bias.config.rahaman2018.label_noise import LabelNoise
from spectral_bias.config.rahaman2018.perturbation import Perturbation
from spectral_bias.config.rahaman2018.sinusoids import Sinusoids


class Rahaman2018(Section):
    """All experiments of Rahaman et al. 2018."""

    sinusoids: Sinusoids
    perturbation: Perturbation
    label_noise: LabelNoise


class Tracking(Section):
    """Where MLflow keeps runs, and when a job starts to show itself there."""

    uri: str | None
    live_after_seconds: NonNegative


class Settings(Section):
    """Everything in config.yaml, with the scale and the command line laid over it."""

    scale: str
    seed: Annotated[int, Field(ge=0)]
    device: Literal["auto", "cpu", "cuda"]
    precision: Literal["float32", "tf32", "bf16"]
    data_root: str | None
    tracking: Tracking
    rahaman2018: Rahaman2018
