"""The schema of config.yaml: structure, types, ranges, and checks across keys.

Meaning, unit and source of every value stand beside it in config.yaml. There are no defaults here:
a key that is missing is an error, and so is one that is not listed.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Count = Annotated[int, Field(gt=0)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]


class Section(BaseModel):
    """Immutable, strict about types (1e-3 without a dot is text in YAML) and unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Network(Section):
    """ReLU network: `depth` linear layers, `width` units in each hidden one."""

    depth: Annotated[int, Field(ge=2)]
    width: Count


class Training(Section):
    """Full-batch Adam on an ensemble of `n_runs` networks."""

    network: Network
    loss: Literal["mse", "bce"]
    learning_rate: Positive
    iterations: Annotated[int, Field(ge=0)]
    loss_every: Count
    n_runs: Count


class Wave(Training):
    """A target on z_j = j/n_points made of integer frequencies."""

    n_points: Count
    frequencies: Annotated[list[Count], Field(min_length=1)]

    @model_validator(mode="after")
    def _below_nyquist(self) -> Self:
        for k in self.frequencies:
            if 2 * k >= self.n_points:
                raise ValueError(
                    f"frequencies: k = {k} is not below the Nyquist frequency n_points/2 = "
                    f"{self.n_points / 2:g}; choose smaller k or more points"
                )
        if len(set(self.frequencies)) < len(self.frequencies):
            raise ValueError("frequencies: one k is named twice; name each once")
        return self


class Amplitudes(Section):
    """A_i of the two settings of Experiment 1."""

    equal: list[Positive]
    increasing: list[Positive]


class Sinusoids(Wave):
    """Experiment 1."""

    amplitudes: Amplitudes
    record_every: Count
    snapshots: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1)]

    @model_validator(mode="after")
    def _lists_fit(self) -> Self:
        for name, values in self.amplitudes:
            if len(values) != len(self.frequencies):
                raise ValueError(
                    f"amplitudes.{name}: {len(values)} values for {len(self.frequencies)} "
                    "frequencies; give one A for each k"
                )
        for i in self.snapshots:
            if i > self.iterations or (i % self.record_every and i != self.iterations):
                raise ValueError(
                    f"snapshots: iteration {i} is not recorded; choose multiples of record_every = "
                    f"{self.record_every} up to iterations = {self.iterations}"
                )
        return self


class Perturbation(Wave):
    """Experiment 2."""

    delta_max: Positive
    n_deltas: Annotated[int, Field(ge=2)]
    n_directions: Count


class ClassPair(Section):
    """Two classes of a data set of digits."""

    source: Literal["mnist", "digits"]
    classes: Annotated[list[Annotated[int, Field(ge=0, le=9)]], Field(min_length=2, max_length=2)]
    train_fraction: Annotated[float, Field(gt=0, lt=1)]

    @model_validator(mode="after")
    def _two_classes(self) -> Self:
        if self.classes[0] == self.classes[1]:
            raise ValueError(f"classes: both are {self.classes[0]}; choose two different digits")
        return self


class Panel(Section):
    """One panel: every k with every beta."""

    frequencies: Annotated[list[Positive], Field(min_length=1)]
    betas: Annotated[list[Positive], Field(min_length=1)]


class Panels(Section):
    """The four panels of Figures 4 and 11."""

    a: Panel
    b: Panel
    c: Panel
    d: Panel


class LabelNoise(Training):
    """Experiment 3."""

    data: ClassPair
    panels: Panels


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
