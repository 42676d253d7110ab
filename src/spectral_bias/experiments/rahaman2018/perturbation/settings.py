"""Experiment 2 of Rahaman et al. 2018: robustness to parameter perturbations."""

from typing import Annotated

from pydantic import Field

from spectral_bias.experiments.sections import Count, Positive, Wave
from spectral_bias.training.runs import Run


class Perturbation(Wave):
    """Experiment 2."""

    delta_max: Positive
    n_deltas: Annotated[int, Field(ge=2)]
    n_directions: Count

    def runs(self) -> dict[str, Run]:
        """The networks of Experiment 1, with the frequencies of this one."""
        measured = {"delta_max", "n_deltas", "n_directions"}
        amplitudes = [1.0] * len(self.frequencies)
        return {"perturbation": self.run(measured, problem="sinusoids", amplitudes=amplitudes)}
