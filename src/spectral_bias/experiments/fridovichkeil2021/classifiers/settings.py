"""CIFAR-10 in Fridovich-Keil et al. 2021: the classifiers of figures 1 to 13, 16 and 17."""

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from spectral_bias.errors import among
from spectral_bias.experiments.fridovichkeil2021.classifiers.plan import Plan, batches, planned
from spectral_bias.experiments.fridovichkeil2021.purposes import INTERVENTIONS
from spectral_bias.experiments.fridovichkeil2021.sections import (
    Amplitude,
    Interpolation,
    NamedNetwork,
    Stop,
    Trajectory,
    Waves,
    require_augmentation,
)
from spectral_bias.experiments.image_sections import PATCH_CLASSES, FixedShare, ImageData, Shift
from spectral_bias.experiments.sections import (
    Count,
    Distinct,
    NonNegative,
    PlainName,
    Positive,
    Repeats,
    Section,
)
from spectral_bias.training.runs import ClassifierRun

Share = Annotated[float, Field(ge=0, le=1)]


def _named(variant: object) -> object:
    """Steps of a sweep are named by their number."""
    return f"{variant:g}" if isinstance(variant, int | float) else variant


VariantName = Annotated[str, BeforeValidator(_named)]


class Directions(Section):
    """Waves along Fourier basis images (figure 11), by f in cycles per standard deviation."""

    cycles: Distinct[Positive]
    spatial_frequencies: Distinct[NonNegative]


class NaturalDirections(Section):
    """Waves along directions with a natural, an anti-natural or no spectrum (figure 12)."""

    kinds: Distinct[Literal["1/f2", "f2", "random"]]
    cycles: Distinct[Positive]
    n_random: Repeats


class ImageFrequency(Section):
    """Augmentation by random images with a given spectrum, and its smoothing alone (figure 13).

    Attributes:
        kinds: spectra of the added images; both: half of the images of a batch each.
        compared: norm of the added images of which `n_seeds` networks are trained.
        norms: those of which one network is trained, for the picture.
        amplitude: label smoothing that goes with them.
    """

    kinds: Distinct[Literal["1/f2", "f2", "both"]]
    compared: Positive
    norms: Distinct[Positive]
    amplitude: Amplitude


class SingleClass(Section):
    """Waves on the labels of one class alone (figure 17)."""

    frequency: Positive
    classes: Distinct[Annotated[int, Field(ge=0)]]


class Cifar10(Section):
    """All classifiers of small images; an empty list leaves what it names out."""

    data: ImageData
    shift: Shift
    networks: dict[PlainName, NamedNetwork]
    architectures: Distinct[str]
    baseline: str
    epochs: Count
    momentum: FixedShare
    gradient_clip: Positive | None
    augmentation: str
    cutout: Count
    operations: Count
    magnitude: Annotated[float, Field(ge=0, le=10)]
    mixup_alpha: Positive
    stop: Stop
    precision: Literal["float32", "tf32", "bf16"] | None
    trainings_per_job: Count
    n_seeds: Repeats
    wave: Waves
    trajectory: Trajectory
    extremes: dict[str, Annotated[list[VariantName], Field(max_length=2)]]
    matched: Stop
    train_sizes: Distinct[Count]
    augmentations: Distinct[str]
    magnitudes: Distinct[Annotated[float, Field(ge=0, le=10)]]
    mixup_alphas: Distinct[Positive]
    teacher_weights: Distinct[Share]
    generations: Annotated[int, Field(ge=0, le=100)]
    weight_decays: Distinct[NonNegative]
    directions: Directions
    natural: NaturalDirections
    image_frequency: ImageFrequency
    single_class: SingleClass
    interpolation: Interpolation

    @field_validator("augmentation")
    @classmethod
    def _known_augmentation(cls, name: str) -> str:
        return require_augmentation(name)

    @field_validator("augmentations")
    @classmethod
    def _known_augmentations(cls, names: list[str]) -> list[str]:
        return [require_augmentation(name) for name in names]

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        named = {"baseline": [self.baseline], "architectures": self.architectures}
        for key, names in named.items():
            for name in names:
                if name not in self.networks:
                    raise ValueError(f"{key}: no network {name!r}{among(name, self.networks)}")
        return self

    @model_validator(mode="after")
    def _classes_exist(self) -> Self:
        for number in self.single_class.classes:
            if self.data.source != "imagefolder" and number >= PATCH_CLASSES:
                raise ValueError(
                    f"single_class.classes: {number} is no class of {self.data.source}, whose "
                    f"classes are 0 to {PATCH_CLASSES - 1}; name one of them"
                )
        return self

    @model_validator(mode="after")
    def _shift_has_the_classes(self) -> Self:
        self.shift.require_classes_of(self.data)
        return self

    @model_validator(mode="after")
    def _enough_test_images(self) -> Self:
        each = (self.data.n_test or 10**9) // PATCH_CLASSES
        paths = self.interpolation
        wanted = {"n_within": (paths.n_within, 2), "n_between": (paths.n_between, 1)}
        for key, (count, ends) in wanted.items():
            if self.data.source != "imagefolder" and each < ends * count:
                raise ValueError(
                    f"interpolation.{key}: {count} paths need {ends * count} images of a class, "
                    f"and data.n_test leaves {each} of each; ask for at most {each // ends}"
                )
        return self

    @model_validator(mode="after")
    def _sizes_fit(self) -> Self:
        for size in self.train_sizes:
            if self.data.n_train is not None and size > self.data.n_train:
                raise ValueError(
                    f"train_sizes: {size} images of {self.data.n_train} in data.n_train; take "
                    "smaller ones"
                )
        shortest = min(self.epochs, self.wave.epochs or self.epochs)
        if self.wave.warm_up >= shortest:
            raise ValueError(
                f"wave.warm_up: {self.wave.warm_up} of {shortest} epochs leaves none for the "
                "minimum; shorten it"
            )
        last = self.trajectory.epochs or self.epochs
        for epoch in self.trajectory.measured:
            if epoch > last:
                raise ValueError(
                    f"trajectory.measured: epoch {epoch} comes after the last one, {last}; drop it"
                )
        return self

    @model_validator(mode="after")
    def _extremes_are_variants(self) -> Self:
        for key, names in (
            ("extremes", self.extremes),
            ("wave.interventions", self.wave.interventions),
        ):
            for name in names:
                if name not in INTERVENTIONS:
                    raise ValueError(f"{key}: no intervention {name!r}{among(name, INTERVENTIONS)}")
        for name, pair in self.extremes.items():
            rows = self.plan().interventions
            known = [row["variant"] for row in rows if row["intervention"] == name]
            # An intervention that is left out has no extremes, whatever the scale below says.
            for variant in pair if known else ():
                if variant not in known:
                    raise ValueError(
                        f"extremes.{name}: no variant {variant!r}{among(variant, known)}; choose "
                        "two of them, or [] for none"
                    )
            if len({*pair}) == 1:
                raise ValueError(
                    f"extremes.{name}: {pair} is not a pair; choose two variants, or [] for none"
                )
        return self

    @model_validator(mode="after")
    def _can_be_planned(self) -> Self:
        self.plan()
        return self

    @cached_property
    def _plan(self) -> Plan:
        return planned(self)

    def plan(self) -> Plan:
        """All runs, and which of them each intervention compares."""
        return self._plan

    def runs(self) -> dict[str, ClassifierRun]:
        """Every classifier by name, without what all runs of a paper share."""
        return self.plan().runs

    def trajectory_runs(self) -> list[str]:
        """Names of the runs that are measured at several epochs, the first seed first."""
        return self.plan().trajectory

    def batches(self) -> list[list[str]]:
        """Names of the runs that one job trains, and those that one job measures."""
        return batches(self.runs(), self.trainings_per_job)

    def measured_runs(self) -> list[str]:
        """Names of the runs without noise, whose interpolation spectra are measured."""
        return [name for name, run in self.runs().items() if run.wave is None]
