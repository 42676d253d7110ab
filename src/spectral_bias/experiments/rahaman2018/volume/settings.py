"""Settings of the volume check: random one-dimensional networks, thresholds, and resolution."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from spectral_bias.config.base import Count, Network, Positive, Section

Depth = Annotated[int, Field(ge=2)]
Fraction = Annotated[float, Field(gt=0, lt=1)]


class Volume(Section):
    """Three series of networks that meet at `network` and `weight_bound`."""

    network: Network
    weight_bound: Positive
    widths: Annotated[list[Count], Field(min_length=1)]
    depths: Annotated[list[Depth], Field(min_length=1)]
    weight_bounds: Annotated[list[Positive], Field(min_length=1)]
    epsilons: Annotated[list[Positive], Field(min_length=1)]
    n_networks: Count
    per_octave: Annotated[int, Field(ge=2)]
    min_count: Count
    tail_from: Fraction

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
    def _each_once(self) -> Self:
        for name in ("widths", "depths", "weight_bounds", "epsilons"):
            values = getattr(self, name)
            if len(set(values)) < len(values):
                raise ValueError(f"{name}: one value is named twice; name each once")
        return self

    @model_validator(mode="after")
    def _tail_is_resolved(self) -> Self:
        expected = self.n_networks * self.tail_from
        if expected < self.min_count:
            raise ValueError(
                f"n_networks: {self.n_networks} networks leave {expected:g} beyond tail_from = "
                f"{self.tail_from:g}; at least min_count = {self.min_count} are wanted, so take "
                "more networks"
            )
        return self

    def families(self) -> list[dict[str, Any]]:
        """Depth, width and weight bound of each family of networks."""
        depth, width, bound = self.network.depth, self.network.width, self.weight_bound
        found = {(depth, w, bound) for w in self.widths}
        found |= {(d, width, bound) for d in self.depths}
        found |= {(depth, width, b) for b in self.weight_bounds}
        names = ("depth", "width", "weight_bound")
        return [dict(zip(names, family, strict=True)) for family in sorted(found)]

    def measurement(self) -> dict[str, Any]:
        """What `volume_tables` needs: the families, and everything that no family states."""
        stated = {"network", "weight_bound", "widths", "depths", "weight_bounds"}
        return self.model_dump(exclude=stated) | {"families": self.families()}
