"""Paths between test images over the epochs of a classifier: tables, claims, figures 2 and 4."""

from copy import deepcopy
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from spectral_bias.artefacts import write_arrays, write_table, write_tensors
from spectral_bias.claims.registry import evaluate
from spectral_bias.data.images import ImageSet
from spectral_bias.experiments.fridovichkeil2021.interpolation import fig02, fig04
from spectral_bias.experiments.fridovichkeil2021.interpolation.claims import CLAIMS
from spectral_bias.experiments.fridovichkeil2021.interpolation.example import (
    example,
    median_path,
    shown_images,
)
from spectral_bias.experiments.fridovichkeil2021.interpolation.measure import (
    collected,
    over_epochs,
)
from spectral_bias.experiments.fridovichkeil2021.interpolation.tables import (
    Interpolation,
    correct,
    ends,
    fraction_table,
    looked_at,
    mean_fractions,
    tables_of,
)
from spectral_bias.figures.build import caption
from spectral_bias.measurements.classifier import FinishedClassifier, LabelledImages
from spectral_bias.measurements.interpolation import PathSpectra, class_pairs, path_spectra
from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.spectra.paths import Sampling, relative_frequency

NAMES = ("cat", "dog", "frog")
SETTINGS = Interpolation(3, Sampling(0.5, None, 9), 0.1, 0, batch_size=16)
PIXELS = np.random.default_rng(0).integers(0, 256, (21, 4, 4, 3), dtype=np.uint8)
LABELS = np.arange(21) % 3
SHIFTED_LABELS = LABELS[:10].repeat(3)[:21]


def images(pixels=PIXELS, labels=LABELS):
    x = torch.as_tensor(pixels, dtype=torch.float32).permute(0, 3, 1, 2)
    return LabelledImages(x / 128 - 1, labels, NAMES)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(1)
    layers = (nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.5), nn.Flatten())
    return nn.Sequential(*layers, nn.Linear(16, 3))


@pytest.fixture(scope="module")
def result(network):
    shifted = images(PIXELS[::-1].copy(), SHIFTED_LABELS)
    return tables_of(network, images(), SETTINGS, run="wrn_32", epoch=5, shifted=shifted)


# Tables


def test_the_tables_have_their_columns_and_one_row_for_each_thing(result):
    columns = {
        "interpolation_fractions": [
            *("run", "epoch", "kind", "class_a", "class_b", "n_paths"),
            *("high_frequency_fraction", "mean_distance"),
        ],
        "interpolation_spectra": [
            *("run", "epoch", "kind", "relative_frequency", "magnitude", "power"),
        ],
        "class_accuracy": ["run", "epoch", "class_name", "test_accuracy"],
        "interpolation_summary": [
            *("run", "epoch", "test_accuracy", "shifted_accuracy"),
            *("within_fraction", "between_fraction"),
        ],
    }
    assert {name: list(table) for name, table in result.tables.items()} == columns
    assert [len(table) for table in result.tables.values()] == [6, 18, 3, 1]
    for table in result.tables.values():
        assert (table["run"] == "wrn_32").all() and (table["epoch"] == 5).all()
        assert table.notna().all(axis=None)


def test_fractions_and_spectra_are_those_of_the_paths_of_each_class_pair(network, result):
    x = images().x
    network.eval()
    for row in result.tables["interpolation_fractions"].itertuples():
        key = ["class_a", "class_b"]
        some = result.paths[(result.paths[key] == [row.class_a, row.class_b]).all(axis=1)]
        pairs = list(ends(x, some))
        own = path_spectra(network, pairs, SETTINGS.sampling, batch_size=8)
        assert row.n_paths == len(pairs) == 3
        assert row.high_frequency_fraction == pytest.approx(own.fraction(), rel=1e-4)
        lengths = [(a - b).norm().item() for a, b in pairs]
        assert row.mean_distance == pytest.approx(np.mean(lengths))
    spectra = result.tables["interpolation_spectra"].set_index("kind")
    for kind in ("within", "between"):
        pairs = ends(x, result.paths[result.paths["kind"] == kind])
        own = path_spectra(network, pairs, SETTINGS.sampling, batch_size=8)
        for name in ("magnitude", "power"):
            mean = getattr(own, name).mean(axis=0)
            np.testing.assert_allclose(spectra.loc[kind, name], mean, atol=1e-6)


def test_a_summary_weights_class_pairs_equally_and_paths_by_their_magnitudes():
    pairs = class_pairs(LABELS[:12], 2, 0, NAMES)
    high = np.arange(1.0, 13)
    total = high + np.arange(12)[::-1]
    found = fraction_table(pairs, PathSpectra(None, None, high, total, high, high))
    expected = high.reshape(6, 2).sum(1) / total.reshape(6, 2).sum(1)
    np.testing.assert_allclose(found["high_frequency_fraction"], expected)
    assert found["mean_distance"].tolist() == high.reshape(6, 2).mean(1).tolist()
    within = (found["kind"] == "within").to_numpy()
    means = {"within_fraction": expected[within].mean()}
    means |= {"between_fraction": expected[~within].mean()}
    assert mean_fractions(found) == pytest.approx(means)


def test_accuracies_are_fractions_of_images_that_are_correctly_classified(network, result):
    network.eval()
    answers = network(images().x).argmax(1).numpy()
    accuracy = result.tables["class_accuracy"].set_index("class_name")["test_accuracy"]
    for label, name in enumerate(NAMES):
        assert accuracy[name] == np.mean(answers[label == LABELS] == label)
    summary = result.tables["interpolation_summary"].iloc[0]
    assert summary["test_accuracy"] == np.mean(answers == LABELS)
    assert summary["shifted_accuracy"] == np.mean(answers[::-1] == SHIFTED_LABELS)
    assert correct(network, images(), 4).tolist() == (answers == LABELS).tolist()


def test_what_is_not_there_is_left_empty(network):
    """Without shifted images their accuracy, with one class alone paths between classes."""
    one = LabelledImages(images().x, np.zeros(21, int), NAMES[:1])
    tables = tables_of(network, one, SETTINGS, run="r", epoch=0).tables
    assert set(tables["interpolation_spectra"]["kind"]) == {"within"}
    empty = tables["interpolation_summary"][["shifted_accuracy", "between_fraction"]]
    assert empty.isna().all(axis=None)


@pytest.mark.parametrize("training", [True, False])
def test_measuring_leaves_a_network_and_the_random_state_as_they_were(network, training):
    network.train(training)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    state = torch.get_rng_state()
    first = tables_of(network, images(), SETTINGS, run="r", epoch=1).tables
    assert network.training is training
    assert torch.equal(torch.get_rng_state(), state)
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])
    second = tables_of(network, images(), SETTINGS, run="r", epoch=1).tables
    for name, table in first.items():
        pd.testing.assert_frame_equal(table, second[name])


def test_a_network_is_evaluated_in_exact_float32():
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = True
    try:
        with looked_at(nn.Linear(1, 1)):
            assert not torch.backends.cudnn.allow_tf32
        assert torch.backends.cudnn.allow_tf32
    finally:
        torch.backends.cudnn.allow_tf32 = before


def test_settings_come_by_the_names_of_the_configuration():
    values = {"n_pairs": 7, "spacing": None, "n_samples": 64, "n_bins": 33, "high": 0.2}
    found = Interpolation.of(values, seed=3, batch_size=5)
    assert found == Interpolation(7, Sampling(None, 64, 33), 0.2, 3, 5)


def test_every_kept_epoch_is_measured_with_its_own_parameters(network, tmp_path):
    network = deepcopy(network).eval()
    state = network.state_dict()
    states = {e: deepcopy(state) | {"5.weight": torch.randn(3, 16)} for e in (0, 2, 3)}
    kept = {f"{epoch}/{name}": t for epoch in (0, 2) for name, t in states[epoch].items()}
    write_tensors(tmp_path / "epochs.safetensors", kept, {})
    write_tensors(tmp_path / "model.safetensors", states[3], {})
    write_arrays(tmp_path / "history.npz", {"epoch": np.array([1, 2, 3])}, {})
    data = ImageSet(PIXELS, LABELS, PIXELS, LABELS, NAMES)
    run = FinishedClassifier(network, data, {"run": "small"}, torch.device("cpu"), tmp_path)
    shifted, done = run.normalised(PIXELS[::-1].copy(), SHIFTED_LABELS), []
    tables = over_epochs(run, run.states(), SETTINGS, shifted, done.append)
    assert done == [1, 2, 3]
    summary = tables["interpolation_summary"].set_index("epoch")
    assert list(summary.index) == [0, 2, 3] and set(summary["run"]) == {"small"}
    for epoch, state in states.items():
        network.load_state_dict(state)
        for name, part in (("test", run.test), ("shifted", shifted)):
            right = network(part.x).argmax(1).numpy() == part.labels
            assert summary.loc[epoch, f"{name}_accuracy"] == pytest.approx(right.mean())
    assert len(tables["interpolation_spectra"]) == 3 * 2 * 9


def test_tables_of_all_classifiers_are_one_below_the_other(tmp_path):
    for run in "ab":
        write_table(tmp_path / f"{run}.csv", pd.DataFrame({"run": [run], "epoch": [1]}))
    job = MeasuringJob("", "", {"t": [tmp_path / "a.csv", tmp_path / "b.csv"]}, 1, "cpu")
    assert collected(job)["t"]["run"].tolist() == ["a", "b"]


# The paths that are shown


def test_the_shown_path_is_the_median_of_its_kind():
    kinds = ["within"] * 4 + ["between"] * 3
    fractions = [0.4, 0.1, 0.3, 0.2, 0.5, 0.5, 0.1]
    paths = pd.DataFrame({"kind": kinds, "high_frequency_fraction": fractions})
    assert median_path(paths, "within") == 3
    assert median_path(paths, "between") == 4


def test_an_example_shows_probabilities_spectra_and_images_of_the_median_paths(network, result):
    tables, strips = example(network, images(), PIXELS, result.paths, SETTINGS)
    assert {name: list(table) for name, table in tables.items()} == {
        "interpolation_example": [
            *("kind", "class_a", "class_b", "position", "class_name", "probability"),
        ],
        "interpolation_example_spectrum": ["kind", "relative_frequency", "magnitude"],
    }
    probability, spectrum = tables.values()
    assert set(strips) == {"within", "between"}
    network.eval()
    for kind, pixels in strips.items():
        path = result.paths.loc[median_path(result.paths, kind)]
        some = probability[probability["kind"] == kind]
        classes = some[["class_a", "class_b"]].drop_duplicates().to_numpy().tolist()
        assert classes == [[path["class_a"], path["class_b"]]]
        p_SK = some.pivot(index="position", columns="class_name", values="probability")
        assert len(p_SK) == path["n_points"]
        x_a, x_b = (images().x[path[side]] for side in ("index_a", "index_b"))
        share = torch.tensor(p_SK.index.to_numpy(), dtype=torch.float32)[:, None, None, None]
        with torch.no_grad():
            expected = network(x_a + share * (x_b - x_a)).softmax(1)
        np.testing.assert_allclose(p_SK[list(NAMES)], expected, atol=1e-5)
        f = spectrum[spectrum["kind"] == kind]
        assert f["relative_frequency"].tolist() == relative_frequency(path["n_points"]).tolist()
        high = f.loc[f["relative_frequency"] > 0.1, "magnitude"].sum()
        assert high / f["magnitude"].sum() == pytest.approx(path["high_frequency_fraction"])
        assert pixels.shape == (7, 4, 4, 3) and pixels.dtype == np.uint8
        assert (pixels[[0, 6]] == PIXELS[[path["index_a"], path["index_b"]]]).all()


def test_shown_images_lie_at_equal_distances():
    first, last = np.full((1, 1, 3), 250, np.uint8), np.full((1, 1, 3), 10, np.uint8)
    assert shown_images(first, last)[:, 0, 0, 0].tolist() == [250, 210, 170, 130, 90, 50, 10]


def test_ends_are_the_images_of_each_pair():
    x = torch.arange(4.0)[:, None, None, None]
    pairs = pd.DataFrame({"index_a": [3, 0], "index_b": [1, 2]})
    assert [(a.item(), b.item()) for a, b in ends(x, pairs)] == [(3, 1), (0, 2)]


# Claims

EPOCHS = (0, 1, 5, 20, 60, 120, 200)
CLASSES = tuple("abcdefgh")


def made(between, within, epochs=EPOCHS, names=CLASSES, best=0.9):
    """Fractions are functions of (number of the pair, number of the epoch) beyond an own level."""
    pairs = [*combinations_with_replacement(names, 2)]
    parts = {
        "within": (within, [pair for pair in pairs if pair[0] == pair[1]]),
        "between": (between, [pair for pair in pairs if pair[0] != pair[1]]),
    }
    rows = [
        ("net", epoch, kind, a, b, 0.3 + 0.001 * number + value(number, n))
        for n, epoch in enumerate(epochs)
        for kind, (value, own) in parts.items()
        for number, (a, b) in enumerate(own)
    ]
    columns = ["run", "epoch", "kind", "class_a", "class_b", "high_frequency_fraction"]
    summary = [("net", epoch, best * (n + 1) / len(epochs)) for n, epoch in enumerate(epochs)]
    summary = [("other", 200, 0.99), *summary]
    return {
        "interpolation_fractions": pd.DataFrame(rows, columns=columns),
        "interpolation_summary": pd.DataFrame(summary, columns=["run", "epoch", "test_accuracy"]),
    }


def results(*args, **options):
    return evaluate(CLAIMS, made(*args, **options))


def rises(pair, n):
    return 0.01 * n


def falls(pair, n):
    return -0.01 * n


def test_the_papers_picture_and_its_reverse():
    between, within = results(rises, falls)
    assert (between["value"], within["value"]) == (1, -1)
    assert between["verdict"] == within["verdict"] == "holds"
    assert "28 pairs of classes" in between["statistic"] and between["n_runs"] == 1
    assert "8 pairs of classes" in within["statistic"]
    assert {result["verdict"] for result in results(falls, rises)} == {"fails"}


def test_the_interval_is_over_pairs_of_classes():
    """Half of the pairs rise, half fall: one network, but pairs disagree."""

    def both(pair, n):
        return 0.01 * n * (-1) ** pair

    for found in results(both, both):
        assert found["value"] == 0 and found["verdict"] == "not tested"
        assert found["ci_low"] < -0.2 < 0.2 < found["ci_high"]


def test_the_start_of_training_does_not_count():
    """Untrained and within the first fortieth of the training anything may happen."""

    def wild_start(pair, n):
        return 9.0 - n if EPOCHS[n] < 5 else 0.01 * n

    between, _ = results(wild_start, falls)
    assert between["value"] == 1 and "at epoch 5 and" in between["statistic"]
    assert "5 epochs of one network" in between["statistic"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"epochs": (0, 1, 2)}, "2 epochs were measured"),
        ({"names": CLASSES[:3]}, "3 pairs of classes, where 5"),
        ({"best": 0.4}, "classifies 40 %"),
    ],
)
def test_too_little_decides_nothing(options, said):
    for found in results(rises, falls, **options):
        assert found["verdict"] == "not tested" and said in found["statistic"]


def test_functions_that_never_change_and_nothing_measured_have_no_order():
    between, _ = results(lambda pair, n: 0.0, falls)
    assert between["value"] == 0 and between["verdict"] == "not tested"
    nothing = {name: table.iloc[:0] for name, table in made(rises, falls).items()}
    assert {found["verdict"] for found in evaluate(CLAIMS, nothing)} == {"not tested"}


# Figure 2


@pytest.fixture(scope="module")
def paths():
    """Probabilities along one path within a class and one between two, and their spectra."""
    position, relative = np.linspace(0, 1, 61), np.linspace(0, 1, 33)
    turn = 1 / (1 + np.exp(-(position - 0.5) / 0.03))
    dog = 0.3 * np.exp(-(((position - 0.4) / 0.1) ** 2))
    lines, spectra = [], []
    for kind, last in {"within": "cat", "between": "ship"}.items():
        rest = 0.99 - dog
        shares = {"frog": 0.01 + 0 * position, "dog": dog, "cat": rest * (1 - turn)}
        shares["ship"] = rest * turn
        if kind == "within":
            shares |= {"cat": rest, "ship": 0 * position}
        table = pd.DataFrame(shares | {"position": position}).melt(
            "position", var_name="class_name"
        )
        table = table.rename(columns={"value": "probability"})
        lines.append(table.assign(kind=kind, class_a="cat", class_b=last))
        magnitude = 0.2 * np.exp(-10 * relative) + 1e-4
        spectra.append(
            pd.DataFrame({"kind": kind, "relative_frequency": relative, "magnitude": magnitude})
        )
    tables = {"interpolation_example": lines, "interpolation_example_spectrum": spectra}
    return {name: pd.concat(parts, ignore_index=True) for name, parts in tables.items()}


@pytest.fixture(scope="module")
def strips():
    pixels = np.random.default_rng(3).integers(0, 256, (2, 7, 8, 8, 3)).astype(np.uint8)
    return dict(zip(("within", "between"), pixels, strict=True))


def test_fig02_names_the_classes_and_colours_those_that_matter(paths, context):
    data = fig02.drawn(paths, context)
    text = caption(fig02, data, context)
    assert "(a) A path within cat, (b) one between cat and ship" in text
    assert "at 8 points" in text
    settings = context["settings"]["cifar10"]
    spaced = settings | {
        "interpolation": settings["interpolation"] | {"n_samples": None, "spacing": 1.0}
    }
    text = caption(fig02, data, context | {"settings": {"cifar10": spaced}})
    assert "at distances of 1 in the space of normalised images" in text
    shades = fig02.colours(data[data["panel"] == "b"])
    assert list(shades) == ["cat", "ship", "dog"] and len(set(shades.values())) == 3


def test_fig02_puts_each_image_above_its_place_on_the_path(paths, context, strips):
    figure = fig02.draw(fig02.drawn(paths, context), strips)
    strip, lines = figure.axes[0], figure.axes[1]
    assert len(strip.images) == 7
    np.testing.assert_array_equal(strip.images[2].get_array(), strips["within"][2])
    left, right, *_ = strip.images[2].get_extent()

    def place(axes, x):
        low, high = axes.get_xlim()
        return (x - low) / (high - low)

    assert place(strip, (left + right) / 2) == pytest.approx(place(lines, 2 / 6))


def test_fig02_draws_all_classes_and_both_spectra(paths, context, strips):
    data = fig02.drawn(paths, context)
    lines, spectra = fig02.draw(data, strips).axes[3:5]
    labels = sorted(line.get_label() for line in spectra.lines)
    assert labels == ["between classes", "within a class"]
    drawn = {line.get_label(): line.get_ydata() for line in lines.lines}
    assert len(lines.lines) == 4
    ship = data.query("panel == 'b' and class_name == 'ship'")["probability"]
    np.testing.assert_array_equal(drawn["ship"], ship)


# Figure 4


def test_fig04_shows_the_baseline_alone(tables, context):
    data = fig04.drawn(tables, context)
    assert list(data.query("panel == 'd'")["epoch"]) == [0, 1, 2, 5, 10, 20, 40]
    rows = tables["interpolation_fractions"].query(
        "run == 'wrn_32' and epoch == 20 and kind == 'between'"
    )["high_frequency_fraction"]
    shown = data.query("panel == 'c' and epoch == 20 and kind == 'between'").iloc[0]
    assert shown["n_class_pairs"] == len(rows) == 15
    assert shown["fraction"] == pytest.approx(rows.mean())
    assert shown["fraction_high"] - shown["fraction"] == pytest.approx(rows.std())
    assert "mean over 6 classes and 15 pairs of classes" in caption(fig04, data, context)


def test_fig04_without_shifted_images_has_one_curve_of_accuracy(tables, context):
    bare = tables["interpolation_summary"].assign(shifted_accuracy=np.nan)
    data = fig04.drawn({**tables, "interpolation_summary": bare}, context)
    assert len(fig04.draw(data).axes[3].lines) == 1
    assert "another distribution" not in caption(fig04, data, context)


def test_fig04_marks_a_single_epoch(tables, context):
    data = fig04.drawn({name: tables[name].query("epoch == 40") for name in fig04.TABLES}, context)
    assert all(line.get_marker() == "o" for line in fig04.draw(data).axes[2].lines)
    assert "at epochs 40 (0: untrained)" in caption(fig04, data, context)
