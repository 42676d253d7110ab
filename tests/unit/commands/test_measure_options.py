"""Options of `spectral-bias measure` that make no sense, and what stops it midway."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import spectral_bias
from tests.unit.toolkit.measured_examples import NETWORK_FILE

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(spectral_bias.__file__).parents[1])}
NO_DEVICES = "is not there; PyTorch sees 0 CUDA devices; use cpu"


@pytest.fixture
def without_cuda(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)


@pytest.mark.parametrize(
    ("device", "said"),
    [
        ("cuda", f"device: cuda {NO_DEVICES}"),
        ("cuda:7", f"device: cuda:7 {NO_DEVICES}"),
        ("mps", "device: mps is not supported; write cpu, cuda, cuda:1 or auto"),
        ("gpu", "device: 'gpu' is none; write cpu, cuda, cuda:1 or auto"),
        ("cuda:x", "device: 'cuda:x' is none; write cpu, cuda, cuda:1 or auto"),
    ],
)
def test_devices_that_are_not_there(without_cuda, refused, device, said):
    assert refused(device=device) == said


def test_without_cuda_auto_is_the_cpu(without_cuda, measured):
    assert measured(device="auto").json["cost"]["device"] == "cpu"


GIVE_NORMALISATION = (
    "--normalise: say how the images were normalised when the network was trained: cifar10, "
    "imagenet or none, or --mean and --std of the channels"
)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"normalise": None}, GIVE_NORMALISATION),
        ({"normalise": None, "mean": [0.5]}, "--mean and --std: give both, or neither"),
        ({"normalise": None, "std": [0.5]}, "--mean and --std: give both, or neither"),
        (
            {"mean": [0.5], "std": [0.5]},
            "--normalise: give it, or --mean and --std, not both",
        ),
        (
            {"normalise": None, "mean": [0.5] * 3, "std": [0.5, -0.5, 0.5]},
            "--std: 0.5 -0.5 0.5; give numbers above 0",
        ),
        (
            {"normalise": None, "mean": [0.5] * 3, "std": [0.5, "nan", 0.5]},
            "--std: 0.5 nan 0.5; give numbers above 0",
        ),
        (
            {"normalise": None, "mean": ["inf"] * 3, "std": [0.5] * 3},
            "--mean: inf inf inf; give finite numbers",
        ),
        (
            {"normalise": None, "mean": [0.5] * 3, "std": [0.5]},
            "--mean and --std: 3 and 1 numbers; give three each, or one each for grey images",
        ),
        ({"size": 0}, "--size: 0; give a number of pixels"),
        ({"threads": 0}, "--threads: 0; give 1 or more"),
        ({"spacing": 1.0}, "points and spacing: give one of them"),
        ({"points": 3}, "points: 3 have no spectrum to speak of; ask for 4 or more"),
        ({"points": 0}, "points: 0 have no spectrum to speak of; ask for 4 or more"),
        ({"points": None, "spacing": 0}, "spacing: 0; give a distance above 0"),
        ({"points": None, "spacing": "nan"}, "spacing: nan; give a distance above 0"),
        ({"batch": 0}, "batch: 0; give a number of points, 1 or more"),
        ({"high": 1.5}, "high: 1.5; give a fraction of the band between 0 and 1"),
        ({"pairs": 0}, "pairs: 0 paths; ask for 1 or more"),
        ({"pairs": -3}, "pairs: -3 paths; ask for 1 or more"),
        (
            {"classes": "cat,dgo"},
            "classes: there is no class 'dgo'; did you mean 'dog'; known: cat, dog, fox",
        ),
        ({"classes": "4"}, "classes: 4 of 3; ask for 1 to 3"),
        ({"classes": "0"}, "classes: 0 of 3; ask for 1 to 3"),
        ({"classes": ","}, "classes: none is named; name some, say how many, or leave it out"),
        (
            {"kinds": "within,betwen"},
            "kinds: unknown kind 'betwen'; did you mean 'between'; known: within, between",
        ),
        ({"kinds": ","}, "kinds: none is named; name one or more of within, between"),
    ],
)
def test_options_that_make_no_sense(refused, options, said):
    assert refused(**options) == said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"model": None}, "the following arguments are required: --model"),
        ({"images": None}, "the following arguments are required: --images"),
        ({"out": None}, "the following arguments are required: --out"),
        ({"normalise": "cifar"}, "argument --normalise: invalid choice: 'cifar'"),
        ({"precision": "half"}, "argument --precision: invalid choice: 'half'"),
        ({"pairs": "many"}, "argument --pairs: invalid int value: 'many'"),
        ({"paris": 3}, "nothing is known of --paris 3; did you mean '--pairs'"),
    ],
)
def test_wrong_usage(refused, options, said):
    line = refused(status=2, **options)
    assert line.startswith(said) and line.endswith("; see spectral-bias measure --help")


def test_classes_by_name_and_by_number(measured):
    found = measured(classes="dog, fox", pairs=2)
    paths = (found.folder / "paths.csv").read_text()
    assert "cat" not in paths and "dog" in paths and "fox" in paths
    assert found.json["sampling"]["classes"] == ["dog", "fox"]
    assert found.json["accuracy"] is not None, "outputs are those of all classes"


def test_so_many_classes_are_drawn_by_the_seed(measured):
    found = measured(classes="2", pairs=2, seed=1)
    assert found.json["sampling"]["classes"] == 2
    assert {row["n_classes"] for row in found.json["summary"]} == {2}


def test_results_that_are_there_stay(tmp_path, refused):
    out = tmp_path / "results" / "out"
    out.mkdir(parents=True)
    (out / "mine.txt").write_text("precious")
    said = "is a folder that is not empty; name a new folder for the results"
    assert refused() == f"{out}: {said}"
    assert [(path.name, path.read_text()) for path in out.iterdir()] == [("mine.txt", "precious")]


def test_an_empty_folder_is_filled(tmp_path, measured):
    (tmp_path / "results" / "out").mkdir(parents=True)
    assert (measured().folder / "measurement.html").is_file()


@pytest.mark.parametrize("writer", ["write_json", "write_table"])
def test_a_full_disk_leaves_nothing(refused, monkeypatch, writer):
    def full(path, *args, **options):
        Path(path).write_text("half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(f"spectral_bias.toolkit.paths.measurement.{writer}", full)
    assert refused().endswith(": No space left on device")


def test_memory_that_is_not_there(refused, monkeypatch):
    def full(*args, **kwargs):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr("spectral_bias.toolkit.paths.measure.measure_paths", full)
    assert refused(batch=500) == (
        "batch: 500 points at one time need more memory than cpu has; ask for fewer"
    )


SLOW = """
import time
class Slow(nn.Module):
    def forward(self, x):
        print("asked", flush=True)
        time.sleep(0.2)
        return x.flatten(1)[:, :3]
"""


INTERRUPTIBLE = """
import signal, sys
from spectral_bias.commands.__main__ import main
# Programs that shells start in the background ignore Ctrl-C, and so would this one then.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(main())
"""


def test_ctrl_c_while_measuring_leaves_nothing(tmp_path, words):
    file = tmp_path / "slow.py"
    file.write_text(NETWORK_FILE + SLOW)
    before = sorted(tmp_path.rglob("*"))
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, *words(model=f"{file}:Slow", batch=1)],
        env=ENVIRONMENT | {"PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    for _ in range(6):  # the first of them are checks
        assert process.stdout.readline() == "asked\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "stopped; nothing was written\n")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_store_is_needed_to_track(refused, monkeypatch):
    said = "--track: 'mlruns' is no address of a store; write sqlite:///, http://, https://…"
    assert refused(track="mlruns") == said
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert refused(track="sqlite:///m.db") == (
        "--track: needs MLflow; pip install 'spectral-bias[workflow]'"
    )


def test_measurements_are_recorded_in_a_store(tmp_path, measured, drawn):
    mlflow = pytest.importorskip("mlflow")
    uri = f"sqlite:///{tmp_path / 'm.db'}"
    found = measured(track=uri, name="mine")
    client = mlflow.MlflowClient(tracking_uri=uri)
    experiment = client.get_experiment_by_name("spectral-bias measure")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.run_name == "mine" and run.info.status == "FINISHED"
    assert run.data.params["sampling.n_samples"] == "8"
    raw = {row["kind"]: row["value"] for row in found.json["summary"]
           if row["quantity"] == "high_frequency_fraction"}  # fmt: skip
    for kind, value in raw.items():
        assert run.data.metrics[f"{kind}_high_frequency_fraction"] == pytest.approx(value)
    names = {file.path for file in client.list_artifacts(run.info.run_id)}
    assert names == {path.name for path in found.folder.iterdir()}
    assert {path.name for path in tmp_path.iterdir()} >= {"m.db", "results"}


def test_a_store_that_cannot_be_reached_keeps_the_results(tmp_path, words, capsys):
    pytest.importorskip("mlflow")
    (tmp_path / "no folder").write_text("")
    uri = f"sqlite:///{tmp_path / 'no folder' / 'm.db'}"
    assert spectral_bias.commands.__main__.main(words(track=uri)) == 1
    _, err = capsys.readouterr()
    last = err.splitlines()[-1]
    out = tmp_path / "results" / "out"
    assert last.startswith("error: --track: ") and last.endswith(f"the results are in {out}")
    assert (out / "measurement.json").is_file()
