"""How an autoencoder is trained."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AutoencoderSettings:
    """How an autoencoder is trained.

    Attributes:
        noise: standard deviation of the Gaussian noise on every pixel of a training input; the
            output is compared with the image without it.
        learning_rate: of Adam (betas 0.9, 0.999; eps 1e-8; no weight decay).
        batch_size: images of one update; the last batch of an epoch may be smaller.
        epochs: passes over the training images.
        precision: "float32" or "tf32"; anything else counts as float32.
    """

    noise: float
    learning_rate: float
    batch_size: int
    epochs: int
    precision: str = "float32"
