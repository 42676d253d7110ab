"""Settings of the tangent kernel beside Experiment 1 of Rahaman et al. 2018."""

from typing import Literal, Self

from pydantic import model_validator

from spectral_bias.experiments.sections import (
    Count,
    Grid,
    Iteration,
    Network,
    Positive,
    Section,
    Some,
)
from spectral_bias.training.runs import MlpRun, Run


class Descent(Section):
    """How one optimiser trains, and the iterations whose kernels are measured."""

    learning_rate: Positive
    iterations: Count
    loss_every: Count
    record_every: Count
    kernels_at: Some[Iteration]

    @model_validator(mode="after")
    def _kernels_are_recorded(self) -> Self:
        if self.kernels_at[0] != 0 or self.kernels_at != sorted(set(self.kernels_at)):
            raise ValueError("kernels_at: name iterations in increasing order, the first of them 0")
        for i in self.kernels_at:
            if i > self.iterations or (i % self.record_every and i != self.iterations):
                raise ValueError(
                    f"kernels_at: iteration {i} is not recorded; choose multiples of "
                    f"record_every = {self.record_every} up to iterations = {self.iterations}"
                )
        return self


class KernelPrediction(Grid):
    """The same networks trained by gradient descent and by Adam, with their tangent kernels."""

    network: Network
    loss: Literal["mse"]
    n_runs: Count
    sgd: Descent
    adam: Descent
    tolerance: Positive

    def runs(self) -> dict[str, Run]:
        """One ensemble for each optimiser."""
        common = self.model_dump(include={"network", "loss", "n_points", "frequencies", "n_runs"})
        return {
            f"kernel_prediction_{optimiser}": MlpRun.of(
                common
                | descent.model_dump(exclude={"kernels_at"})
                | {
                    "problem": "kernel_prediction",
                    "optimiser": optimiser,
                    "records": ["prediction"],
                    "parameters_at": descent.kernels_at,
                }
            )
            for optimiser, descent in (("sgd", self.sgd), ("adam", self.adam))
        }
