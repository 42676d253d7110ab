"""A classifier's job: the files it writes, the metrics it names, the teacher it refuses."""

import json
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch

from spectral_bias.artefacts import read_arrays, read_tensors
from spectral_bias.chance import near_chance
from spectral_bias.data.images import ImageSet, write_images
from spectral_bias.errors import UserError
from spectral_bias.runtime.record import JobContext
from spectral_bias.training.classifier.augmentation.settings import Augmentation
from spectral_bias.training.classifier.job import (
    classifier_metrics,
    classifier_warnings,
    train_classifier_run,
    wave_name,
)
from spectral_bias.training.classifier.settings import ClassifierSettings
from spectral_bias.training.classifier.sources import loaded_images
from spectral_bias.training.classifier.wave import Wave
from spectral_bias.training.runs import ClassifierRun, NetworkSpec

WAVE = Wave("radial", 0.1, 0.2)
RUN = ClassifierRun(
    **{"paper": "fridovichkeil2021", "run": "wrn_32.radial_0.1", "experiment": "cifar10"},
    **{"architecture": "wrn_32", "data": {"source": "patches"}, "n_train": 12},
    network=NetworkSpec("wide_resnet", {"depth": 10, "width": 2, "stem": 2}),
    training=ClassifierSettings(
        **{"epochs": 3, "batch_size": 4, "learning_rate": 0.05, "schedule": "cosine"},
        **{"momentum": 0.9, "nesterov": True, "weight_decay": 1e-3, "gradient_clip": 5.0},
        **{"wave": WAVE, "probes": (WAVE,), "checkpoint_epochs": (0, 2)},
        augmentation=Augmentation("cutout", flip_crop=True, cutout=4),
    ),
)


def images_of(n_classes):
    rng = np.random.default_rng(0)
    labels = np.arange(12 * n_classes) % n_classes
    pixels = rng.integers(0, 255, (len(labels), 8, 8, 3)).astype(np.uint8)
    names = tuple("abc"[:n_classes])
    return ImageSet(pixels, labels, pixels[:6], labels[:6], names)


def train(tmp_path, run, n_classes=2, teacher=None):
    write_images(tmp_path / "images.npz", images_of(n_classes), "test")
    folder = tmp_path / "results/tiny" / run.run
    folder.mkdir(parents=True, exist_ok=True)
    train_classifier_run(
        run,
        partial(loaded_images, run, tmp_path / "images.npz"),
        folder,
        JobContext("tiny", "c", threads=torch.get_num_threads()),
        teacher_folder=teacher,
    )
    return folder


def test_job_writes_the_files_and_record_of_every_training(tmp_path):
    folder = train(tmp_path, RUN)
    record = json.loads((folder / "run.json").read_text())
    assert set(record) == {
        *("paper", "run", "scale", "run_key", "settings", "code_version", "data_checksum"),
        *("members", "seed", "device", "precision", "versions", "started", "finished"),
        *(
            "wall_seconds",
            "resumed",
            "warnings",
            "result_path",
            "status",
            "n_classes",
            "n_parameters",
        ),
    }
    state = read_tensors(folder / "model.safetensors")
    trained = [name for name in state if "running" not in name and "tracked" not in name]
    assert record["n_parameters"] == sum(state[name].numel() for name in trained)
    assert (record["members"], record["n_classes"]) == (1, 2)
    assert record["data_checksum"] == images_of(2).checksum
    history, meta = read_arrays(folder / "history.npz")
    assert meta["run_key"] == record["run_key"]
    assert history["noisy_test_loss"].shape == (3, 1) and len(history["test_loss"]) == 3
    kept = read_tensors(folder / "epochs.safetensors")
    assert {name.split("/")[0] for name in kept} == {"0", "2"}
    assert {name.split("/")[1] for name in kept} == set(state)
    metrics = pd.read_csv(folder / "metrics.csv")
    assert set(metrics["metric"]) == {
        *("loss/training", "accuracy/training", "loss/test", "accuracy/test", "learning_rate"),
        *("noise_fitting/radial_0.1", "covariance_term/radial_0.1"),
    }
    assert metrics["iteration"].is_monotonic_increasing
    assert not (folder / "resume").exists()


@pytest.mark.parametrize(
    ("n_classes", "bound"), [(2, 0.5556), (3, 0.4074), (10, 0.2), (100, 0.02), (1000, 0.002)]
)
def test_near_chance_is_less_than_twice_chance_or_a_ninth_above_it(n_classes, bound):
    assert near_chance(1 / n_classes, n_classes) and near_chance(bound - 1e-4, n_classes)
    assert not near_chance(bound + 1e-4, n_classes) and not near_chance(1.0, n_classes)


def ended(accuracy, loss):
    return {"test_accuracy": np.array([0.5, accuracy]), "training_loss": np.array([1e9, loss])}


def test_a_network_that_learnt_nothing_or_exploded_is_told():
    nothing = (
        "ends at a test accuracy of 12.5 %, near the 10 % of chance: what is measured on it says "
        "little"
    )
    assert classifier_warnings(RUN, ended(0.125, 2.3), 10) == [nothing]
    assert classifier_warnings(RUN, ended(0.8, 20.0), 10) == []
    exploded, also = classifier_warnings(RUN, ended(0.125, 23.1), 10)
    assert exploded.startswith("ends at a training loss of up to 10 times that at the start")
    assert also == nothing


def test_a_loss_that_is_no_number_leaves_no_result(tmp_path):
    training = replace(RUN.training, learning_rate=1e30, gradient_clip=None)
    with pytest.raises(UserError, match=r"loss is nan in epoch 1 with learning_rate 1e\+30;"):
        train(tmp_path, replace(RUN, training=training))
    folder = tmp_path / "results/tiny" / RUN.run
    assert [path.name for path in folder.iterdir()] == ["resume"]


def test_warnings_go_to_the_user_the_log_and_the_record(tmp_path, caplog, capsys):
    slow = replace(RUN, training=replace(RUN.training, learning_rate=1e-9, wave=None, probes=()))
    folder = train(tmp_path, slow)
    accuracy = read_arrays(folder / "history.npz")[0]["test_accuracy"][-1]
    (line,) = json.loads((folder / "run.json").read_text())["warnings"]
    assert line.startswith(f"ends at a test accuracy of {100 * accuracy:.1f} %, near the 50 % of")
    assert caplog.messages == [f"{slow.run}: {line}"]
    assert f"[{slow.run}] {line}\n" in capsys.readouterr().err


def test_a_teacher_is_taken_up_and_one_of_other_classes_refused(tmp_path):
    teacher = train(tmp_path, replace(RUN.changed(wave=None), run="teacher"))
    student = replace(RUN, run="student").changed(teacher="teacher", teacher_weight=0.5)
    folder = train(tmp_path, student, teacher=teacher)
    assert json.loads((folder / "run.json").read_text())["settings"]["teacher"] == "teacher"
    with pytest.raises(UserError, match=r"^teacher: was trained on 2 classes, .* images have 3;"):
        train(tmp_path, student, n_classes=3, teacher=teacher)


def test_more_images_than_a_class_has_are_refused(tmp_path):
    with pytest.raises(UserError, match="n_train: class 'a' has 12 images of the 20"):
        train(tmp_path, replace(RUN, n_train=40))


def test_metrics_keep_values_with_their_names():
    names = ("training_loss", "training_accuracy", "test_loss", "test_accuracy", "learning_rate")
    history = {name: np.array([i, i + 0.5]) for i, name in enumerate(names)}
    probed = {"clean_test_loss": np.ones((2, 2)), "noisy_test_loss": np.array([[3, 4], [5, 6]])}
    probed["covariance_term"] = np.array([[0.1, 0.2], [0.3, 0.4]])
    waves = [WAVE, Wave("1/f2", 0.5, 0.2)]
    metrics = classifier_metrics({"epoch": np.array([1, 2]), **history, **probed}, waves)
    values = metrics.set_index(["metric", "iteration"])["value"]
    assert values["accuracy/test", 2] == 3.5 and values["loss/training", 1] == 0
    assert values["noise_fitting/radial_0.1", 2] == -4 and values["noise_fitting/1_f2_0.5", 1] == -3


def test_waves_that_differ_have_different_names():
    waves = [
        WAVE,
        Wave("fourier", 0.1, 0.2, spatial_frequency=0.0),
        Wave("fourier", 0.1, 0.2, spatial_frequency=1.4),
        Wave("1/f2", 0.1, 0.2),
        Wave("random", 0.1, 0.2),
        Wave("random", 0.1, 0.2, seed=1),
    ]
    names = [wave_name(each) for each in waves]
    assert names[0] == "radial_0.1" and names[2] == "fourier_0.1_at_1.4"
    assert len(set(names)) == len(names) and "/" not in "".join(names)
