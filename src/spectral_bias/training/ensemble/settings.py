"""How an ensemble is trained: network, optimiser, precision, what is recorded."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from spectral_bias.models.activations import ACTIVATIONS
from spectral_bias.models.shape import NetworkShape
from spectral_bias.training.ensemble.optimisers import OPTIMISERS
from spectral_bias.training.precision import PRECISIONS, float32_mode

if TYPE_CHECKING:
    import torch

LOSSES = ("mse", "bce")
RECORDS = ("prediction", "probe", "spectral_norm")


@dataclass(frozen=True)
class TrainSettings:
    """How an ensemble is trained and what is recorded.

    Iteration i means "after i updates". The loss (and the validation loss, where there is one) is
    recorded at 0, loss_every, 2 loss_every, … and at the last iteration; so are the quantities in
    `records`, by `record_every`.

    Attributes:
        width: units of each hidden layer.
        depth: linear layers.
        loss: "mse" or "bce" (with logits); mean over samples.
        learning_rate: of the optimiser, which sees all samples in every step.
        iterations: number of updates.
        loss_every: see above.
        records: any of "prediction" (on the training inputs), "probe" (predictions times the
            problem's probe: a summary where predictions would be too much), "spectral_norm".
        record_every: see above; or the list of iterations to record.
        precision: "float32"; "tf32" lets CUDA round the factors of matrix products to 10 bits;
            "bf16" does the hidden products in bfloat16 (weights and edge layers stay float32).
        dtype: of parameters and arithmetic, "float32", or "float64" for comparisons.
        parameters_at: iterations at which all parameters are kept in the history, besides those
            after the last update, which every run keeps.
        activation: of the hidden layers, one of ACTIVATIONS.
        optimiser: one of OPTIMISERS: "adam", or "sgd" for plain gradient descent.
    """

    width: int
    depth: int
    loss: str
    learning_rate: float
    iterations: int
    loss_every: int
    records: tuple[str, ...] = ()
    record_every: int | tuple[int, ...] = 1
    precision: str = "float32"
    dtype: str = "float32"
    parameters_at: tuple[int, ...] = ()
    activation: str = "relu"
    optimiser: str = "adam"

    def __post_init__(self) -> None:
        for name, value, known in (
            ("loss", self.loss, LOSSES),
            ("precision", self.precision, PRECISIONS),
            ("activation", self.activation, ACTIVATIONS),
            ("optimiser", self.optimiser, OPTIMISERS),
            *(("record", record, RECORDS) for record in self.records),
        ):
            if value not in known:
                raise ValueError(f"unknown {name} {value!r}; known: {', '.join(known)}")

    def shape(self, d_in: int) -> NetworkShape:
        """The network on inputs of dimension `d_in`."""
        return NetworkShape(d_in, self.width, self.depth, self.activation)

    @property
    def torch_dtype(self) -> "torch.dtype":
        """`dtype` as PyTorch has it."""
        import torch

        return getattr(torch, self.dtype)

    @property
    def hidden_dtype(self) -> "torch.dtype | None":
        """Precision of hidden products where it is not `dtype`."""
        import torch

        return torch.bfloat16 if self.precision == "bf16" else None

    def float32_mode(self) -> AbstractContextManager[None]:
        """Allows TF32 products for the duration, or makes sure that they are exact float32."""
        return float32_mode(self.precision)
