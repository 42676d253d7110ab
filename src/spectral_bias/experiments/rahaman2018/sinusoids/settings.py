"""Experiment 1 of Rahaman et al. 2018: sums of sinusoids."""

from typing import Self

from pydantic import model_validator

from spectral_bias.experiments.sections import (
    Count,
    Iteration,
    NonNegative,
    Positive,
    Section,
    Some,
    Wave,
)
from spectral_bias.training.runs import Run


class Amplitudes(Section):
    """A_i of the two settings of Experiment 1, and of a control without high frequencies."""

    equal: list[Positive]
    increasing: list[Positive]
    low: list[NonNegative]


class Sinusoids(Wave):
    """Experiment 1."""

    amplitudes: Amplitudes
    record_every: Count
    snapshots: Some[Iteration]
    parameters_at: Some[Iteration]

    @model_validator(mode="after")
    def _lists_fit(self) -> Self:
        for name, values in self.amplitudes:
            if len(values) != len(self.frequencies):
                raise ValueError(
                    f"amplitudes.{name}: {len(values)} values for {len(self.frequencies)} "
                    "frequencies; give one A for each k"
                )
        if not any(self.amplitudes.low):
            raise ValueError("amplitudes.low: all are 0, which is no target; give one A above 0")
        for i in self.snapshots:
            if i > self.iterations or (i % self.record_every and i != self.iterations):
                raise ValueError(
                    f"snapshots: iteration {i} is not recorded; choose multiples of record_every = "
                    f"{self.record_every} up to iterations = {self.iterations}"
                )
        for i in self.parameters_at:
            if i > self.iterations:
                raise ValueError(
                    f"parameters_at: iteration {i} lies beyond the last one, iterations = "
                    f"{self.iterations}"
                )
        return self

    def runs(self) -> dict[str, Run]:
        """One ensemble for each setting of the amplitudes; the first one keeps parameters.

        The control draws what "equal" draws, so that networks of one number form pairs.
        """
        recorded = {"records": ["prediction", "spectral_norm"]}
        more = {
            "equal": recorded | {"parameters_at": self.parameters_at},
            "increasing": recorded,
            "low": {"records": ["spectral_norm"], "drawn_as": "sinusoids_equal"},
        }
        return {
            f"sinusoids_{setting}": self.run(
                {"snapshots", "parameters_at"},
                problem="sinusoids",
                amplitudes=amplitudes,
                **more[setting],
            )
            for setting, amplitudes in self.amplitudes
        }
