"""Classifiers that others trained: torchvision's, with named weights, or a checkpoint in a file.

torchvision writes the first digits of a file's SHA-256 into its name (resnet18-f37072fd.pth); that
is what downloads, and files that a user puts there by hand, are checked against.
"""

import hashlib
import pickle
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from spectral_bias.artefacts import read_tensors, replacing
from spectral_bias.errors import UserError, nearest

SOURCE = "torchvision"
LEAVE_OUT = "leave the model out of fridovichkeil2021.imagenet.models"


@dataclass(frozen=True)
class Weights:
    """Named weights of a torchvision classifier.

    Attributes:
        network: name of the network, such as "resnet50".
        version: name of the weights, such as "IMAGENET1K_V2".
        file: name of the file that holds them.
        address: where torchvision says that they can be downloaded.
        n_classes: outputs of the network.
        resize: pixels to which the shorter side of an image is scaled.
        crop: side of the square that the network is shown.
        interpolation: "bilinear" or "bicubic".
        mean: of each channel, in [0, 1].
        std: of each channel.
        categories: names of the outputs.
        published_accuracy: fraction of ImageNet's validation images that are correctly classified,
            as published.
    """

    network: str
    version: str
    file: str
    address: str
    n_classes: int
    resize: int
    crop: int
    interpolation: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    categories: tuple[str, ...]
    published_accuracy: float | None

    @property
    def name(self) -> str:
        """Short name, such as "resnet50.IMAGENET1K_V2", which can be part of a file's name."""
        return f"{self.network}.{self.version}"


def short_name(model: str) -> str:
    """ "resnet50.IMAGENET1K_V2" for "torchvision:resnet50:IMAGENET1K_V2"."""
    return ".".join(model.split(":")[1:])


def named_weights(model: str) -> Weights:
    """The weights called "torchvision:<network>:<weights>".

    Raises:
        ValueError: there are none of that name; names the nearest.
    """
    from torchvision.models import get_model_weights, list_models

    source, *parts = model.split(":")
    if source != SOURCE or len(parts) != 2:
        raise ValueError(
            f"{model!r} is not {SOURCE}:<network>:<weights>; write for example "
            f"{SOURCE}:resnet50:IMAGENET1K_V2"
        )
    network, version = parts
    import torchvision.models

    known = list_models(module=torchvision.models)
    if network not in known:
        raise ValueError(f"torchvision has no classifier {network!r}{nearest(network, known)}")
    versions = {entry.name: entry for entry in get_model_weights(network)}
    if version not in versions:
        raise ValueError(
            f"{network} has no weights {version!r}{nearest(version, versions)}; it has "
            f"{', '.join(versions)}"
        )
    entry = versions[version]
    shown = entry.transforms()
    accuracy = entry.meta.get("_metrics", {}).get("ImageNet-1K", {}).get("acc@1")
    return Weights(
        network=network,
        version=version,
        file=Path(entry.url).name,
        address=entry.url,
        n_classes=len(entry.meta["categories"]),
        resize=shown.resize_size[0],
        crop=shown.crop_size[0],
        interpolation=shown.interpolation.value,
        mean=tuple(shown.mean),
        std=tuple(shown.std),
        categories=tuple(entry.meta["categories"]),
        published_accuracy=None if accuracy is None else accuracy / 100,
    )


def fetch(weights: Weights, target: str | Path, advice: str = LEAVE_OUT) -> None:
    """Brings the file of some weights to `target`: out of PyTorch's own cache, or by download.

    Args:
        weights: whose file is wanted.
        target: where it will be.
        advice: what else a user without a network can do, for the error.

    Raises:
        UserError: there is no way to the server, or what came has another checksum.
    """
    cached = Path(torch.hub.get_dir()) / "checkpoints" / weights.file
    with replacing(target) as temporary:
        if cached.is_file():
            shutil.copyfile(cached, temporary)
        else:
            _download(weights, temporary, Path(target), advice)
        check_file(temporary, weights.file)


def _download(weights: Weights, temporary: Path, target: Path, advice: str) -> None:
    try:
        torch.hub.download_url_to_file(weights.address, str(temporary), progress=False)
    except OSError as error:
        reason = " ".join(str(error).split())
        raise UserError(
            f"{SOURCE}:{weights.network}:{weights.version}: {weights.file} could not be downloaded "
            f"({reason}); without a network get {weights.address} elsewhere and put the file into "
            f"{target.parent}, or {advice}"
        ) from None


def check_file(path: str | Path, name: str) -> None:
    """Does nothing if the file at `path` has the checksum that stands in `name`.

    Raises:
        UserError: it has another.
    """
    stated = re.search(r"-([0-9a-f]{8,})\.", name)
    if stated is None:
        return
    with Path(path).open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if not found.startswith(stated[1]):
        raise UserError(
            f"{name}: the file's SHA-256 begins with {found[: len(stated[1])]} and not with "
            f"{stated[1]}; it is damaged: remove it and fetch it again"
        )


def torchvision_network(weights: Weights, file: str | Path) -> nn.Module:
    """The network with weights from a file whose checksum is right, in evaluation mode.

    Raises:
        UserError: the file is damaged.
    """
    from torchvision.models import get_model

    check_file(file, weights.file)
    network = get_model(weights.network, weights=None, num_classes=weights.n_classes)
    return with_state(network, read_state(file), str(file))


def read_state(file: str | Path) -> Mapping[str, Tensor]:
    """Named tensors of a .safetensors file or of a state dict saved by torch.save.

    Nothing but tensors is unpickled.

    Raises:
        UserError: there is no such file, or it holds something else.
    """
    path = Path(file)
    if not path.is_file():
        raise UserError(f"{file}: no such checkpoint; name a .safetensors or .pt file")
    try:
        if path.suffix == ".safetensors":
            return read_tensors(path)
        state: Any = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        reason = "it is damaged, or no checkpoint at all"
        if "Unsupported global" in str(error):
            reason = (
                "it holds Python objects, which could run anything when they are loaded; save "
                "network.state_dict() alone"
            )
        raise UserError(f"{file}: cannot be read as a checkpoint: {reason}") from None
    except (RuntimeError, EOFError, OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"{file}: cannot be read as a checkpoint ({reason}); repair it") from None
    except Exception as error:  # safetensors raises a class of its own
        if type(error).__name__ != "SafetensorError":
            raise
        raise UserError(f"{file}: cannot be read as a checkpoint ({error}); repair it") from None
    if not isinstance(state, Mapping) or not all(isinstance(t, Tensor) for t in state.values()):
        raise UserError(
            f"{file}: holds no state dict, that is tensors by name; save network.state_dict()"
        )
    return state


def with_state(network: nn.Module, state: Mapping[str, Tensor], name: str) -> nn.Module:
    """`network` with these parameters, in evaluation mode.

    Raises:
        UserError: they belong to another network; names the first that does not fit.
    """
    own = network.state_dict()
    for key in [*own, *state]:
        if key not in state:
            raise UserError(f"{name}: lacks {key}; it is a checkpoint of another network")
        if key not in own:
            raise UserError(f"{name}: has {key}, which the network has not; name its own network")
        if own[key].shape != state[key].shape:
            raise UserError(
                f"{name}: {key} has shape {tuple(state[key].shape)}, the network's has "
                f"{tuple(own[key].shape)}; check its arguments and the number of classes"
            )
    network.load_state_dict(state)
    return network.eval()
