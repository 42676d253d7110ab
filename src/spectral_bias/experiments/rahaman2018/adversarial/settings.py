"""Experiment 9 of Rahaman et al. 2018: paths between adversarial examples."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from spectral_bias.experiments.image_sections import ClassifierTraining, FixedShare
from spectral_bias.experiments.sections import Count, Positive, Repeats, Section
from spectral_bias.training.runs import Run


def run_name(number: int) -> str:
    """Name of the run of one of the classifiers."""
    return f"adversarial_classifier.seed{number}" if number else "adversarial_classifier"


class Attack(Section):
    """Targeted projected gradient descent in the maximum norm."""

    candidates: Count
    budget: Annotated[float, Field(gt=0, le=255)]
    steps: Count
    step_size: Annotated[float, Field(gt=0, le=1)]

    @model_validator(mode="after")
    def _can_reach_the_budget(self) -> Self:
        if self.steps * self.step_size < 1:
            raise ValueError(
                f"steps: {self.steps} steps of {self.step_size:g} of the budget do not reach it; "
                "take more or larger ones"
            )
        return self


class Neb(Section):
    """The nudged elastic band without springs, grown by pivots."""

    pivots: Annotated[int, Field(ge=0)]
    iterations: Count
    insertions: Annotated[int, Field(ge=0)]
    samples: Count
    steps: Count
    learning_rate: Positive
    momentum: FixedShare

    @model_validator(mode="after")
    def _can_move(self) -> Self:
        if self.pivots + self.insertions == 0:
            raise ValueError("pivots: a path without pivots cannot bend; choose at least 1")
        return self


class Adversarial(ClassifierTraining):
    """Experiment 9."""

    n_runs: Repeats
    n_training: Count
    n_adversarial: Count
    attack: Attack
    neb: Neb
    checked_points: Annotated[int, Field(ge=3)]
    shown_images: Annotated[int, Field(ge=2)]
    confidence: Annotated[float, Field(gt=0, lt=1)]

    @model_validator(mode="after")
    def _sizes_fit(self) -> Self:
        if self.attack.candidates < self.n_adversarial:
            raise ValueError(
                f"attack.candidates: {self.attack.candidates} attacks cannot give n_adversarial = "
                f"{self.n_adversarial} images; attack at least that many"
            )
        if self.shown_images > self.checked_points:
            raise ValueError(
                f"shown_images: {self.shown_images} of {self.checked_points} checked points; show "
                "at most all of them"
            )
        finest = self.neb.pivots + self.neb.iterations * self.neb.insertions + 2
        if self.checked_points <= finest:
            raise ValueError(
                f"checked_points: {self.checked_points} points are not finer than the up to "
                f"{finest} pivots of a path; choose more"
            )
        return self

    def runs(self) -> dict[str, Run]:
        """The classifiers, which differ in their seed; figures show images of the first."""
        run = self.classifier_run("adversarial")
        return {run_name(number): run.changed(replicate=number) for number in range(self.n_runs)}

    def measurement(self) -> dict[str, object]:
        """What the measurements need beside the trained network."""
        names = {"n_training", "n_adversarial", "attack", "neb", "checked_points", "shown_images"}
        return self.model_dump(include=names)
