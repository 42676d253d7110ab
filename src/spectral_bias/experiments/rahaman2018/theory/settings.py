"""The theory check of Rahaman et al. 2018: exact spectra of one-dimensional networks."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from spectral_bias.experiments.sections import Count, PiecewiseLinearNetwork, Positive, Some, Wave
from spectral_bias.training.runs import Run

Widths = Some[Count]
Depths = Some[Annotated[int, Field(ge=2, le=1000)]]

MIN_FITTED = 10
"""A slope over fewer frequencies than this says little."""


class Theory(Wave):
    """Networks of every width at `network.depth`, and of every depth at `network.width`."""

    network: PiecewiseLinearNetwork
    widths: Widths
    depths: Depths
    trained_widths: Widths
    trained_depths: Depths
    n_random: Count
    weight_bound: Positive
    weight_bounds: Some[Positive]
    max_frequency: Count
    n_frequencies: Annotated[int, Field(ge=2, le=100_000)]
    fit_from: Count

    @model_validator(mode="after")
    def _series_share_a_network(self) -> Self:
        for name, size in (("width", self.network.width), ("depth", self.network.depth)):
            for series in (f"{name}s", f"trained_{name}s"):
                if size not in getattr(self, series):
                    raise ValueError(
                        f"{series}: network.{name} = {size} is not among them; both series must "
                        "hold the network that they share"
                    )
        return self

    @model_validator(mode="after")
    def _bounds_hold_the_shown_one(self) -> Self:
        if self.weight_bound not in self.weight_bounds:
            raise ValueError(
                f"weight_bounds: weight_bound = {self.weight_bound:g} is not among them; add it"
            )
        return self

    @model_validator(mode="after")
    def _frequencies_to_fit(self) -> Self:
        fitted = sum(k >= self.fit_from for k in self.measured_frequencies())
        if fitted < MIN_FITTED:
            raise ValueError(
                f"fit_from: {fitted} frequencies lie between fit_from = {self.fit_from} and "
                f"max_frequency = {self.max_frequency}; at least {MIN_FITTED} are wanted"
            )
        return self

    def measured_frequencies(self) -> list[int]:
        """At most n_frequencies integers from 1 to max_frequency, evenly spaced in log k."""
        last = self.n_frequencies - 1
        return sorted({round(self.max_frequency ** (i / last)) for i in range(last + 1)})

    def random_networks(self) -> dict[str, Any]:
        """What is measured besides the runs: shapes of the random networks, frequencies."""
        shapes = self._both_series(self.widths, self.depths)
        names = {"network", "n_random", "weight_bound", "weight_bounds", "fit_from"}
        chosen = self.model_dump(include=names)
        return chosen | {
            "shapes": [shape.model_dump() for shape in shapes],
            "frequencies": self.measured_frequencies(),
        }

    def runs(self) -> dict[str, Run]:
        """One ensemble for each trained shape."""
        measured = {*Theory.model_fields} - {*Wave.model_fields}
        amplitudes = [1.0] * len(self.frequencies)
        return {
            f"theory_depth{shape.depth}_width{shape.width}": self.run(
                measured,
                problem="sinusoids",
                network=shape.model_dump(),
                amplitudes=amplitudes,
            )
            for shape in self._both_series(self.trained_widths, self.trained_depths)
        }

    def _both_series(self, widths: list[int], depths: list[int]) -> list[PiecewiseLinearNetwork]:
        depth, width = self.network.depth, self.network.width
        pairs = {(depth, w) for w in widths} | {(d, width) for d in depths}
        return [PiecewiseLinearNetwork(depth=d, width=w) for d, w in sorted(pairs)]
