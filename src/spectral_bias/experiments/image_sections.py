"""Which images a classifier is trained on."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from spectral_bias.experiments.sections import Count, FileName, Positive, Section
from spectral_bias.training.classifier.augmentation.settings import Augmentation
from spectral_bias.training.classifier.settings import ClassifierSettings
from spectral_bias.training.runs import ClassifierRun, NetworkSpec

PATCH_CLASSES = 10
FixedShare = Annotated[float, Field(ge=0, lt=1)]


class ImageData(Section):
    """A set of images, or the same number from each class of it.

    CIFAR-10 comes from `data_root`, from a download or, as image files, from `folder`. Its
    images have 32 pixels along each side, those of a folder their own size, and patches `size`.
    """

    source: Literal["patches", "cifar10", "imagefolder"]
    folder: FileName | None
    n_train: Count | None
    n_test: Count | None
    size: Annotated[int, Field(ge=8, multiple_of=4)]

    @model_validator(mode="after")
    def _fits_its_source(self) -> Self:
        if self.source == "imagefolder" and self.folder is None:
            raise ValueError(
                "folder: source imagefolder needs a folder with train/<class>/ and val/<class>/; "
                "name it"
            )
        if self.source == "patches" and self.folder is not None:
            raise ValueError(
                "folder: source patches takes no folder; set null, or source: imagefolder"
            )
        for name in ("n_train", "n_test"):
            number = getattr(self, name)
            if self.source == "patches" and number is None:
                raise ValueError(f"{name}: how many patches? Write a multiple of {PATCH_CLASSES}")
            if self.source != "imagefolder" and number is not None and number % PATCH_CLASSES:
                raise ValueError(
                    f"{name}: {number} images cannot be shared out evenly to {PATCH_CLASSES} "
                    f"classes; choose a multiple of {PATCH_CLASSES}"
                )
        return self


class Shift(Section):
    """Test images of another distribution than the training images."""

    source: Literal["cifar10.1", "zoom", "imagefolder"]
    folder: FileName | None

    @model_validator(mode="after")
    def _fits_its_source(self) -> Self:
        if self.source == "imagefolder" and self.folder is None:
            raise ValueError(
                "folder: source imagefolder needs a folder with <class>/ and image files; name it"
            )
        if self.source != "imagefolder" and self.folder is not None:
            raise ValueError(
                f"folder: source {self.source} takes no folder; set null, or source: imagefolder"
            )
        return self

    def require_classes_of(self, data: ImageData) -> None:
        """Does nothing if these images can be of the classes of `data`.

        Raises:
            ValueError: starts with the key.
        """
        if self.source == "cifar10.1" and data.source != "cifar10":
            raise ValueError(
                f"shift.source: cifar10.1 holds the classes of CIFAR-10, and data.source is "
                f"{data.source}; choose zoom, or data.source: cifar10"
            )


class ResidualNetwork(Section):
    """Residual network for small images: depth 6n + 2, width of the first of three stages."""

    depth: Annotated[int, Field(ge=8)]
    width: Count

    @model_validator(mode="after")
    def _whole_blocks(self) -> Self:
        if (self.depth - 2) % 6:
            raise ValueError(
                f"depth: {self.depth} is not 6n + 2 (three stages of n blocks of two layers); "
                "choose 8, 14, 20, 26, …"
            )
        return self


TRAINING = (*("epochs", "batch_size", "learning_rate", "schedule", "momentum", "weight_decay"),)


class ClassifierTraining(Section):
    """Stochastic gradient descent with momentum on cross-entropy."""

    network: ResidualNetwork
    data: ImageData
    epochs: Count
    batch_size: Count
    learning_rate: Positive
    schedule: Literal["step", "cosine"]
    momentum: FixedShare
    weight_decay: Annotated[float, Field(ge=0)]
    augmentation: Literal["none", "flip_crop"]

    def classifier_run(self, experiment: str) -> ClassifierRun:
        """The training run of these settings on the images of an experiment."""
        settings = {name: getattr(self, name) for name in TRAINING}
        return ClassifierRun(
            experiment=experiment,
            architecture=f"resnet_{self.network.depth}",
            network=NetworkSpec("resnet", self.network.model_dump()),
            data=self.data.model_dump(),
            n_train=self.data.n_train,
            training=ClassifierSettings(
                **settings, augmentation=plain_augmentation(self.augmentation)
            ),
        )


def plain_augmentation(name: str) -> Augmentation:
    """ "none" or "flip_crop"."""
    return Augmentation(name=name, flip_crop=name == "flip_crop")
