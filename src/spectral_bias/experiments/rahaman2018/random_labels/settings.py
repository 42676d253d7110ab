"""Experiment 8 of Rahaman et al. 2018: random labels on a curved and on a flat manifold."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from spectral_bias.data.digit_sets import DIGIT_SETS, Source
from spectral_bias.experiments.rahaman2018.random_labels import KINDS, autoencoder_name, run_name
from spectral_bias.experiments.sections import Count, NonNegative, Positive, Section, Some, Training
from spectral_bias.training.runs import AutoencoderRun, Run


class AutoencoderNetwork(Section):
    """Units of the encoder's hidden layers, mirrored in the decoder, and of the middle."""

    hidden: list[Count]
    features: Count


class ImageSource(Section):
    """Which images an autoencoder is trained on: all of them."""

    source: Source


class Autoencoder(Section):
    """A denoising autoencoder, trained by mini-batches with Adam."""

    network: AutoencoderNetwork
    data: ImageSource
    train_fraction: Annotated[float, Field(gt=0, lt=1)]
    noise: NonNegative
    learning_rate: Positive
    batch_size: Count
    epochs: Annotated[int, Field(ge=0)]


class RandomLabels(Training):
    """Experiment 8."""

    autoencoder: Autoencoder
    feature_sweep: Some[Count]
    n_samples: Annotated[int, Field(ge=2)]

    @model_validator(mode="after")
    def _features_fit(self) -> Self:
        source, main = self.autoencoder.data.source, self.autoencoder.network.features
        pixels = DIGIT_SETS[source].pixels
        if main not in self.feature_sweep:
            raise ValueError(
                f"feature_sweep: must name {main}, the features of the autoencoder, but is "
                f"{self.feature_sweep}; change it or autoencoder.network.features"
            )
        if max(self.feature_sweep) >= pixels:
            raise ValueError(
                f"feature_sweep: {max(self.feature_sweep)} features of images of {pixels} pixels "
                f"({source}) are no lower dimension; choose fewer"
            )
        return self

    @model_validator(mode="after")
    def _enough_images(self) -> Self:
        source = self.autoencoder.data.source
        images = DIGIT_SETS[source].images
        if self.n_samples > images:
            raise ValueError(
                f"n_samples: {self.n_samples} samples, but {source} has {images} images; choose "
                "at most as many"
            )
        return self

    def runs(self) -> dict[str, Run]:
        """For each number of features an autoencoder and an ensemble on each kind of inputs."""
        runs: dict[str, Run] = {}
        trained = self.autoencoder.model_dump() | {"n_samples": self.n_samples}
        for features in self.feature_sweep:
            name = autoencoder_name(features)
            network = trained["network"] | {"features": features}
            runs[name] = AutoencoderRun.of(trained | {"network": network})
            for kind in KINDS:
                more = {"inputs": kind, "features": features, "autoencoder": name}
                own = {"autoencoder", "feature_sweep"}
                runs[run_name(kind, features)] = self.run(own, problem="random_labels", **more)
        return runs
