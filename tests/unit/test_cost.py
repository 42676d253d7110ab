"""What training costs, against counting by hand."""

import json

import pytest

from spectral_bias.cost import (
    STATED_TFLOPS,
    costs,
    forward_flop,
    measured_tflops,
    n_images,
    plan_text,
    training_flop,
)
from spectral_bias.training.classifier.augmentation.settings import Augmentation
from spectral_bias.training.classifier.settings import ClassifierSettings
from spectral_bias.training.runs import ClassifierRun, NetworkSpec

NETWORK = {"callable": "wide_resnet", "arguments": {"depth": 10, "width": 8, "stem": 8}}
PATCHES = {"source": "patches", "folder": None, "n_train": 2000, "n_test": 1000}


def run(n_train=2000, epochs=10, **changes):
    own = {"architecture": "wrn_8", "network": NetworkSpec(**NETWORK), "data": PATCHES} | changes
    training = ClassifierSettings(epochs, 50, 0.1, "cosine", 0.9, 0.0, Augmentation("none"))
    paper = {"paper": "fridovichkeil2021", "experiment": "cifar10"}
    return ClassifierRun(**paper, **own, n_train=n_train, training=training)


def by_hand(size):
    """Three stages of one block: two convolutions and one in the shortcut where channels change."""

    def convolution(inputs, outputs, pixels):
        return 2 * 9 * inputs * outputs * pixels**2

    whole = convolution(3, 8, size) + 2 * convolution(8, 8, size)
    for inputs, pixels in ((8, size // 2), (16, size // 4)):
        outputs = 2 * inputs
        whole += 2 * convolution(inputs, outputs, pixels) + convolution(outputs, outputs, pixels)
    return whole + 2 * 32 * 10


@pytest.mark.parametrize("size", [32, 16])
def test_forward_pass_is_counted_as_by_hand(size):
    assert forward_flop(NETWORK, size) == by_hand(size)


def test_networks_of_other_packages_are_counted():
    network = {"callable": "torchvision.models.resnet18", "arguments": {}}
    assert forward_flop(network, 224, 1000) == pytest.approx(
        2 * 1.814e9, rel=1e-3
    )  # published MACs


def test_training_is_three_passes_and_a_teacher_a_fourth():
    assert training_flop(run(), 7) == 7 * 10 * (3 * 2000 + 1000)
    assert training_flop(run(n_train=500), 7) == 7 * 10 * (3 * 500 + 1000)
    assert training_flop(run(teacher="wrn_8"), 7) == 7 * 10 * (4 * 2000 + 1000)


def test_images_of_whole_sets_are_known_or_counted(tmp_path):
    whole = {"folder": None, "n_train": None, "n_test": None}
    cifar = run(n_train=None, data=whole | {"source": "cifar10"})
    assert (n_images(cifar, "train"), n_images(cifar, "test")) == (50_000, 10_000)
    for name in ("a/0.png", "a/1.png", "b/0.png"):
        (tmp_path / "train" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "train" / name).touch()
    folder = whole | {"source": "imagefolder", "folder": str(tmp_path)}
    assert n_images(run(n_train=None, data=folder), "train") == 3


def test_images_of_imagenet_are_known_or_counted(tmp_path):
    data = {"source": "folder", "images": "imagefolder", "folder": None, "size": 224}
    assert n_images(run(n_train=None, data=data), "train") == 1_281_167
    assert n_images(run(n_train=None, data=data), "test") == 50_000
    (tmp_path / "val/a").mkdir(parents=True)
    (tmp_path / "val/a/0.png").touch()
    assert n_images(run(n_train=None, data=data | {"folder": str(tmp_path)}), "test") == 1
    cuts = data | {"images": "photographs", "n_train": 40, "n_val": 24}
    assert n_images(run(n_train=None, data=cuts), "train") == 400
    assert n_images(run(n_train=None, data=cuts), "test") == 240


def test_runs_of_one_network_are_one_row():
    wide = NetworkSpec("wide_resnet", {"depth": 10, "width": 16, "stem": 8})
    runs = [run(), run(architecture="wrn_16", network=wide), run(n_train=500, epochs=20)]
    first, second = costs(runs)
    assert (first.name, first.n_runs) == ("fridovichkeil2021 cifar10: wrn_8", 2)
    assert first.flop == by_hand(32) * (10 * 7000 + 20 * 2500)
    assert second.n_runs == 1 and second.forward_flop > 2 * first.forward_flop


def test_images_of_another_size_are_counted_as_such():
    larger = run(data=PATCHES | {"size": 64})
    assert [cost.forward_flop for cost in costs([run(), larger])] == [by_hand(32), by_hand(64)]


def test_a_measured_throughput_is_taken_for_its_precision_alone(tmp_path):
    path = tmp_path / "classifier.json"
    assert measured_tflops(path, "bf16") is None
    ways = [
        {"device": "cuda", "precision": "bf16", "tflops": 250.0},
        {"device": "cpu", "precision": "float32", "tflops": 0.1},
    ]
    path.write_text(json.dumps({"utilisation": ways}))
    assert measured_tflops(path, "bf16") == 250.0
    assert measured_tflops(path, "float32") is None


def test_the_plan_says_what_is_stated_and_what_is_measured():
    found = costs([run(), run(n_train=500, epochs=20)])
    text = plan_text("paper", found, "float32", None, {"of noise fitting": 7})
    row, total = (line for line in text.splitlines() if line.startswith(("frid", "all")))
    numbers = f"{by_hand(32) / 1e9:.3g}", f"{found[0].flop / 1e15:.2g}"
    assert row.split()[2:8] == ["wrn_8", "2", "10-20", "500-2000", *numbers]
    hours = found[0].flop / (STATED_TFLOPS["float32"] * 1e12) / 3600
    assert total.split()[-1] == f"{hours:.2g}"
    assert "stated, not measured" in text and text.endswith("training:\n     7 of noise fitting")
    measured = plan_text("paper", found, "bf16", 250.0, {})
    assert "250 TFLOP/s in bf16, as `make benchmark` measured" in measured
    assert "stated" not in measured
