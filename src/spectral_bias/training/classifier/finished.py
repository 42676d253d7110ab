"""Loads the network of a finished run; the one place that does."""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from spectral_bias.artefacts import read_json
from spectral_bias.errors import UserError
from spectral_bias.models.named import build_network
from spectral_bias.models.pretrained import read_state, with_state
from spectral_bias.seeds import derived_seed
from spectral_bias.training.runs import ClassifierRun


def classifier_network(run: ClassifierRun, n_classes: int) -> nn.Module:
    """The untrained network of a run."""
    seed = derived_seed(run.seed, run.run, "weights")
    return build_network(run.network.callable, run.network.arguments, n_classes, seed)


def finished_network(
    folder: Path, n_classes: int, device: torch.device
) -> tuple[nn.Module, dict[str, Any]]:
    """The trained network of a run and the content of its run.json.

    The network takes normalised images (B, 3, H, W); it is in evaluation mode and asks for no
    gradients.

    Args:
        folder: of the run; holds model.safetensors and run.json.
        n_classes: of the images that it will be given.
        device: where it goes.

    Raises:
        UserError: it was trained on another number of classes, or a file is damaged.
    """
    record, file = read_json(folder / "run.json"), folder / "model.safetensors"
    if record["n_classes"] != n_classes:
        raise UserError(
            f"{record['run']}: was trained on {record['n_classes']} classes, and the images have "
            f"{n_classes}; name a network that was trained on the same classes"
        )
    network = classifier_network(ClassifierRun.of(record["settings"]), n_classes)
    with_state(network, read_state(file), str(file))
    network.to(device=device, memory_format=torch.channels_last)
    return network.eval().requires_grad_(False), record
