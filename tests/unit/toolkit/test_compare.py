"""Networks side by side: differences path by path where paths are the same, and not otherwise."""

import json
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats
from torch import nn

from spectral_bias import Measurement, UserError, compare, measure
from spectral_bias.toolkit.paths.compare import PAIRED, UNPAIRED, welch
from spectral_bias.toolkit.paths.summary import COMPARED
from tests.unit.toolkit.measured_examples import random_images


def network(seed):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(108, 4))


def measured(number=0, images=None, **options):
    options = {"pairs": 12, "points": 24, "name": f"net{number}"} | options
    return measure(network(number), images or random_images(8, 4), **options)


@pytest.fixture(scope="module")
def both():
    return measured(0), measured(1)


def rows(comparison, quantity):
    table = comparison.differences
    return table[table["quantity"] == quantity].set_index("kind")


def test_paired_differences_are_those_of_the_paths(both):
    found = compare(*both)
    assert found.notes == () and set(found.differences["by"]) == {PAIRED}
    assert set(found.differences["quantity"]) == set(COMPARED)
    for quantity in COMPARED:
        for kind, row in rows(found, quantity).iterrows():
            a, b = (one.paths[one.paths["kind"] == kind][quantity].to_numpy() for one in both)
            assert row["difference"] == pytest.approx((b - a).mean())
            low, high = stats.t.interval(0.95, len(a) - 1, (b - a).mean(), stats.sem(b - a))
            assert [row["ci_low"], row["ci_high"]] == pytest.approx([low, high])
            assert (row["a"], row["b"], row["n_paths"]) == ("net0", "net1", 12)
            assert row["n_classes"] == 4 and np.isfinite(row["class_ci_low"])


def test_the_order_of_paths_does_not_matter(both):
    first, second = both
    shuffled = replace(second, paths=second.paths.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(
        compare(first, shuffled).differences, compare(first, second).differences
    )


def test_a_network_does_not_differ_from_itself(both):
    found = compare(both[0], both[0])
    assert [one.name for one in found.measurements] == ["net0 (1)", "net0 (2)"]
    assert (found.differences[["difference", "ci_low", "ci_high"]] == 0).all(axis=None)


def test_other_seeds_are_compared_as_independent_means(both):
    other = measured(1, seed=9)
    found = compare(both[0], other)
    (note,) = found.notes
    assert note.startswith("net0 and net1 are not compared path by path: ")
    assert note.endswith(" of their 24 and 24 paths are the same.")
    assert set(found.differences["by"]) == {UNPAIRED}
    for quantity in COMPARED:
        for kind, row in rows(found, quantity).iterrows():
            a, b = (one.paths[one.paths["kind"] == kind][quantity] for one in (both[0], other))
            interval = stats.ttest_ind(b, a, equal_var=False).confidence_interval(0.95)
            assert row["difference"] == pytest.approx(b.mean() - a.mean())
            assert [row["ci_low"], row["ci_high"]] == pytest.approx([interval.low, interval.high])
            assert pd.isna(row["class_ci_low"])


def test_images_of_the_same_names_that_differ_are_noticed(both):
    x, labels = random_images(8, 4)
    found = compare(both[0], measured(1, (x + 0.1 * torch.randn_like(x), labels)))
    assert found.notes == (
        "net0 and net1 are not compared path by path: images of the same names differ, for the "
        "paths between them have other lengths.",
    )
    assert set(found.differences["by"]) == {UNPAIRED}


def test_images_that_were_shown_otherwise_are_noticed(both):
    other = measured(1, normalisation=((0.5,), (0.5,)))
    (note,) = compare(both[0], other).notes
    assert note.endswith("are not compared path by path: images were shown otherwise.")


def test_welchs_interval_covers():
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(1000):
        _, low, high = welch(rng.normal(0, 1, 6), rng.normal(1, 3, 15))
        hits += low <= 1 <= high
    assert hits / 1000 == pytest.approx(0.95, abs=0.025)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"points": 32}, "net0 was measured with n_samples=24 and net1 with 32, whose fractions"),
        (
            {"points": None, "spacing": 0.5},
            "net0 was measured with spacing=None and net1 with 0.5, whose fractions mean different",
        ),
        ({"high": 0.2}, "net0 was measured with high=0.1 and net1 with 0.2, whose fractions mean"),
    ],
)
def test_numbers_that_mean_different_things_are_not_compared(both, options, said):
    with pytest.raises(UserError) as caught:
        compare(both[0], measured(1, **options))
    assert str(caught.value).startswith(f"compare: {said}")
    assert str(caught.value).endswith("mean different things; measure them alike")


def test_one_alone_is_not_compared(both):
    with pytest.raises(UserError, match="compare: give two measurements or more"):
        compare(both[0])


def test_three_have_three_differences_and_kinds_that_only_one_has_are_noted(both):
    within = measured(2, kinds=["within"])
    found = compare(*both, within)
    pairs = found.differences[["a", "b"]].drop_duplicates().to_numpy().tolist()
    assert pairs == [["net0", "net1"], ["net0", "net2"], ["net1", "net2"]]
    last = found.differences[found.differences["b"] == "net2"]
    assert set(last["kind"]) == {"within"}
    assert len(found.notes) == 2
    assert found.summary.groupby("model")["kind"].nunique().to_dict() == {
        **{"net0": 2, "net1": 2, "net2": 1}
    }


def test_files_hold_what_was_compared(both, tmp_path):
    found = compare(*both)
    found.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {
        *("comparison.json", "comparison.png", "comparison.pdf", "summary.csv", "differences.csv")
    }
    content = json.loads((tmp_path / "comparison.json").read_text())
    assert content["models"] == ["net0", "net1"]
    assert len(content["differences"]) == len(found.differences)
    table = pd.read_csv(tmp_path / "differences.csv")
    np.testing.assert_allclose(table["difference"], found.differences["difference"], rtol=1e-5)
    assert (tmp_path / "comparison.png").stat().st_size > 5000
    assert "net1 - net0, within, high-frequency fraction, raw: " in str(found)


def test_measurements_that_were_read_again_are_compared_alike(both, tmp_path):
    again = []
    for one in both:
        one.save(tmp_path / one.name)
        again.append(Measurement.read(tmp_path / one.name))
    for pair in (again, (both[0], again[1])):
        found = compare(*pair)
        assert found.notes == ()
        columns = ["difference", "ci_low", "class_ci_high"]
        numbers = (one.differences[columns] for one in (found, compare(*both)))
        np.testing.assert_allclose(*numbers, atol=2e-6)


def test_plot_draws_all_into_axes_of_ones_own(both):
    figure, axes = plt.subplots()
    assert compare(*both).plot(axes) is axes
    labels = [line.get_label() for line in axes.get_lines()]
    assert labels == ["net0, within", "net0, between", "net1, within", "net1, between"]
    plt.close(figure)
