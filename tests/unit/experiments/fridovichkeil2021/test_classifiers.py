"""The classifiers of CIFAR-10: settings, and each run trained once with the values of the paper."""

import json
from dataclasses import asdict

import pytest

from spectral_bias.errors import UserError
from spectral_bias.experiments import training_runs
from spectral_bias.experiments.fridovichkeil2021.classifiers.plan import batches
from spectral_bias.experiments.fridovichkeil2021.purposes import (
    COMPARED,
    FOURIER,
    NATURAL,
    SWEEP,
)
from spectral_bias.provenance import run_key
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


@pytest.mark.parametrize("scale", ["paper", "overnight", "quick", "tiny"])
def test_no_two_runs_have_the_same_settings(scale):
    runs = [str(run.settings()) for run in cifar10(scale).runs().values()]
    assert len({*runs}) == len(runs)


def test_the_baseline_serves_every_intervention_that_contains_it():
    plan = cifar10().plan()
    shared = {row["intervention"] for row in plan.interventions if row["run"] == "wrn_32"}
    assert shared == {row["intervention"] for row in plan.interventions} and len(shared) == 6
    assert "wrn_32.n50000" not in plan.runs


@pytest.mark.parametrize("scale", ["paper", "quick"])
def test_variants_are_trained_with_the_compared_waves_and_on_even_labels(scale):
    section = cifar10(scale)
    plan, waves = section.plan(), section.wave
    extremes = {row["run"] for row in plan.extremes}
    chosen = {
        row["run"] for row in plan.interventions if row["intervention"] in waves.interventions
    }
    found = {row["base"]: row for row in plan.waves if row["purpose"] == COMPARED}
    assert {*found} == extremes | chosen
    for run, row in found.items():
        assert row["floors"] == [f"{run}.uniform"], "each network has a floor of its own"
        floor = plan.runs[row["floors"][0]]
        for f in waves.compared:
            noised = plan.runs[f"{run}.radial_{f:g}"]
            assert noised.wave.frequency == f and noised.training.probes == (noised.wave,)
            assert noised.wave in floor.training.probes and floor.wave.kind == "uniform"
            ours, theirs = noised.settings(), plan.runs[run].settings()
            changed = {key for key in theirs if theirs[key] != ours[key]}
            allowed = {"wave", "probes", "checkpoint_epochs", "teacher"}
            assert {"wave", "probes"} <= changed <= allowed


def test_extremes_come_in_pairs_of_all_seeds():
    section = cifar10("quick")
    rows = section.plan().extremes
    by = {(row["intervention"], row["place"], row["seed"]): row for row in rows}
    assert len(by) == len(rows) == len(section.extremes) * 2 * section.n_seeds
    for intervention, pair in section.extremes.items():
        for place, variant in zip(("low", "high"), pair, strict=True):
            for seed in range(section.n_seeds):
                row = by[intervention, place, seed]
                run = section.plan().runs[row["run"]]
                assert row["variant"] == variant and run.replicate == seed and run.wave is None
    student = section.plan().runs["wrn_32.distilled_0.5_gen1.seed2"]
    assert student.teacher == "wrn_32.seed2"


def test_matched_trainings_end_at_the_same_accuracy():
    section = cifar10("quick", matched={"test_accuracy": 0.4})
    rows = section.plan().matched
    assert {row["intervention"] for row in rows} == {*section.extremes}
    for row in rows:
        training = section.plan().runs[row["run"]].training
        assert training.stop_accuracy == 0.4 and training.wave is None
    without = cifar10("quick", matched={"test_accuracy": None}).plan()
    assert without.matched == [] and not any("matched" in name for name in without.runs)


def test_trainings_of_one_job_share_architecture_and_wait_for_none_of_their_own():
    section = cifar10("quick")
    runs, found = section.runs(), section.batches()
    assert sorted(name for batch in found for name in batch) == sorted(runs)
    for batch in found:
        assert len(batch) <= section.trainings_per_job
        members = [runs[name] for name in batch]
        assert len({(run.architecture, run.training.epochs) for run in members}) == 1
        # Networks whose code counts, of a run and its teacher: the batch has the version of each.
        built = {
            (run.network.callable, run.teacher and runs[run.teacher].network.callable)
            for run in members
        }
        assert len({frozenset(filter(None, callables)) for callables in built}) == 1
        assert not {runs[name].teacher for name in batch} & {*batch}
    assert all(len(batch) == 1 for batch in cifar10("paper").batches())


def test_runs_have_the_same_keys_in_jobs_of_any_size():
    keys = []
    for size in (1, 3, 8):
        runs = training_runs(settings_of("quick", trainings_per_job=size), "fridovichkeil2021")
        keys.append({name: run_key(run.settings(), "code", "data") for name, run in runs.items()})
    assert keys[0] == keys[1] == keys[2] and len({*keys[0].values()}) == len(keys[0])


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_batches_are_full_and_in_the_order_of_the_plan(size):
    runs = cifar10("quick").runs()
    kinds = {}
    for name, run in runs.items():
        kind = run.architecture, run.generation, run.training.epochs
        kinds.setdefault(kind, []).append(name)
    wanted = [
        names[at : at + size] for names in kinds.values() for at in range(0, len(names), size)
    ]
    found = batches(runs, size)
    assert sorted(found) == sorted(wanted)
    first = [batch[0] for batch in found]
    assert first == [name for name in runs if name in {*first}], "by their first run"


def test_waves_along_directions_are_given_in_cycles():
    plan = cifar10("quick").plan()
    rows = [row for row in plan.waves if row["purpose"] in (FOURIER, NATURAL)]
    floor = plan.runs["wrn_32.uniform"]
    for row in rows:
        wave = plan.runs[row["run"]].wave
        assert wave.cycles and wave.frequency is None and wave in floor.training.probes
        assert row["floors"] == [f"wrn_32{seed}.uniform" for seed in ("", ".seed1", ".seed2")]
    assert {row["purpose"] for row in rows} == {FOURIER, NATURAL}


def test_a_teacher_is_the_generation_before_trained_on_the_same_labels():
    runs = cifar10().runs()
    assert runs["wrn_32.distilled_0.5_gen1"].teacher == "wrn_32"
    assert runs["wrn_32.distilled_0_gen2"].teacher == "wrn_32.distilled_0_gen1"
    noised = runs["wrn_32.distilled_0_gen2.radial_0.038"]
    assert noised.teacher == "wrn_32.distilled_0_gen1.radial_0.038"
    assert all(run.teacher in runs for run in runs.values() if run.teacher)


def test_radial_waves_of_another_length_have_a_floor_of_that_length():
    plan = cifar10("quick").plan()
    length = cifar10("quick").wave.epochs
    assert length != cifar10("quick").epochs
    rows = [row for row in plan.waves if row["purpose"] == SWEEP]
    assert len(rows) == 5 * 3
    for row in rows:
        run = plan.runs[row["run"]]
        assert run.training.epochs == length and run.training.probes == (run.wave,)
        assert row["floors"] == [f"{row['base']}.epochs{length}.uniform"]
        for name in row["spread"]:
            floor = plan.runs[name]
            assert floor.training.epochs == length and run.wave in floor.training.probes
    assert {len(row["spread"]) for row in rows} == {3}
    at_paper = [row for row in cifar10().plan().waves if row["purpose"] == SWEEP]
    assert at_paper[0]["run"] == "wrn_32.radial_0.01", "the length is that of all"


def test_trajectories_alone_keep_epochs():
    for scale, names in (("paper", ["wrn_32"]), ("quick", ["wrn_32.long"])):
        section = cifar10(scale)
        wanted = [
            f"{names[0]}{f'.seed{n}' if n else ''}" for n in range(section.trajectory.n_seeds)
        ]
        kept = {n: run.training.checkpoint_epochs for n, run in section.runs().items()}
        epochs = tuple(section.trajectory.measured)
        assert {n: e for n, e in kept.items() if e} == dict.fromkeys(wanted, epochs)
        assert section.trajectory_runs() == wanted


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
        ({"wave": {"warm_up": 200}}, "wave.warm_up: 200 of 200 epochs leaves none"),
        ({"train_sizes": [60000]}, "train_sizes: 60000 images of 50000"),
        (
            {"trajectory": {"measured": [5, 10, 20, 201]}},
            "trajectory.measured: epoch 201 comes after",
        ),
        ({"trajectory": {"start": [7]}}, "start: epoch 7 is not among measured"),
        (
            {"extremes": {"augmentation": ["non", "cutout"]}},
            "extremes.augmentation: no variant 'non'",
        ),
        (
            {"extremes": {"augmentations": ["none", "cutout"]}},
            "no intervention 'augmentations'; did",
        ),
        ({"wave": {"interventions": ["decay"]}}, "wave.interventions: no intervention 'decay'"),
        ({"interpolation": {"n_samples": 64}}, "spacing: give either spacing or n_samples"),
        ({"interpolation": {"n_within": 501}}, "interpolation.n_within: 501 paths need 1002"),
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
