"""What training and measuring cost, against counting by hand."""

import json
import math

import pytest
import torch

from spectral_bias import experiments
from spectral_bias.config.load import load_settings
from spectral_bias.cost.ensembles import autoencoder_flop, ensemble
from spectral_bias.cost.paths import PathWork, path_points, path_work
from spectral_bias.cost.sections import section_costs
from spectral_bias.cost.text import STATED_TFLOPS, measured_tflops, plan_text, sections_text
from spectral_bias.cost.training import costs, forward_flop, n_images, state_bytes, training_flop
from spectral_bias.training.classifier.augmentation.settings import Augmentation
from spectral_bias.training.classifier.settings import ClassifierSettings
from spectral_bias.training.runs import ClassifierRun, NetworkSpec

NETWORK = {"callable": "wide_resnet", "arguments": {"depth": 10, "width": 8, "stem": 8}}
PATCHES = {"source": "patches", "folder": None, "n_train": 2000, "n_test": 1000, "size": 32}


def run(n_train=2000, epochs=10, precision="float32", **changes):
    own = {"architecture": "wrn_8", "network": NetworkSpec(**NETWORK), "data": PATCHES} | changes
    training = ClassifierSettings(
        epochs, 50, 0.1, "cosine", 0.9, 0.0, Augmentation("none"), precision
    )
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
    cifar = run(data=PATCHES | {"source": "cifar10", "size": 64})
    assert [cost.forward_flop for cost in costs([cifar])] == [by_hand(32)]


def test_runs_of_two_precisions_are_two_rows():
    first, second = costs([run(), run(precision="bf16"), run()])
    assert (first.precision, first.n_runs) == ("float32", 2)
    assert (second.precision, second.n_runs) == ("bf16", 1)


def test_a_measured_throughput_is_that_of_the_largest_network_on_a_gpu(tmp_path):
    path = tmp_path / "classifier.json"
    assert measured_tflops(path) == {}
    ways = [
        {"device": "cuda", "precision": "bf16", "tflops": 120.0},
        {"device": "cuda", "precision": "bf16", "tflops": 250.0},
        {"device": "cpu", "precision": "float32", "tflops": 0.1},
    ]
    path.write_text(json.dumps({"utilisation": ways}))
    assert measured_tflops(path) == {"bf16": 250.0}


@pytest.mark.parametrize(("size", "spacing"), [(32, 1.0), (64, 3.0)])
def test_points_of_a_path_are_about_those_of_random_images(size, spacing):
    ends = torch.randn(2, 200, 3 * size**2, generator=torch.Generator().manual_seed(0))
    distances = (ends[0] - ends[1]).norm(dim=1)
    expected = sum(math.ceil(d / spacing) for d in distances.tolist()) / len(distances)
    assert path_points(size, spacing, None) == pytest.approx(expected, abs=1)


def test_points_of_a_path_may_be_set():
    assert path_points(32, None, 64) == 64
    assert path_points(8, 1000.0, None) == 2


def paths(**changes):
    values = {
        "name": "cifar10: wrn_8",
        "network": NETWORK,
        "size": 32,
        "n_classes": 10,
        "precision": "float32",
        "n_networks": 4,
        "n_paths": 50,
        "n_points": 79,
    }
    return PathWork(**values | changes)


def test_each_point_of_a_path_is_a_forward_pass():
    assert paths().flop() == by_hand(32) * 4 * 50 * 79
    assert paths(size=16).forward_flop() == by_hand(16)


def work(scale, **changes):
    settings = load_settings({"scale": scale} | changes)
    found = path_work(settings)
    return settings.fridovichkeil2021, {one.name.partition(": ")[2]: one for one in found}


def test_every_measured_epoch_of_a_small_classifier_counts():
    paper, found = work("quick")
    section = paper.cifar10
    wide = [
        run
        for name, run in section.runs().items()
        if run.wave is None and run.architecture == section.baseline
    ]
    epochs = sum(len({*run.training.checkpoint_epochs, run.length}) for run in wide)
    one = found[section.baseline]
    assert one.n_networks == epochs > len(wide)
    within, between = section.interpolation.n_within, section.interpolation.n_between
    assert one.n_paths == 10 * within + 45 * between
    assert one.n_points == section.interpolation.n_samples
    assert sum(found[name].n_networks for name in section.networks) >= len(section.measured_runs())


def test_networks_of_larger_images_are_counted_at_their_size():
    paper, found = work("quick")
    section = paper.imagenet
    paths = section.interpolation
    for name in section.trained:
        one = found[name]
        assert (one.n_networks, one.size, one.waits_for) == (1, section.data.size, "")
        assert one.n_paths == 10 * paths.n_within + paths.n_between
        assert one.network == section.networks[name].network()


def test_without_a_folder_imagenet_waits_for_it():
    paper, found = work("paper")
    one = found["resnet50.IMAGENET1K_V2"]
    assert one.waits_for == "imagenet.data.folder" and paper.imagenet.measurements() == {}
    assert one.network["callable"] == "torchvision.models.resnet50"
    assert (one.size, one.n_classes, one.n_paths) == (224, 1000, 1000 * 25 + 25_000)
    assert one.n_points == pytest.approx(138, abs=1)


def test_classes_of_a_folder_are_counted(tmp_path):
    for name in ("train/a", "train/b", "val/a", "val/b", "val/c"):
        (tmp_path / name).mkdir(parents=True)
    changes = {"fridovichkeil2021": {"imagenet": {"data": {"folder": str(tmp_path)}}}}
    _, found = work("paper", **changes)
    one = found["resnet18.IMAGENET1K_V1"]
    assert (one.n_classes, one.waits_for, one.n_paths) == (3, "", 3 * 25 + 25_000)


@pytest.mark.parametrize(("precision", "expected"), [("tf32", "tf32"), ("bf16", "float32")])
def test_paths_are_counted_at_the_precision_that_they_are_measured_at(precision, expected):
    _, found = work("quick", precision=precision)
    assert found["wrn_4"].precision == expected
    assert found["wrn_32"].precision == "float32"


def row_of(text, start):
    """The numbers of the first line that starts so."""
    line = next(line for line in text.splitlines() if line.startswith(start))
    return line.removeprefix(start).split()


def hours(*work):
    """Of FLOP and precision, at stated throughputs."""
    return f"{sum(flop / (STATED_TFLOPS[p] * 1e12) / 3600 for flop, p in work):.2g}"


def test_the_plan_gives_each_precision_its_throughput():
    (half,), (whole,) = (
        costs([run(epochs=10**6, precision=precision)]) for precision in ("bf16", "float32")
    )
    text = plan_text("paper", [half, whole], [], {}, {"of noise fitting": 7})
    flop = f"{half.flop / 1e15:.2g}"
    rows = [line.split() for line in text.splitlines() if line.startswith("fridovich")]
    assert [row[2:] for row in rows] == [
        [
            "wrn_8",
            "1",
            "1000000",
            "2000",
            p,
            f"{by_hand(32) / 1e9:.3g}",
            flop,
            hours((half.flop, p)),
        ]
        for p in ("bf16", "float32")
    ]
    both = [(half.flop, "bf16"), (whole.flop, "float32")]
    assert row_of(text, "all") == ["2", f"{2 * half.flop / 1e15:.0f}", hours(*both)]
    assert "200 TFLOP/s in bf16, stated, not measured" in text
    assert "30 TFLOP/s in float32, stated, not measured" in text
    assert text.endswith("training:\n     7 of noise fitting")


def test_the_plan_says_what_was_measured_and_where():
    found = costs([run(precision="bf16", epochs=10**6)])
    text = plan_text("paper", found, [paths()], {"bf16": 250.0}, {})
    assert "250 TFLOP/s in bf16, as `make benchmark` measured on this computer" in text
    assert "30 TFLOP/s in float32, stated, not measured" in text
    assert row_of(text, "all")[-1] == f"{found[0].flop / 250e12 / 3600:.2g}"


def test_the_plan_counts_paths_beside_trainings():
    found, many = costs([run()]), paths(n_networks=10**6)
    text = plan_text("paper", found, [many, paths(name="imagenet: a", waits_for="folder")], {}, {})
    forward, flop = f"{by_hand(32) / 1e9:.3g}", many.flop()
    expected = ["1000000", "50", "79", "float32", forward, f"{flop / 1e15:.2g}"]
    assert row_of(text, "cifar10: wrn_8") == [*expected, hours((flop, "float32"))]
    assert row_of(text, "imagenet: a *")[0] == "4"
    assert "* only once folder is set; not in the sums" in text
    together = flop + found[0].flop
    sums = [f"{together / 1e15:.2g}", hours((together, "float32"))]
    assert row_of(text, "training and paths") == sums


# --- ensembles and sections ---------------------------------------------------------------------

QUICK = load_settings({"scale": "quick"})
RUNS = experiments.training_runs(QUICK)


def ensemble_of(name):
    run = RUNS[name]
    return ensemble(run, experiments.problems()[run.problem], {"autoencoder_16": "mnist_5k"})


def test_an_ensemble_costs_three_passes_of_all_samples_in_each_iteration():
    one, section = ensemble_of("sinusoids_equal"), QUICK.rahaman2018.sinusoids
    assert (one.members, one.n_samples, one.d_in) == (section.n_runs, section.n_points, 1)
    width, depth = section.network.width, section.network.depth
    weights = (width + width) + (depth - 2) * (width**2 + width) + (width + 1)
    assert one.flop() == section.n_runs * section.iterations * 6 * section.n_points * weights


@pytest.mark.parametrize("name", ["label_noise", "kernel_spectra"])
def test_ensembles_on_digits_are_counted_without_the_digits(name, tmp_path):
    from importlib import import_module

    from spectral_bias.data.digits import bundled_mnist, write_digits

    run, one, digits = RUNS[name], ensemble_of(name), tmp_path / "mnist_5k.npz"
    write_digits(digits, "mnist_5k", *bundled_mnist())
    builder = import_module(experiments.problems()[run.problem])
    problem, _ = builder.build(run.problem_settings(), digits)
    assert (one.members, one.d_in) == (len(problem.seeds), problem.d_in)
    assert one.n_samples == problem.n_samples


def test_the_disk_of_an_ensemble_is_that_of_what_is_kept():
    one, section = ensemble_of("sinusoids_equal"), QUICK.rahaman2018.sinusoids
    parameters = one.run.training.shape(1).n_parameters
    kept = (1 + len(section.parameters_at)) * parameters
    records = (section.iterations // section.record_every + 1) * (
        one.n_samples + section.network.depth
    )
    losses = section.iterations // section.loss_every + 1
    assert one.disk_bytes() == 4 * section.n_runs * (kept + records + losses)


def test_a_classifier_keeps_its_state_at_the_end_and_on_the_way():
    import dataclasses

    from spectral_bias.models.named import build_network

    state = build_network(**NETWORK, n_classes=10, seed=0).state_dict().values()
    size = sum(tensor.numel() * tensor.element_size() for tensor in state)
    assert state_bytes(NETWORK) == size
    kept = dataclasses.replace(run().training, checkpoint_epochs=(0, 5))
    (cost,) = costs([run(), dataclasses.replace(run(), training=kept)])
    assert cost.disk_bytes == size * (1 + 3)


def test_every_section_that_trains_has_a_row_and_their_sum_is_the_last():
    sections = {"rahaman2018 sinusoids": ["sinusoids_equal", "sinusoids_low"], "none": []}
    sections |= {"rahaman2018 random_labels": ["autoencoder_16"], "fridovichkeil2021 cifar10": []}
    classifiers, walked = costs([run(epochs=10**6)]), [paths(name="fridovichkeil2021 cifar10: a")]
    memory = {"mlp": 1000, "autoencoder": 3000, "classifier": 6000}
    found = section_costs(sections, RUNS, experiments.problems(), memory, classifiers, walked)
    first, second, third = found
    assert first.work[0] == (ensemble_of("sinusoids_equal").flop(), "float32")
    assert (first.n_networks, first.memory_mb) == (2 * QUICK.rahaman2018.sinusoids.n_runs, 1000)
    assert second.work == ((autoencoder_flop(RUNS["autoencoder_16"]), "float32"),)
    assert third.work == ((classifiers[0].flop, "float32"), (walked[0].flop(), "float32"))
    text = sections_text("quick", found, {}, 5000)
    every = [part for one in found for part in one.work]
    assert row_of(text, "all")[2:4] == [hours(*every), "3"]
    assert "Measuring jobs ask for 5 GB at most." in text
