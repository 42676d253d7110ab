"""ImageNet in Fridovich-Keil et al. 2021: which classifiers are measured (figures 14, 15)."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from spectral_bias.errors import among
from spectral_bias.experiments.fridovichkeil2021.sections import CallableNetwork, NamedNetwork
from spectral_bias.experiments.image_sections import FixedShare, plain_augmentation
from spectral_bias.experiments.sections import (
    Count,
    Distinct,
    FileName,
    PlainName,
    Positive,
    Section,
)
from spectral_bias.plain_names import PLAIN
from spectral_bias.training.classifier.settings import ClassifierSettings
from spectral_bias.training.runs import ClassifierRun, NetworkSpec

PREFIX = "imagenet_"


def _short(model: str) -> str:
    """The name of a network of torchvision that can be part of a path."""
    return ".".join(model.split(":")[1:])


class Photographs(Section):
    """Images cut from ten photographs; of each class."""

    n_train: Annotated[int, Field(ge=2)]
    n_val: Annotated[int, Field(ge=2)]


class FolderData(Section):
    """A folder of image files."""

    source: Literal["imagefolder", "photographs"]
    folder: FileName | None
    photographs: Photographs
    size: Annotated[int, Field(ge=8)]

    @model_validator(mode="after")
    def _fits_its_source(self) -> Self:
        if self.source == "photographs" and self.folder is not None:
            raise ValueError(
                "folder: source photographs takes no folder; set null, or source: imagefolder"
            )
        return self


class Checkpoint(CallableNetwork):
    """A trained network in a file."""

    file: FileName
    resize: Count
    crop: Count

    @model_validator(mode="after")
    def _crop_fits(self) -> Self:
        if self.crop > self.resize:
            raise ValueError(f"crop: {self.crop} pixels of {self.resize}; choose at most resize")
        return self


class Paths(Section):
    """Straight lines between validation images, and how classes are measured."""

    class_images: Annotated[int, Field(ge=2)]
    n_within: Count
    n_between: Count
    spacing: Positive | None
    n_samples: Annotated[int, Field(ge=4)] | None
    n_bins: Annotated[int, Field(ge=3)]
    high: Annotated[float, Field(gt=0, lt=1)]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.spacing is None) == (self.n_samples is None):
            raise ValueError("spacing: give either spacing or n_samples, and null for the other")
        if 2 * self.n_within > self.class_images:
            raise ValueError(
                f"n_within: {self.n_within} pairs of different images need "
                f"{2 * self.n_within} of class_images, which is {self.class_images}; ask for fewer"
            )
        return self


class ImageNet(Section):
    """Classifiers of larger images: trained here, and torchvision's."""

    enabled: bool
    data: FolderData
    networks: dict[PlainName, NamedNetwork]
    trained: Distinct[str]
    models: Distinct[str]
    checkpoints: dict[PlainName, Checkpoint]
    epochs: Count
    momentum: FixedShare
    gradient_clip: Positive | None
    augmentation: Literal["none", "flip_crop"]
    interpolation: Paths

    @model_validator(mode="after")
    def _models_are_named_in_full(self) -> Self:
        for name in self.models:
            source, *parts = name.split(":")
            if source != "torchvision" or len(parts) != 2 or not PLAIN.fullmatch(_short(name)):
                raise ValueError(
                    f"models: {name!r} is not torchvision:<network>:<weights>; write for example "
                    "torchvision:resnet50:IMAGENET1K_V2"
                )
        return self

    @model_validator(mode="after")
    def _models_exist(self) -> Self:
        """Checked only where they are used: torchvision takes seconds to import."""
        if self.weights_are_used():
            from spectral_bias.models.pretrained import named_weights

            for name in self.models:
                try:
                    named_weights(name)
                except ValueError as error:
                    raise ValueError(f"models: {error}") from None
        return self

    def weights_are_used(self) -> bool:
        """Whether torchvision's weights can be measured: there are images for them."""
        return self.enabled and self.data.folder is not None and bool(self.models)

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        for name in self.trained:
            if name not in self.networks:
                raise ValueError(f"trained: no network {name!r}{among(name, self.networks)}")
        if self.data.source == "photographs" and self.models:
            raise ValueError(
                "models: torchvision's weights know ImageNet's 1000 classes, and data.source is "
                "photographs; set models: [], or data.source: imagefolder"
            )
        for name in self.checkpoints:
            if name in self.trained:
                raise ValueError(f"checkpoints: {name!r} is also trained here; rename it")
            if name in map(_short, self.models):
                raise ValueError(f"checkpoints: {name!r} is also among models; rename it")
        return self

    @model_validator(mode="after")
    def _enough_photographs(self) -> Self:
        cut, wanted = self.data.photographs.n_val, self.interpolation.class_images
        if self.data.source == "photographs" and cut < wanted:
            raise ValueError(
                f"interpolation.class_images: {wanted} images of a class where "
                f"data.photographs.n_val is {cut}; ask for fewer, or cut more"
            )
        return self

    def runs(self) -> dict[str, ClassifierRun]:
        """The networks trained here, by name, without what all runs of a paper share."""
        wanted = self.enabled and not self.lacks_folder()
        return {f"{PREFIX}{name}": self._run(name) for name in self.trained if wanted}

    def _run(self, name: str) -> ClassifierRun:
        network = self.networks[name]
        return ClassifierRun(
            experiment="imagenet",
            architecture=name,
            network=NetworkSpec(network.callable, network.arguments),
            data={"source": "folder", **self.images(), "size": self.data.size},
            n_train=None,
            training=ClassifierSettings(
                epochs=self.epochs,
                batch_size=network.batch_size,
                learning_rate=network.learning_rate,
                schedule="cosine",
                momentum=self.momentum,
                nesterov=True,
                weight_decay=network.weight_decay,
                gradient_clip=self.gradient_clip,
                augmentation=plain_augmentation(self.augmentation),
            ),
        )

    def images(self) -> dict[str, Any]:
        """Which images: of what source, in what folder, how many are cut from photographs."""
        if self.data.source == "photographs":
            return {"images": "photographs", "folder": None, **self.data.photographs.model_dump()}
        return {"images": "imagefolder", "folder": self.data.folder}

    def measurements(self) -> dict[str, dict[str, Any]]:
        """Settings of every network that is measured, by a name that can be part of a path.

        `kind` is "trained" (with `run`), "torchvision" (with `weights`) or "checkpoint" (with the
        fields of `Checkpoint`).
        """
        return self.named_networks() if self.enabled and not self.lacks_folder() else {}

    def named_networks(self) -> dict[str, dict[str, Any]]:
        """The same whether there are images to measure them on or not."""
        trained = {name: {"kind": "trained", "run": f"{PREFIX}{name}"} for name in self.trained}
        theirs = {_short(model): {"kind": "torchvision", "weights": model} for model in self.models}
        files = {
            name: {"kind": "checkpoint", **checkpoint.model_dump()}
            for name, checkpoint in self.checkpoints.items()
        }
        return {**trained, **theirs, **files}

    def lacks_folder(self) -> bool:
        """Whether a folder of images is to be measured and none is named: then nothing is."""
        return self.enabled and self.data.source == "imagefolder" and self.data.folder is None

    def needed_images(self) -> int:
        """Validation images that each class must have."""
        return self.interpolation.class_images
