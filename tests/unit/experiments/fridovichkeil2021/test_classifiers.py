"""The classifiers of CIFAR-10: settings, and each run trained once with the values of the paper."""

import json
from dataclasses import asdict

import pytest

from spectral_bias.errors import UserError
from spectral_bias.experiments import training_runs
from spectral_bias.training.classifier.augmentation.settings import Augmentation
from spectral_bias.training.runs import NetworkSpec, run_of
from tests.unit.experiments.fridovichkeil2021.made_up import settings_of


def cifar10(scale="paper", **values):
    return settings_of(scale, **values).fridovichkeil2021.cifar10


def test_baseline_has_the_values_of_the_code():
    runs = cifar10().runs()
    run = runs["wrn_32"]
    assert run.network == NetworkSpec("wide_resnet", {"depth": 28, "width": 32, "stem": 16})
    expected = {
        **{"epochs": 200, "batch_size": 256, "learning_rate": 0.1, "schedule": "cosine"},
        **{"momentum": 0.9, "nesterov": True, "gradient_clip": 5.0, "weight_decay": 5e-4},
        **{"augmentation": asdict(Augmentation("cutout", flip_crop=True, cutout=16))},
        **{"wave": None},
    }
    assert asdict(run.training).items() >= expected.items() and run.teacher is None
    theirs = {"shake_shake_96": (0.01, 1e-3, 256), "pyramid_net": (0.05, 5e-5, 64)}
    for name, values in theirs.items():
        training = runs[name].training
        assert (training.learning_rate, training.weight_decay, training.batch_size) == values


@pytest.mark.parametrize("scale", ["paper", "quick", "tiny"])
def test_no_two_runs_have_the_same_settings(scale):
    runs = [str(run.settings()) for run in cifar10(scale).runs().values()]
    assert len({*runs}) == len(runs)


def test_the_baseline_serves_every_intervention_that_contains_it():
    plan = cifar10().plan()
    shared = {row["intervention"] for row in plan.interventions if row["run"] == "wrn_32"}
    assert shared == {row["intervention"] for row in plan.interventions} and len(shared) == 6
    assert "wrn_32.n50000" not in plan.runs


def test_every_variant_is_trained_with_the_compared_waves():
    plan = cifar10().plan()
    rows = [row for row in plan.interventions if row["intervention"] != "image_frequency"]
    for run in {row["run"] for row in rows}:
        for f in (0.02, 0.038, 0.1):
            noised = plan.runs[f"{run}.radial_{f:g}"]
            assert noised.wave.frequency == f and noised.training.probes == (noised.wave,)
            assert plan.bases[f"{run}.radial_{f:g}"] == run
            ours, theirs = noised.settings(), plan.runs[run].settings()
            changed = {key for key in theirs if theirs[key] != ours[key]}
            allowed = {"wave", "probes", "checkpoint_epochs", "teacher"}
            assert {"wave", "probes"} <= changed <= allowed


def test_a_teacher_is_the_generation_before_trained_on_the_same_labels():
    runs = cifar10().runs()
    assert runs["wrn_32.distilled_0.5_gen1"].teacher == "wrn_32"
    assert runs["wrn_32.distilled_0_gen2"].teacher == "wrn_32.distilled_0_gen1"
    noised = runs["wrn_32.distilled_0_gen2.radial_0.1"]
    assert noised.teacher == "wrn_32.distilled_0_gen1.radial_0.1"
    assert all(run.teacher in runs for run in runs.values() if run.teacher)


def test_seeds_train_the_baseline_with_all_waves_and_an_even_floor():
    plan = cifar10(n_seeds=2).plan()
    waves = [run.wave for run in plan.runs.values() if run.wave and run.wave.kind != "uniform"]
    for stem in ("wrn_32", "wrn_32.seed1"):
        assert plan.runs[f"{stem}.uniform"].wave.kind == "uniform"
        probes = plan.runs[f"{stem}.uniform"].training.probes
        assert {*probes} == {wave for wave in waves if wave.noise_class is None}
        for f in (0.01, 0.02, 0.038, 0.06, 0.1, 0.2):
            assert f"{stem}.radial_{f:g}" in plan.runs
    assert "wrn_32.seed2" not in plan.runs


def test_only_the_baseline_keeps_the_epochs_of_the_trajectory():
    section = cifar10()
    kept = {n: run.training.checkpoint_epochs for n, run in section.runs().items()}
    assert {n: e for n, e in kept.items() if e} == {"wrn_32": tuple(section.trajectory)}


@pytest.mark.parametrize("scale", ["paper", "tiny"])
def test_a_run_is_the_same_after_standing_in_a_file(scale):
    for run in training_runs(settings_of(scale), "fridovichkeil2021").values():
        settings = json.loads(json.dumps(run.settings()))
        assert settings == run.settings() and run_of(settings) == run


def test_measuring_otherwise_trains_nothing_again():
    values = {"interpolation": {"n_within": 3}, "wave": {"warm_up": 2}, "shift": {"source": "zoom"}}
    assert training_runs(settings_of("quick", **values)) == training_runs(settings_of("quick"))


def test_names_can_be_parts_of_paths_and_are_unique_over_papers():
    settings = settings_of("quick")
    runs = training_runs(settings)
    papers = [training_runs(settings, paper) for paper in ("rahaman2018", "fridovichkeil2021")]
    assert len(runs) == sum(map(len, papers))
    assert all("/" not in name and " " not in name for name in runs)
    assert all(run.paper == "rahaman2018" for run in papers[0].values())


NETWORK = {"callable": "wide_resnt", "arguments": {}, "learning_rate": 0.1, "weight_decay": 0.0}
NETWORK |= {"batch_size": 2}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"baseline": "wrn_23"}, "baseline: no network 'wrn_23'; did you mean 'wrn_32'"),
        ({"architectures": ["pyramidnet"]}, "architectures: no network 'pyramidnet'; did you mean"),
        ({"networks": {"mine": NETWORK}}, "'wide_resnt'; did you mean 'wide_resnet'"),
        (
            {"networks": {"mine": NETWORK | {"callable": "torchvision.models.resnet81"}}},
            "torchvision.models has no callable 'resnet81'; did you mean 'resnet18'",
        ),
        ({"augmentation": "cutot"}, "no augmentation 'cutot'; did you mean 'cutout'"),
        ({"augmentations": ["randaugmnt"]}, "did you mean 'randaugment'"),
        ({"wave": {"amplitude": 0.6}}, "wave.amplitude: Input should be less than or equal to 0.5"),
        ({"wave": {"frequencies": [0.0]}}, "frequencies.0: Input should be greater than 0"),
        ({"wave": {"compared": [0.3]}}, "compared: 0.3 is not among frequencies"),
        ({"wave": {"warm_up": 200}}, "wave.warm_up: 200 of 200 epochs leaves none"),
        ({"train_sizes": [60000]}, "train_sizes: 60000 images of 50000"),
        ({"trajectory": [201]}, "trajectory: epoch 201 comes after the last one"),
        ({"interpolation": {"n_samples": 64}}, "spacing: give either spacing or n_samples"),
        (
            {"interpolation": {"n_within": 501}},
            "interpolation.n_within: 501 paths need 1002 images",
        ),
        ({"interpolation": {"n_between": 1001}}, "interpolation.n_between: 1001 paths need 1001"),
        ({"data": {"source": "patches"}}, "cifar10.1 holds the classes of CIFAR-10"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_line(values, said):
    with pytest.raises(UserError) as caught:
        cifar10(**values)
    message = str(caught.value)
    assert said in message and "\n" not in message
    assert ": fridovichkeil2021.cifar10." in message
