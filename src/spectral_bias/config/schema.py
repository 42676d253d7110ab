"""The schema of config.yaml as a whole; its sections stand in modules of their own."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from spectral_bias.config.base import NonNegative, Section
from spectral_bias.config.fridovichkeil2021.cifar10 import Cifar10
from spectral_bias.config.fridovichkeil2021.imagenet import ImageNet
from spectral_bias.config.rahaman2018.adversarial import Adversarial
from spectral_bias.config.rahaman2018.delta import Delta
from spectral_bias.config.rahaman2018.kernel_spectra import KernelSpectra
from spectral_bias.config.rahaman2018.label_noise import LabelNoise
from spectral_bias.config.rahaman2018.manifolds import (
    ManifoldClassification,
    ManifoldRegression,
)
from spectral_bias.config.rahaman2018.neighbours import Neighbours, require_neighbours
from spectral_bias.config.rahaman2018.perturbation import Perturbation
from spectral_bias.config.rahaman2018.random_labels import RandomLabels
from spectral_bias.config.rahaman2018.sinusoids import Sinusoids
from spectral_bias.config.rahaman2018.theory import Theory


class Rahaman2018(Section):
    """All experiments of Rahaman et al. 2018."""

    sinusoids: Sinusoids
    perturbation: Perturbation
    label_noise: LabelNoise
    kernel_spectra: KernelSpectra
    manifold_regression: ManifoldRegression
    manifold_classification: ManifoldClassification
    delta: Delta
    random_labels: RandomLabels
    adversarial: Adversarial
    neighbours: Neighbours
    theory: Theory

    @model_validator(mode="after")
    def _neighbours_in_every_cell(self) -> Self:
        samples = self.manifold_classification.n_points
        try:
            require_neighbours(
                self.neighbours.n_neighbours, samples, "manifold_classification.n_points"
            )
        except ValueError as error:
            raise ValueError(f"neighbours.{error}") from None
        return self


class FridovichKeil2021(Section):
    """All experiments of Fridovich-Keil et al. 2021."""

    cifar10: Cifar10
    imagenet: ImageNet


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
    fridovichkeil2021: FridovichKeil2021
