"""The linear layers of a ReLU network R → R, found in a state dict, a file or an nn.Sequential.

A state dict names weights and biases but no activations: a ReLU is taken to stand between two
layers, since only then is the spectrum exact. An nn.Sequential shows its activations, and any other
than ReLU is refused.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor, nn

from spectral_bias.errors import UserError
from spectral_bias.spectra.piecewise_linear import Layers, affine_layers
from spectral_bias.toolkit.inputs.checkpoints import read_checkpoint

Network = nn.Sequential | Mapping[str, Tensor] | str | Path
"""What an exact spectrum can be had of: a network, its state dict, or a file with that."""
Named = dict[str, tuple[np.ndarray, np.ndarray]]
"""(weight (out, in), bias (out,)) in float64 by the name of the layer, first to last."""

WANTED = "an exact spectrum is that of a network from one number to one number"


def linear_layers(network: Network, unsafe_load: bool = False) -> Layers:
    """Weights and biases of all linear layers, first to last, in float64; a missing bias is 0.

    Args:
        network: Linear, ReLU, …, Linear as nn.Sequential; or its state dict, whose keys end in
            `weight` and `bias` whatever stands before, in the order of the layers; or a file with
            one, see `read_checkpoint`. A .safetensors file keeps no order, so that its layers are
            taken in the order of their names, numbers as numbers.
        unsafe_load: allows files that run code when they are opened.

    Raises:
        UserError: there is no such file or it holds no state dict; or the layers are no network
            R → R of linear layers. Names the layer and its shape.
    """
    if isinstance(network, str | Path):
        state: Mapping[str, Tensor] = read_checkpoint(Path(network), unsafe_load)
        if Path(network).suffix == ".safetensors":
            state = dict(sorted(state.items(), key=_by_number))
        return _fitting(_named(state, str(network)), str(network))
    if isinstance(network, Mapping):
        return _fitting(_named(network, "state dict"), "state dict")
    if not isinstance(network, nn.Sequential):
        raise UserError(
            f"network: {type(network).__name__} is no nn.Sequential, whose activations could be "
            "seen; if a ReLU stands between its linear layers, give network.state_dict()"
        )
    try:
        layers = affine_layers(network)
    except ValueError as error:
        raise UserError(f"network: {error}") from None
    return _fitting({str(2 * place): pair for place, pair in enumerate(layers)}, "network")


def _by_number(item: tuple[str, Any]) -> list[tuple[bool, int, str]]:
    """Sorts layers.2 before layers.10."""
    words = re.findall(r"\d+|\D+", item[0])
    return [(not w.isdigit(), int(w) if w.isdigit() else 0, w) for w in words]


def _named(state: Mapping[str, Any], source: str) -> Named:
    """The layers of a state dict by the part of their keys before `weight` and `bias`."""
    if not state:
        raise UserError(f"{source}: holds no weights; save network.state_dict()")
    parts: dict[str, dict[str, np.ndarray]] = {}
    for key, tensor in state.items():
        layer, _, kind = str(key).rpartition(".")
        shape = tuple(getattr(tensor, "shape", ()))
        wanted = {"weight": 2, "bias": 1}.get(kind)
        if not isinstance(tensor, Tensor) or len(shape) != wanted:
            raise UserError(
                f"{source}: {key!r} of shape {shape} is no weight (outputs, inputs) and no bias "
                f"(outputs,) of a linear layer; {WANTED}, made of Linear and ReLU alone"
            )
        values = tensor.detach().cpu().double().numpy()
        if not np.isfinite(values).all():
            raise UserError(
                f"{source}: {key!r} has values that are not finite; the training has diverged, "
                "take an earlier checkpoint"
            )
        parts.setdefault(layer, {})[kind] = values
    for layer, pair in parts.items():
        if "weight" not in pair:
            raise UserError(f"{source}: {layer!r} has a bias and no weight; save all parameters")
    return {
        layer: (pair["weight"], pair.get("bias", np.zeros(len(pair["weight"]))))
        for layer, pair in parts.items()
    }


def _fitting(layers: Named, source: str) -> Layers:
    """The layers, if each takes what the one before gives, and one number becomes one number."""
    before, outputs = None, 1
    for layer, (weight, bias) in layers.items():
        here = f"{source}: layer {layer!r} with a weight of shape {weight.shape}"
        if bias.shape != weight.shape[:1]:
            raise UserError(
                f"{here} has a bias of shape {bias.shape}; it needs one for each output"
            )
        if not weight.size:
            raise UserError(f"{here} has no units")
        if weight.shape[1] != outputs and before is None:
            raise UserError(f"{here} has {weight.shape[1]} inputs; {WANTED}")
        if weight.shape[1] != outputs:
            raise UserError(
                f"{here} does not take the {outputs} outputs of {before!r}; layers must be stored "
                "in the order in which they follow each other"
            )
        before, outputs = layer, len(weight)
    if outputs != 1:
        raise UserError(f"{here} is the last and has {outputs} outputs; {WANTED}")
    return list(layers.values())
