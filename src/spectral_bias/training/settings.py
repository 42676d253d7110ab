"""What to train: the problem (data, targets, seeds) and how (network, optimiser, records)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from spectral_bias.models.batched import NetworkShape
from spectral_bias.training.lockstep import LOSSES

PRECISIONS = ("float32", "tf32", "bf16")


@dataclass(frozen=True)
class Problem:
    """Data of an ensemble; R members, N training and M validation samples, D inputs.

    Attributes:
        inputs: (N, D) shared by all members, or (R, N, D).
        targets: (R, N).
        seeds: one per member; each determines that member's initial weights.
        validation_inputs: (M, D), shared by all members, or None.
        validation_targets: (M,) shared, or (R, M); None without validation.
    """

    inputs: np.ndarray
    targets: np.ndarray
    seeds: list[int]
    validation_inputs: np.ndarray | None = None
    validation_targets: np.ndarray | None = None

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


@dataclass(frozen=True)
class TrainSettings:
    """How an ensemble is trained and what is recorded.

    Iteration i means "after i updates". The loss (and the validation loss, where there is one) is
    recorded at 0, loss_every, 2 loss_every, …; predictions on the training inputs and spectral
    norms at 0, record_every, …; all of them at the last iteration too.

    Attributes:
        width: units of each hidden layer.
        depth: linear layers.
        loss: "mse" or "bce" (with logits); mean over samples.
        learning_rate: of full-batch Adam.
        iterations: number of updates.
        loss_every: see above.
        record_every: see above; 0 for never.
        precision: "float32"; "tf32" lets CUDA round the factors of matrix products to 10 bits;
            "bf16" does the hidden products in bfloat16 (weights and edge layers stay float32).
        dtype: of parameters and arithmetic; float64 serves comparisons.
    """

    width: int
    depth: int
    loss: str
    learning_rate: float
    iterations: int
    loss_every: int
    record_every: int = 0
    precision: str = "float32"
    dtype: torch.dtype = field(default=torch.float32)

    def __post_init__(self) -> None:
        for name, value, known in (
            ("loss", self.loss, LOSSES),
            ("precision", self.precision, PRECISIONS),
        ):
            if value not in known:
                raise ValueError(f"unknown {name} {value!r}; known: {', '.join(known)}")

    @classmethod
    def from_run(cls, run: Mapping[str, Any], precision: str) -> "TrainSettings":
        """From a run's resolved settings (config.yaml names) and the workflow's precision."""
        return cls(
            **run["network"],
            **{
                name: run[name]
                for name in ("loss", "learning_rate", "iterations", "loss_every", "record_every")
            },
            precision=precision,
        )

    def shape(self, d_in: int) -> NetworkShape:
        """The network on inputs of dimension `d_in`."""
        return NetworkShape(d_in, self.width, self.depth)

    @property
    def hidden_dtype(self) -> torch.dtype | None:
        """Precision of hidden products where it is not `dtype`."""
        return torch.bfloat16 if self.precision == "bf16" else None

    @contextmanager
    def float32_mode(self) -> Iterator[None]:
        """Allows TF32 products for the duration, or makes sure that they are exact float32."""
        before = torch.get_float32_matmul_precision()
        torch.set_float32_matmul_precision("high" if self.precision == "tf32" else "highest")
        try:
            yield
        finally:
            torch.set_float32_matmul_precision(before)
