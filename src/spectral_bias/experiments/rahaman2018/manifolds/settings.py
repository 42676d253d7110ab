"""Experiments 5 and 6 of Rahaman et al. 2018: targets on curves gamma_L in the plane."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from spectral_bias.experiments.rahaman2018.curves import Manifold
from spectral_bias.experiments.sections import Count, Section
from spectral_bias.training.runs import Run


class ManifoldRegression(Manifold):
    """Experiment 5."""

    record_every: Count

    def runs(self) -> dict[str, Run]:
        """One ensemble of all L; Fourier coefficients are recorded instead of predictions."""
        amplitudes = [1.0] * len(self.frequencies)
        run = self.run(problem="manifold_regression", amplitudes=amplitudes, records=["probe"])
        return {"manifold_regression": run}


class Decision(Section):
    """The cell (k, L) whose networks Figure 7 shows: its first, and twins with other weights."""

    frequency: Count
    lobes: Annotated[int, Field(ge=0)]
    twins: Count


class ManifoldClassification(Manifold):
    """Experiment 6."""

    decision: Decision
    decision_points: Annotated[int, Field(ge=2)]

    @model_validator(mode="after")
    def _decision_in_grid(self) -> Self:
        shown = self.decision
        if shown.frequency not in self.frequencies or shown.lobes not in self.lobes:
            raise ValueError(
                f"decision: k = {shown.frequency}, L = {shown.lobes} is not in the grid; choose k "
                "from frequencies and L from lobes"
            )
        return self

    def runs(self) -> dict[str, Run]:
        """One ensemble of all (k, L)."""
        run = self.run({"decision_points"}, problem="manifold_classification")
        return {"manifold_classification": run}
