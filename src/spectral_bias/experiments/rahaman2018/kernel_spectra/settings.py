"""Experiment 4 of Rahaman et al. 2018: spectra through the eigenvectors of a Gaussian kernel."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from spectral_bias.experiments.sections import (
    ClassPair,
    Count,
    Iteration,
    NonNegative,
    Positive,
    Section,
    Some,
    Training,
)
from spectral_bias.training.runs import Run

MOST_RECORDS = 100_000
"""Of predictions, each of all networks on all images."""


class FirstSamples(ClassPair):
    """The first `n_samples` images of two classes, in file order."""

    n_samples: Annotated[int, Field(ge=2)]


class Snapshots(Section):
    """Iterations at which Figure 5 shows the network, for each kind of noise; all are recorded."""

    increasing: Some[Iteration]
    white: Some[Iteration]


class Grid(Section):
    """The kernel of Figures 6 and 12, on points of the unit interval."""

    n_points: Annotated[int, Field(ge=2)]
    sigma: Positive


class KernelSpectra(Training):
    """Experiment 4."""

    data: FirstSamples
    sigma: Positive
    beta: Positive
    gamma: NonNegative
    record_every: Count
    snapshots: Snapshots
    n_bins: Count
    grid: Grid

    @model_validator(mode="after")
    def _bins_and_snapshots_fit(self) -> Self:
        if self.n_bins > self.data.n_samples:
            raise ValueError(
                f"n_bins: {self.n_bins} bins for {self.data.n_samples} eigenvectors; choose at "
                "most data.n_samples"
            )
        if self.iterations // self.record_every > MOST_RECORDS:
            raise ValueError(
                f"record_every: {self.iterations} iterations, recorded every {self.record_every}, "
                f"are more than {MOST_RECORDS} records; choose a larger one"
            )
        for kind, iterations in self.snapshots:
            if max(iterations) > self.iterations:
                raise ValueError(
                    f"snapshots.{kind}: iteration {max(iterations)} is after the last one; choose "
                    f"iterations up to {self.iterations}"
                )
        return self

    def runs(self) -> dict[str, Run]:
        """One ensemble of both kinds of noise; predictions evenly and at the snapshots of both."""
        evenly = range(0, self.iterations, self.record_every)
        recorded = sorted({*evenly, self.iterations, *self.shown()})
        run = self.run(
            {"snapshots", "n_bins", "grid"},
            problem="kernel_spectra",
            records=["prediction"],
            record_every=recorded,
        )
        return {"kernel_spectra": run}

    def shown(self) -> list[int]:
        """The snapshots of both kinds of noise."""
        return sorted({i for _, iterations in self.snapshots for i in iterations})
