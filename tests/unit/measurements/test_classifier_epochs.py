"""Interpolation tables of a finished classifier over the epochs that were kept."""

from functools import partial

import numpy as np
import pytest
import torch

from spectral_bias.data.images import ImageSet, write_images
from spectral_bias.data.shift import ShiftedImages, write_shifted
from spectral_bias.experiments.fridovichkeil2021.interpolation.measure import (
    MeasuredClassifier,
    over_epochs,
)
from spectral_bias.experiments.fridovichkeil2021.interpolation.tables import Interpolation
from spectral_bias.runtime.record import JobContext
from spectral_bias.spectra.paths import Sampling
from spectral_bias.training.classifier.job import train_classifier_run
from spectral_bias.training.classifier.sources import loaded_images

CPU = torch.device("cpu")
RUN = {
    "paper": "fridovichkeil2021",
    "run": "small",
    "seed": 0,
    "precision": "float32",
    "network": {"callable": "wide_resnet", "arguments": {"depth": 10, "width": 2, "stem": 2}},
    "data": {"source": "patches"},
    "n_train": None,
    "epochs": 3,
    "batch_size": 4,
    "learning_rate": 0.05,
    "schedule": "cosine",
    "momentum": 0.9,
    "weight_decay": 0.0,
    "augmentation": {"name": "none"},
    "checkpoint_epochs": [0, 2],
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    rng = np.random.default_rng(0)
    labels = np.arange(16) % 2
    pixels = (rng.integers(0, 120, (16, 8, 8, 3)) + 120 * labels[:, None, None, None]).astype("u1")
    images = ImageSet(pixels, labels, pixels, labels, ("dark", "light"))
    write_images(folder / "images.npz", images, "test")
    dark = ShiftedImages(np.zeros((4, 8, 8, 3), "u1"), np.array([0, 0, 0, 1]), images.class_names)
    write_shifted(folder / "shifted.npz", dark, "zoom")
    train_classifier_run(
        RUN,
        partial(loaded_images, RUN, folder / "images.npz"),
        folder,
        JobContext("tiny", "c", threads=torch.get_num_threads()),
    )
    return {
        "model": folder / "model.safetensors",
        "epochs": folder / "epochs.safetensors",
        "record": folder / "run.json",
        "images": folder / "images.npz",
        "shifted": folder / "shifted.npz",
    }


def test_every_kept_epoch_and_the_last_one_are_measured_with_their_own_parameters(files):
    run = MeasuredClassifier.of(**files, device=CPU)
    states = run.states()
    assert list(states) == [0, 2, 3] and run.last_epoch == 3
    settings = Interpolation(2, Sampling(None, 8, 5), 0.1, seed=0, batch_size=16)
    done = []
    tables = over_epochs(run, states, settings, done.append)
    assert done == [1, 2, 3]
    summary = tables["interpolation_summary"].set_index("epoch")
    assert list(summary.index) == [0, 2, 3] and set(summary["run"]) == {"small"}
    for epoch, state in states.items():
        run.load(state)
        with torch.no_grad():
            right = run.network(run.test.x).argmax(1).numpy() == run.test.labels
            dark = run.network(run.shifted.x).argmax(1).numpy() == run.shifted.labels
        assert summary.loc[epoch, "test_accuracy"] == pytest.approx(right.mean())
        assert summary.loc[epoch, "shifted_accuracy"] == pytest.approx(dark.mean())
    assert not torch.equal(states[0]["head.weight"], states[3]["head.weight"])
    spectra = tables["interpolation_spectra"]
    assert len(spectra) == 3 * 2 * 5 and set(spectra["kind"]) == {"within", "between"}


def test_without_kept_epochs_only_the_last_is_measured(files):
    without = {name: files[name] for name in ("model", "record", "images")}
    run = MeasuredClassifier.of(**without, device=CPU)
    assert list(run.states()) == [3] and run.shifted is None
    assert not run.network.training
    assert run.test.x.mean().abs() < 1e-5  # normalised by the training images, here the same
