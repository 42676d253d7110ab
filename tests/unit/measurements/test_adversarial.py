"""End points, paths of images and their tables, on a network that knows classes by brightness."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from spectral_bias.artefacts import write_json, write_tensors
from spectral_bias.data.images import ImageSet, write_images
from spectral_bias.errors import UserError
from spectral_bias.experiments.rahaman2018.adversarial import paths as adversarial
from spectral_bias.experiments.rahaman2018.adversarial.measure import (
    PATH_COLUMNS,
    Shown,
    first_mixed_pairs,
    measure,
    most_gained,
)
from spectral_bias.experiments.rahaman2018.adversarial.neb import NebSettings
from spectral_bias.experiments.rahaman2018.adversarial.paths import (
    EndPoints,
    class_paths,
    end_points,
    walks,
)
from spectral_bias.measurements.classifier import FinishedClassifier, as_pixels
from spectral_bias.models.resnet import resnet
from spectral_bias.seeds import derived_seed

CPU = torch.device("cpu")
NEB = {
    **{"pivots": 1, "iterations": 2, "insertions": 1, "samples": 3, "steps": 3},
    **{"learning_rate": 0.01, "momentum": 0.9},
}
SETTINGS = {
    "n_training": 3,
    "n_adversarial": 2,
    "attack": {"candidates": 4, "budget": 60, "steps": 10, "step_size": 0.2},
    "neb": NEB,
    "checked_points": 9,
    "shown_images": 3,
}
LEVELS = np.array([60, 120, 180])
"""Brightness of the three classes."""


class Brightness(nn.Module):
    """Softmax over minus squared distances of the mean brightness to that of each class."""

    def forward(self, x):
        levels = torch.tensor(LEVELS / 255, dtype=x.dtype)
        return -400 * (x.mean(dim=(1, 2, 3))[:, None] - levels) ** 2


@pytest.fixture(scope="module")
def run():
    rng = np.random.default_rng(0)
    labels = np.arange(18) % 3
    pixels = LEVELS[labels][:, None, None, None] + rng.integers(-20, 21, (18, 4, 4, 3))
    images = ImageSet(
        pixels.astype(np.uint8), labels, pixels[:6].astype(np.uint8), labels[:6], ("a", "b", "c")
    )
    record = {"settings": {"seed": 0, "run": "test"}, "run_key": "key"}
    network = Brightness()
    found = FinishedClassifier.ready(network, images, record, CPU)
    object.__setattr__(found, "network", network)  # it takes images in [0, 1] as they are
    return found


def test_end_points_are_called_their_class_and_all_candidates_are_counted(run):
    points, table = end_points(run, 3, 2, SETTINGS["attack"])
    assert len(table) == 3 * (3 + 4)
    called = adversarial.softmax(run.network, points.x).argmax(1)
    assert torch.equal(called, points.classes)
    kept = table[table["kept"] == 1]
    assert len(kept) == len(points.kinds)
    assert kept.groupby(["kind", "class"]).size().max() <= 3
    assert kept[kept["kind"] == "adversarial"].groupby("class").size().max() <= 2
    names = np.array(run.images.class_names)
    attacked = table[table["kind"] == "adversarial"]
    assert (attacked["source_name"] != attacked["class_name"]).all()
    own = table[table["kind"] == "training"]
    assert (names[run.images.train_labels[own["image"]]] == own["class_name"]).all()
    assert ((table["called_name"] == table["class_name"]) == (table["succeeded"] == 1)).all()


def test_adversarial_images_stay_within_the_budget(run):
    points, table = end_points(run, 0, 2, SETTINGS["attack"])
    original = run.placed(run.images.train_images[table[table["kept"] == 1]["image"]])
    assert (points.x - original).abs().max() <= 60 / 255 + 1e-6
    assert points.x.min() >= 0 and points.x.max() <= 1


def test_failed_attacks_are_left_out(run):
    """Six grey levels do not lead from one class to the next."""
    points, table = end_points(run, 1, 2, {**SETTINGS["attack"], "budget": 6})
    assert (table[table["kind"] == "adversarial"]["succeeded"] == 0).all()
    assert points.kinds == ["training"] * 3


def test_pairs_are_all_pairs_within_a_class_adversarial_first():
    points = EndPoints(
        torch.zeros(5, 3, 1, 1),
        torch.tensor([1, 0, 1, 1, 0]),
        ["training", "training", "adversarial", "adversarial", "adversarial"],
    )
    assert points.pairs() == [(4, 1), (2, 3), (2, 0), (3, 0)]


def test_an_end_of_another_class_is_named(run):
    x = run.placed(run.images.train_images[:3])
    with pytest.raises(
        UserError, match=r"the end of path 1 \(1 of 2 are so\) is called 'b' and no"
    ):
        class_paths(
            run, x[[0, 2]], x[[0, 1]], torch.tensor([0, 2]), NebSettings(**NEB, batch_size=8)
        )


def test_walks_do_not_depend_on_chunks_and_follow_straight_lines(run, monkeypatch):
    points, _ = end_points(run, 3, 2, SETTINGS["attack"])
    pairs = points.pairs()
    ((numbers, whole),) = walks(run, points, pairs, 5, None)
    assert list(numbers) == list(range(len(pairs)))
    first, last = (points.x[[pair[side] for pair in pairs]] for side in (0, 1))
    torch.testing.assert_close(whole.x[:, 1], 0.75 * first + 0.25 * last)
    np.testing.assert_allclose(whole.relative_length, 1)
    monkeypatch.setattr(adversarial, "CHUNK_BYTES", 1)
    parts = [walk for _, walk in walks(run, points, pairs, 5, None)]
    assert len(parts) == len(pairs)
    np.testing.assert_allclose(np.concatenate([w.softmax for w in parts]), whole.softmax, atol=1e-6)
    assert not list(walks(run, points, [], 5, None))


def test_tables_of_the_whole_measurement(run):
    done = []
    tables, pixels = measure(run, SETTINGS, lambda *counts: done.append(counts))
    assert set(tables) == {"classifier", "attacks", "paths", "images"}
    metrics = tables["classifier"].set_index("metric")["value"]
    assert metrics["test_accuracy"] == 1
    paths = tables["paths"]
    assert list(paths.columns) == PATH_COLUMNS
    assert done[-1][0] == done[-1][1] == (paths["path"] == "bent").sum()
    assert (paths.groupby("path")["pair"].nunique() == done[-1][1]).all()
    assert (paths[paths["path"] == "straight"]["relative_length"] - 1).abs().max() < 1e-6
    assert (paths["relative_length"] > 1 - 1e-6).all()
    # Brightness is linear along a line, and classes are intervals of it: every line keeps them.
    assert (paths["keeps_class"] == 1).all()
    images = tables["images"]
    assert set(images["figure"]) == {"fig20", "fig21"}
    numbers = images["image"].dropna().astype(int)
    assert sorted(numbers) == list(range(len(pixels)))
    assert pixels.dtype == np.uint8 and pixels.shape[1:] == (4, 4, 3)
    rows = images[images["figure"] == "fig21"].groupby("row")
    assert (rows.size() == 9).all() and (rows["image"].count() == 3).all()


def test_without_any_success_there_are_empty_tables_and_no_images(run):
    settings = {**SETTINGS, "n_training": 1, "attack": {**SETTINGS["attack"], "budget": 1}}
    tables, pixels = measure(run, settings)
    assert len(tables["paths"]) == len(tables["images"]) == len(pixels) == 0
    assert list(tables["images"].columns) == list(Shown.COLUMNS)
    assert list(tables["paths"].columns) == PATH_COLUMNS


def test_shown_pairs_follow_their_rules():
    kinds = ["adversarial-adversarial", *["adversarial-training"] * 2] * 2
    assert first_mixed_pairs(kinds, [0, 0, 0, 1, 1, 1]) == [1, 4]
    assert first_mixed_pairs(["training-training"] * 3, [0, 1, 2]) == []
    straight = pd.DataFrame({"path": "straight", "pair": range(6), "kind": kinds})
    paths = pd.concat(
        [
            straight.assign(lowest_softmax=[0.7, 0.0, 0.0, 0.4, 0.0, 0.0]),
            straight.assign(path="bent", lowest_softmax=[0.8, 1.0, 1.0, 0.6, 1.0, 1.0]),
        ]
    )
    assert most_gained(paths) == 3
    assert most_gained(paths.assign(kind="training-training")) is None


def test_finished_classifier_is_read_and_takes_pixels(tmp_path):
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (4, 8, 8, 3)).astype(np.uint8)
    images = ImageSet(pixels, np.array([0, 1, 0, 1]), pixels[:2], np.array([0, 1]), ("a", "b"))
    named = {"callable": "resnet", "arguments": {"depth": 8, "width": 4}}
    settings = {"seed": 0, "run": "r", "network": named}
    network = resnet(8, 4, 2, seed=derived_seed(0, "other"))
    write_tensors(tmp_path / "model.safetensors", network.state_dict(), {})
    write_json(tmp_path / "run.json", {"settings": settings, "run_key": "k"})
    write_images(tmp_path / "images.npz", images, "test")
    files = (tmp_path / "model.safetensors", tmp_path / "run.json", tmp_path / "images.npz")
    run = FinishedClassifier.of(*files, CPU)
    x = run.placed(pixels)
    np.testing.assert_array_equal(as_pixels(x), pixels)
    mean, std = (
        torch.tensor(v, dtype=torch.float32).reshape(3, 1, 1) for v in (images.mean, images.std)
    )
    torch.testing.assert_close(run.network(x), network.eval()((x - mean) / std))
    assert not any(parameter.requires_grad for parameter in run.network.parameters())
    assert run.run_key == "k"
