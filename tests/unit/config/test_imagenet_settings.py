"""Settings of ImageNet: what is measured at each scale, what a run is made of, what is refused."""

from pathlib import Path

import pytest

from spectral_bias.config.load import load_settings
from spectral_bias.errors import UserError
from spectral_bias.experiments import training_runs

ROOT = Path(__file__).parents[3]


def imagenet(scale="quick", **values):
    return load_settings({"scale": scale, "fridovichkeil2021": {"imagenet": values}}, ROOT)


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
    for name, entry in found.measurements().items():
        run = runs[entry["run"]]
        assert entry["kind"] == "trained" and run["architecture"] == name
        assert run["data"] == {
            "source": "folder",
            "images": "photographs",
            "folder": None,
            "n_train": 40,
            "n_val": 24,
            "size": 64,
        }
        assert run["experiment"] == "imagenet" and run["paper"] == "fridovichkeil2021"


def test_only_settings_of_training_retrain_the_networks():
    before = training_runs(imagenet())
    assert training_runs(imagenet(interpolation={"n_within": 3, "spacing": 5.0})) == before
    changed = training_runs(imagenet(epochs=3))
    assert {name for name in before if changed[name] != before[name]} == set(section().runs())


def test_checkpoints_are_measured_beside_the_others():
    file = {"file": "a.pt", "callable": "wide_resnet", "arguments": {}, "resize": 64, "crop": 64}
    found = section(checkpoints={"mine": file})
    assert found.measurements()["mine"] == {"kind": "checkpoint", **file}


SWAPPED = {"file": "a.pt", "callable": "x", "arguments": {}, "resize": 64, "crop": 65}


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
        (
            {"checkpoints": {"wrn_4": SWAPPED | {"crop": 64}}},
            "checkpoints: 'wrn_4' is also trained here; rename it",
        ),
    ],
)
def test_bad_setting_is_one_line_with_its_key(values, said):
    with pytest.raises(UserError) as caught:
        imagenet(**values)
    text = str(caught.value)
    assert f": fridovichkeil2021.imagenet.{said}" in text
    assert "\n" not in text


def test_a_misspelt_network_or_weights_is_named_with_the_nearest():
    def refused(model):
        with pytest.raises(UserError) as caught:
            imagenet("paper", data={"folder": "."}, models=[model])
        return str(caught.value)

    assert "no classifier 'resnet51'; did you mean 'resnet50'" in refused(
        "torchvision:resnet51:IMAGENET1K_V1"
    )
    assert "no weights 'IMAGENET1K_V3'; did you mean 'IMAGENET1K_V" in refused(
        "torchvision:resnet50:IMAGENET1K_V3"
    )
