"""Networks that are ready to be measured on a folder of images, whoever trained them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from spectral_bias.data.image_files import View
from spectral_bias.errors import UserError
from spectral_bias.models.named import build_network
from spectral_bias.models.pretrained import (
    named_weights,
    read_state,
    torchvision_network,
    with_state,
)
from spectral_bias.training.classifier.finished import finished_network


@dataclass(frozen=True)
class MeasuredNetwork:
    """A network in evaluation mode on one device, whose parameters ask for no gradient.

    Attributes:
        name: as tables and figures call it.
        kind: "trained" (here), "torchvision" or "checkpoint".
        network: takes normalised images.
        view: what it is shown of an image file.
        device: where it is.
        published_accuracy: of torchvision's weights on ImageNet, in [0, 1]; else None.
        run_key: of the run that trained it here; else None.
    """

    name: str
    kind: str
    network: nn.Module
    view: View
    device: torch.device
    published_accuracy: float | None
    run_key: str | None


def measured_network(
    name: str,
    settings: Mapping[str, Any],
    files: Sequence[str | Path],
    n_classes: int,
    device: torch.device,
) -> MeasuredNetwork:
    """The network that one entry of `ImageNet.measurements` describes.

    Args:
        name: the entry's name.
        settings: the entry.
        files: the file of its parameters first; of a network trained here its record too.
        n_classes: of the images that it will be shown.
        device: where it will compute.

    Raises:
        UserError: the file is missing or damaged, or the network knows another number of classes.
    """
    kind, accuracy, key = settings["kind"], None, None
    file = Path(files[0])
    if kind == "trained":
        network, record = finished_network(file.parent, n_classes, device)
        run, key = record["settings"], record["run_key"]
        view = View(run["data"]["size"], run["data"]["size"])
    elif kind == "torchvision":
        weights = named_weights(settings["weights"])
        _require_classes(settings["weights"], weights.n_classes, n_classes)
        network = torchvision_network(weights, file)
        view = View(weights.resize, weights.crop, weights.interpolation, weights.mean, weights.std)
        accuracy = weights.published_accuracy
    else:
        network = with_state(
            build_network(settings["callable"], settings["arguments"], n_classes, seed=0),
            read_state(file),
            str(file),
        )
        view = View(settings["resize"], settings["crop"])
    network.to(device=device, memory_format=torch.channels_last).eval().requires_grad_(False)
    return MeasuredNetwork(name, kind, network, view, device, accuracy, key)


def _require_classes(model: str, outputs: int, n_classes: int) -> None:
    if outputs != n_classes:
        raise UserError(
            f"{model}: knows {outputs} classes, and the folder of images has {n_classes}; name "
            "ImageNet's own folder, or leave the model out"
        )
