"""Experiment 8, random labels on two manifolds: settings, inputs, tables, claims, figure 19."""

import numpy as np
import pandas as pd
import pytest
from rahaman_helpers import (
    assert_refused,
    caption,
    context,
    drawing,
    runs,
    section,
    table_of,
)

from spectral_bias.artefacts import write_arrays
from spectral_bias.data.digit_sets import DIGIT_SETS
from spectral_bias.experiments.rahaman2018.random_labels import KINDS, fig19, measure
from spectral_bias.experiments.rahaman2018.random_labels.problem import build, flat_inputs, spread
from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.training.runs import AutoencoderRun


# Settings
def test_paper_scale_has_the_values_of_the_paper():
    paper = section("random_labels")
    assert paper.autoencoder.network.features == 64
    assert (paper.autoencoder.data.source, paper.n_runs) == ("mnist", 10)


@pytest.mark.parametrize("scale", ["tiny", "quick", "paper"])
def test_every_scale_has_the_papers_pixels_and_features(scale):
    chosen = section("random_labels", scale)
    assert DIGIT_SETS[chosen.autoencoder.data.source].pixels == 784
    assert chosen.autoencoder.network.features == 64
    assert len(chosen.feature_sweep) > 1


def test_runs_differ_in_inputs_alone_and_do_not_depend_on_how_the_autoencoder_is_trained():
    named = runs("quick", random_labels={"feature_sweep": [8, 64]})
    for features in (8, 64):
        same = [named[f"random_labels_{kind}_{features}"].settings() for kind in KINDS]
        assert [(run.pop("inputs"), run.pop("run")) for run in same] == [
            (kind, f"random_labels_{kind}_{features}") for kind in KINDS
        ]
        assert same[0] == same[1] == same[2] and same[0]["features"] == features
        assert same[0]["autoencoder"] == f"autoencoder_{features}" and "noise" not in same[0]
        trained = named[f"autoencoder_{features}"]
        assert isinstance(trained, AutoencoderRun) and trained.network["features"] == features


@pytest.mark.parametrize(
    ("scale", "values", "said"),
    [
        ("quick", {"n_samples": 5001}, "n_samples: 5001 samples, but mnist_5k has 5000 images"),
        ("paper", {"n_samples": 60_001}, "n_samples: 60001 samples, but mnist has 60000 images"),
        (
            "quick",
            {"autoencoder": {"data": {"source": "digits"}}},
            "feature_sweep: 64 features of images of 64 pixels",
        ),
        ("quick", {"feature_sweep": [16, 32]}, "feature_sweep: must name 64, the features of"),
        ("quick", {"feature_sweep": [64, 16, 64]}, "feature_sweep: 64 is named twice"),
    ],
)
def test_bad_settings_are_one_line(scale, values, said):
    assert_refused("random_labels", values, said, scale)


# Inputs and targets
@pytest.fixture
def reconstructions(tmp_path):
    made = np.random.default_rng(0).uniform(size=(60, 12)).astype(np.float32)
    write_arrays(tmp_path / "r.npz", {"reconstructions": made}, {"run_key": "k"})
    return tmp_path / "r.npz"


def built(path, inputs, **changes):
    run = {"run": f"r_{inputs}", "seed": 0, "n_samples": 40, "n_runs": 3, "features": 4}
    return build(run | {"inputs": inputs} | changes, path)


def test_curved_inputs_are_the_first_reconstructions(reconstructions):
    problem, facts = built(reconstructions, "manifold")
    with np.load(reconstructions) as arrays:
        np.testing.assert_array_equal(problem.inputs, arrays["reconstructions"][:40])
    assert problem.targets.shape == (3, 40) and facts["number"].tolist() == [0, 1, 2]


def test_flat_inputs_are_uniform_in_the_first_entries_of_the_same_space(reconstructions):
    x = built(reconstructions, "flat")[0].inputs
    assert x.shape == (40, 12)
    assert (x[:, 4:] == 0).all()
    assert x[:, :4].min() >= 0 and x[:, :4].max() <= 1
    assert np.linalg.matrix_rank(x) == 4
    many = flat_inputs(20_000, 3, 5, np.random.default_rng(1))
    np.testing.assert_allclose(many.mean(axis=0), [0.5, 0.5, 0.5, 0, 0], atol=0.01)
    assert spread(many) == pytest.approx(np.sqrt(3 / 12), abs=0.01)


def test_stretched_inputs_are_the_flat_ones_with_the_spread_of_the_curved(reconstructions):
    curved, flat, stretched = (built(reconstructions, kind)[0].inputs for kind in KINDS)
    assert spread(stretched) == pytest.approx(spread(curved))
    np.testing.assert_allclose(stretched * flat.max(), flat * stretched.max())


def test_runs_that_differ_in_inputs_share_weights_and_targets_by_number(reconstructions):
    one, two = (built(reconstructions, kind)[0] for kind in ("manifold", "flat"))
    assert one.seeds == two.seeds and len(set(one.seeds)) == 3
    np.testing.assert_array_equal(one.targets, two.targets)
    fewer, _ = built(reconstructions, "flat", n_runs=1)
    np.testing.assert_array_equal(fewer.targets, two.targets[:1])
    assert one.targets.min() >= 0 and one.targets.max() <= 1
    assert abs(np.corrcoef(one.targets)[0, 1]) < 0.5


def test_spread_by_loops():
    x = np.random.default_rng(2).normal(size=(9, 3))
    centre = x.mean(axis=0)
    expected = np.sqrt(np.mean([np.sum((row - centre) ** 2) for row in x]))
    assert spread(x) == pytest.approx(expected)


# Tables
def test_inputs_are_described_by_lengths():
    x = np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 5.0], [30.0, 40.0]])
    table = measure.inputs_table(x).set_index("quantity").value
    assert table["norm"] == pytest.approx((0 + 5 + np.sqrt(34) + 50) / 4)
    gaps = np.linalg.norm(x[:, None] - x, axis=2) + np.diag([np.inf] * 4)
    assert table["nearest"] == pytest.approx(gaps.min(axis=1).mean())
    assert table["spread"] == pytest.approx(np.sqrt(((x - x.mean(0)) ** 2).sum(axis=1).mean()))
    # Equal inputs are each other's neighbours.
    assert measure.nearest_distance(np.ones((3, 2))) == 0


def test_losses_are_named_by_member_and_the_reconstruction_with_what_it_must_beat():
    history = {"loss_iteration": np.array([0, 5]), "loss": np.array([[1.0, 2.0], [0.5, 0.25]])}
    run = FinishedRun(None, {"number": np.array([0, 1])}, history, {}, None)
    table = measure.loss_table(run)
    assert table.query("iteration == 5 and member == 1").mse.item() == 0.25
    table = measure.reconstruction_table({"validation_loss": 0.01, "mean_image_loss": 0.07})
    assert dict(zip(table.quantity, table.value, strict=True)) == {
        "reconstruction_loss": 0.01,
        "mean_image_loss": 0.07,
    }


# Figure
def made():
    """Losses and lengths that grow from one kind of inputs to the next, less at 16 features."""
    rank = {kind: number for number, kind in enumerate(KINDS, 1)}
    lengths = {"norm": 6.0, "spread": 3.0, "nearest": 1.0}
    mse = lambda kind, m, i: rank[kind] * 0.1 * (1 + m) / (1 + i)  # noqa: E731
    length = lambda kind, name: lengths[name] * rank[kind]  # noqa: E731
    inputs = table_of("value", length, inputs=KINDS, quantity=lengths)
    inputs.loc[len(inputs)] = ["manifold", "reconstruction_loss", 0.0123]
    inputs.loc[len(inputs)] = ["manifold", "mean_image_loss", 0.0674]
    axes = {"inputs": KINDS, "member": (0, 1), "iteration": (0, 5, 10)}
    losses = table_of("mse", mse, **axes).assign(features=64)
    other = losses.assign(features=16, mse=losses["mse"] / 100)
    inputs = [inputs.assign(features=64), inputs.assign(features=16, value=99.0)]
    return {
        "random_labels_loss": pd.concat([losses, other], ignore_index=True),
        "random_labels_inputs": pd.concat(inputs, ignore_index=True),
    }


def test_fig19_is_mean_and_range_over_runs_and_what_the_inputs_are():
    data = fig19.drawn(made(), context())
    assert list(data.columns) == fig19.COLUMNS
    row = data.query("panel == 'a' and inputs == 'flat' and iteration == 5")
    ranges = row[["mse", "mse_low", "mse_high"]].to_numpy(float)
    np.testing.assert_allclose(ranges, [[0.05, 0.2 / 6, 0.4 / 6]])
    flat = data.query("panel == 'b' and inputs == 'flat'").set_index("quantity")
    assert flat.value["spread"] == 6
    assert data["panel"].isna().sum() == 2  # of the caption alone
    sweep = data[data["panel"] == "c"].set_index(["features", "inputs"])
    # Both members reach 1/24 at iteration 5 on the curved inputs, at 5 and 10 on the flat ones, and
    # the first alone, at 10, on the stretched ones. At 16 features all start below it.
    row = sweep.loc[(64, "flat")]
    assert row["ratio"] == pytest.approx(np.sqrt(0.5)) and row["fitted"] == row["runs"] == 2
    assert (row["ratio_low"], row["ratio_high"]) == (0.5, 1.0)
    row = sweep.loc[(64, "flat_stretched")]
    assert (row["ratio"], row["fitted"], row["runs"]) == (0.5, 1, 2)
    assert (sweep.loc[16, "fitted"] == 0).all()
    losses, inputs, ratio = drawing(fig19, data).axes
    assert ratio.get_xscale() == ratio.get_yscale() == "log"
    assert [tick.get_text() for tick in ratio.get_xticklabels()] == ["16", "64"]
    labels = [text.get_text() for text in losses.get_legend().get_texts()]
    assert labels == list(fig19.NAMES.values())
    assert losses.get_yscale() == "log"
    assert [bar.get_height() for bar in inputs.patches] == [6, 3, 1, 12, 6, 2, 18, 9, 3]


@pytest.mark.parametrize(
    ("scale", "said"), [("paper", "Settings are the paper's"), ("quick", "mnist_5k (paper mnist)")]
)
def test_fig19_caption_states_quality_sizes_and_deviations(scale, said):
    text = caption(fig19, made(), context(scale))
    assert "mean squared error 0.0123" in text and "mean image has 0.0674" in text
    assert "are 0.50, 0.50 and 0.50 times those of the flat ones" in text
    assert "nearest distance is 0.33 times" in text and said in text
    assert "Left out, since not fitted to that level: 2 of 2 at 16 features (flat)" in text
    assert ("(MNIST, 500 images of each digit)" in text) == (scale == "quick")
