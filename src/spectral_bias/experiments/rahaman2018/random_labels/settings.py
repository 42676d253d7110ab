"""Experiment 8 of Rahaman et al. 2018: random labels on a curved and on a flat manifold."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from spectral_bias.experiments.sections import Count, NonNegative, Positive, Section, Training
from spectral_bias.training.runs import AutoencoderRun, Run

IMAGES = {"mnist": (60_000, 784), "digits": (1797, 64)}
"""Images and pixels of each source."""
INPUTS = ("manifold", "flat", "flat_stretched")


class AutoencoderNetwork(Section):
    """Units of the encoder's hidden layers, mirrored in the decoder, and of the middle."""

    hidden: list[Count]
    features: Count


class ImageSource(Section):
    """Which images an autoencoder is trained on: all of them."""

    source: Literal["mnist", "digits"]


class Autoencoder(Section):
    """A denoising autoencoder, trained by mini-batches with Adam."""

    network: AutoencoderNetwork
    data: ImageSource
    train_fraction: Annotated[float, Field(gt=0, lt=1)]
    noise: NonNegative
    learning_rate: Positive
    batch_size: Count
    epochs: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _flat_piece_is_lower(self) -> Self:
        _, pixels = IMAGES[self.data.source]
        if self.network.features >= pixels:
            raise ValueError(
                f"network.features: {self.network.features} features of images of {pixels} pixels "
                f"({self.data.source}) are no lower dimension; choose fewer"
            )
        return self


class RandomLabels(Training):
    """Experiment 8."""

    autoencoder: Autoencoder
    n_samples: Annotated[int, Field(ge=2)]

    @model_validator(mode="after")
    def _enough_images(self) -> Self:
        source = self.autoencoder.data.source
        images, _ = IMAGES[source]
        if self.n_samples > images:
            raise ValueError(
                f"n_samples: {self.n_samples} samples, but {source} has {images} images; choose "
                "at most as many"
            )
        return self

    def runs(self) -> dict[str, Run]:
        """The autoencoder, and one ensemble for each kind of inputs."""
        features = self.autoencoder.network.features
        images = {"n_samples": self.n_samples}
        runs: dict[str, Run] = {
            "autoencoder": AutoencoderRun.of(self.autoencoder.model_dump() | images)
        }
        for inputs in INPUTS:
            more = {"problem": "random_labels", "inputs": inputs, "features": features}
            run = self.run({"autoencoder"}, **more, autoencoder="autoencoder")
            runs[f"random_labels_{inputs}"] = run
        return runs
