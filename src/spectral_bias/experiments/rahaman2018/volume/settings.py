"""Settings of the volume check: random one-dimensional networks, thresholds, and resolution."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from spectral_bias.experiments.sections import (
    Count,
    PiecewiseLinearNetwork,
    Positive,
    Section,
    Some,
)
from spectral_bias.training.runs import Run

Depth = Annotated[int, Field(ge=2)]
Fraction = Annotated[float, Field(gt=0, lt=1)]


class Volume(Section):
    """Three series of networks that meet at `network` and `weight_bound`, and a network apart.

    `narrow` is one so narrow for its depth that its constants spread over many orders of magnitude.
    """

    network: PiecewiseLinearNetwork
    weight_bound: Positive
    widths: Some[Count]
    depths: Some[Depth]
    weight_bounds: Some[Positive]
    narrow: PiecewiseLinearNetwork
    epsilons: Some[Positive]
    n_networks: Count
    per_octave: Annotated[int, Field(ge=2)]
    min_count: Count
    tail_from: Some[Fraction]

    @model_validator(mode="after")
    def _series_share_a_network(self) -> Self:
        shared = {
            "widths": ("network.width", self.network.width),
            "depths": ("network.depth", self.network.depth),
            "weight_bounds": ("weight_bound", self.weight_bound),
        }
        for series, (name, value) in shared.items():
            if value not in getattr(self, series):
                raise ValueError(
                    f"{series}: {name} = {value:g} is not among them; each series must hold the "
                    "network that all three share"
                )
        return self

    @model_validator(mode="after")
    def _tail_is_resolved(self) -> Self:
        smallest = min(self.tail_from)
        expected = self.n_networks * smallest
        if expected < self.min_count:
            raise ValueError(
                f"n_networks: {self.n_networks} networks leave {expected:g} beyond tail_from = "
                f"{smallest:g}; at least min_count = {self.min_count} are wanted, so take "
                "more networks"
            )
        return self

    @model_validator(mode="after")
    def _narrow_is_apart(self) -> Self:
        if (self.narrow.depth, self.narrow.width, self.weight_bound) in self._series():
            raise ValueError(
                f"narrow: depth {self.narrow.depth} and width {self.narrow.width} are among the "
                "series already; choose another network"
            )
        return self

    def families(self) -> list[dict[str, Any]]:
        """Name ("series" or "narrow"), depth, width and weight bound of each family of networks."""
        narrow = ("narrow", self.narrow.depth, self.narrow.width, self.weight_bound)
        found = [("series", *shape) for shape in sorted(self._series())] + [narrow]
        names = ("family", "depth", "width", "weight_bound")
        return [dict(zip(names, values, strict=True)) for values in found]

    def runs(self) -> dict[str, Run]:
        """None: nothing is trained."""
        return {}

    def measurement(self) -> dict[str, Any]:
        """What `volume_tables` needs: the families, and everything that no family states."""
        stated = {"network", "weight_bound", "widths", "depths", "weight_bounds", "narrow"}
        return self.model_dump(exclude=stated) | {"families": self.families()}

    def _series(self) -> set[tuple[int, int, float]]:
        """(depth, width, weight bound) of the three series."""
        depth, width, bound = self.network.depth, self.network.width, self.weight_bound
        found = {(depth, w, bound) for w in self.widths}
        found |= {(d, width, bound) for d in self.depths}
        return found | {(depth, width, b) for b in self.weight_bounds}
