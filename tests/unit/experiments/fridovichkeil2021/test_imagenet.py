"""Larger images: settings, pairs of images, diversity of classes, tables of measured networks."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from scipy import stats
from torch import nn

from spectral_bias.artefacts import write_json, write_tensors
from spectral_bias.data.image_files import Listing, View, opened
from spectral_bias.errors import UserError
from spectral_bias.experiments import training_runs
from spectral_bias.experiments.fridovichkeil2021.imagenet.diversity import (
    compressed_bytes,
    mean_image,
    mean_pairwise_distance,
)
from spectral_bias.experiments.fridovichkeil2021.imagenet.measure import tables_of
from spectral_bias.experiments.fridovichkeil2021.imagenet.models import (
    MeasuredNetwork,
    measured_network,
)
from spectral_bias.experiments.fridovichkeil2021.imagenet.pairs import between_pairs, plan
from spectral_bias.experiments.fridovichkeil2021.imagenet.tables import (
    COLUMNS,
    MEASURES,
    collected,
    extreme_classes,
    sample_images,
    together,
)
from spectral_bias.measurements.interpolation import path_spectra
from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.models.features import features
from spectral_bias.models.named import build_network
from spectral_bias.spectra.paths import Sampling
from spectral_bias.training.classifier.normalisation import Normalisation
from tests.unit.experiments.fridovichkeil2021.made_up import settings_of

# Settings


def imagenet(scale="quick", **values):
    return settings_of(scale, "imagenet", **values)


def section(scale="quick", **values):
    return imagenet(scale, **values).fridovichkeil2021.imagenet


def test_paper_scale_measures_the_networks_of_torchvision_and_trains_none():
    found = section("paper")
    assert found.lacks_folder() and found.runs() == found.measurements() == {}
    found = section("paper", data={"folder": "x"})
    assert found.runs() == {} and not found.lacks_folder()
    names = set(found.measurements())
    assert {"resnet18.IMAGENET1K_V1", "resnet50.IMAGENET1K_V1", "resnet50.IMAGENET1K_V2"} <= names
    families = {name.partition(".")[0] for name in names}
    wanted = {"resnet152", "wide_resnet50_2", "resnext50_32x4d", "vit_b_16", "convnext_tiny"}
    assert wanted <= families


def test_nothing_is_trained_or_measured_where_it_is_turned_off():
    for found in (section(enabled=False), section("paper", enabled=False)):
        assert found.runs() == {} == found.measurements() and not found.lacks_folder()


def test_quick_scale_trains_networks_and_needs_no_folder():
    found = section()
    assert not found.lacks_folder() and not found.weights_are_used()
    runs = training_runs(imagenet())
    images = {"source": "folder", "images": "photographs", "folder": None}
    for name, entry in found.measurements().items():
        run = runs[entry["run"]]
        assert entry["kind"] == "trained" and run.architecture == name
        assert run.data == images | {"n_train": 40, "n_val": 24, "size": 40}
        assert run.experiment == "imagenet" and run.paper == "fridovichkeil2021"


def test_only_settings_of_training_retrain_the_networks():
    before = training_runs(imagenet())
    assert training_runs(imagenet(interpolation={"n_within": 3, "spacing": 5.0})) == before
    changed = training_runs(imagenet(epochs=3))
    assert {name for name in before if changed[name] != before[name]} == set(section().runs())


def test_checkpoints_are_measured_beside_the_others():
    file = {"file": "a.pt", "callable": "wide_resnet", "arguments": {}, "resize": 64, "crop": 64}
    found = section(checkpoints={"mine": file})
    assert found.measurements()["mine"] == {"kind": "checkpoint", **file}


SWAPPED = {"file": "a.pt", "callable": "resnet", "arguments": {}, "resize": 64, "crop": 65}
TWICE = {"wrn_4": SWAPPED | {"crop": 64}}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"trained": ["wrn_5"]}, "trained: no network 'wrn_5'; did you mean 'wrn_"),
        ({"models": ["resnet50"]}, "models: 'resnet50' is not torchvision:<network>:<weights>"),
        (
            {"models": ["torchvision:resnet50:IMAGENET1K_V2"]},
            "models: torchvision's weights know ImageNet's 1000 classes, and data.source is",
        ),
        ({"data": {"folder": "x"}}, "data.folder: source photographs takes no folder"),
        ({"data": {"size": 4}}, "data.size: Input should be greater than or equal to 8"),
        ({"interpolation": {"spacing": None}}, "interpolation.spacing: give either spacing or"),
        (
            {"interpolation": {"n_within": 13}},
            "interpolation.n_within: 13 pairs of different images need 26 of class_images, which",
        ),
        (
            {"data": {"photographs": {"n_val": 20}}},
            "interpolation.class_images: 24 images of a class where data.photographs.n_val is 20",
        ),
        ({"checkpoints": {"a": SWAPPED}}, "checkpoints.a.crop: 65 pixels of 64"),
        ({"checkpoints": TWICE}, "checkpoints: 'wrn_4' is also trained here; rename it"),
    ],
)
def test_bad_setting_is_one_line_with_its_key(values, said):
    with pytest.raises(UserError) as caught:
        imagenet(**values)
    text = str(caught.value)
    assert f": fridovichkeil2021.imagenet.{said}" in text and "\n" not in text


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("resnet51:IMAGENET1K_V1", "no classifier 'resnet51'; did you mean 'resnet50'"),
        ("resnet50:IMAGENET1K_V3", "no weights 'IMAGENET1K_V3'; did you mean 'IMAGENET1K_V"),
    ],
)
def test_a_misspelt_network_or_weights_is_named_with_the_nearest(model, said):
    with pytest.raises(UserError) as caught:
        imagenet("paper", data={"folder": "."}, models=[f"torchvision:{model}"])
    assert said in str(caught.value)


# Images and pairs

CPU = torch.device("cpu")
NAMES = ("ant", "bee", "cat")
SAMPLING = Sampling(None, 20, 4)
ARGUMENTS = {"depth": 10, "width": 2, "stem": 2}


@pytest.fixture(scope="module")
def listing(tmp_path_factory):
    """Three classes of six images of 8 x 8 pixels; images of "ant" differ least."""
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    for scale, name in zip((5, 60, 120), NAMES, strict=True):
        place = folder / "val" / name
        place.mkdir(parents=True)
        for number in range(6):
            pixels = 128 + scale * rng.uniform(-1, 1, (8, 8, 3))
            Image.fromarray(pixels.astype(np.uint8)).save(place / f"{number}.png")
    return Listing.of(folder, "val")


@pytest.fixture(scope="module")
def model():
    network = build_network("wide_resnet", ARGUMENTS, 3, seed=0).eval().requires_grad_(False)
    return MeasuredNetwork("w2", "trained", network, View(8, 8), CPU, None, "abc")


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
    many = torch.tensor(rng.integers(0, 256, (2000, 3, 16, 16)).astype(np.uint8))
    one = many[:1]
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
    with pytest.raises(UserError, match=r"class 'ant' has 6 images, but .*class_images asks for 7"):
        plan(listing, 7, 2, 5, seed=0)


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


# Tables


def inputs(listing, model):
    """All images of a listing as a network takes them."""
    pixels = np.stack([np.asarray(opened(path)) for path in listing.paths]).transpose(0, 3, 1, 2)
    return Normalisation.of(model.view.mean, model.view.std, CPU)(torch.tensor(pixels))


def test_the_tables_are_those_of_a_slow_measurement(listing, model):
    chosen, shares = plan(listing, 4, 2, 5, seed=0), []
    found = tables_of(
        *(model, listing, chosen, SAMPLING, {"bee": 0.5}),
        high=0.1,
        workers=0,
        on_share=shares.append,
    )
    assert shares == sorted(shares) and shares[-1] == 1
    assert {name: list(found[name].columns) for name in found} == COLUMNS
    x = inputs(listing, model)
    right = (model.network(x).argmax(1).numpy() == listing.labels).astype(float)
    row = found["models"].iloc[0]
    assert row["test_accuracy"] == right.mean() and row["n_images"] == 18
    assert (row["n_within"], row["n_between"], row["n_classes"]) == (6, 5, 3)

    def spectra(pairs):
        ends = [(x[a], x[b]) for a, b in pairs]
        return path_spectra(model.network, ends, SAMPLING, batch_size=3, high=0.1)

    classes = found["classes"].set_index("class_name")
    for label, name in enumerate(NAMES):
        own = chosen.of_class[label]
        of_class, paths = classes.loc[name], spectra(own.reshape(2, 2))
        for measure, column in MEASURES.items():
            expected = np.nanmean(getattr(paths, measure))
            assert of_class[f"within_{column}fraction"] == pytest.approx(expected, rel=1e-4)
        assert of_class["path_length"] == pytest.approx(paths.distance.mean())
        assert of_class["pixel_distance"] == pytest.approx(mean_pairwise_distance(x[own]))
        f = mean_pairwise_distance(features(model.network, x[own]))
        assert of_class["feature_distance"] == pytest.approx(f, rel=1e-4)
        assert of_class["test_accuracy"] == right[listing.labels == label].mean()
    assert classes["pixel_distance"].is_monotonic_increasing
    assert classes["level"].isna().tolist() == [True, False, True]
    between = spectra(chosen.between)
    for name, column in MEASURES.items():
        values = getattr(between, name)
        assert row[f"between_{column}fraction"] == pytest.approx(np.nanmean(values), rel=1e-4)
        error = stats.sem(values, nan_policy="omit")
        assert row[f"between_{column}error"] == pytest.approx(error, rel=1e-4)
        own = classes[f"within_{column}fraction"]
        assert row[f"within_{column}fraction"] == pytest.approx(own.mean())
        assert row[f"within_{column}error"] == pytest.approx(own.sem())
    curve = found["spectra"].query("kind == 'between'")
    assert curve["magnitude"].to_numpy() == pytest.approx(between.magnitude.mean(axis=0))


def test_the_error_between_classes_is_that_of_resampled_paths(listing, model):
    chosen = plan(listing, 4, 2, 100, seed=0)
    found = tables_of(model, listing, chosen, SAMPLING, {}, high=0.1, workers=0)
    x = inputs(listing, model)
    ends = [(x[a], x[b]) for a, b in chosen.between]
    paths = path_spectra(model.network, ends, SAMPLING, batch_size=64, high=0.1)
    index = np.random.default_rng(0).integers(0, 100, (4000, 100))
    resampled = paths.high_frequency_fraction[index].mean(1)
    assert found["models"]["between_error"].iloc[0] == pytest.approx(resampled.std(), rel=0.1)


class Constant(nn.Module):
    """Answers alike for all images, by way of a linear layer."""

    def __init__(self):
        super().__init__()
        self.head = nn.Linear(1, 3)

    def forward(self, x):
        return self.head(torch.zeros(len(x), 1))


def test_a_constant_network_has_no_frequencies(listing, model):
    flat = replace(model, kind="checkpoint", network=Constant().eval().requires_grad_(False))
    chosen = plan(listing, 4, 2, 5, 0)
    found = tables_of(flat, listing, chosen, SAMPLING, {}, high=0.1, workers=0)
    assert found["classes"]["within_fraction"].to_numpy() == pytest.approx(0, abs=1e-6)
    assert (found["classes"]["feature_distance"] == 0).all()
    assert not found["models"]["trained_here"].any()


def test_networks_come_from_runs_and_files(tmp_path, model):
    state, file = model.network.state_dict(), tmp_path / "model.safetensors"
    write_tensors(file, state, {})
    run = training_runs(imagenet("tiny", data={"size": 8}))["imagenet_wrn_4"].settings()
    run["network"]["arguments"] = ARGUMENTS
    record = {"settings": run, "run_key": "k", "run": run["run"], "n_classes": 3}
    write_json(tmp_path / "run.json", record)
    trained = measured_network("a", {"kind": "trained"}, [file, tmp_path / "run.json"], 3, CPU)
    entry = {"kind": "checkpoint", "callable": "wide_resnet", "arguments": ARGUMENTS}
    entry |= {"resize": 10, "crop": 8}
    given = measured_network("b", entry, [file], 3, CPU)
    assert (trained.run_key, trained.view) == ("k", View(8, 8))
    assert (given.run_key, given.view) == (None, View(10, 8))
    x = torch.randn(2, 3, 8, 8)
    for found in (trained, given):
        assert torch.allclose(found.network(x), model.network(x), atol=1e-6)
        assert not found.network.training
    with pytest.raises(UserError, match=r"head\.weight has shape"):
        measured_network("b", entry, [file], 4, CPU)


def test_torchvision_networks_need_images_of_their_classes():
    entry = {"kind": "torchvision", "weights": "torchvision:resnet18:IMAGENET1K_V1"}
    with pytest.raises(UserError, match="knows 1000 classes, and the folder of images has 10"):
        measured_network("a", entry, ["none.pth"], 10, CPU)


def test_tables_of_all_networks_and_of_none():
    parts = [{name: pd.DataFrame({"model": [m]}) for name in COLUMNS} for m in "ab"]
    assert together(parts)["classes"]["model"].tolist() == ["a", "b"]
    files = {name: [] for name in (*COLUMNS, "index")}
    nothing = collected(MeasuringJob("", "", files, 1, "cpu"), {}, 0)
    for name, columns in COLUMNS.items():
        table = nothing[f"imagenet_{name}"]
        assert table.empty and list(table.columns) == columns
    assert nothing["imagenet_samples.npz"]["images"].shape == (0, 0, 64, 64, 3)
    reasons = set(nothing["imagenet_correlations"]["reason"])
    assert "no network was measured on larger images" in reasons


def test_extreme_classes_are_those_of_the_mean_over_networks():
    rows = [
        *(("a", "u", 0.1), ("a", "v", 0.2), ("a", "w", 0.3), ("a", "x", 0.4)),
        *(("b", "u", 0.9), ("b", "v", 0.3), ("b", "w", 0.3), ("b", "x", 0.2)),
    ]
    classes = pd.DataFrame(rows, columns=["model", "class_name", "within_fraction"])
    assert extreme_classes(classes, 1) == ["v", "u"]
    assert extreme_classes(classes, 3) == ["v", "w", "x", "u"]


def test_sample_images_are_those_that_were_measured(listing):
    chosen = plan(listing, 4, 2, 5, seed=0)
    found = sample_images(listing, ["cat", "ant"], chosen.of_class)
    assert found["class_names"].tolist() == ["cat", "ant"]
    assert found["images"].shape == (2, 4, 64, 64, 3)
    first = View(64, 64)(opened(listing.paths[chosen.of_class[2][0]]))
    assert (found["images"][0, 0] == first).all()
