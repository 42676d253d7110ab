"""Reads the files of a finished training run."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from spectral_bias.artefacts import read_arrays, read_json, read_tensors
from spectral_bias.data.problem import Facts, Problem, read_problem
from spectral_bias.models.shape import NetworkShape

if TYPE_CHECKING:
    import torch  # its import takes longer than a measurement that reads histories alone


@dataclass(frozen=True)
class FinishedRun:
    """One ensemble with its data; R members, P parameters, T records."""

    problem: Problem
    facts: Facts
    history: dict[str, np.ndarray]
    record: dict
    folder: Path

    @classmethod
    def of(cls, files: Iterable[str | Path]) -> "FinishedRun":
        """From the run's files (problem.npz, history.npz, run.json, …), in any order."""
        paths = {Path(file).name: Path(file) for file in files}
        problem, facts, _ = read_problem(paths["problem.npz"])
        history, _ = read_arrays(paths["history.npz"])
        record = read_json(paths["run.json"])
        return cls(problem, facts, history, record, paths["run.json"].parent)

    @property
    def run_key(self) -> str:
        """Names the run in every file made from it, and in MLflow."""
        return self.record["run_key"]

    @property
    def members(self) -> int:
        """R."""
        return len(self.problem.seeds)

    @property
    def shape(self) -> NetworkShape:
        """Shape of every member."""
        return NetworkShape(self.problem.d_in, **self.record["settings"]["network"])

    @cached_property
    def parameters(self) -> "torch.Tensor":
        """(R, P) after the last update."""
        return read_tensors(self.folder / "model.safetensors")["parameters"]
