"""Paths between test images over the epochs of a classifier: tables, claims, figures 2 and 4."""

from copy import deepcopy

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats
from torch import nn

from spectral_bias.artefacts import write_arrays, write_table, write_tensors
from spectral_bias.claims.registry import evaluate
from spectral_bias.data.images import ImageSet
from spectral_bias.experiments.fridovichkeil2021 import choices
from spectral_bias.experiments.fridovichkeil2021.interpolation import EXPERIMENT, fig02, fig04
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
    correctly_classified,
    ends,
    fraction_table,
    mean_fractions,
    tables_of,
)
from spectral_bias.experiments.fridovichkeil2021.interpolation.trajectory import (
    changes,
)
from spectral_bias.figures.build import caption
from spectral_bias.measurements.classifier import FinishedClassifier, LabelledImages
from spectral_bias.measurements.interpolation import FRACTIONS, PathSpectra, path_spectra
from spectral_bias.measurements.measured_paths import MeasuredPaths, looked_at
from spectral_bias.measurements.measuring import MeasuringJob
from spectral_bias.measurements.pairs import class_pairs
from spectral_bias.spectra.paths import Sampling, relative_frequency
from tests.unit.experiments.fridovichkeil2021.made_up import context_of, settings_of, shown

NAMES = ("cat", "dog", "frog")
SETTINGS = Interpolation(3, 2, Sampling(0.25, None, 9), 0.1, 0, batch_size=16)
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

MEASURED = [*FRACTIONS, "confidence"]
KEY = ["kind", "class_a", "class_b"]


def test_the_tables_have_their_columns_and_one_row_for_each_thing(result):
    columns = {
        "interpolation_paths": [
            *("run", "epoch", *KEY, "index_a", "index_b", "distance", "n_points"),
            *(*FRACTIONS, "total_variation", "end_jump", "confidence_a", "confidence_b"),
            *("highest_a", "highest_b"),
        ],
        "interpolation_fractions": ["run", "epoch", *KEY, "n_paths", *MEASURED, "mean_distance"],
        "interpolation_spectra": [
            *("run", "epoch", "kind", "relative_frequency", "magnitude", "power"),
        ],
        "class_accuracy": ["run", "epoch", "class_name", "test_accuracy"],
        "interpolation_summary": [
            *("run", "epoch", "test_accuracy", "shifted_accuracy"),
            *("within_fraction", "between_fraction"),
            *("within_hann_fraction", "between_hann_fraction"),
            *("within_chord_free_fraction", "between_chord_free_fraction"),
            *("within_confidence", "between_confidence"),
        ],
    }
    assert {name: list(table) for name, table in result.items()} == columns
    assert [len(table) for table in result.values()] == [3 * 3 + 3 * 2, 6, 18, 3, 1]
    for table in result.values():
        assert (table["run"] == "wrn_32").all() and (table["epoch"] == 5).all()
        assert table.notna().all(axis=None)


def test_every_path_has_its_own_row(network, result):
    """Fractions are those of the path alone, confidences those of the images at its ends."""
    x, paths = images().x, result["interpolation_paths"]
    network.eval()
    with torch.no_grad():
        p_MK = network(x).softmax(1).numpy()
    for row, pair in zip(paths.itertuples(), ends(x, paths), strict=True):
        own = path_spectra(network, [pair], SETTINGS.sampling, batch_size=8)
        for name in FRACTIONS:
            assert getattr(row, name) == pytest.approx(getattr(own, name)[0], rel=1e-4, abs=1e-7)
        assert row.n_points == own.n_points[0] >= 20
        assert row.distance == pytest.approx((pair[0] - pair[1]).norm().item())
        for index, confidence in ((row.index_a, row.confidence_a), (row.index_b, row.confidence_b)):
            assert confidence == pytest.approx(p_MK[index, LABELS[index]], rel=1e-5)
    counts = paths.groupby(KEY, sort=False).size()
    assert (counts["within"] == 3).all() and (counts["between"] == 2).all()


def test_fractions_are_means_over_the_paths_and_a_summary_means_over_class_pairs(result):
    paths, fractions = result["interpolation_paths"], result["interpolation_fractions"]
    paths = paths.assign(confidence=(paths["confidence_a"] + paths["confidence_b"]) / 2)
    for row in fractions.itertuples():
        own = paths[(paths[KEY] == [row.kind, row.class_a, row.class_b]).all(axis=1)]
        assert row.n_paths == len(own) and row.mean_distance == own["distance"].mean()
        for name in MEASURED:
            assert getattr(row, name) == pytest.approx(own[name].mean(), rel=1e-12)
    summary = result["interpolation_summary"].iloc[0]
    for kind, own in paths.groupby("kind"):
        assert summary[f"{kind}_fraction"] == pytest.approx(own["high_frequency_fraction"].mean())
        for name in ("hann_fraction", "chord_free_fraction", "confidence"):
            assert summary[f"{kind}_{name}"] == pytest.approx(own[name].mean())


def test_spectra_are_means_over_the_paths_of_a_kind(network, result):
    network.eval()
    spectra, paths = (
        result["interpolation_spectra"].set_index("kind"),
        result["interpolation_paths"],
    )
    for kind in ("within", "between"):
        pairs = ends(images().x, paths[paths["kind"] == kind])
        own = path_spectra(network, pairs, SETTINGS.sampling, batch_size=8)
        for name in ("magnitude", "power"):
            mean = getattr(own, name).mean(axis=0)
            np.testing.assert_allclose(spectra.loc[kind, name], mean, atol=1e-6)


def test_paths_without_a_windowed_fraction_are_left_out_of_its_mean_alone():
    pairs = class_pairs(LABELS[:12], 2, 2, 0, NAMES)
    values = np.arange(12.0)
    hann = np.where(values % 2 == 0, np.nan, values)
    hann[:2] = np.nan
    ends_P2 = np.stack([values, values], axis=1)
    columns = (values, hann, values, values, values, ends_P2, ends_P2, ends_P2, values)
    spectra = PathSpectra(None, None, *columns, np.full(12, 30))
    found = fraction_table(MeasuredPaths(pairs, spectra, SETTINGS.sampling).table)
    assert found["high_frequency_fraction"].tolist() == [0.5, 2.5, 4.5, 6.5, 8.5, 10.5]
    windowed = found["hann_fraction"].to_numpy()
    np.testing.assert_array_equal(windowed, [np.nan, 3, 5, 7, 9, 11])
    within = (found["kind"] == "within").to_numpy()
    means = mean_fractions(found)
    assert means["within_hann_fraction"] == np.nanmean(windowed[within])
    assert means["between_fraction"] == found.loc[~within, "high_frequency_fraction"].mean()


def test_accuracies_are_fractions_of_images_that_are_correctly_classified(network, result):
    network.eval()
    called = network(images().x).argmax(1).numpy()
    accuracy = result["class_accuracy"].set_index("class_name")["test_accuracy"]
    for label, name in enumerate(NAMES):
        assert accuracy[name] == np.mean(called[label == LABELS] == label)
    summary = result["interpolation_summary"].iloc[0]
    assert summary["test_accuracy"] == np.mean(called == LABELS)
    assert summary["shifted_accuracy"] == np.mean(called[::-1] == SHIFTED_LABELS)
    assert (correctly_classified(network, images(), 4) == (called == LABELS)).all()


def test_what_is_not_there_is_left_empty(network):
    """Without shifted images their accuracy, with one class alone paths between classes."""
    one = LabelledImages(images().x, np.zeros(21, int), NAMES[:1])
    tables = tables_of(network, one, SETTINGS, run="r", epoch=0)
    assert set(tables["interpolation_spectra"]["kind"]) == {"within"}
    empty = tables["interpolation_summary"][["shifted_accuracy", "between_fraction"]]
    assert empty.isna().all(axis=None)


@pytest.mark.parametrize("training", [True, False])
def test_measuring_leaves_a_network_and_the_random_state_as_they_were(network, training):
    network.train(training)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    state = torch.get_rng_state()
    first = tables_of(network, images(), SETTINGS, run="r", epoch=1)
    assert network.training is training
    assert torch.equal(torch.get_rng_state(), state)
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])
    second = tables_of(network, images(), SETTINGS, run="r", epoch=1)
    for name, table in first.items():
        pd.testing.assert_frame_equal(table, second[name])


def test_a_network_is_evaluated_in_exact_float32():
    convolutions = torch.backends.cudnn.conv
    before = convolutions.fp32_precision
    convolutions.fp32_precision = "tf32"
    try:
        with looked_at(nn.Linear(1, 1)):
            assert convolutions.fp32_precision == "ieee"
        assert convolutions.fp32_precision == "tf32"
    finally:
        convolutions.fp32_precision = before


def test_settings_come_by_the_names_of_the_configuration():
    values = {"n_within": 7, "n_between": 2, "spacing": None, "n_samples": 64, "n_bins": 33}
    found = Interpolation.of(values | {"high": 0.2}, seed=3, batch_size=5)
    assert found == Interpolation(7, 2, Sampling(None, 64, 33), 0.2, 3, 5)


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
    tables, strips = example(network, images(), PIXELS, result["interpolation_paths"], SETTINGS)
    assert {name: list(table) for name, table in tables.items()} == {
        "interpolation_example": [
            *("kind", "class_a", "class_b", "position", "class_name", "probability"),
        ],
        "interpolation_example_spectrum": [
            *("kind", "relative_frequency", "magnitude", "counts_as_high"),
        ],
    }
    probability, spectrum = tables.values()
    assert set(strips) == {"within", "between"}
    network.eval()
    for kind, pixels in strips.items():
        path = result["interpolation_paths"].loc[median_path(result["interpolation_paths"], kind)]
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
        high = f.loc[f["counts_as_high"], "magnitude"].sum()
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


# Changes over training, and claims

START = (4, 6, 10)
EPOCHS = (0, 1, *START, 25, 50)


def summary_of(within, between, seeds=5, accuracy=0.8):
    """Fractions are functions of (seed, epoch); those under a window move the other way."""
    rows = []
    for seed in range(seeds):
        for epoch in EPOCHS:
            row = {"run": f"net.seed{seed}", "epoch": epoch, "test_accuracy": accuracy}
            for kind, value in (("within", within), ("between", between)):
                row[f"{kind}_fraction"] = 0.3 + value(seed, epoch)
                row[f"{kind}_hann_fraction"] = 0.2 - value(seed, epoch)
                row[f"{kind}_chord_free_fraction"] = 0.1 + 0.001 * seed
            rows.append(row)
    return pd.DataFrame(rows)


def rises(seed, epoch):
    return (0.0005 + 0.0001 * seed) * epoch


def falls(seed, epoch):
    return -rises(seed, epoch)


def table_of(summary, start=START):
    return changes(summary, list(dict.fromkeys(summary["run"])), start)


def results(*args, **options):
    return evaluate(CLAIMS, {"trajectory_changes": table_of(summary_of(*args, **options))})


def test_changes_are_from_the_mean_of_the_start_epochs_to_the_last():
    table = table_of(summary_of(falls, rises, seeds=2))
    assert len(table) == 2 * 2 * 3 and set(table["end_epoch"]) == {50}
    assert table["start_epochs"].unique().tolist() == ["4 6 10"]
    row = table.query("seed == 1 and kind == 'between' and measure == 'raw'").iloc[0]
    assert row["run"] == "net.seed1" and row["test_accuracy"] == 0.8
    assert row["start"] == pytest.approx(0.3 + 0.0006 * 20 / 3)
    assert row["end"] == pytest.approx(0.3 + 0.0006 * 50)
    assert row["change"] == pytest.approx(row["end"] - row["start"])
    hann = table.query("seed == 1 and kind == 'between' and measure == 'hann'").iloc[0]
    assert hann["change"] == pytest.approx(-row["change"])


def test_a_start_epoch_that_was_not_measured_leaves_no_start():
    table = table_of(summary_of(falls, rises), start=(4, 7))
    assert table[["start", "change"]].isna().all(axis=None) and table["end"].notna().all()
    assert changes(summary_of(falls, rises), ["unknown"], START).empty


def test_the_papers_picture_and_its_reverse():
    between, within = results(falls, rises)
    assert between["verdict"] == within["verdict"] == "holds"
    # Mean over the seeds of 0.0007 an epoch, 50 - 20/3 epochs.
    assert between["value"] == pytest.approx(0.0007 * (50 - 20 / 3), rel=1e-5)
    assert within["value"] == pytest.approx(-between["value"])
    assert between["n_runs"] == 5 and between["unit"] == "networks (seeds)"
    assert "5 networks" in between["statistic"] and "mean of epoch 4, 6, 10" in between["statistic"]
    assert {found["verdict"] for found in results(rises, falls)} == {"fails"}


def test_other_measures_have_verdicts_of_their_own():
    for found in results(falls, rises):
        verdicts = {other["measure"]: other["verdict"] for other in found["others"]}
        assert verdicts["Hann window"] == "fails" and found["verdict"] == "holds"
        # Constant over training: no spread from which to tell.
        assert verdicts["without the chord"] == "not tested"
        assert found["measure"] == "raw fraction"


def test_the_interval_is_that_of_the_networks_changes():
    """Networks of which some rise and some fall decide nothing."""

    def both(seed, epoch):
        return 0.001 * epoch * (-1) ** seed

    for found in results(both, both):
        assert found["undecided"] == "inconclusive" and found["margin"] == 0.005
        change = table_of(summary_of(both, both)).query("kind == 'within' and measure == 'raw'")
        ends = stats.t.interval(0.95, 4, change["change"].mean(), change["change"].sem())
        assert (found["ci_low"], found["ci_high"]) == pytest.approx(ends, rel=1e-5)


def test_a_change_within_the_margin_fails_on_either_side():
    for found in results(lambda s, e: 0.1 * falls(s, e), lambda s, e: 0.1 * rises(s, e)):
        assert found["verdict"] == "fails" and abs(found["value"]) < found["margin"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"seeds": 2}, "2 value(s), where an interval needs at least 3"),
        ({"accuracy": 0.4}, "classifies 40 %"),
    ],
)
def test_too_little_decides_nothing(options, said):
    for found in results(falls, rises, **options):
        assert found["undecided"] == "no data" and said in found["statistic"]


def test_nothing_measured_decides_nothing():
    table = table_of(summary_of(falls, rises)).iloc[:0]
    found = evaluate(CLAIMS, {"trajectory_changes": table})
    assert {row["undecided"] for row in found} == {"no data"}


# Figure 2


@pytest.fixture(scope="module")
def settings():
    return settings_of()


@pytest.fixture(scope="module")
def context(settings):
    return context_of(settings)


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
        spectrum = {"relative_frequency": relative, "magnitude": magnitude}
        counts = (relative > 0.1) & (relative < 1)
        spectra.append(pd.DataFrame({"kind": kind, **spectrum, "counts_as_high": counts}))
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
    assert "at 24 points" in text
    assert "what counts as high here, bins 4 to 31 of 0 to 32." in text
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


def test_fig02_shades_the_bins_that_count(paths, context, strips):
    data = fig02.drawn(paths, context)
    low, high = fig02.shaded(data[data["panel"] == "c"])
    assert (low, high) == (pytest.approx(3.5 / 32), pytest.approx(31.5 / 32))
    spectrum = paths["interpolation_example_spectrum"]
    short = spectrum["kind"].eq("within") & spectrum["relative_frequency"].lt(0.2)
    counts = spectrum["counts_as_high"].where(~short, False)
    other = {**paths, "interpolation_example_spectrum": spectrum.assign(counts_as_high=counts)}
    data = fig02.drawn(other, context)
    assert fig02.shaded(data[data["panel"] == "c"])[0] == pytest.approx(6.5 / 32)
    text = caption(fig02, data, context)
    assert "within a class bins 7 to 31 of 0 to 32, between classes bins 4 to 31" in text


# Figure 4


@pytest.fixture(scope="module")
def trajectory():
    """Three trainings whose within-class fraction falls and between-class fraction rises."""
    summary = summary_of(falls, rises, seeds=3)
    share = np.log1p(summary["epoch"]) / np.log1p(50)
    summary["test_accuracy"] = 0.1 + 0.7 * share + 0.02 * (summary["run"] == "net.seed1")
    summary["shifted_accuracy"] = 0.8 * summary["test_accuracy"]
    summary["within_confidence"] = 0.1 + 0.8 * share
    summary["between_confidence"] = 0.1 + 0.7 * share
    relative = np.linspace(0, 1, 33)
    spectra = [
        pd.DataFrame(
            {
                "run": "net.seed0",
                "epoch": epoch,
                "kind": kind,
                "relative_frequency": relative,
                "magnitude": 0.1 * np.exp(-(4 + epoch**0.5) * relative),
                "power": 0.1 * np.exp(-(6 + epoch**0.5) * relative) / (1 + epoch),
            }
        )
        for epoch in EPOCHS
        for kind in ("within", "between")
    ]
    return {
        "interpolation_spectra": pd.concat(spectra, ignore_index=True),
        "interpolation_summary": summary,
    }


def test_fig04_draws_means_over_the_trainings_with_their_spread(trajectory, context):
    data = fig04.drawn(trajectory, context)
    summary = trajectory["interpolation_summary"].query("epoch == 25")
    wanted = "panel == '{}' and epoch == 25 and measure == '{}'"
    for panel, kind in (("g", "within"), ("h", "between")):
        for measure, name in (("raw", "fraction"), ("hann", "hann_fraction")):
            row = data.query(wanted.format(panel, measure)).iloc[0]
            values = summary[f"{kind}_{name}"]
            assert row["fraction"] == pytest.approx(values.mean()) and row["n_runs"] == 3
            assert row["fraction_high"] - row["fraction"] == pytest.approx(values.std())
    row = data.query("panel == 'f' and epoch == 25 and kind == 'between'").iloc[0]
    assert row["confidence"] == pytest.approx(summary["between_confidence"].mean())
    assert data.query("panel == 'c'")["epoch"].tolist() == list(EPOCHS)
    text = caption(fig04, data, context)
    assert "the others: mean over 3 networks" in text
    assert "epochs: 0, 1, 4, 6, 10, 25, 50 (0: untrained)" in text
    assert "2 paths within each class and 1 of each pair of classes" in text


def test_fig04_puts_the_fractions_over_the_accuracy(trajectory, context):
    data = fig04.drawn(trajectory, context)
    rows = data.query("panel == 'i'")
    means = trajectory["interpolation_summary"].groupby("epoch").mean(numeric_only=True)
    assert rows["accuracy"].tolist() == pytest.approx(means["test_accuracy"].tolist())
    for kind in ("within", "between"):
        known = means[f"{kind}_fraction"].tolist()
        assert rows[f"{kind}_fraction"].tolist() == pytest.approx(known)
    assert set(rows["source"]) == {"ours"}
    lines = shown(fig04, data).axes[8].lines
    labelled = {line.get_label(): line for line in lines if not line.get_label().startswith("_")}
    assert set(labelled) == {"within a class", "between classes"}
    # All epochs but that of the untrained network.
    assert len(labelled["within a class"].get_xdata()) == len(EPOCHS) - 1


def test_fig04_draws_all_epochs_and_measures(trajectory, context):
    figure = shown(fig04, fig04.drawn(trajectory, context))
    axes = figure.axes
    drawn = {index: [line.get_label() for line in axes[index].lines] for index in (6, 7)}
    for labels in drawn.values():
        assert labels == ["raw, the authors'", "Hann window", "without the chord"]
    power = axes[3].lines
    assert len(power) == len(EPOCHS)
    expected = trajectory["interpolation_spectra"].query("kind == 'within' and epoch == 25")
    np.testing.assert_array_equal(power[EPOCHS.index(25)].get_ydata(), expected["power"])
    texts = [[text.get_text() for text in legend.texts] for legend in figure.legends]
    assert texts[0] == ["g, h:", "raw, the authors'", "Hann window", "without the chord"]
    assert texts[1] == ["epoch", *(str(epoch) for epoch in EPOCHS)]


def test_fig04_without_shifted_images_has_one_curve_of_accuracy(trajectory, context):
    bare = trajectory["interpolation_summary"].assign(shifted_accuracy=np.nan)
    data = fig04.drawn({**trajectory, "interpolation_summary": bare}, context)
    assert len(fig04.draw(data).axes[2].lines) == 1
    assert "another distribution" not in caption(fig04, data, context)


def test_fig04_of_one_training_at_one_epoch_has_marks_without_bands(trajectory, context):
    some = {
        name: table[(table["run"] == "net.seed0") & (table["epoch"] == 50)]
        for name, table in trajectory.items()
    }
    data = fig04.drawn(some, context)
    figure = fig04.draw(data)
    assert all(line.get_marker() in "os^" for line in figure.axes[6].lines)
    assert not figure.axes[6].collections
    text = caption(fig04, data, context)
    assert "One network." in text and "epochs: 50 (0: untrained)" in text


def test_fig04_without_a_windowed_fraction_leaves_its_line_out(trajectory, context):
    bare = trajectory["interpolation_summary"].assign(within_hann_fraction=np.nan)
    data = fig04.drawn({**trajectory, "interpolation_summary": bare}, context)
    labels = [line.get_label() for line in fig04.draw(data).axes[6].lines]
    assert labels == ["raw, the authors'", "without the chord"]


def test_fig04_of_nothing_says_so(trajectory, context):
    data = fig04.drawn({name: table.iloc[:0] for name, table in trajectory.items()}, context)
    figure = shown(fig04, data)
    said = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert said == ["not measured"] * 9
    assert "epochs: none" in caption(fig04, data, context)


def test_figure_4_is_drawn_from_the_trainings_that_are_followed(settings):
    runs = choices.trajectory_runs(settings)
    assert runs == ["wrn_32.long", "wrn_32.long.seed1"]
    assert choices.trajectory_start(settings) == [1]
    items = EXPERIMENT.figures["fig04"].items(settings)
    assert items == {"interpolation_spectra": runs[:1], "interpolation_summary": runs}
    assert set(runs) <= set(settings.fridovichkeil2021.cifar10.measured_runs())
