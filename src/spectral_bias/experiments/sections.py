"""What every section of the settings shares: strictness, counts, and how networks are trained.

Meaning, unit and source of every value stand beside it in config.yaml. There are no defaults here
but those of activation and optimiser, which config.yaml states once for all sections: any other key
that is missing is an error, and so is one that is not listed.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from spectral_bias.data.digit_sets import Source
from spectral_bias.models.activations import ACTIVATIONS
from spectral_bias.plain_names import require_plain
from spectral_bias.training.ensemble.optimisers import OPTIMISERS
from spectral_bias.training.runs import MlpRun

T = TypeVar("T")


def _each_once(values: list[T]) -> list[T]:
    for index, value in enumerate(values):
        if value in values[:index]:
            shown = value.model_dump() if isinstance(value, BaseModel) else value
            raise ValueError(f"{shown!r} is named twice; name each once")
    return values


def _printable(name: str) -> str:
    if not name.strip() or not name.isprintable():
        raise ValueError(f"{name!r} cannot be the name of a file or folder; name one that is there")
    return name


Distinct = Annotated[list[T], AfterValidator(_each_once)]
"""Values of which each stands once, since a second one would add nothing but time; maybe none."""
Some = Annotated[list[T], Field(min_length=1), AfterValidator(_each_once)]
"""The same, at least one."""
PlainName = Annotated[str, AfterValidator(require_plain)]
"""What runs and folders are called after."""
FileName = Annotated[str, AfterValidator(_printable)]
Count = Annotated[int, Field(gt=0, le=10**9)]
Repeats = Annotated[int, Field(gt=0, le=1000)]
"""Trainings that are runs of their own."""
Iteration = Annotated[int, Field(ge=0, le=10**9)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Activation = Literal[*ACTIVATIONS]
Optimiser = Literal[*OPTIMISERS]


class Section(BaseModel):
    """Immutable, strict about types (1e-3 without a dot is text in YAML) and unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Network(Section):
    """`depth` linear layers, `width` units in each hidden one, `activation` between them."""

    depth: Annotated[int, Field(ge=2)]
    width: Count
    activation: Activation = "relu"


class PiecewiseLinearNetwork(Network):
    """One whose breakpoints and slopes are known, and so its exact spectrum."""

    @model_validator(mode="after")
    def _piecewise_linear(self) -> Self:
        if not ACTIVATIONS[self.activation].piecewise_linear:
            raise ValueError(
                f"activation: networks with {self.activation} are not piecewise linear, so that "
                "they have no breakpoints, slopes or exact spectra; choose relu"
            )
        return self


class Training(Section):
    """An ensemble of `n_runs` networks, trained on all samples in every step."""

    network: Network
    loss: Literal["mse", "bce"]
    optimiser: Optimiser = "adam"
    learning_rate: Positive
    iterations: Iteration
    loss_every: Count
    n_runs: Count

    def run(self, not_part: Iterable[str] = (), **more: Any) -> MlpRun:
        """A training run of these settings without those that only later stages need.

        `more` names its problem and what else it is built from, and what is recorded.
        """
        settings = self.model_dump(exclude={*not_part})
        return MlpRun.of({"records": [], "record_every": 1} | settings | more)


class Grid(Section):
    """Integer frequencies of a target on z_j = j/n_points."""

    n_points: Count
    frequencies: Some[Count]

    @model_validator(mode="after")
    def _below_nyquist(self) -> Self:
        for k in self.frequencies:
            if 2 * k >= self.n_points:
                raise ValueError(
                    f"frequencies: k = {k} is not below the Nyquist frequency n_points/2 = "
                    f"{self.n_points / 2:g}; choose smaller k or more points"
                )
        return self


class Wave(Grid, Training):
    """A target on z_j = j/n_points made of integer frequencies."""


class ClassPair(Section):
    """Two classes of a data set of digits."""

    source: Source
    classes: Annotated[list[Annotated[int, Field(ge=0, le=9)]], Field(min_length=2, max_length=2)]

    @model_validator(mode="after")
    def _two_classes(self) -> Self:
        if self.classes[0] == self.classes[1]:
            raise ValueError(f"classes: both are {self.classes[0]}; choose two different digits")
        return self


class SplitClassPair(ClassPair):
    """Its first part trains, its last part validates."""

    train_fraction: Annotated[float, Field(gt=0, lt=1)]
