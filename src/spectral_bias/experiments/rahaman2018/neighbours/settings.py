"""Nearest neighbours, Appendix E of Rahaman et al. 2018: networks against K-nearest neighbours."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from spectral_bias.experiments.rahaman2018.curves import Manifold
from spectral_bias.experiments.sections import Count, Positive, Some
from spectral_bias.training.runs import Run

MIN_RADII = 3
Band = Annotated[list[Positive], Field(min_length=2, max_length=2)]


class Neighbours(Manifold):
    """Networks and K-nearest-neighbour classifiers on one cell (k, L) of Experiment 6."""

    frequencies: Annotated[list[Count], Field(min_length=1, max_length=1)]
    lobes: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1, max_length=1)]
    n_neighbours: Some[Count]
    map_neighbours: Some[Count]
    box: Positive
    box_points: Annotated[int, Field(ge=4)]
    fit_bands: Some[Band]

    @model_validator(mode="after")
    def _neighbours_exist(self) -> Self:
        for name in ("n_neighbours", "map_neighbours"):
            require_neighbours(getattr(self, name), self.n_points, "n_points", name)
        return self

    @model_validator(mode="after")
    def _bands_are_resolved(self) -> Self:
        nyquist = self.box_points / (4 * self.box)
        for low, high in self.fit_bands:
            if high >= nyquist:
                raise ValueError(
                    f"fit_bands: ends at {high:g} cycles per unit length, not below {nyquist:g}, "
                    "the highest that box_points show; choose a lower end or more points"
                )
            if (high - low) * 2 * self.box < MIN_RADII:
                raise ValueError(
                    f"fit_bands: {low:g} to {high:g} holds fewer than {MIN_RADII} multiples of "
                    f"1/(2 box) = {1 / (2 * self.box):g}; choose a wider band"
                )
        return self

    def runs(self) -> dict[str, Run]:
        """Networks of one cell of Experiment 6, each with a phase of its own."""
        measured = {"n_neighbours", "map_neighbours", "box", "box_points", "fit_bands"}
        cell = {"frequency": self.frequencies[0], "lobes": self.lobes[0], "twins": 0}
        return {"neighbours": self.run(measured, problem="manifold_classification", decision=cell)}


def require_neighbours(
    n_neighbours: list[int], n_points: int, name: str, own: str = "n_neighbours"
) -> None:
    """Raises ValueError if a K, of the setting `own`, exceeds the samples, the setting `name`."""
    if max(n_neighbours) > n_points:
        raise ValueError(
            f"{own}: K = {max(n_neighbours)} is more than the {n_points} samples "
            f"({name}); choose smaller K"
        )


def require_neighbours_in_every_cell(settings: Any) -> None:
    """Raises ValueError if a K exceeds the number of samples of a cell of Experiment 6.

    Args:
        settings: of the whole paper.
    """
    samples, name = settings.manifold_classification.n_points, "manifold_classification.n_points"
    try:
        require_neighbours(settings.neighbours.n_neighbours, samples, name)
    except ValueError as error:
        raise ValueError(f"neighbours.{error}") from None
