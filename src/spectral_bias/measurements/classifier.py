"""Reads the files of a finished image classifier."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from spectral_bias.artefacts import read_json, read_tensors
from spectral_bias.data.images import WHITE, ImageSet, read_images
from spectral_bias.training.classifier_job import classifier_network


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
class FinishedClassifier:
    """A trained network on one device, ready to be measured, with its images and its record.

    Attributes:
        network: takes images in [0, 1]; in evaluation mode, its parameters ask for no gradient.
        images: training and test set.
        record: content of run.json.
        device: where the network is.
    """

    network: nn.Module
    images: ImageSet
    record: dict
    device: torch.device

    @classmethod
    def of(
        cls, model: str | Path, record: str | Path, images: str | Path, device: torch.device
    ) -> "FinishedClassifier":
        """From the run's model.safetensors and run.json, and the file of its images."""
        facts, (loaded, _) = read_json(record), read_images(images)
        network = classifier_network(facts["settings"], loaded.n_classes)
        network.load_state_dict(read_tensors(model))
        return cls.ready(network, loaded, facts, device)

    @classmethod
    def ready(
        cls, network: nn.Module, images: ImageSet, record: dict, device: torch.device
    ) -> "FinishedClassifier":
        """From a trained network that takes normalised images."""
        whole = OnPixels(network, images).to(device=device, memory_format=torch.channels_last)
        return cls(whole.eval().requires_grad_(False), images, record, device)

    @property
    def run_key(self) -> str:
        """Names the run in every file made from it, and in MLflow."""
        return self.record["run_key"]

    def placed(self, pixels: np.ndarray) -> Tensor:
        """(B, 3, H, W) in [0, 1] on the network's device, from pixels (B, H, W, 3) up to 255."""
        x = torch.tensor(pixels, dtype=torch.float32, device=self.device) / WHITE
        return x.permute(0, 3, 1, 2)


def as_pixels(x_BCHW: Tensor) -> np.ndarray:
    """(B, H, W, 3) uint8, as images are drawn, from images in [0, 1]."""
    rounded = (x_BCHW * WHITE).round().clamp(0, WHITE).permute(0, 2, 3, 1)
    return rounded.to(device="cpu", dtype=torch.uint8).numpy()
