"""Measurement of networks on a folder of images: pairs, diversity, tables."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch import nn

from spectral_bias.artefacts import write_json, write_tensors
from spectral_bias.data.image_files import Listing, View, opened
from spectral_bias.errors import UserError
from spectral_bias.experiments.fridovichkeil2021.imagenet.diversity import (
    compressed_bytes,
    mean_image,
    mean_pairwise_distance,
)
from spectral_bias.experiments.fridovichkeil2021.imagenet.measure import measure
from spectral_bias.experiments.fridovichkeil2021.imagenet.models import (
    MeasuredNetwork,
    measured_network,
)
from spectral_bias.experiments.fridovichkeil2021.imagenet.pairs import between_pairs, plan
from spectral_bias.experiments.fridovichkeil2021.imagenet.tables import (
    COLUMNS,
    extreme_classes,
    sample_images,
    together,
)
from spectral_bias.measurements.interpolation import path_spectra
from spectral_bias.models.features import features
from spectral_bias.models.named import build_network
from spectral_bias.spectra.paths import Sampling
from spectral_bias.training.classifier.normalisation import Normalisation

CPU = torch.device("cpu")
NAMES = ("ant", "bee", "cat")
SAMPLING = Sampling(None, 6, 4)


@pytest.fixture
def listing(tmp_path):
    """Three classes of six images of 8 x 8 pixels; images of "ant" differ least."""
    rng = np.random.default_rng(0)
    for scale, name in zip((5, 60, 120), NAMES, strict=True):
        place = tmp_path / "val" / name
        place.mkdir(parents=True)
        for number in range(6):
            pixels = 128 + scale * rng.uniform(-1, 1, (8, 8, 3))
            Image.fromarray(pixels.astype(np.uint8)).save(place / f"{number}.png")
    return Listing.of(tmp_path, "val")


@pytest.fixture
def model():
    network = build_network("wide_resnet", {"depth": 10, "width": 2, "stem": 2}, 3, seed=0)
    return MeasuredNetwork(
        "w2", "trained", network.eval().requires_grad_(False), View(8, 8), CPU, None, "abc"
    )


def test_distances_are_means_over_all_pairs():
    x = torch.randn(5, 3, 4, 4)
    slow = np.mean([(a - b).norm() for a, b in combinations(x, 2)])
    assert mean_pairwise_distance(x) == pytest.approx(slow, rel=1e-6)
    assert mean_pairwise_distance(torch.tensor([[0.0, 0.0], [3.0, 4.0]])) == 5.0
    # Nearly equal rows far from 0: products would lose this.
    near = torch.tensor([[1e4], [1e4 + 0.25]])
    assert mean_pairwise_distance(near) == 0.25
    with pytest.raises(ValueError, match="two rows, got 1"):
        mean_pairwise_distance(x[:1])


def test_the_mean_of_images_with_little_in_common_compresses_well():
    rng = np.random.default_rng(1)
    one = torch.tensor(rng.integers(0, 256, (1, 3, 16, 16)).astype(np.uint8))
    many = torch.tensor(rng.integers(0, 256, (2000, 3, 16, 16)).astype(np.uint8))
    assert (mean_image(one) == one[0].permute(1, 2, 0).numpy()).all()
    pair = torch.tensor([[0], [255]], dtype=torch.uint8).reshape(2, 1, 1, 1).expand(2, 3, 2, 2)
    assert (mean_image(pair) == 128).all()  # 127.5
    sizes = [compressed_bytes(mean_image(x)) for x in (one, many)]
    assert sizes[0] > 768 > sizes[1]  # random pixels do not compress


def test_the_plan_takes_distinct_images_and_adds_to_a_smaller_one(listing):
    small, large = (plan(listing, count, 2, 5, seed=0) for count in (4, 6))
    for label, (few, many) in enumerate(zip(small.of_class, large.of_class, strict=True)):
        assert len(set(few)) == 4 and (many[:4] == few).all()
        assert set(listing.labels[many]) == {label}
    assert (small.between == large.between).all()
    other = plan(listing, 4, 2, 5, seed=1)
    assert any((a != b).any() for a, b in zip(small.of_class, other.of_class, strict=True))


def test_pairs_of_two_classes_are_distinct_and_use_images_evenly():
    labels = np.repeat([0, 1, 2], [10, 6, 4])
    pairs = between_pairs(labels, 60, seed=3)
    assert len({tuple(sorted(pair)) for pair in pairs.tolist()}) == 60
    assert (labels[pairs[:, 0]] != labels[pairs[:, 1]]).all()
    assert (pairs[:30] == between_pairs(labels, 30, seed=3)).all()
    uses = np.bincount(between_pairs(labels, 7, seed=3).ravel(), minlength=20)
    assert uses.max() <= 2
    everything = between_pairs(labels, 10 * 6 + 10 * 4 + 6 * 4, seed=0)
    assert len({tuple(pair) for pair in everything.tolist()}) == 124
    with pytest.raises(UserError, match=r"n_between: 125 pairs .* where there are 124"):
        between_pairs(labels, 125, seed=0)


def test_a_class_with_fewer_images_than_asked_for_is_named(listing):
    with pytest.raises(UserError, match=r"class 'ant' has 6 images, but .*class_images asks for 7"):
        plan(listing, 7, 2, 5, seed=0)


def test_the_tables_are_those_of_a_slow_measurement(listing, model):
    chosen = plan(listing, 4, 2, 5, seed=0)
    shares = []
    tables = measure(
        *(model, listing, chosen, SAMPLING, {"bee": 0.5}),
        high=0.1,
        workers=0,
        on_share=shares.append,
    )
    assert shares == sorted(shares) and shares[-1] == 1
    assert {name: list(tables[name].columns) for name in tables} == COLUMNS
    normalise = Normalisation.of(model.view.mean, model.view.std, CPU)
    pixels = np.stack([np.asarray(opened(path)) for path in listing.paths]).transpose(0, 3, 1, 2)
    x = normalise(torch.tensor(pixels))
    right = (model.network(x).argmax(1).numpy() == listing.labels).astype(float)
    row = tables["models"].iloc[0]
    assert row["test_accuracy"] == right.mean() and row["n_images"] == 18
    assert (row["n_within"], row["n_between"], row["n_classes"]) == (6, 5, 3)

    def spectra(pairs):
        ends = [(x[a], x[b]) for a, b in pairs]
        return path_spectra(model.network, ends, SAMPLING, batch_size=3, high=0.1)

    classes = tables["classes"].set_index("class_name")
    for label, name in enumerate(NAMES):
        own = chosen.of_class[label]
        found, paths = classes.loc[name], spectra(own.reshape(2, 2))
        assert found["within_fraction"] == pytest.approx(paths.high.sum() / paths.total.sum())
        assert found["path_length"] == pytest.approx(paths.distance.mean())
        assert found["pixel_distance"] == pytest.approx(mean_pairwise_distance(x[own]))
        f = features(model.network, x[own])
        assert found["feature_distance"] == pytest.approx(mean_pairwise_distance(f), rel=1e-4)
        assert found["test_accuracy"] == right[listing.labels == label].mean()
    assert classes["pixel_distance"].is_monotonic_increasing
    assert classes["level"].isna().tolist() == [True, False, True]
    between = spectra(chosen.between)
    assert row["between_fraction"] == pytest.approx(between.fraction())
    assert row["within_fraction"] == pytest.approx(classes["within_fraction"].mean())
    curve = tables["spectra"].query("kind == 'between'")
    assert curve["magnitude"].to_numpy() == pytest.approx(between.magnitude.mean(axis=0))


def test_the_error_between_classes_is_that_of_resampled_paths(listing, model):
    chosen = plan(listing, 4, 2, 100, seed=0)
    tables = measure(model, listing, chosen, SAMPLING, {}, high=0.1, workers=0)
    normalise = Normalisation.of(model.view.mean, model.view.std, CPU)
    x = normalise(
        torch.tensor(np.stack([np.asarray(opened(p)) for p in listing.paths]).transpose(0, 3, 1, 2))
    )
    ends = [(x[a], x[b]) for a, b in chosen.between]
    paths = path_spectra(model.network, ends, SAMPLING, batch_size=64, high=0.1)
    index = np.random.default_rng(0).integers(0, 100, (4000, 100))
    resampled = paths.high[index].sum(1) / paths.total[index].sum(1)
    assert tables["models"]["between_error"].iloc[0] == pytest.approx(resampled.std(), rel=0.1)


class Constant(nn.Module):
    """Answers alike for all images, by way of a linear layer."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(1, 3)

    def forward(self, x):
        return self.head(torch.zeros(len(x), 1))


def test_a_constant_network_has_no_frequencies(listing):
    network = Constant().eval().requires_grad_(False)
    model = MeasuredNetwork("c", "checkpoint", network, View(8, 8), CPU, None, None)
    tables = measure(
        *(model, listing, plan(listing, 4, 2, 5, 0), SAMPLING, {}), high=0.1, workers=0
    )
    assert tables["classes"]["within_fraction"].to_numpy() == pytest.approx(0, abs=1e-6)
    assert (tables["classes"]["feature_distance"] == 0).all()
    assert not tables["models"]["trained_here"].any()


def test_networks_come_from_runs_and_files(tmp_path, model):
    arguments = {"depth": 10, "width": 2, "stem": 2}
    state = model.network.state_dict()
    write_tensors(tmp_path / "model.safetensors", state, {})
    run = {"network": {"callable": "wide_resnet", "arguments": arguments}, "data": {"size": 8}}
    write_json(tmp_path / "run.json", {"settings": run, "run_key": "k"})
    files = {"model": tmp_path / "model.safetensors", "record": tmp_path / "run.json"}
    trained = measured_network("a", {"kind": "trained", "run": "r"}, files, 3, CPU)
    entry = {"callable": "wide_resnet", "arguments": arguments, "resize": 10, "crop": 8}
    entry |= {"kind": "checkpoint", "file": str(files["model"])}
    file = measured_network("b", entry, {}, 3, CPU)
    assert (trained.run_key, trained.view) == ("k", View(8, 8))
    assert (file.run_key, file.view) == (None, View(10, 8))
    x = torch.randn(2, 3, 8, 8)
    for found in (trained, file):
        assert torch.allclose(found.network(x), model.network(x), atol=1e-6)
        assert not found.network.training
    with pytest.raises(UserError, match=r"head\.weight has shape"):
        measured_network("b", entry, {}, 4, CPU)


def test_torchvision_networks_need_images_of_their_classes():
    entry = {"kind": "torchvision", "weights": "torchvision:resnet18:IMAGENET1K_V1"}
    with pytest.raises(UserError, match="knows 1000 classes, and the folder of images has 10"):
        measured_network("a", entry, {"weights": "none.pth"}, 10, CPU)


def test_tables_of_all_networks_and_of_none():
    parts = [{name: pd.DataFrame({"model": [m]}) for name in COLUMNS} for m in "ab"]
    assert together(parts)["classes"]["model"].tolist() == ["a", "b"]
    nothing = together([])
    assert {name: list(nothing[name].columns) for name in nothing} == COLUMNS
    assert all(table.empty for table in nothing.values())
    assert sample_images(None, [], [])["images"].shape == (0, 0, 64, 64, 3)


def test_extreme_classes_are_those_of_the_mean_over_networks():
    rows = [
        *(("a", "u", 0.1), ("a", "v", 0.2), ("a", "w", 0.3), ("a", "x", 0.4)),
        *(("b", "u", 0.9), ("b", "v", 0.3), ("b", "w", 0.3), ("b", "x", 0.2)),
    ]
    classes = pd.DataFrame(rows, columns=["model", "class_name", "within_fraction"])
    assert extreme_classes(classes, 1) == ["v", "u"]
    assert extreme_classes(classes, 3) == ["v", "w", "x", "u"]


def test_sample_images_are_those_that_were_looked_at(listing):
    chosen = plan(listing, 4, 2, 5, seed=0)
    found = sample_images(listing, ["cat", "ant"], chosen.of_class)
    assert found["class_names"].tolist() == ["cat", "ant"]
    assert found["images"].shape == (2, 4, 64, 64, 3)
    first = View(64, 64)(opened(listing.paths[chosen.of_class[2][0]]))
    assert (found["images"][0, 0] == first).all()
