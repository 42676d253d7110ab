"""What the claims on these classifiers share: whether a network learnt its task."""

from spectral_bias.statistics import require

PAPER = "fridovichkeil2021"
MIN_ACCURACY = 0.5


def require_learnt(accuracy: float, n_runs: int = 0) -> None:
    """Raises UndecidedError unless the network classifies half of the test images correctly."""
    require(
        accuracy >= MIN_ACCURACY,
        f"the network classifies {100 * accuracy:.0f} % of the test images correctly, where one "
        f"that has learnt the classes needs at least {100 * MIN_ACCURACY:.0f} %",
        n_runs,
    )
