"""Settings of the anisotropy check: random two-dimensional networks, directions, frequencies."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from spectral_bias.experiments.sections import Count, Network, Positive, Section, Some
from spectral_bias.training.runs import Run

Band = Annotated[list[Positive], Field(min_length=2, max_length=2)]
Several = Annotated[int, Field(ge=2)]


class DeepNetwork(Network):
    """With two hidden layers or more: the facets of a single one never end, so have no corners."""

    depth: Annotated[int, Field(ge=3)]


class Anisotropy(Section):
    """Networks R² → R of several shapes on a square; the first network of the first is shown."""

    networks: Some[DeepNetwork]
    half_side: Positive
    n_networks: Count
    n_directions: Several
    n_facets: Several
    low: Band
    far: Band
    per_band: Annotated[int, Field(ge=10)]
    scan_frequency: Positive
    scan_angles: Several

    @model_validator(mode="after")
    def _bands_increase(self) -> Self:
        for name in ("low", "far"):
            low, high = getattr(self, name)
            if low >= high:
                raise ValueError(f"{name}: {low:g} is not below {high:g}; name the lower end first")
        return self

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        shapes = [(network.depth, network.width) for network in self.networks]
        if len(set(shapes)) < len(shapes):
            raise ValueError("networks: one shape is named twice; name each once")
        return self

    def runs(self) -> dict[str, Run]:
        """None: nothing is trained."""
        return {}
