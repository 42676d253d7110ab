"""Experiment 9, adversarial paths: settings, attacks, end points, paths of images, tables."""

import numpy as np
import pandas as pd
import pytest
import torch
from rahaman_helpers import assert_refused, runs, section
from torch import nn

from spectral_bias.artefacts import write_json, write_tensors
from spectral_bias.data.images import ImageSet, write_images
from spectral_bias.errors import UserError
from spectral_bias.experiments.rahaman2018.adversarial import paths
from spectral_bias.experiments.rahaman2018.adversarial.attack import targeted_pgd
from spectral_bias.experiments.rahaman2018.adversarial.measure import (
    PATH_COLUMNS,
    Shown,
    first_mixed_pairs,
    joined,
    most_gained,
    walk_tables,
)
from spectral_bias.experiments.rahaman2018.adversarial.neb import NebSettings
from spectral_bias.measurements.classifier import FinishedClassifier, as_pixels
from spectral_bias.models.resnet import resnet

CPU = torch.device("cpu")


# Settings
def test_paper_scale_has_the_values_of_the_paper():
    paper, quick = (section("adversarial", scale) for scale in ("paper", "quick"))
    assert paper.network.model_dump() == {"depth": 20, "width": 16}
    assert (paper.data.source, paper.n_training, paper.n_adversarial) == ("cifar10", 50, 50)
    assert (paper.neb.iterations, paper.neb.steps) == (4, 10)
    assert (paper.neb.learning_rate, paper.neb.momentum) == (1e-3, 0.9)
    # The quick scale finds paths as the paper does and needs no download.
    assert (quick.neb, quick.attack.budget) == (paper.neb, paper.attack.budget)
    assert quick.data.source == "patches"


def test_only_settings_of_training_retrain_the_classifier():
    before = runs("quick")
    measured = {"n_training": 5, "attack": {"budget": 16.0}, "neb": {"steps": 20}}
    assert runs("quick", adversarial=measured) == before
    changed = runs("quick", adversarial={"epochs": 3})
    names = ["adversarial_classifier", *(f"adversarial_classifier.seed{n}" for n in (1, 2))]
    assert [name for name in before if changed[name] != before[name]] == names
    assert [before[name].run for name in names] == names


def test_classifiers_differ_in_their_seed_alone():
    named = runs("quick", adversarial={"n_runs": 2})
    one, two = (named[f"adversarial_classifier{seed}"].settings() for seed in ("", ".seed1"))
    assert {name for name in one if one[name] != two[name]} == {"run", "replicate"}
    assert "adversarial_classifier.seed2" not in named


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"network": {"depth": 9}}, "network.depth: 9 is not 6n + 2"),
        ({"data": {"n_train": 2005}}, "data.n_train: 2005 images cannot be shared out evenly to"),
        ({"data": {"n_test": None}}, "data.n_test: how many patches? Write a multiple of 10"),
        ({"data": {"source": "imagefolder"}}, "data.folder: source imagefolder needs a folder"),
        ({"data": {"folder": "x"}}, "data.folder: source patches takes no folder"),
        ({"data": {"source": "cifar"}}, "data.source: Input should be 'patches', 'cifar10' or"),
        ({"attack": {"candidates": 3}}, "attack.candidates: 3 attacks cannot give n_adversarial"),
        ({"attack": {"steps": 5}}, "attack.steps: 5 steps of 0.1 of the budget do not reach it"),
        ({"neb": {"pivots": 0, "insertions": 0}}, "neb.pivots: a path without pivots cannot bend"),
        ({"checked_points": 13}, "checked_points: 13 points are not finer than the up to 13"),
        ({"shown_images": 50}, "shown_images: 50 of 41 checked points"),
        ({"schedule": "linear"}, "schedule: Input should be 'step' or 'cosine'"),
        ({"momentum": 1.0}, "momentum: Input should be less than 1"),
    ],
)
def test_bad_setting_is_one_line_with_its_key(values, said):
    assert_refused("adversarial", values, said, "quick")


# Attacks
OPTIONS = {"budget": 0.1, "steps": 20, "step_size": 0.25}


@pytest.fixture
def linear():
    """Two classes; class 1 wants the first value high and the second low."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(3, 2, bias=False)).requires_grad_(False)
    network[1].weight.copy_(torch.tensor([[0.0, 0, 0], [2.0, -1.0, 0.0]]))
    return network


def test_linear_network_is_attacked_at_the_corner_of_the_budget(linear):
    x = torch.full((2, 3, 1, 1), 0.5)
    found = targeted_pgd(linear, x, torch.tensor([1, 0]), **OPTIONS).squeeze()
    torch.testing.assert_close(found, torch.tensor([[0.6, 0.4, 0.5], [0.4, 0.6, 0.5]]))


def test_values_stay_within_black_and_white_and_the_original_is_kept(linear):
    x = torch.tensor([0.95, 0.02, 0.5]).reshape(1, 3, 1, 1)
    before = x.clone()
    found = targeted_pgd(linear, x, torch.tensor([1]), **OPTIONS).squeeze()
    torch.testing.assert_close(found, torch.tensor([1.0, 0.0, 0.5]))
    assert torch.equal(x, before)


def test_an_attack_beyond_the_budget_fails_and_says_nothing(linear):
    x = torch.tensor([0.0, 1.0, 0.5]).reshape(1, 3, 1, 1)
    found = targeted_pgd(linear, x, torch.tensor([1]), **OPTIONS)
    assert linear(found).argmax(1).tolist() == [0]
    assert (found - x).abs().max() <= 0.1 + 1e-6


def test_each_image_is_attacked_as_if_alone():
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 8), nn.Tanh(), nn.Linear(8, 3))
    x, targets = torch.rand(5, 3, 2, 2), torch.tensor([0, 1, 2, 0, 1])
    together = targeted_pgd(network, x, targets, **OPTIONS)
    for i in range(5):
        alone = targeted_pgd(network, x[i : i + 1], targets[i : i + 1], **OPTIONS)
        torch.testing.assert_close(together[i : i + 1], alone)


# End points and paths, on a network that knows classes by brightness
SETTINGS = {
    **{"n_training": 3, "n_adversarial": 2, "checked_points": 9, "shown_images": 3},
    "attack": {"candidates": 4, "budget": 60, "steps": 10, "step_size": 0.2},
    "neb": {
        **{"pivots": 1, "iterations": 2, "insertions": 1, "samples": 3, "steps": 3},
        **{"learning_rate": 0.01, "momentum": 0.9},
    },
}
LEVELS = np.array([60, 120, 180])
"""Brightness of the three classes."""


class Brightness(nn.Module):
    """Logits: minus squared distances of the mean brightness to that of each class."""

    def forward(self, x):
        levels = torch.tensor(LEVELS / 255, dtype=x.dtype)
        return -400 * (x.mean(dim=(1, 2, 3))[:, None] - levels) ** 2


@pytest.fixture(scope="module")
def run():
    labels = np.arange(18) % 3
    noise = np.random.default_rng(0).integers(-20, 21, (18, 4, 4, 3))
    pixels = (LEVELS[labels][:, None, None, None] + noise).astype(np.uint8)
    images = ImageSet(pixels, labels, pixels[:6], labels[:6], ("a", "b", "c"))
    record = {"settings": {"seed": 0, "run": "test"}}
    found = FinishedClassifier(None, images, record, CPU, None)
    found.__dict__["on_pixels"] = Brightness()
    return found


def with_budget(budget):
    return SETTINGS["attack"] | {"budget": budget}


def test_end_points_are_classified_as_their_class_and_all_candidates_are_counted(run):
    points, table = paths.end_points(run, 3, 2, SETTINGS["attack"])
    assert len(table) == 3 * (3 + 4)
    called = paths.softmax(run.on_pixels, points.x).argmax(1)
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
    points, table = paths.end_points(run, 0, 2, SETTINGS["attack"])
    original = run.placed(run.images.train_images[table[table["kept"] == 1]["image"]])
    assert (points.x - original).abs().max() <= 60 / 255 + 1e-6
    assert points.x.min() >= 0 and points.x.max() <= 1


def test_failed_attacks_are_left_out(run):
    """Six grey levels do not lead from one class to the next."""
    points, table = paths.end_points(run, 1, 2, with_budget(6))
    assert (table[table["kind"] == "adversarial"]["succeeded"] == 0).all()
    assert points.kinds == ["training"] * 3


def test_pairs_are_all_pairs_within_a_class_adversarial_first():
    kinds = ["training"] * 2 + ["adversarial"] * 3
    points = paths.EndPoints(torch.zeros(5, 3, 1, 1), torch.tensor([1, 0, 1, 1, 0]), kinds)
    assert points.pairs() == [(4, 1), (2, 3), (2, 0), (3, 0)]


def test_an_end_of_another_class_is_named(run):
    x, neb = run.placed(run.images.train_images[:3]), NebSettings(**SETTINGS["neb"], batch_size=8)
    said = r"the end of path 1 \(1 of 2 are so\) is called 'b' and no"
    with pytest.raises(UserError, match=said):
        paths.class_paths(run, x[[0, 2]], x[[0, 1]], torch.tensor([0, 2]), neb)


def test_walks_do_not_depend_on_chunks_and_follow_straight_lines(run, monkeypatch):
    points, _ = paths.end_points(run, 3, 2, SETTINGS["attack"])
    pairs = points.pairs()
    ((numbers, whole),) = paths.walks(run, points, pairs, 5, None)
    assert list(numbers) == list(range(len(pairs)))
    first, last = (points.x[[pair[side] for pair in pairs]] for side in (0, 1))
    torch.testing.assert_close(whole.x[:, 1], 0.75 * first + 0.25 * last)
    np.testing.assert_allclose(whole.relative_length, 1)
    monkeypatch.setattr(paths, "CHUNK_BYTES", 1)
    parts = [walk for _, walk in paths.walks(run, points, pairs, 5, None)]
    assert len(parts) == len(pairs)
    np.testing.assert_allclose(np.concatenate([w.softmax for w in parts]), whole.softmax, atol=1e-6)
    assert not list(paths.walks(run, points, [], 5, None))


# Tables
def test_tables_of_the_whole_measurement(run):
    done = []
    tables, pixels = walk_tables(run, SETTINGS, lambda *counts: done.append(counts))
    assert set(tables) == {"classifier", "attacks", "paths", "images"}
    assert tables["classifier"].set_index("metric")["value"]["test_accuracy"] == 1
    walked = tables["paths"]
    assert list(walked.columns) == PATH_COLUMNS
    assert done[-1][0] == done[-1][1] == (walked["path"] == "bent").sum()
    assert (walked.groupby("path")["pair"].nunique() == done[-1][1]).all()
    assert (walked[walked["path"] == "straight"]["relative_length"] - 1).abs().max() < 1e-6
    assert (walked["relative_length"] > 1 - 1e-6).all()
    # Brightness is linear along a line, and classes are intervals of it: every line keeps them.
    assert (walked["keeps_class"] == 1).all()
    images = tables["images"]
    assert set(images["figure"]) == {"fig20", "fig21"}
    assert sorted(images["image"].dropna().astype(int)) == list(range(len(pixels)))
    assert pixels.dtype == np.uint8 and pixels.shape[1:] == (4, 4, 3)
    rows = images[images["figure"] == "fig21"].groupby("row")
    assert (rows.size() == 9).all() and (rows["image"].count() == 3).all()


def test_without_any_success_there_are_empty_tables_and_no_images(run):
    settings = SETTINGS | {"n_training": 1, "attack": with_budget(1)}
    tables, pixels = walk_tables(run, settings)
    assert len(tables["paths"]) == len(tables["images"]) == len(pixels) == 0
    assert list(tables["images"].columns) == list(Shown.COLUMNS)
    assert list(tables["paths"].columns) == PATH_COLUMNS


def test_tables_of_several_networks_name_the_network_and_show_the_first(run):
    one, _ = walk_tables(run, SETTINGS)
    none, _ = walk_tables(run, SETTINGS | {"n_training": 1, "attack": with_budget(1)})
    both = joined([one, none])
    assert both["images"] is one["images"]
    assert both["classifier"].groupby("member").size().tolist() == [3, 3]
    assert both["attacks"]["member"].unique().tolist() == [0, 1]
    assert set(both["paths"]["member"]) == {0}
    pd.testing.assert_frame_equal(both["paths"][PATH_COLUMNS], one["paths"].reset_index(drop=True))
    assert list(joined([none])["paths"].columns) == [*PATH_COLUMNS, "member"]


def test_shown_pairs_follow_their_rules():
    kinds = ["adversarial-adversarial", *["adversarial-training"] * 2] * 2
    assert first_mixed_pairs(kinds, [0, 0, 0, 1, 1, 1]) == [1, 4]
    assert first_mixed_pairs(["training-training"] * 3, [0, 1, 2]) == []
    lowest = {"straight": [0.7, 0.0, 0.0, 0.4, 0.0, 0.0], "bent": [0.8, 1.0, 1.0, 0.6, 1.0, 1.0]}
    walked = pd.concat(
        pd.DataFrame({"path": path, "pair": range(6), "kind": kinds, "lowest_softmax": values})
        for path, values in lowest.items()
    )
    assert most_gained(walked) == 3
    assert most_gained(walked.assign(kind="training-training")) is None


def test_finished_classifier_is_read_and_takes_pixels(tmp_path):
    pixels = np.random.default_rng(1).integers(0, 256, (4, 8, 8, 3)).astype(np.uint8)
    images = ImageSet(pixels, np.array([0, 1, 0, 1]), pixels[:2], np.array([0, 1]), ("a", "b"))
    settings = runs("tiny")["adversarial_classifier"].settings()
    record = {"settings": settings, "run": settings["run"], "n_classes": 2}
    network = resnet(8, 4, 2, seed=5).eval()
    write_tensors(tmp_path / "model.safetensors", network.state_dict(), {})
    write_json(tmp_path / "run.json", record)
    write_images(tmp_path / "images.npz", images, "test")
    found = FinishedClassifier.of(tmp_path, tmp_path / "images.npz", CPU)
    x = found.placed(pixels)
    np.testing.assert_array_equal(as_pixels(x), pixels)
    mean, std = (
        torch.tensor(v, dtype=torch.float32).reshape(3, 1, 1) for v in (images.mean, images.std)
    )
    torch.testing.assert_close(found.on_pixels(x), network((x - mean) / std))
    assert not any(parameter.requires_grad for parameter in found.on_pixels.parameters())
    assert (found.name, found.record) == ("adversarial_classifier", record)
