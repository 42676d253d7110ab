"""A finished image classifier, ready to be measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from spectral_bias.artefacts import read_arrays, read_tensors
from spectral_bias.data.images import WHITE, ImageSet, read_images
from spectral_bias.training.classifier.finished import finished_network
from spectral_bias.training.classifier.normalisation import Normalisation

State = Mapping[str, Tensor]


class OnPixels(nn.Module):
    """A network that takes images with values in [0, 1] and normalises them itself.

    Args:
        network: takes normalised images (B, 3, H, W).
        images: whose training images it was trained on.
    """

    def __init__(self, network: nn.Module, images: ImageSet) -> None:
        super().__init__()
        self.network = network
        for name, values in (("mean", images.mean), ("std", images.std)):
            channels = torch.as_tensor(values, dtype=torch.float32).reshape(3, 1, 1)
            self.register_buffer(name, channels, persistent=False)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Logits (B, classes)."""
        return self.network((x_BCHW - self.mean) / self.std)


@dataclass(frozen=True)
class LabelledImages:
    """Images as a network takes them, on its device.

    Attributes:
        x: (M, C, H, W) normalised.
        labels: (M,) on the CPU, 0 to K - 1.
        class_names: K names.
    """

    x: Tensor
    labels: np.ndarray
    class_names: Sequence[str]


@dataclass(frozen=True)
class FinishedClassifier:
    """A trained network on one device, with its images and its record.

    Attributes:
        network: takes normalised images; in evaluation mode, its parameters ask for no gradient.
        images: training and test set.
        record: content of run.json.
        device: where the network is.
        folder: of the run's files.
    """

    network: nn.Module
    images: ImageSet
    record: dict
    device: torch.device
    folder: Path

    @classmethod
    def of(
        cls, folder: str | Path, images: str | Path, device: torch.device
    ) -> "FinishedClassifier":
        """From the folder of the run, and the file of its images."""
        loaded, _ = read_images(images)
        network, record = finished_network(Path(folder), loaded.n_classes, device)
        return cls(network, loaded, record, device, Path(folder))

    @property
    def name(self) -> str:
        """Of the run."""
        return self.record["run"]

    @cached_property
    def on_pixels(self) -> nn.Module:
        """The network as one that takes images with values in [0, 1]."""
        whole = OnPixels(self.network, self.images).to(self.device)
        return whole.eval().requires_grad_(False)

    def placed(self, pixels: np.ndarray) -> Tensor:
        """(B, 3, H, W) in [0, 1] on the network's device, from pixels (B, H, W, 3) up to 255."""
        x = torch.tensor(pixels, dtype=torch.float32, device=self.device) / WHITE
        return x.permute(0, 3, 1, 2)

    def normalised(self, pixels: np.ndarray, labels: np.ndarray) -> LabelledImages:
        """Images as the network takes them, from pixels (B, H, W, 3) up to 255."""
        normalise = Normalisation.of(self.images.mean, self.images.std, self.device)
        x = torch.as_tensor(pixels, device=self.device).permute(0, 3, 1, 2)
        return LabelledImages(normalise(x), labels, self.images.class_names)

    @cached_property
    def test(self) -> LabelledImages:
        """Its test images."""
        return self.normalised(self.images.test_images, self.images.test_labels)

    @cached_property
    def last_epoch(self) -> int:
        """After which training ended."""
        history, _ = read_arrays(self.folder / "history.npz")
        return int(history["epoch"][-1])

    def states(self) -> dict[int, State]:
        """Parameters and buffers by epoch: those that were kept, and the last ones."""
        states: dict[int, dict[str, Tensor]] = {}
        for name, tensor in read_tensors(self.folder / "epochs.safetensors").items():
            epoch, _, inner = name.partition("/")
            states.setdefault(int(epoch), {})[inner] = tensor
        last = read_tensors(self.folder / "model.safetensors")
        return dict(sorted({**states, self.last_epoch: last}.items()))


def as_pixels(x_BCHW: Tensor) -> np.ndarray:
    """(B, H, W, 3) uint8, as images are drawn, from images in [0, 1]."""
    rounded = (x_BCHW * WHITE).round().clamp(0, WHITE).permute(0, 2, 3, 1)
    return rounded.to(device="cpu", dtype=torch.uint8).numpy()
