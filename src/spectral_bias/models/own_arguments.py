"""What the project's own networks are called with, read from their source.

Settings are checked by every job, and importing a network brings PyTorch, which takes seconds.
"""

import ast
from collections.abc import Mapping
from functools import cache
from typing import Any

from spectral_bias.errors import nearest
from spectral_bias.models.catalogue import NETWORKS
from spectral_bias.provenance import named_files

NUMBERS: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float)}
WORDS = {"int": "whole number; write one, such as 8", "float": "number; write one, such as 0.5"}
GIVEN = "num_classes"


def require_own_arguments(name: str, arguments: Mapping[str, Any]) -> None:
    """Does nothing if a network can be made with these arguments besides `num_classes`.

    Args:
        name: one of `NETWORKS`.
        arguments: by keyword.

    Raises:
        ValueError: starts with "arguments"; names the nearest argument.
    """
    taken = _taken(name)
    for key, value in arguments.items():
        if key == GIVEN:
            raise ValueError(f"arguments: {GIVEN} comes from the data; leave it out")
        if key not in taken:
            raise ValueError(
                f"arguments: {name} takes no argument {key!r}{nearest(key, taken)}; it takes "
                f"{', '.join(taken)}"
            )
        if isinstance(value, bool) or not isinstance(value, NUMBERS[taken[key]]):
            raise ValueError(f"arguments.{key}: {value!r} is no {WORDS[taken[key]]}")
        if value <= 0:
            raise ValueError(f"arguments.{key}: {value} is not above 0; choose a larger one")


@cache
def _taken(name: str) -> dict[str, str]:
    """The arguments of a network, which are numbers with defaults, and their types."""
    (file,) = named_files(NETWORKS[name])
    function = NETWORKS[name].rpartition(".")[2]
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    (maker,) = (node for node in found if node.name == function)
    return {a.arg: ast.unparse(a.annotation) for a in maker.args.args if a.arg != GIVEN}
