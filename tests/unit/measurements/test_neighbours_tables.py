"""Nearest neighbours against slow definitions, and the tables of Experiment 8."""

import numpy as np
import pytest
import torch
from scipy.special import expit

from spectral_bias.data.problem import Problem
from spectral_bias.experiments.rahaman2018.manifolds import (
    classification as manifold_classification,
)
from spectral_bias.experiments.rahaman2018.neighbours import measure as neighbours
from spectral_bias.experiments.rahaman2018.random_labels import measure as random_labels
from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.models.batched import NetworkShape, initial_parameters
from spectral_bias.models.mlp import relu_mlp
from spectral_bias.spectra.radial import decay_exponent, radial_spectrum

SETTINGS = {
    "run": "neighbours",
    "seed": 0,
    "network": {"width": 8, "depth": 3},
    "n_points": 31,
    "frequencies": [4, 7],
    "lobes": [3],
    "n_runs": 2,
    "decision": {"frequency": 7, "lobes": 3, "twins": 1},
}
SIZES = {"n_neighbours": [3, 4], "box": 1.6, "box_points": 16}


@pytest.fixture(scope="module")
def run():
    problem, facts = manifold_classification.build(SETTINGS)
    made = FinishedRun(problem, facts, {}, {"settings": SETTINGS}, None)
    shape = NetworkShape(2, 8, 3)
    made.__dict__["parameters"] = initial_parameters(shape, problem.seeds, torch.float32)
    return made


def votes(inputs, labels, point, k):
    """Share of ones among the k nearest samples, by sorting all distances."""
    order = np.argsort(np.linalg.norm(inputs - point, axis=1), kind="stable")
    return labels[order[:k]].mean()


@pytest.mark.parametrize("k", [1, 3, 4, 25])
def test_share_of_ones_is_the_share_of_votes(k):
    rng = np.random.default_rng(k)
    inputs, labels = rng.normal(size=(25, 2)), rng.integers(0, 2, 25).astype(float)
    points = rng.normal(size=(40, 2))
    found = neighbours.share_of_ones(neighbours.classifier(k, inputs, labels), points)
    np.testing.assert_allclose(found, [votes(inputs, labels, p, k) for p in points])


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_share_of_ones_where_there_is_one_class(label):
    model = neighbours.classifier(2, np.eye(3), np.full(3, label))
    np.testing.assert_array_equal(neighbours.share_of_ones(model, np.eye(3)), label)


def test_accuracy_counts_the_sample_itself_and_ties_go_to_class_0():
    """Labels 1, 0, 1 at 0, 1, 3: a sample and its nearest neighbour vote, and mostly tie."""
    problem = Problem(np.array([[0.0], [1.0], [3.0]]), np.array([[1.0, 0.0, 1.0]]), [1])
    one = FinishedRun(problem, {}, {}, {}, None)
    assert neighbours.neighbour_accuracy(one, 0, 1) == 1
    assert neighbours.neighbour_accuracy(one, 0, 2) == pytest.approx(1 / 3)
    assert neighbours.neighbour_accuracy(one, 0, 3) == pytest.approx(2 / 3)


def test_accuracy_table_covers_cells_and_leaves_twins_out(run):
    table = neighbours.accuracy_table(run, [1, 3])
    assert len(table) == 2 * 2 * 2  # K, frequencies, members
    assert (table.query("neighbours == 1").accuracy == 1).all()
    row = table.query("neighbours == 3 and frequency == 7 and member == 1 and lobes == 3")
    inputs, labels = neighbours.member_samples(run, 3)
    assert (run.facts["frequency"][3], run.facts["number"][3]) == (7, 1)
    right = [
        (votes(inputs, labels, x, 3) > 0.5) == (y > 0.5)
        for x, y in zip(inputs, labels, strict=True)
    ]
    assert row.accuracy.item() == pytest.approx(np.mean(right))


def test_box_grid_is_periodic_and_row_by_row():
    grid = neighbours.box_grid(2.0, 4)
    assert grid.shape == (16, 2)
    np.testing.assert_allclose(grid[:5], [[-2, -2], [-1, -2], [0, -2], [1, -2], [-2, -1]])
    np.testing.assert_allclose(grid[-1], [1, 1])


def test_network_probabilities_are_those_of_the_plain_network(run, monkeypatch):
    monkeypatch.setattr(neighbours, "CHUNK_POINTS", 7)
    grid = neighbours.box_grid(1.0, 5)
    found = neighbours.network_probabilities(run, grid)
    assert found.shape == (run.members, 25)
    plain = relu_mlp(2, 8, 3, run.problem.seeds[1])
    logits = plain(torch.as_tensor(grid, dtype=torch.float32)).detach().numpy()[:, 0]
    np.testing.assert_allclose(found[1], expit(logits), rtol=1e-4)


def test_spectrum_and_exponents_of_every_model(run):
    done = []
    table = neighbours.spectrum_table(run, **SIZES, on_model=done.append)
    assert done == [1, 2, 3]
    assert len(table) == 3 * run.members * 7
    grid = neighbours.box_grid(1.6, 16)
    inputs, labels = neighbours.member_samples(run, 2)
    share = [votes(inputs, labels, point, 3) for point in grid]
    k, zeta = radial_spectrum(np.reshape(share, (16, 16)), 3.2)
    rows = table.query("neighbours == 3 and member == 2")
    np.testing.assert_allclose(rows.wavenumber, k)
    np.testing.assert_allclose(rows.zeta, zeta)
    assert table[table.model == "network"].neighbours.isna().all()

    fits = neighbours.exponent_table(run, table, (0.5, 1.6))
    assert len(fits) == 3 * run.members
    within = (k >= 0.5) & (k <= 1.6)
    row = fits.query("neighbours == 3 and member == 2")
    assert row.exponent.item() == pytest.approx(decay_exponent(k[within], zeta[within]))
    assert row[["fit_from", "fit_to"]].to_numpy().tolist() == [[0.5, 1.6]]
    assert row.accuracy.item() == neighbours.neighbour_accuracy(run, 2, 3)
    network = fits[(fits.model == "network") & (fits.member == 1)]
    plain = relu_mlp(2, 8, 3, run.problem.seeds[1])
    x, y = neighbours.member_samples(run, 1)
    logits = plain(torch.as_tensor(x, dtype=torch.float32)).detach().numpy()[:, 0]
    assert network.accuracy.item() == np.mean((logits > 0) == (y > 0.5))


def test_inputs_are_described_by_lengths():
    x = np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 5.0], [30.0, 40.0]])
    table = random_labels.inputs_table(x).set_index("quantity").value
    assert table["norm"] == pytest.approx((0 + 5 + np.sqrt(34) + 50) / 4)
    gaps = np.linalg.norm(x[:, None] - x, axis=2) + np.diag([np.inf] * 4)
    assert table["nearest"] == pytest.approx(gaps.min(axis=1).mean())
    assert table["spread"] == pytest.approx(np.sqrt(((x - x.mean(0)) ** 2).sum(axis=1).mean()))


def test_equal_inputs_are_each_others_neighbours():
    assert random_labels.nearest_distance(np.ones((3, 2))) == 0


def test_random_label_losses_by_member():
    history = {"loss_iteration": np.array([0, 5]), "loss": np.array([[1.0, 2.0], [0.5, 0.25]])}
    run = FinishedRun(None, {"number": np.array([0, 1])}, history, {}, None)
    table = random_labels.loss_table(run)
    assert table.query("iteration == 5 and member == 1").mse.item() == 0.25


def test_reconstruction_is_reported_with_what_it_must_beat():
    table = random_labels.reconstruction_table({"validation_loss": 0.01, "mean_image_loss": 0.07})
    assert dict(zip(table.quantity, table.value, strict=True)) == {
        "reconstruction_loss": 0.01,
        "mean_image_loss": 0.07,
    }
