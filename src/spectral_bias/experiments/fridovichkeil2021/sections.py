"""Parts of the settings of both data sets: networks, waves, augmentation, interpolation."""

from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator

from spectral_bias.errors import UserError, among
from spectral_bias.experiments.sections import (
    Count,
    Distinct,
    NonNegative,
    Positive,
    Repeats,
    Section,
    Some,
)
from spectral_bias.models.catalogue import NETWORKS
from spectral_bias.models.own_arguments import require_own_arguments

AUGMENTATIONS = ("none", "flip_crop", "cutout", "mixup", "randaugment", "autoaugment")
Amplitude = Annotated[float, Field(ge=0, le=0.5)]
Epoch = Annotated[int, Field(ge=0, le=10**9)]


def require_augmentation(name: str) -> str:
    """The name itself.

    Raises:
        ValueError: it is none of `AUGMENTATIONS`.
    """
    if name not in AUGMENTATIONS:
        raise ValueError(f"no augmentation {name!r}{among(name, AUGMENTATIONS)}")
    return name


class CallableNetwork(Section):
    """A callable that makes a network."""

    callable: str
    arguments: dict[str, bool | int | float | str]

    @field_validator("callable")
    @classmethod
    def _known(cls, name: str) -> str:
        if "." not in name and name not in NETWORKS:
            raise ValueError(
                f"no network {name!r}{among(name, NETWORKS)}, or the dotted name of a callable "
                "such as torchvision.models.resnet18"
            )
        return name

    @model_validator(mode="after")
    def _can_be_called(self) -> Self:
        """Networks of others have to be imported for that, and PyTorch, which takes seconds."""
        if "." not in self.callable:
            require_own_arguments(self.callable, self.arguments)
        else:
            from spectral_bias.models.named import require_arguments

            try:
                require_arguments(self.callable, self.arguments)
            except UserError as error:
                raise ValueError(str(error)) from None
        return self


class NamedNetwork(CallableNetwork):
    """A network, and the optimiser's values that go with it."""

    learning_rate: Positive
    weight_decay: NonNegative
    batch_size: Count

    def network(self) -> dict[str, Any]:
        """What `models.named.build_network` takes."""
        return {"callable": self.callable, "arguments": dict(self.arguments)}


class Stop(Section):
    """Ends a training early, at the end of an epoch; null for never."""

    test_accuracy: Annotated[float, Field(gt=0, le=1)] | None
    training_loss: Positive | None


class Waves(Section):
    """Radial waves of label smoothing.

    Attributes:
        amplitude: mean smoothing.
        frequencies: f of the waves of Figures 1 and 3, at which the baseline is trained.
        epochs: length of these trainings; None: that of all.
        n_seeds: trainings for each f, and of evenly smoothed labels.
        compared: f of the waves of Figures 5 to 9, on which variants are trained.
        interventions: those whose variants are all trained on waves; of others the extremes are.
        warm_up: epochs before which no minimum is looked for.
    """

    amplitude: Amplitude
    frequencies: Some[Positive]
    epochs: Count | None
    n_seeds: Repeats
    compared: Distinct[Positive]
    interventions: Distinct[str]
    warm_up: Epoch


class Trajectory(Section):
    """Trainings that are measured at several epochs (figure 4).

    Attributes:
        epochs: their length; None: that of all.
        n_seeds: how many.
        measured: epochs after which paths are measured, 0 for the untrained network.
        start: those of them, named beforehand, whose mean is what training starts from.
    """

    epochs: Count | None
    n_seeds: Repeats
    measured: Distinct[Epoch]
    start: Some[Epoch]

    @model_validator(mode="after")
    def _start_is_measured(self) -> Self:
        for epoch in self.start:
            if epoch not in self.measured:
                raise ValueError(f"start: epoch {epoch} is not among measured; add it there too")
        return self


class Interpolation(Section):
    """Paths between test images."""

    n_within: Count
    n_between: Count
    spacing: Positive | None
    n_samples: Annotated[int, Field(ge=4)] | None
    n_bins: Annotated[int, Field(ge=3)]
    high: Annotated[float, Field(gt=0, lt=1)]

    @model_validator(mode="after")
    def _one_sampling(self) -> Self:
        if (self.spacing is None) == (self.n_samples is None):
            raise ValueError("spacing: give either spacing or n_samples, and null for the other")
        return self
