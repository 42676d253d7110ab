"""What training image classifiers costs in floating-point operations (FLOP).

Counted are convolutions and matrix products, a multiply-add as two operations.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spectral_bias.models.named import build_network
from spectral_bias.training.runs import ClassifierRun

if TYPE_CHECKING:
    import torch

WHOLE_SETS = {
    "cifar10": {"train": 50_000, "test": 10_000},
    "folder": {"train": 1_281_167, "test": 50_000},
}
"""Images of CIFAR-10, and of ImageNet where no folder is named."""
PHOTOGRAPHS = 10
SMALL = 32
"""Pixels along each side of an image of CIFAR-10."""
OWN_SIZE = ("cifar10", "imagefolder")
"""Sources whose images have a size of their own, whatever the setting `size` says: for a folder of
small images that of CIFAR-10 is taken."""
TRAINING_PASSES = 3
"""Forward pass, gradient of the activations and gradient of the weights: about equal work each."""


@dataclass(frozen=True)
class Cost:
    """The cost of all training runs of one network.

    Attributes:
        name: paper, experiment and architecture.
        epochs: of each run.
        n_train: training images of each run.
        precision: of training, and of the passes over the test images.
        forward_flop: of the forward pass of one image.
        flop: of all runs together.
        disk_bytes: of the parameters that all runs keep, at the end and on the way.
    """

    name: str
    epochs: list[int]
    n_train: list[int]
    precision: str
    forward_flop: int
    flop: int
    disk_bytes: int

    @property
    def n_runs(self) -> int:
        """How many networks are trained."""
        return len(self.epochs)


def forward_flop(network: Mapping[str, Any], size: int, n_classes: int = 10) -> int:
    """FLOP of one image's way through a network; nothing is computed or allocated for it.

    Args:
        network: callable and arguments, as `build_network` takes them.
        size: pixels along each side of the image.
        n_classes: outputs.
    """
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    model = _without_memory(network, n_classes)
    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(torch.empty(1, 3, size, size))
    return counter.get_total_flops()


def state_bytes(network: Mapping[str, Any], n_classes: int = 10) -> int:
    """Of the parameters and running means of a network."""
    state = _without_memory(network, n_classes).state_dict().values()
    return sum(tensor.numel() * tensor.element_size() for tensor in state)


def _without_memory(network: Mapping[str, Any], n_classes: int) -> "torch.nn.Module":
    import torch

    with torch.device("meta"), torch.no_grad():
        return build_network(**network, n_classes=n_classes, seed=0).eval()


def training_flop(run: ClassifierRun, forward: int) -> int:
    """FLOP of one run: training, and after each epoch a pass over the test images.

    A distilled network also needs its teacher's forward pass of each training image.
    """
    passes = TRAINING_PASSES + (run.teacher is not None)
    images = passes * n_images(run, "train") + n_images(run, "test")
    return forward * run.length * images


def n_states(run: ClassifierRun) -> int:
    """How often a run's parameters are kept: at the end, and at epochs on the way."""
    return 1 + len(run.training.checkpoint_epochs)


def n_images(run: ClassifierRun, part: str) -> int:
    """Images of one part ("train" or "test") that a run uses."""
    data = run.data
    if part == "train" and run.n_train:
        return run.n_train
    name = "val" if part == "test" and data["source"] == "folder" else part
    number = data.get(f"n_{name}")
    if data.get("images") == "photographs":
        return number * PHOTOGRAPHS  # one class each
    if number is None and data["folder"] is None:
        return WHOLE_SETS[data["source"]][part]
    return number or sum(path.is_file() for path in (Path(data["folder"]) / name).glob("*/*"))


def image_size(data: Mapping[str, Any]) -> int:
    """Pixels along each side of the images of such data."""
    return SMALL if data["source"] in OWN_SIZE else data["size"]


def costs(runs: Iterable[ClassifierRun]) -> list[Cost]:
    """One cost for each network, image size and precision, in the order of the runs."""
    groups: dict[tuple[str, str], list[ClassifierRun]] = {}
    for run in runs:
        name = f"{run.paper} {run.experiment}: {run.architecture}"
        what = [asdict(run.network), image_size(run.data), run.training.precision]
        groups.setdefault((name, json.dumps(what, sort_keys=True)), []).append(run)
    return [_cost(name, *json.loads(what), group) for (name, what), group in groups.items()]


def _cost(
    name: str,
    network: Mapping[str, Any],
    size: int,
    precision: str,
    runs: Sequence[ClassifierRun],
) -> Cost:
    forward = forward_flop(network, size)
    return Cost(
        name=name,
        epochs=[run.length for run in runs],
        n_train=[n_images(run, "train") for run in runs],
        precision=precision,
        forward_flop=forward,
        flop=sum(training_flop(run, forward) for run in runs),
        disk_bytes=state_bytes(network) * sum(map(n_states, runs)),
    )
