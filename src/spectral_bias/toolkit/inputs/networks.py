"""Networks by the words of a command line: from torchvision, a Python file, or an exported file."""

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.fx import GraphModule

from spectral_bias.data.image_files import View
from spectral_bias.errors import UserError, nearest
from spectral_bias.models.pretrained import (
    SOURCE,
    Weights,
    fetch,
    named_weights,
    torchvision_network,
)
from spectral_bias.toolkit.inputs.checkpoints import (
    loaded,
    n_classes_in,
    read_checkpoint,
    read_module,
)
from spectral_bias.toolkit.inputs.exported import LimitedBatch, read_exported

EXPORTED = ".pt2"
FILES = (".pt", ".pth", ".ts", ".jit", ".torchscript")
"""Suffixes of files that hold a whole network: TorchScript, or with consent a pickled module."""
FORMS = (
    f"{SOURCE}:NAME, {SOURCE}:NAME:WEIGHTS, FILE.py:CALLABLE, PACKAGE.MODULE:CALLABLE, FILE.pt2 "
    "(torch.export) or FILE.pt (TorchScript)"
)


@dataclass(frozen=True, eq=False)
class LoadedNetwork:
    """A network that is ready to be measured.

    Attributes:
        network: in evaluation mode where it has one.
        name: for tables and figures.
        view: what its weights were trained to see; None if that is not known.
        categories: names of its outputs; None if they are not known.
        facts: where it came from.
    """

    network: nn.Module
    name: str
    view: View | None
    categories: tuple[str, ...] | None
    facts: dict[str, Any]


def load_network(
    model: str,
    checkpoint: str | Path | None = None,
    *,
    n_classes: int | None = None,
    device: torch.device | None = None,
    unsafe_load: bool = False,
) -> LoadedNetwork:
    """The network that `model` names, with the parameters of a checkpoint.

    Args:
        model: one of `FORMS`. What a Python file names is a callable that returns a network, with
            `num_classes` among its arguments or without arguments, or a network itself.
        checkpoint: state dict (.pt, .pth, .safetensors), also within a dictionary, with or without
            the prefixes that wrappers add. A network of torchvision without one has the weights
            named, by default the best ones published.
        n_classes: of the images; asked for where a callable takes num_classes and the checkpoint
            does not say.
        device: where it will compute.
        unsafe_load: allows files that run code when they are opened.

    Raises:
        UserError: there is no such network, file or parameter; names the nearest.
    """
    place = device or torch.device("cpu")
    given = None if checkpoint is None else Path(checkpoint)
    source, _, rest = model.rpartition(":") if ":" in model else (model, "", "")
    if model.startswith(f"{SOURCE}:"):
        found = _of_torchvision(model, given, unsafe_load)
    elif Path(model).suffix == EXPORTED:
        found = _whole(model, given, read_exported(Path(model), place))
    elif Path(model).suffix in FILES:
        found = _whole(model, given, read_module(Path(model), unsafe_load))
    elif source.endswith(".py") or (rest and not Path(model).exists()):
        found = _of_callable(source, rest, given, n_classes, unsafe_load)
    else:
        raise UserError(f"model: {model!r} is no network; write {FORMS}")
    if not isinstance(found.network, GraphModule | LimitedBatch):  # modes are fixed when exported
        found.network.eval()
    found.network.to(place)
    return found


def _whole(model: str, checkpoint: Path | None, network: nn.Module) -> LoadedNetwork:
    if checkpoint is not None:
        raise UserError(f"checkpoint: {model} holds its own parameters; leave the checkpoint out")
    return LoadedNetwork(network, Path(model).stem, None, None, {"model": Path(model).name})


def _of_torchvision(model: str, checkpoint: Path | None, unsafe_load: bool) -> LoadedNetwork:
    _, name, *version = model.split(":")
    facts: dict[str, Any] = {"model": model}
    if checkpoint is not None:
        if version:
            raise UserError("model: name weights or a checkpoint, not both")
        state = read_checkpoint(checkpoint, unsafe_load)
        network = _without_weights(name)
        outputs = n_classes_in(state, network)
        if outputs is not None:
            network = _without_weights(name, outputs)
        network = loaded(network, state, checkpoint.name)
        facts["checkpoint"] = checkpoint.name
        return LoadedNetwork(network, f"{name} ({checkpoint.stem})", None, None, facts)
    weights = _weights(name, version)
    file = Path(torch.hub.get_dir()) / "checkpoints" / weights.file
    if not file.is_file():
        fetch(weights, file, advice="name a checkpoint of your own")
    view = View(weights.resize, weights.crop, weights.interpolation, weights.mean, weights.std)
    categories = weights.categories
    facts["weights"] = weights.version
    return LoadedNetwork(
        torchvision_network(weights, file), f"{name} {weights.version}", view, categories, facts
    )


def _weights(name: str, version: Sequence[str]) -> Weights:
    from torchvision.models import get_model_weights, list_models

    if not version and name in list_models():
        version = [get_model_weights(name).DEFAULT.name]
    try:
        return named_weights(":".join([SOURCE, name, *(version or ["DEFAULT"])]))
    except ValueError as error:
        raise UserError(f"model: {error}") from None


def _without_weights(name: str, n_classes: int | None = None) -> nn.Module:
    import torchvision.models

    known = torchvision.models.list_models(module=torchvision.models)
    if name not in known:
        raise UserError(f"model: torchvision has no classifier {name!r}{nearest(name, known)}")
    options: dict[str, Any] = {} if n_classes is None else {"num_classes": n_classes}
    if name in ("googlenet", "inception_v3"):
        # Otherwise they warn that weights will be drawn slowly, which a checkpoint replaces.
        options["init_weights"] = False
    return torchvision.models.get_model(name, weights=None, **options)


def _of_callable(
    source: str, name: str, checkpoint: Path | None, n_classes: int | None, unsafe_load: bool
) -> LoadedNetwork:
    if not name:
        raise UserError(
            f"model: {source}: add what makes the network after a colon, such as {source}:build"
        )
    module = _from_file(Path(source)) if source.endswith(".py") else _imported(source)
    found = getattr(module, name, None)
    if found is None:
        known = [key for key in vars(module) if not key.startswith("_")]
        raise UserError(f"model: {source} has no {name!r}{nearest(name, known)}")
    state = None if checkpoint is None else read_checkpoint(checkpoint, unsafe_load)
    network = found if isinstance(found, nn.Module) else _called(found, name, n_classes)
    if state is not None and isinstance(network, nn.Module) and network is not found:
        outputs = n_classes_in(state, network)
        if outputs is not None:
            network = _called(found, name, outputs)
    if not isinstance(network, nn.Module):
        raise UserError(
            f"model: {source}:{name} gives {type(network).__name__}, not a torch.nn.Module"
        )
    facts: dict[str, Any] = {"model": f"{Path(source).name}:{name}"}
    shown = name
    if state is not None:
        network = loaded(network, state, checkpoint.name)
        facts["checkpoint"] = checkpoint.name
        shown = f"{name} ({checkpoint.stem})"
    return LoadedNetwork(network, shown, None, None, facts)


def _from_file(path: Path) -> Any:
    if not path.is_file():
        raise UserError(f"model: {path}: no such file")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    # What lies beside the file can be imported by it, as when Python runs it.
    beside = str(path.parent.resolve())
    sys.path.insert(0, beside)
    sys.modules.setdefault(path.stem, module)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        reason = " ".join(str(error).split())
        raise UserError(f"model: {path} fails ({type(error).__name__}: {reason})") from error
    finally:
        sys.path.remove(beside)
    return module


def _imported(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except Exception as error:
        reason = " ".join(str(error).split())
        raise UserError(
            f"model: {name} cannot be imported ({type(error).__name__}: {reason}); write {FORMS}"
        ) from error


def _called(maker: Callable[..., Any], name: str, n_classes: int | None) -> Any:
    if not callable(maker):
        raise UserError(f"model: {name} is {type(maker).__name__}, which makes no network")
    try:
        takes = "num_classes" in inspect.signature(maker).parameters
    except (ValueError, TypeError):  # some callables written in C have no signature
        takes = False
    options = {"num_classes": n_classes} if takes and n_classes is not None else {}
    try:
        return maker(**options)
    except Exception as error:
        reason = " ".join(str(error).split())
        raise UserError(
            f"model: {name}() fails ({type(error).__name__}: {reason}); name a callable that needs "
            "no arguments but num_classes"
        ) from error


def logits_by_name(
    categories: Sequence[str] | None, class_names: Sequence[str]
) -> "dict[int, int] | None":
    """The network's output for each class of the images, by name; None unless all are found."""
    if categories is None:
        return None
    place = {_plain(name): number for number, name in enumerate(categories)}
    found = {label: place.get(_plain(name)) for label, name in enumerate(class_names)}
    return None if None in found.values() else found


def _plain(name: str) -> str:
    return name.lower().replace("_", " ").strip()
