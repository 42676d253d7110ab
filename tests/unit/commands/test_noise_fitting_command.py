"""`spectral-bias noise-fitting` on what a training saved: its files, and its refusals."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch import nn

from spectral_bias import NoiseFitting
from spectral_bias.commands.__main__ import main

MODEL = """
from torch import nn

def build(num_classes=10):
    return nn.Sequential(nn.Flatten(), nn.Linear(48, num_classes))
"""
COUNT, SHAPE, CLASSES = 60, (3, 4, 4), 3
WAVE = ["--wave", "radial", "--cycles", "1"]


def network(step):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(48, CLASSES))
    with torch.no_grad():
        net[1].weight.mul_(step)
    return net


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Logits and checkpoints of steps 1, 2 and 10, images as an array and as files."""
    place = tmp_path_factory.mktemp("source")
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 255, (COUNT, 4, 4, 3)).astype(np.uint8)
    # Folders list images by class, so that both forms have them in one order.
    labels = np.repeat(np.arange(CLASSES), COUNT // CLASSES)
    for number, (image, label) in enumerate(zip(pixels, labels, strict=True)):
        (place / "val" / f"class{label}").mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(place / "val" / f"class{label}" / f"{number:02d}.png")
    x = (pixels.transpose(0, 3, 1, 2) / 255 - 0.5).astype(np.float32) / 0.25
    np.save(place / "images.npy", x)
    pd.DataFrame({"label": labels}).to_csv(place / "labels.csv", index=False)
    (place / "net.py").write_text(MODEL)
    for step in (1, 2, 10):
        net = network(step)
        np.save(place / f"epoch_{step}.npy", net(torch.tensor(x)).detach().numpy())
        torch.save(net.state_dict(), place / f"epoch_{step}.pt")
    np.save(place / "nan.npy", np.full((COUNT, CLASSES), np.nan))
    np.save(place / "other.npy", np.random.default_rng(1).standard_normal((7, CLASSES)))
    np.save(place / "two.npy", np.random.default_rng(1).standard_normal((COUNT, 2)))
    return place


@pytest.fixture
def call(source, monkeypatch, tmp_path):
    monkeypatch.chdir(source)
    return lambda *words: main(["noise-fitting", *words, "--out", str(tmp_path / "out")])


ARRAYS = ["--images", "images.npy", "--labels", "labels.csv"]
FILES = ["epoch_10.npy", "epoch_2.npy", "epoch_1.npy"]
FOLDER = ["--images", "val", "--mean", "0.5", "0.5", "0.5", "--std", "0.25", "0.25", "0.25"]


def history(source):
    """What the library finds."""
    x = torch.tensor(np.load(source / "images.npy"))
    labels = pd.read_csv(source / "labels.csv")["label"].to_numpy()
    noise = NoiseFitting(kind="radial", cycles=1.0, images=x, labels=labels)
    for number, step in enumerate((1, 2, 10), 1):
        noise.evaluate(network(step), number)
    return noise


@pytest.mark.parametrize("images", [ARRAYS, FOLDER], ids=["array", "folder"])
@pytest.mark.parametrize("saved", ["logits", "checkpoints"])
def test_the_files_hold_what_the_library_finds(call, source, tmp_path, capsys, images, saved):
    if saved == "logits":
        given = ["--logits", *FILES]
    else:
        files = [Path(file).with_suffix(".pt").name for file in FILES]
        given = ["--model", "net.py:build", "--checkpoints", *files, "--device", "cpu"]
    assert call(*given, *images, *WAVE) == 0
    expected = history(source)
    out = tmp_path / "out"
    names = [f"noise_fitting.{suffix}" for suffix in ("csv", "json", "pdf", "png")]
    assert sorted(file.name for file in out.iterdir()) == names
    table = pd.read_csv(out / "noise_fitting.csv")
    for name, values in expected.table().items():
        assert table[name].to_numpy() == pytest.approx(values.to_numpy(), rel=1e-3, abs=1e-6), name
    told = json.loads((out / "noise_fitting.json").read_text())
    assert told["wave"]["frequency"] == pytest.approx(expected.wave.frequency, rel=1e-4)
    assert [Path(name).stem for name in told["saved"]] == ["epoch_1", "epoch_2", "epoch_10"]
    assert told["images"] == images[1]
    printed = capsys.readouterr()
    assert printed.err == "" and printed.out.startswith("3 evaluations: least noise fitting ")


def test_a_wave_is_placed_by_training_images_and_steps_are_named(call, source, tmp_path):
    np.save(tmp_path / "wide.npy", 3 * np.load(source / "images.npy"))
    training = ["--training-images", str(tmp_path / "wide.npy")]
    options = ["--logits", *FILES, *ARRAYS, *training, "--steps", "1", "2", "10"]
    assert call(*options, "--wave", "random", "--seed", "3", "--cycles", "1") == 0
    told = json.loads((tmp_path / "out" / "noise_fitting.json").read_text())
    assert [row["step"] for row in told["history"]] == [1, 2, 10]
    assert told["wave"]["seed"] == 3 and told["training_images"] == "wide.npy"
    alone = NoiseFitting(
        kind="random", seed=3, cycles=1.0, images=np.load(source / "images.npy"),
        labels=[0] * COUNT,
    )  # fmt: skip
    assert told["wave"]["frequency"] == pytest.approx(alone.wave.frequency / 3, rel=1e-4)


GIVEN = ["--logits", "epoch_1.npy", *ARRAYS]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (GIVEN, "--frequency, --cycles: none is given; give one of them: cycles per unit"),
        ([*GIVEN, *WAVE, "--frequency", "1"], "--frequency, --cycles: both are given; give one"),
        ([*GIVEN, "--cycles", "-1"], "--cycles: -1 with frequency None; give one of them, a pos"),
        (
            [*GIVEN, "--wave", "radail"],
            "--wave: 'radail' is an unknown kind; did you mean 'rad",
        ),
        ([*GIVEN, "--wave", "uniform", "--cycles", "1"], "--frequency: 1, but uniform smoothing"),
        ([*GIVEN, *WAVE, "--noise-class", "9"], "noise_class: 9 is the class of none"),
        ([*GIVEN, *WAVE, "--steps", "1", "2"], "steps: are 2, but 1 epochs were saved; give 1"),
        (["--logits", *FILES, *ARRAYS, *WAVE, "--steps", "1"], "steps: are 1, but more epochs"),
        ([*ARRAYS, *WAVE], "--logits, --checkpoints: none is given; give one of them"),
        (
            [*GIVEN, *WAVE, "--checkpoints", "epoch_1.pt"],
            "--logits, --checkpoints: both are given; give one of them",
        ),
        ([*GIVEN, *WAVE, "--model", "net.py:build"], "--model: is of no use with --logits"),
        ([*ARRAYS, *WAVE, "--checkpoints", "epoch_1.pt"], "--model: is missing; say whose"),
        (
            [*ARRAYS, *WAVE, "--checkpoints", "epoch_3.pt", "--model", "net.py:build"],
            "checkpoint: epoch_3.pt: no such file",
        ),
        (["--logits", "nan.npy", *ARRAYS, *WAVE], "nan.npy: 180 of 180 numbers are not finite"),
        (
            ["--logits", "other.npy", *ARRAYS, *WAVE],
            "other.npy: holds logits of 7 images, but images.npy has 60; give those of the same",
        ),
        (
            ["--logits", "two.npy", *ARRAYS, *WAVE],
            "labels: go up to 2, but there are outputs for 2 classes, counted from 0",
        ),
        ([*GIVEN, *WAVE, "--batch", "0"], "--batch: 0; give 1 or more"),
        (
            ["--logits", "epoch_1.npy", "--images", "images.npy", *WAVE],
            "labels: are needed, since images.npy holds images alone; give a file",
        ),
        (
            ["--logits", "epoch_1.npy", "--images", "epoch_1.npy", *ARRAYS[2:], *WAVE],
            "images: has the shape (60, 3); give images as (M, C, H, W)",
        ),
        (
            ["--logits", "epoch_1.npy", "--images", "other.npy", *ARRAYS[2:], *WAVE],
            "labels: labels.csv has 60, but other.npy 7 images; give one for each",
        ),
        (
            ["--logits", "epoch_1.npy", "--images", "val", *WAVE],
            "--normalise: say how the images were normalised",
        ),
    ],
)
def test_what_does_not_fit_is_one_line_and_leaves_nothing(call, capsys, tmp_path, words, said):
    assert call(*words) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"error: {said}") and printed.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_frequency_that_is_a_name_is_wrong_usage(call, capsys):
    assert call(*GIVEN, "--frequency", "high") == 2
    assert capsys.readouterr().err == (
        "error: argument --frequency: invalid float value: 'high'; see spectral-bias "
        "noise-fitting --help\n"
    )


def test_results_replace_nothing(call, capsys, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("kept")
    assert call(*GIVEN, *WAVE) == 1
    assert "is a folder that is not empty" in capsys.readouterr().err
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["mine.txt"]
