"""What measuring along paths between images costs in floating-point operations (FLOP).

Each point of a path is one forward pass (Fridovich-Keil et al. 2021, measurement B).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spectral_bias.cost.training import forward_flop, image_size
from spectral_bias.data.image_files import OTHER_TEST, TEST
from spectral_bias.experiments.fridovichkeil2021.classifiers.settings import Cifar10
from spectral_bias.experiments.fridovichkeil2021.imagenet.settings import ImageNet
from spectral_bias.experiments.image_sections import PATCH_CLASSES

PAPER = "fridovichkeil2021"
IMAGENET_CLASSES = 1000


@dataclass(frozen=True)
class PathWork:
    """Paths between images along which networks of one kind are evaluated.

    Attributes:
        name: paper, experiment and architecture.
        network: callable and arguments, as `build_network` takes them.
        size: pixels along each side of the image.
        n_classes: outputs.
        precision: of the forward passes.
        n_networks: measured ones; a network counts once for each epoch at which it is.
        n_paths: of each of them.
        n_points: of each path.
        waits_for: the setting without which nothing of this is measured; empty if it is.
    """

    name: str
    network: Mapping[str, Any]
    size: int
    n_classes: int
    precision: str
    n_networks: int
    n_paths: int
    n_points: int
    waits_for: str = ""

    def forward_flop(self) -> int:
        """Of one point."""
        return forward_flop(self.network, self.size, self.n_classes)

    def flop(self) -> int:
        """Of all networks together."""
        return self.forward_flop() * self.n_networks * self.n_paths * self.n_points


def path_points(size: int, spacing: float | None, n_samples: int | None) -> int:
    """Points of a path between two images: `n_samples`, or about so many at a spacing.

    The mean squared distance of two random images is twice the number of their values, which are
    normalised to variance 1. Images of one class are a little closer.
    """
    if spacing is None:
        return n_samples
    return max(2, math.ceil(math.sqrt(2 * 3 * size**2) / spacing))


def path_work(settings: Any) -> list[PathWork]:
    """Of the small classifiers, by architecture, and of each classifier of larger images.

    Args:
        settings: all of them, resolved.
    """
    paper = getattr(settings, PAPER)
    return [*_cifar10(paper.cifar10), *_imagenet(paper.imagenet, settings.precision)]


def _cifar10(section: Cifar10) -> Iterator[PathWork]:
    """Measured in exact float32, after every epoch that is kept and after the last."""
    runs, paths = section.runs(), section.interpolation
    size = image_size(section.data.model_dump())
    n_classes = _n_classes(section.data.folder, PATCH_CLASSES)
    n_pairs = n_classes * (n_classes - 1) // 2
    epochs: dict[str, int] = {}
    for name in section.measured_runs():
        kept = {*runs[name].training.checkpoint_epochs, runs[name].length}
        epochs[runs[name].architecture] = epochs.get(runs[name].architecture, 0) + len(kept)
    for architecture, count in epochs.items():
        yield PathWork(
            name=f"{PAPER} cifar10: {architecture}",
            network=section.networks[architecture].network(),
            size=size,
            n_classes=n_classes,
            precision="float32",
            n_networks=count,
            n_paths=n_classes * paths.n_within + n_pairs * paths.n_between,
            n_points=path_points(size, paths.spacing, paths.n_samples),
        )


def _imagenet(section: ImageNet, precision: str) -> Iterator[PathWork]:
    """Measured in float32, or in TF32 where that is the precision of the build."""
    if not section.enabled:
        return
    paths = section.interpolation
    n_classes = _n_classes(section.data.folder, IMAGENET_CLASSES)
    if section.data.source == "photographs":
        n_classes = PATCH_CLASSES
    for name, one in section.named_networks().items():
        network, size = _network_and_size(section, name, one)
        yield PathWork(
            name=f"{PAPER} imagenet: {name}",
            network=network,
            size=size,
            n_classes=n_classes,
            precision="tf32" if precision == "tf32" else "float32",
            n_networks=1,
            n_paths=n_classes * paths.n_within + paths.n_between,
            n_points=path_points(size, paths.spacing, paths.n_samples),
            waits_for="imagenet.data.folder" if section.lacks_folder() else "",
        )


def _network_and_size(
    section: ImageNet, name: str, one: dict[str, Any]
) -> tuple[dict[str, Any], int]:
    """What `build_network` takes, and the side of the images, of one entry of the measurements."""
    if one["kind"] == "trained":
        return section.networks[name].network(), section.data.size
    if one["kind"] == "checkpoint":
        return {"callable": one["callable"], "arguments": one["arguments"]}, one["crop"]
    from spectral_bias.models.pretrained import named_weights

    weights = named_weights(one["weights"])
    callable = f"torchvision.models.{weights.network}"
    return {"callable": callable, "arguments": {}}, weights.crop


def _n_classes(folder: str | None, otherwise: int) -> int:
    """Classes of the test images in a folder, where one is named and there are some."""
    parts = [Path(folder) / part for part in (TEST, OTHER_TEST)] if folder else []
    return max((sum(path.is_dir() for path in p.glob("*")) for p in parts), default=0) or otherwise
