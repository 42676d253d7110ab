"""A finished classifier with its test images, and its interpolation spectra over epochs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from spectral_bias.artefacts import read_arrays, read_json, read_tensors
from spectral_bias.data.images import read_images
from spectral_bias.data.shift import read_shifted
from spectral_bias.measurements.interpolation_tables import Interpolation, LabelledImages, measured
from spectral_bias.training.classifier_job import classifier_network
from spectral_bias.training.normalisation import Normalisation

State = Mapping[str, Tensor]
BATCH = {"cpu": 500, "cuda": 4096}
"""Points of paths that a network sees at one time."""


@dataclass(frozen=True)
class MeasuredClassifier:
    """A trained network on one device, with the images that it is measured on.

    Attributes:
        network: takes normalised images; in evaluation mode.
        test: test images.
        pixels: (M, H, W, 3) uint8, the same before they were normalised.
        shifted: test images of another distribution; None if there are none.
        record: content of run.json.
        last_epoch: after which training ended.
        files: model.safetensors and, for parameters of other epochs, epochs.safetensors.
    """

    network: nn.Module
    test: LabelledImages
    pixels: np.ndarray
    shifted: LabelledImages | None
    record: dict
    last_epoch: int
    files: dict[str, Path]

    @classmethod
    def of(
        cls,
        model: str | Path,
        record: str | Path,
        images: str | Path,
        device: torch.device,
        epochs: str | Path | None = None,
        shifted: str | Path | None = None,
    ) -> "MeasuredClassifier":
        """From the files of a run, and those of its images."""
        facts, (loaded, _) = read_json(record), read_images(images)
        history, _ = read_arrays(Path(record).with_name("history.npz"))
        normalise = Normalisation.of(loaded.mean, loaded.std, device)

        def placed(pixels: np.ndarray, labels: np.ndarray) -> LabelledImages:
            x = torch.as_tensor(pixels, device=device).permute(0, 3, 1, 2)
            return LabelledImages(normalise(x), labels, loaded.class_names)

        other = shifted and read_shifted(shifted)[0]
        network = classifier_network(facts["settings"], loaded.n_classes)
        network.to(device=device, memory_format=torch.channels_last)
        files = {"model": Path(model)} | ({"epochs": Path(epochs)} if epochs else {})
        return cls(
            network.eval().requires_grad_(False),
            placed(loaded.test_images, loaded.test_labels),
            loaded.test_images,
            placed(other.images, other.labels) if other else None,
            facts,
            int(history["epoch"][-1]),
            files,
        )

    @property
    def batch_size(self) -> int:
        """Points of paths that the network sees at one time."""
        return BATCH[self.test.x.device.type]

    @property
    def name(self) -> str:
        """Of the run."""
        return self.record["run"]

    @property
    def run_key(self) -> str:
        """Names the run in every file made from it, and in MLflow."""
        return self.record["run_key"]

    def last_state(self) -> State:
        """Parameters and buffers at the end of training."""
        return read_tensors(self.files["model"])

    def states(self) -> dict[int, State]:
        """Parameters and buffers by epoch: those that were kept, and the last ones."""
        states = {}
        for name, tensor in self._kept.items():
            epoch, _, inner = name.partition("/")
            states.setdefault(int(epoch), {})[inner] = tensor
        return dict(sorted({**states, self.last_epoch: self.last_state()}.items()))

    @cached_property
    def _kept(self) -> State:
        return read_tensors(self.files["epochs"]) if "epochs" in self.files else {}

    def load(self, state: State) -> None:
        """Gives the network these parameters."""
        self.network.load_state_dict(state)


def over_epochs(
    run: MeasuredClassifier,
    states: Mapping[int, State],
    settings: Interpolation,
    on_epoch: Callable[[int], None] = lambda done: None,
) -> dict[str, pd.DataFrame]:
    """The tables of `interpolation_tables.measured` for all `states`, joined by name."""
    parts: dict[str, list[pd.DataFrame]] = {}
    for done, (epoch, state) in enumerate(states.items(), start=1):
        run.load(state)
        found = measured(
            run.network, run.test, settings, run=run.name, epoch=epoch, shifted=run.shifted
        )
        for name, table in found.tables.items():
            parts.setdefault(name, []).append(table)
        on_epoch(done)
    return {name: pd.concat(tables, ignore_index=True) for name, tables in parts.items()}
