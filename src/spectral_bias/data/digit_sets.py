"""The data sets of handwritten digits that settings may name."""

from dataclasses import dataclass
from typing import Literal

Source = Literal["mnist", "mnist_5k", "digits"]


@dataclass(frozen=True)
class DigitSet:
    """A data set of digits, as `data.digits` reads it.

    Attributes:
        images: how many there are.
        pixels: of one image.
        title: in captions.
    """

    images: int
    pixels: int
    title: str


DIGIT_SETS: dict[str, DigitSet] = {
    "mnist": DigitSet(60_000, 784, "MNIST"),
    "mnist_5k": DigitSet(5_000, 784, "MNIST, 500 images of each digit"),
    "digits": DigitSet(1_797, 64, "scikit-learn's 8 x 8 digits"),
}
