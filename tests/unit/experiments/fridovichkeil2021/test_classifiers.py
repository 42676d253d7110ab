"""Classifiers of Fridovich-Keil et al. 2021: each trained once, with the values of the paper."""

from pathlib import Path

import pytest

from spectral_bias.config.load import load_settings
from spectral_bias.errors import UserError
from spectral_bias.experiments import training_runs

ROOT = Path(__file__).parents[3]


def cifar10(scale="paper", **values):
    settings = load_settings({"scale": scale, "fridovichkeil2021": {"cifar10": values}}, ROOT)
    return settings.fridovichkeil2021.cifar10


def test_baseline_has_the_values_of_the_code():
    run = cifar10().runs()["wrn_32"]
    assert run["network"] == {
        "callable": "wide_resnet",
        "arguments": {"depth": 28, "width": 32, "stem": 16},
    }
    assert (run["epochs"], run["batch_size"], run["learning_rate"]) == (200, 256, 0.1)
    assert (run["momentum"], run["nesterov"], run["gradient_clip"]) == (0.9, True, 5.0)
    assert (run["weight_decay"], run["schedule"]) == (5e-4, "cosine")
    assert run["augmentation"] == {"name": "cutout", "flip_crop": True, "cutout": 16}
    assert run["wave"] is None and run["teacher"] is None
    runs = cifar10().runs()
    pyramid, shake = runs["pyramid_net"], runs["shake_shake_96"]
    assert (pyramid["learning_rate"], pyramid["weight_decay"], pyramid["batch_size"]) == (
        0.05,
        5e-5,
        64,
    )
    assert (shake["learning_rate"], shake["weight_decay"]) == (0.01, 1e-3)


def test_no_two_runs_have_the_same_settings():
    for scale in ("paper", "quick", "tiny"):
        runs = list(cifar10(scale).runs().values())
        assert all(one != other for i, one in enumerate(runs) for other in runs[:i])


def test_the_baseline_serves_every_intervention_that_contains_it():
    rows = cifar10().plan().interventions
    shared = {row["intervention"] for row in rows if row["run"] == "wrn_32"}
    assert shared == {
        *("architecture", "train_size", "augmentation", "distillation", "weight_decay"),
        "image_frequency",
    }
    assert "wrn_32.n50000" not in cifar10().runs()


def test_every_variant_is_trained_with_the_compared_waves():
    plan = cifar10().plan()
    for row in plan.interventions:
        if row["intervention"] == "image_frequency":
            continue
        for f in (0.02, 0.038, 0.1):
            noised = plan.runs[f"{row['run']}.radial_{f:g}"]
            assert noised["wave"]["frequency"] == f and noised["probes"] == [noised["wave"]]
            assert plan.bases[f"{row['run']}.radial_{f:g}"] == row["run"]
            clean = plan.runs[row["run"]]
            changed = {key for key in clean if clean[key] != noised[key]}
            allowed = {"wave", "probes", "checkpoint_epochs", "teacher"}
            assert {"wave", "probes"} <= changed <= allowed


def test_a_teacher_is_the_generation_before_trained_on_the_same_labels():
    runs = cifar10().runs()
    assert runs["wrn_32.distilled_0.5_gen1"]["teacher"] == "wrn_32"
    assert runs["wrn_32.distilled_0_gen2"]["teacher"] == "wrn_32.distilled_0_gen1"
    noised = runs["wrn_32.distilled_0_gen2.radial_0.1"]
    assert noised["teacher"] == "wrn_32.distilled_0_gen1.radial_0.1"
    assert all(run["teacher"] in runs for run in runs.values() if run["teacher"])


def test_seeds_train_the_baseline_with_all_waves_and_an_even_floor():
    plan = cifar10(n_seeds=2).plan()
    for stem in ("wrn_32", "wrn_32.seed1"):
        assert plan.runs[f"{stem}.uniform"]["wave"]["kind"] == "uniform"
        probes = plan.runs[f"{stem}.uniform"]["probes"]
        waves = {run["wave"]["kind"] for run in plan.runs.values() if run["wave"]}
        assert {probe["kind"] for probe in probes} == waves - {"uniform"}
        for run in plan.runs.values():
            if run["wave"] and run["wave"]["kind"] != "uniform":
                assert run["wave"] in probes or run["wave"]["noise_class"] is not None
        for f in (0.01, 0.02, 0.038, 0.06, 0.1, 0.2):
            assert f"{stem}.radial_{f:g}" in plan.runs
    assert "wrn_32.seed2" not in plan.runs


def test_only_the_baseline_keeps_the_epochs_of_the_trajectory():
    section = cifar10()
    kept = {name for name, run in section.runs().items() if run["checkpoint_epochs"]}
    assert kept == {"wrn_32"}
    assert section.runs()["wrn_32"]["checkpoint_epochs"] == section.trajectory


def test_measuring_otherwise_trains_nothing_again():
    before = training_runs(load_settings({"scale": "quick"}, ROOT))
    values = {"interpolation": {"n_pairs": 3}, "wave": {"warm_up": 2}, "shift": {"source": "zoom"}}
    overrides = {"scale": "quick", "fridovichkeil2021": {"cifar10": values}}
    assert training_runs(load_settings(overrides, ROOT)) == before


def test_names_can_be_parts_of_paths_and_are_unique_over_papers():
    settings = load_settings({"scale": "quick"}, ROOT)
    runs = training_runs(settings)
    papers = [training_runs(settings, paper) for paper in ("rahaman2018", "fridovichkeil2021")]
    assert len(runs) == sum(map(len, papers))
    assert all("/" not in name and " " not in name for name in runs)
    assert all(run["paper"] == "rahaman2018" for run in papers[0].values())


NETWORK = {
    "callable": "wide_resnt",
    "arguments": {},
    "learning_rate": 0.1,
    "weight_decay": 0.0,
    "batch_size": 2,
}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"baseline": "wrn_23"}, "baseline: no network 'wrn_23'; did you mean 'wrn_32'?"),
        ({"architectures": ["pyramidnet"]}, "architectures: no network 'pyramidnet'; did you mean"),
        ({"networks": {"mine": NETWORK}}, "'wide_resnt'; did you mean 'wide_resnet'?"),
        (
            {"networks": {"mine": NETWORK | {"callable": "torchvision.models.resnet81"}}},
            "torchvision.models has no callable 'resnet81'; did you mean 'resnet18'",
        ),
        ({"augmentation": "cutot"}, "no augmentation 'cutot'; did you mean 'cutout'?"),
        ({"augmentations": ["randaugmnt"]}, "did you mean 'randaugment'?"),
        ({"wave": {"amplitude": 0.6}}, "wave.amplitude: Input should be less than or equal to 0.5"),
        ({"wave": {"frequencies": [0.0]}}, "frequencies.0: Input should be greater than 0"),
        ({"wave": {"compared": [0.3]}}, "compared: 0.3 is not among frequencies"),
        ({"wave": {"warm_up": 200}}, "wave.warm_up: 200 of 200 epochs leaves none"),
        ({"train_sizes": [60000]}, "train_sizes: 60000 images of 50000"),
        ({"trajectory": [201]}, "trajectory: epoch 201 comes after the last one"),
        ({"interpolation": {"n_samples": 64}}, "spacing: give either spacing or n_samples"),
        ({"interpolation": {"n_pairs": 501}}, "interpolation.n_pairs: 501 paths within a class"),
        ({"data": {"source": "patches"}}, "cifar10.1 holds the classes of CIFAR-10"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_line(values, said):
    with pytest.raises(UserError) as caught:
        cifar10(**values)
    message = str(caught.value)
    assert said in message and "\n" not in message
    assert ": fridovichkeil2021.cifar10." in message
