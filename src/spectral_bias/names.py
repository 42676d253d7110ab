"""What is named by text, so that nothing heavy is imported before it is used."""

from importlib import import_module
from typing import Any


def named(target: str) -> Any:
    """What a text "<module>:<name>" names.

    Raises:
        ValueError: the module has no such name.
    """
    module, _, name = target.partition(":")
    found = getattr(import_module(module), name, None)
    if found is None:
        raise ValueError(f"{module} has no {name}")
    return found
