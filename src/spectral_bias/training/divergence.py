"""Losses that leave the range of useful numbers: which end a training, which only warn."""

import math
from collections.abc import Sequence

from spectral_bias.errors import UserError

EXPLODED = 10.0
"""A final loss of more than so many times the loss at the start is an explosion.

A training that works ends below its start, and the spikes of momentum and Adam at a learning rate
that is just too large reach a few times that; a diverging one passes ten times within some steps
and goes on by many orders of magnitude.
"""


def diverged(what: str, value: float, when: str, learning_rate: float) -> UserError:
    """The error that ends a training whose loss is not finite.

    Args:
        what: whose loss, such as "member 3: the training loss".
        value: the loss.
        when: such as "at iteration 20" or "in epoch 3".
        learning_rate: of the run's settings.
    """
    return UserError(
        f"{what} is {value} {when} with learning_rate {learning_rate:g}; choose a smaller "
        "learning_rate"
    )


def require_finite(what: str, value: float, when: str, learning_rate: float) -> None:
    """Does nothing if a loss is a finite number.

    Raises:
        UserError: it is not; see `diverged`.
    """
    if not math.isfinite(value):
        raise diverged(what, value, when, learning_rate)


def explosions(first: Sequence[float], last: Sequence[float], learning_rate: float) -> list[str]:
    """A warning if members of a run end at a loss of more than `EXPLODED` times their first one.

    Args:
        first: loss of each member at the start.
        last: … at the end.
        learning_rate: of the run's settings.
    """
    ratios = [after / before for before, after in zip(first, last, strict=True) if before > 0]
    worst = [ratio for ratio in ratios if ratio > EXPLODED]
    if not worst:
        return []
    who = f"{len(worst)} of {len(first)} networks end" if len(first) > 1 else "ends"
    return [
        f"{who} at a training loss of up to {max(worst):.2g} times that at the start: training "
        f"has exploded, with learning_rate {learning_rate:g}; what is measured on it says little"
    ]
