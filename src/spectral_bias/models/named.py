"""Networks by the name that the configuration gives: one of ours, or a callable anywhere."""

import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import torch
from torch import nn

from spectral_bias.errors import UserError, nearest
from spectral_bias.models.catalogue import NETWORKS

NetworkMaker = Callable[..., nn.Module]


def build_network(
    callable: str, arguments: Mapping[str, Any], n_classes: int, seed: int
) -> nn.Module:
    """The classifier that a callable makes, with weights drawn from `seed`.

    Args:
        callable: a short name (`NETWORKS`), or a dotted path such as "torchvision.models.resnet18".
        arguments: keywords for it, besides `num_classes`.
        n_classes: outputs; the callable gets it as the keyword `num_classes`.
        seed: determines the weights; the global random state is left as it was.

    Raises:
        UserError: there is no such callable, or it refuses an argument.
    """
    maker = require_callable(callable)
    require_arguments(callable, arguments)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        try:
            network = maker(num_classes=n_classes, **arguments)
        except (TypeError, ValueError) as error:
            given = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
            raise UserError(
                f"arguments: {callable}(num_classes={n_classes}{given and ', '}{given}) fails "
                f"({' '.join(str(error).split())}); fix the arguments"
            ) from error
    if not isinstance(network, nn.Module):
        raise UserError(
            f"callable: {callable!r} makes a {type(network).__name__}, not a torch.nn.Module; "
            "name a callable that makes a network"
        )
    return network


def require_callable(name: str) -> NetworkMaker:
    """The callable of that name.

    Raises:
        UserError: it is neither a short name nor an importable callable; names the nearest.
    """
    path, _, last = NETWORKS.get(name, name).rpartition(".")
    if not path:
        raise UserError(
            f"callable: {name!r} is no network here{nearest(name, NETWORKS)}; choose one of "
            f"{', '.join(NETWORKS)}, or write a dotted path such as torchvision.models.resnet18"
        )
    try:
        module = import_module(path)
    except Exception as error:
        raise UserError(
            f"callable: {name!r}: {path} cannot be imported ({type(error).__name__}: {error}); "
            "check the spelling, and that Python finds the module"
        ) from error
    found = getattr(module, last, None)
    if not callable(found):
        known = [key for key, value in vars(module).items() if callable(value)]
        raise UserError(
            f"callable: {path} has no callable {last!r}{nearest(last, known)}; fix the name"
        )
    return found


def require_arguments(name: str, arguments: Mapping[str, Any]) -> None:
    """Checks keywords for the callable of that name, without calling it.

    A callable that passes keywords on, as those of torchvision do, can refuse them only when it
    is called.

    Raises:
        UserError: it takes no `num_classes`, lacks an argument or has none of a given name.
    """
    try:
        signature = inspect.signature(require_callable(name))
    except ValueError:  # written in C, without a signature
        return
    parameters = signature.parameters
    if "num_classes" in arguments:
        raise UserError("arguments: num_classes comes from the data; leave it out")
    if not any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        keywords = [key for key, p in parameters.items() if p.kind not in _NOT_KEYWORDS]
        if "num_classes" not in keywords:
            raise UserError(
                f"callable: {name} takes no argument num_classes; name a callable that does"
            )
        for key in arguments:
            if key not in keywords:
                others = [known for known in keywords if known != "num_classes"]
                raise UserError(
                    f"arguments: {name} takes no argument {key!r}{nearest(key, others)}; "
                    f"it takes {', '.join(others) or 'none'}"
                )
    try:
        signature.bind(num_classes=0, **arguments)
    except TypeError as error:
        raise UserError(f"arguments: {name}: {error}; give it") from None


_NOT_KEYWORDS = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.VAR_POSITIONAL)
