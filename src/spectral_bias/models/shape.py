"""What the small networks look like, in numbers; nothing here needs PyTorch."""

from dataclasses import dataclass

from spectral_bias.errors import UserError
from spectral_bias.models.activations import ACTIVATIONS


def layer_sizes(d_in: int, width: int, depth: int) -> list[tuple[int, int]]:
    """(inputs, outputs) of each of the `depth` linear layers, first to last.

    "6 layers deep, 256 wide" counts linear layers: d→256, 4 × 256→256, 256→1.
    """
    if depth < 2:
        raise ValueError(f"a network needs at least 2 linear layers, got depth={depth}")
    return [(d_in, width)] + [(width, width)] * (depth - 2) + [(width, 1)]


@dataclass(frozen=True)
class NetworkShape:
    """A network of `depth` linear layers, d_in → width → … → width → 1, `activation` between."""

    d_in: int
    width: int
    depth: int
    activation: str = "relu"

    @property
    def n_parameters(self) -> int:
        """P: weights and biases of one member."""
        return sum(i * o + o for i, o in layer_sizes(self.d_in, self.width, self.depth))

    def flops_per_step(self, n_samples: int) -> int:
        """Multiply-adds count two; backward is counted as twice the forward pass."""
        return 6 * n_samples * self.n_parameters

    def require_piecewise_linear(self) -> None:
        """Raises UserError if breakpoints and slopes do not describe the networks."""
        if not ACTIVATIONS[self.activation].piecewise_linear:
            raise UserError(
                f"network.activation: networks with {self.activation} are not piecewise linear, "
                "so that they have no breakpoints, slopes or exact spectra; choose relu"
            )
