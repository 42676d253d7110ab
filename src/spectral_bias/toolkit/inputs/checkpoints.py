"""Parameters and whole networks from files, without running what is in them unless allowed."""

import pickle
import warnings
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from spectral_bias.artefacts import read_tensors
from spectral_bias.errors import UserError, nearest

INSIDE = ("state_dict", "model_state_dict", "model", "net", "network", "params")
"""Keys under which training programs keep the state dict of a network."""
PREFIXES = ("module.", "_orig_mod.", "model.", "network.", "net.")
"""What wrappers (data parallel, torch.compile, Lightning) put before the names of parameters."""
COUNTERS = ".num_batches_tracked"
"""Buffers that older files lack and evaluation does not use."""
PICKLED = b"\x80"
"""The first byte of a pickle, which older files of torch.save are."""
ALLOW = (
    "it can be opened only by running code that is in it; if you trust its source, allow that with "
    "--unsafe-load (unsafe_load=True)"
)


def read_checkpoint(path: Path, unsafe_load: bool = False) -> dict[str, Tensor]:
    """Named tensors of a network: a state dict, one within a dictionary, or those of TorchScript.

    Raises:
        UserError: there is no such file, it holds none, or must be unpickled and may not.
    """
    if not path.is_file():
        raise UserError(f"checkpoint: {path}: no such file")
    content = _content(path, unsafe_load)
    if isinstance(content, nn.Module):
        return dict(content.state_dict())
    while isinstance(content, Mapping):
        found = [content[key] for key in INSIDE if key in content]
        inner = next((one for one in found if isinstance(one, Mapping | nn.Module)), None)
        if isinstance(inner, nn.Module):
            return dict(inner.state_dict())
        if inner is None:
            break
        content = inner
    tensors = content if isinstance(content, Mapping) else {}
    if not tensors or not all(isinstance(value, Tensor) for value in tensors.values()):
        raise UserError(
            f"checkpoint: {path}: holds no state dict, that is tensors by name; save "
            "network.state_dict()"
        )
    return dict(tensors)


def _content(path: Path, unsafe_load: bool) -> Any:
    if _is_torchscript(path):
        return read_module(path)
    try:
        if path.suffix == ".safetensors":
            return read_tensors(path)
        return _unpickled(path, unsafe_load)
    except pickle.UnpicklingError as error:
        raise _refused("checkpoint", path, error) from None
    except Exception as error:
        raise _unreadable("checkpoint", path, error) from None


def _unpickled(path: Path, unsafe_load: bool) -> Any:
    with warnings.catch_warnings():
        # Of versions of pickle and of classes, about what then works or is an error.
        warnings.simplefilter("ignore")
        return torch.load(path, map_location="cpu", weights_only=not unsafe_load)


def _refused(option: str, path: Path, error: Exception) -> UserError:
    """What to say of a file that is no plain tensors: a pickle that runs code, or no pickle."""
    with path.open("rb") as file:
        pickled = zipfile.is_zipfile(file) or (file.seek(0) == 0 and file.read(1) == PICKLED)
    return UserError(f"{option}: {path}: {ALLOW}") if pickled else _unreadable(option, path, error)


def _unreadable(option: str, path: Path, error: Exception) -> UserError:
    whole = str(error).splitlines() or [type(error).__name__]
    reason = whole[0].split(". This is an internal")[0][:200]
    return UserError(
        f"{option}: {path}: cannot be read: it is damaged, cut off or no file of torch.save or "
        f"safetensors ({type(error).__name__}: {reason})"
    )


def read_module(path: Path, unsafe_load: bool = False) -> nn.Module:
    """A whole network of a TorchScript file or, if allowed, a pickled module.

    Raises:
        UserError: there is no such file, or it holds something else; says what to do with it.
    """
    if not path.is_file():
        raise UserError(f"model: {path}: no such file")
    if _is_torchscript(path):
        try:
            with warnings.catch_warnings():
                # TorchScript is deprecated, which is no news to who has such a file.
                warnings.simplefilter("ignore")
                return torch.jit.load(path, map_location="cpu")
        except RuntimeError as error:
            reason = " ".join(str(error).split())[:200]
            raise UserError(f"model: {path}: cannot be read as TorchScript ({reason})") from None
    if not unsafe_load:
        try:
            content = _unpickled(path, unsafe_load=False)
        except pickle.UnpicklingError as error:
            raise _refused("model", path, error) from None
        except Exception as error:
            raise _unreadable("model", path, error) from None
        raise _parameters_alone(path, content)
    try:
        content = _unpickled(path, unsafe_load=True)
    except Exception as error:
        raise _unreadable("model", path, error) from None
    if not isinstance(content, nn.Module):
        raise _parameters_alone(path, content)
    return content


def _parameters_alone(path: Path, content: Any) -> UserError:
    what = "parameters alone" if isinstance(content, Mapping) else type(content).__name__
    return UserError(
        f"model: {path}: holds {what} and not a network; name the network as --model and this file "
        "as --checkpoint"
    )


def _is_torchscript(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith("/constants.pkl") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def n_classes_in(state: Mapping[str, Tensor], network: nn.Module) -> int | None:
    """Outputs of the layer that has others in a state dict than in the network; None if none has.

    Of several, such as auxiliary heads and layers of another network, the network's last counts.
    """
    own = network.state_dict()
    given = _without_prefix(dict(state), own)
    other = [
        len(given[name])
        for name, tensor in own.items()
        if name in given and given[name].ndim and tensor.ndim
        and given[name].shape[1:] == tensor.shape[1:] and len(given[name]) != len(tensor)
    ]  # fmt: skip
    return other[-1] if other else None


def loaded(network: nn.Module, state: Mapping[str, Tensor], file: str) -> nn.Module:
    """`network` with the parameters of a state dict, whose wrappers' prefixes are taken off.

    Raises:
        UserError: they belong to another network; names the first that does not fit, and the
            nearest name there is.
    """
    own = network.state_dict()
    given = _without_prefix(dict(state), own)
    missing = [key for key in own if key not in given and not key.endswith(COUNTERS)]
    if missing:
        near = nearest(missing[0], [key for key in given if key not in own])
        raise UserError(
            f"checkpoint: {file} lacks {missing[0]} ({len(missing)} of {len(own)} parameters)"
            f"{near}; it is a checkpoint of another network"
        )
    extra = [key for key in given if key not in own]
    if extra:
        raise UserError(
            f"checkpoint: {file} has {extra[0]}, which the network lacks ({len(extra)} such "
            f"parameters){nearest(extra[0], own)}; name its own network"
        )
    for key, tensor in given.items():
        if own[key].shape != tensor.shape:
            shapes = tuple(tensor.shape), tuple(own[key].shape)
            raise UserError(
                f"checkpoint: {file}: {key} has shape {shapes[0]}, the network's has {shapes[1]}; "
                "check its arguments and the number of classes"
            )
        if tensor.is_floating_point() and not tensor.isfinite().all():
            raise UserError(f"checkpoint: {file}: {key} is not finite (NaN or infinite)")
    state = OrderedDict(given)
    # Versions of the layers, which some ask for and files without a pickle have not.
    state._metadata = getattr(own, "_metadata", {})
    network.load_state_dict(state, strict=False)
    return network


def _without_prefix(state: dict[str, Tensor], own: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The state without the prefixes that all of its names have and the network's have not."""
    while not state.keys() & own.keys():
        prefix = next((p for p in PREFIXES if all(key.startswith(p) for key in state)), None)
        if prefix is None:
            return state
        state = {key.removeprefix(prefix): tensor for key, tensor in state.items()}
    return state
