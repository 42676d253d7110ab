"""Experiment 7 of Rahaman et al. 2018: a delta fitted at several depths, widths and clips."""

from itertools import product
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from spectral_bias.experiments.sections import (
    Activation,
    Count,
    Iteration,
    Optimiser,
    Positive,
    Section,
    Some,
)
from spectral_bias.training.runs import MlpRun, Run

Depth = Annotated[int, Field(ge=2)]
DeltaNetwork = dict[str, int | float]
"""depth (linear layers), width and weight_clip (K) of one setting."""
NETWORK = ("depth", "width", "weight_clip")


class Sweep(Section):
    """Networks that differ in one thing: a list in one place, single values in the others."""

    iterations: Iteration

    def networks(self) -> list[DeltaNetwork]:
        """One setting for each entry of the list, in its order."""
        values = [getattr(self, name) for name in NETWORK]
        lists = [value if isinstance(value, list) else [value] for value in values]
        return [dict(zip(NETWORK, chosen, strict=True)) for chosen in product(*lists)]


class DepthSweep(Sweep):
    """Networks of Figure 15."""

    depth: Some[Depth]
    width: Count
    weight_clip: Positive


class WidthSweep(Sweep):
    """Networks of Figure 16."""

    depth: Depth
    width: Some[Count]
    weight_clip: Positive


class ClipSweep(Sweep):
    """Networks of Figures 17 and 18."""

    depth: Depth
    width: Count
    weight_clip: Some[Positive]


class Delta(Section):
    """Experiment 7."""

    n_points: Annotated[int, Field(ge=5)]
    position: Annotated[float, Field(ge=0, lt=1)]
    depth_sweep: DepthSweep
    width_sweep: WidthSweep
    clip_sweep: ClipSweep
    activation: Activation = "relu"
    loss: Literal["mse"]
    optimiser: Optimiser = "adam"
    learning_rate: Positive
    loss_every: Count
    n_records: Count
    n_runs: Count

    @model_validator(mode="after")
    def _peak_on_grid(self) -> Self:
        index = self.position * self.n_points
        if abs(index - round(index)) > 1e-6 or round(index) == self.n_points:
            raise ValueError(
                f"n_points: position = {self.position:g} is none of the {self.n_points} points "
                f"j/{self.n_points}; choose another position, or for 0.5 an even n_points"
            )
        return self

    @model_validator(mode="after")
    def _one_length_for_each_shape(self) -> Self:
        lengths: dict[str, int] = {}
        for sweep in self.sweeps():
            iterations = self.sweep(sweep).iterations
            for run in self.runs_of(sweep):
                if lengths.setdefault(run, iterations) != iterations:
                    raise ValueError(
                        f"{sweep}_sweep.iterations: {iterations} where another sweep trains the "
                        f"same shape for {lengths[run]}; choose equal iterations or other shapes"
                    )
        return self

    def sweep(self, name: str) -> Sweep:
        """The sweep called depth, width or clip."""
        return getattr(self, f"{name}_sweep")

    def sweeps(self) -> dict[str, list[DeltaNetwork]]:
        """Settings by the name of what varies in them."""
        return {name: self.sweep(name).networks() for name in ("depth", "width", "clip")}

    def runs(self) -> dict[str, Run]:
        """One ensemble for each shape of network, with all clips that any sweep asks of it."""
        left_out = {"depth_sweep", "width_sweep", "clip_sweep", "activation", "n_records"}
        common = self.model_dump(exclude=left_out) | {"problem": "delta", "records": ["prediction"]}
        shapes: dict[str, dict[str, Any]] = {}
        for name, networks in self.sweeps().items():
            iterations = self.sweep(name).iterations
            for network in networks:
                depth, width = network["depth"], network["width"]
                more = {
                    "network": {"depth": depth, "width": width, "activation": self.activation},
                    "weight_clips": [],
                    "iterations": iterations,
                    "record_every": max(1, -(-iterations // self.n_records)),
                }
                shape = shapes.setdefault(run_name(depth, width), common | more)
                clips = {*shape["weight_clips"], float(network["weight_clip"])}
                shape["weight_clips"] = sorted(clips)
        return {name: MlpRun.of(settings) for name, settings in shapes.items()}

    def runs_of(self, sweep: str) -> list[str]:
        """Names of the runs that hold the networks of a sweep, each once, in its order."""
        networks = self.sweeps()[sweep]
        return list(dict.fromkeys(run_name(n["depth"], n["width"]) for n in networks))


def run_name(depth: float, width: float) -> str:
    """Name of the run of one shape."""
    return f"delta_depth{depth}_width{width}"
