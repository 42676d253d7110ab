"""Tables of paths, and the paths that are shown, for a small convolutional network."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from spectral_bias.experiments.fridovichkeil2021.interpolation.example import (
    example,
    median_path,
    shown_images,
)
from spectral_bias.experiments.fridovichkeil2021.interpolation.tables import (
    Interpolation,
    LabelledImages,
    correct,
    ends,
    fraction_table,
    looked_at,
    mean_fractions,
    measured,
)
from spectral_bias.measurements.interpolation import PathSpectra, class_pairs, path_spectra
from spectral_bias.spectra.paths import Sampling, relative_frequency

NAMES = ("cat", "dog", "frog")
SETTINGS = Interpolation(3, Sampling(0.5, None, 9), 0.1, 0, batch_size=16)
PIXELS = np.random.default_rng(0).integers(0, 256, (21, 4, 4, 3), dtype=np.uint8)
LABELS = np.arange(21) % 3


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
    shifted = images(PIXELS[::-1].copy(), LABELS[:10].repeat(3)[:21])
    return measured(network, images(), SETTINGS, run="wrn_32", epoch=5, shifted=shifted)


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
        some = result.paths[result.paths["kind"] == kind]
        pairs = ends(x, some)
        own = path_spectra(network, pairs, SETTINGS.sampling, batch_size=8)
        for name in ("magnitude", "power"):
            np.testing.assert_allclose(
                spectra.loc[kind, name], getattr(own, name).mean(axis=0), atol=1e-6
            )


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
    assert mean_fractions(found) == pytest.approx(
        means | {"between_fraction": expected[~within].mean()}
    )


def test_accuracies_are_shares_of_images_that_are_called_their_class(network, result):
    network.eval()
    called = network(images().x).argmax(1).numpy()
    accuracy = result.tables["class_accuracy"].set_index("class_name")["test_accuracy"]
    for label, name in enumerate(NAMES):
        assert accuracy[name] == np.mean(called[label == LABELS] == label)
    summary = result.tables["interpolation_summary"].iloc[0]
    assert summary["test_accuracy"] == np.mean(called == LABELS)
    shifted = LABELS[:10].repeat(3)[:21]
    assert summary["shifted_accuracy"] == np.mean(called[::-1] == shifted)
    assert correct(network, images(), 4).tolist() == (called == LABELS).tolist()


def test_without_shifted_images_their_accuracy_is_empty(network):
    summary = measured(network, images(), SETTINGS, run="r", epoch=0).tables[
        "interpolation_summary"
    ]
    assert summary["shifted_accuracy"].isna().all()


def test_one_class_alone_has_no_paths_between_classes(network):
    one = LabelledImages(images().x, np.zeros(21, int), NAMES[:1])
    tables = measured(network, one, SETTINGS, run="r", epoch=0).tables
    assert set(tables["interpolation_spectra"]["kind"]) == {"within"}
    assert tables["interpolation_summary"]["between_fraction"].isna().all()


@pytest.mark.parametrize("training", [True, False])
def test_measuring_leaves_a_network_and_the_random_state_as_they_were(network, training):
    network.train(training)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    state = torch.get_rng_state()
    first = measured(network, images(), SETTINGS, run="r", epoch=1).tables
    assert network.training is training
    assert torch.equal(torch.get_rng_state(), state)
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])
    second = measured(network, images(), SETTINGS, run="r", epoch=1).tables
    for name, table in first.items():
        pd.testing.assert_frame_equal(table, second[name])


def test_a_network_is_looked_at_in_exact_float32():
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


def test_the_shown_path_is_the_median_of_its_kind():
    kinds = ["within"] * 4 + ["between"] * 3
    fractions = [0.4, 0.1, 0.3, 0.2, 0.5, 0.5, 0.1]
    paths = pd.DataFrame({"kind": kinds, "high_frequency_fraction": fractions})
    assert median_path(paths, "within") == 3
    assert median_path(paths, "between") == 4


def test_an_example_shows_probabilities_spectra_and_images_of_the_median_paths(network, result):
    tables, shown = example(network, images(), PIXELS, result.paths, SETTINGS)
    probability, spectrum = tables.values()
    assert list(tables) == ["interpolation_example", "interpolation_example_spectrum"]
    assert list(probability) == [
        *("kind", "class_a", "class_b", "position", "class_name", "probability"),
    ]
    assert list(spectrum) == ["kind", "relative_frequency", "magnitude"]
    assert set(shown) == {"within", "between"}
    network.eval()
    for kind, pixels in shown.items():
        path = result.paths.loc[median_path(result.paths, kind)]
        some = probability[probability["kind"] == kind]
        assert some[["class_a", "class_b"]].drop_duplicates().to_numpy().tolist() == [
            [path["class_a"], path["class_b"]]
        ]
        p_SK = some.pivot(index="position", columns="class_name", values="probability")
        assert len(p_SK) == path["n_points"]
        x_a, x_b = (images().x[path[side]] for side in ("index_a", "index_b"))
        share = torch.tensor(p_SK.index.to_numpy(), dtype=torch.float32)[:, None, None, None]
        with torch.no_grad():
            expected = network(x_a + share * (x_b - x_a)).softmax(1)
        np.testing.assert_allclose(p_SK[list(NAMES)], expected, atol=1e-5)
        f = spectrum[spectrum["kind"] == kind]
        bins = relative_frequency(path["n_points"])
        assert f["relative_frequency"].tolist() == bins.tolist()
        high = f.loc[f["relative_frequency"] > 0.1, "magnitude"].sum()
        assert high / f["magnitude"].sum() == pytest.approx(path["high_frequency_fraction"])
        assert pixels.shape == (7, 4, 4, 3) and pixels.dtype == np.uint8
        assert (pixels[[0, 6]] == PIXELS[[path["index_a"], path["index_b"]]]).all()


def test_shown_images_lie_at_equal_distances():
    first, last = np.full((1, 1, 3), 250, np.uint8), np.full((1, 1, 3), 10, np.uint8)
    shown = shown_images(first, last)
    assert shown[:, 0, 0, 0].tolist() == [250, 210, 170, 130, 90, 50, 10]


def test_ends_are_the_images_of_each_pair():
    x = torch.arange(4.0)[:, None, None, None]
    pairs = pd.DataFrame({"index_a": [3, 0], "index_b": [1, 2]})
    assert [(a.item(), b.item()) for a, b in ends(x, pairs)] == [(3, 1), (0, 2)]
