"""Settings as text for the captions."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

NAMES = {"relu": "ReLU", "adam": "Adam", "sgd": "gradient descent"}
"""Activations and optimisers whose name in the settings is not what a caption calls them."""
NAMED = ("activation", "optimiser")


def readable(value: Any) -> Any:
    """`value` as a caption writes it: 80000 as "80,000", 0.0003 as "0.0003", lists as `listed`.

    Mappings stay mappings, so that "{sinusoids[network][width]}" works in a caption; an activation
    or optimiser in them is written as in `NAMES`.
    """
    if isinstance(value, Mapping):
        return {
            key: NAMES.get(entry, entry) if key in NAMED else readable(entry)
            for key, entry in value.items()
        }
    if isinstance(value, (list, tuple)):
        return listed(value)
    if value is None:
        return "none"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def listed(values: Sequence[Any]) -> str:
    """ "5, 10, …, 50" for more than five evenly spaced numbers, else all of them."""
    texts = [str(readable(value)) for value in values]
    if len(values) > 5 and all(isinstance(value, (int, float)) for value in values):
        steps = [after - before for before, after in pairwise(values)]
        if max(steps) - min(steps) < 1e-9 * max(abs(value) for value in values):
            texts = [*texts[:2], "…", texts[-1]]
    return ", ".join(texts)


def filled(template: str, context: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """`template` with {scale}, the settings of the paper and `facts` in its placeholders.

    Raises:
        ValueError: a placeholder has no value; the message names it.
    """
    values = {"scale": context["scale"], **readable(context["settings"]), **readable(facts)}
    try:
        return template.format(**values)
    except (KeyError, TypeError) as error:
        raise ValueError(f"caption needs {error}, which the figure's context lacks") from error
