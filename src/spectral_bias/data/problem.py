"""The data of an ensemble (inputs, targets, seeds) and the one file that holds them.

Facts are arrays that later stages need beside the problem itself, such as the phases of its
targets: one row per member where members differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from spectral_bias.artefacts import read_arrays, write_arrays
from spectral_bias.provenance import digest

Facts = dict[str, np.ndarray]


@dataclass(frozen=True)
class Problem:
    """R members, N training and M validation samples, D inputs.

    Attributes:
        inputs: (N, D) shared by all members, or (R, N, D).
        targets: (R, N).
        seeds: one per member; each determines that member's initial weights.
        validation_inputs: (M, D), shared by all members, or None.
        validation_targets: (M,) shared, or (R, M); None without validation.
        weight_clip: (R,), K: every parameter is clamped to [-K, K] after each update; inf for none.
        probe: (N, Q), linear functionals of the predictions to record in place of them.
    """

    inputs: np.ndarray
    targets: np.ndarray
    seeds: list[int]
    validation_inputs: np.ndarray | None = None
    validation_targets: np.ndarray | None = None
    weight_clip: np.ndarray | None = None
    probe: np.ndarray | None = None

    def __post_init__(self) -> None:
        members, n = self.targets.shape
        if len(self.seeds) != members:
            raise ValueError(f"{len(self.seeds)} seeds for targets of {members} members")
        if self.inputs.shape[-2] != n or self.inputs.ndim not in (2, 3):
            raise ValueError(f"inputs {self.inputs.shape} do not fit targets {self.targets.shape}")

    @property
    def n_samples(self) -> int:
        """N."""
        return self.targets.shape[1]

    @property
    def d_in(self) -> int:
        """D."""
        return self.inputs.shape[-1]

    def member_inputs(self, members: range) -> np.ndarray:
        """Inputs of some members: the shared (N, D), or their slice of (R, N, D)."""
        if self.inputs.ndim == 2:
            return self.inputs
        return self.inputs[members.start : members.stop]


def write_problem(
    path: str | Path, problem: Problem, facts: Facts, meta: Mapping[str, Any]
) -> None:
    """One .npz with the problem's arrays, its facts as fact_<name>, and `meta` with a checksum."""
    arrays = {n: np.asarray(value) for n, value in vars(problem).items() if value is not None}
    arrays |= {f"fact_{name}": np.asarray(value) for name, value in facts.items()}
    checksum = digest(*(part for n in sorted(arrays) for part in (n, arrays[n].tobytes())))
    write_arrays(path, arrays, {**meta, "data_checksum": checksum})


def read_problem(path: str | Path) -> tuple[Problem, Facts, dict]:
    """(problem, facts, meta) of a file made by `write_problem`."""
    arrays, meta = read_arrays(path)
    facts = {n.removeprefix("fact_"): a for n, a in arrays.items() if n.startswith("fact_")}
    fields: dict[str, Any] = {n: a for n, a in arrays.items() if not n.startswith("fact_")}
    fields["seeds"] = fields["seeds"].tolist()
    return Problem(**fields), facts, meta
