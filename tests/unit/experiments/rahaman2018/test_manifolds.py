"""Experiments 5 and 6, targets on curves: settings, targets, tables."""

import numpy as np
import pytest
import torch
from rahaman_helpers import assert_refused, load, runs, section
from scipy import special
from torch.nn.utils import vector_to_parameters

from spectral_bias.data.manifolds import flower
from spectral_bias.data.problem import Problem
from spectral_bias.data.signals import uniform_grid
from spectral_bias.experiments.rahaman2018.manifolds import classification, measure, regression
from spectral_bias.experiments.rahaman2018.manifolds.input_frequency import (
    input_frequency_table,
    largest_speed,
    transmitted,
)
from spectral_bias.measurements import evaluation
from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.models.batched import initial_parameters
from spectral_bias.models.mlp import mlp
from spectral_bias.models.shape import NetworkShape
from spectral_bias.spectra.fourier import fourier_probe, single_sided_amplitude
from spectral_bias.training.ensemble.metrics import relative_amplitude, run_metrics


# Settings
def test_paper_scale_has_the_values_of_the_paper():
    paper = load().rahaman2018
    curve, grid = paper.manifold_regression, paper.manifold_classification
    assert (curve.n_points, curve.iterations, curve.n_runs) == (1000, 50_000, 10)
    assert curve.frequencies == list(range(20, 201, 20))
    assert curve.lobes == [0, 4, 10, 16]
    assert (grid.n_points, grid.iterations, grid.loss) == (1000, 10_000, "bce")
    assert grid.frequencies == list(range(50, 401, 50)) and grid.lobes == list(range(0, 21, 2))
    assert grid.decision.model_dump() == {"frequency": 200, "lobes": 20, "twins": 1}


def test_runs_hold_what_training_needs_and_no_more():
    regressed, classified = (
        runs()[f"manifold_{name}"] for name in ("regression", "classification")
    )
    assert regressed.training.records == ("probe",)
    assert regressed.target["amplitudes"] == [1.0] * 10
    assert classified.training.records == () and "decision_points" not in classified.settings()


@pytest.mark.parametrize("n", [400, 401])
def test_the_highest_frequency_and_lobes_below_nyquist_are_accepted(n):
    values = {"n_points": n, "frequencies": [(n - 1) // 2], "lobes": [0, (n - 1) // 2]}
    assert section("manifold_regression", **values).n_points == n


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        (
            "regression",
            {"frequencies": [10, 200]},
            "frequencies: k = 200 is not below the Nyquist frequency n_points/2 = 200",
        ),
        ("regression", {"lobes": [0, 200]}, "lobes: L = 200 is not below n_points/2 = 200"),
        ("regression", {"lobes": [4, 4]}, "lobes: 4 is named twice"),
        ("regression", {"lobes": [-1]}, "lobes.0: Input should be"),
        (
            "classification",
            {"n_points": 320},
            "frequencies: k = 160 is not below the Nyquist frequency n_points/2 = 160",
        ),
        (
            "classification",
            {"n_points": 41, "frequencies": [20], "lobes": [21]},
            "lobes: L = 21 is not below n_points/2 = 20.5",
        ),
        (
            "classification",
            {"decision": {"lobes": 3}},
            "decision: k = 100, L = 3 is not in the grid",
        ),
    ],
)
def test_bad_setting_is_one_line_that_names_the_key(name, values, said):
    assert_refused(f"manifold_{name}", values, said, "quick")


# Targets
REGRESSION = {
    **{"run": "manifold_regression", "seed": 0, "n_runs": 3, "n_points": 50},
    **{"frequencies": [2, 7], "amplitudes": [0.5, 1.0], "lobes": [0, 4]},
}
CLASSIFICATION = {
    **{"run": "manifold_classification", "seed": 0, "n_runs": 2, "n_points": 101},
    **{"frequencies": [3, 10], "lobes": [0, 2, 4]},
    "decision": {"frequency": 10, "lobes": 4, "twins": 2},
}


@pytest.mark.parametrize("n", [40, 41])
@pytest.mark.parametrize("lobes", [0, 1, 10])
def test_flower_has_its_radius_at_its_angle(n, lobes):
    z = uniform_grid(n)
    x = flower(z, lobes)
    position = x[:, 0] + 1j * x[:, 1]
    radius = 1 + np.sin(2 * np.pi * lobes * z) / 2
    np.testing.assert_allclose(position, radius * np.exp(2j * np.pi * z), atol=1e-14)
    if lobes == 0:
        np.testing.assert_allclose(np.linalg.norm(x, axis=1), 1)


def test_flower_has_as_many_outermost_points_as_lobes():
    radius = np.linalg.norm(flower(uniform_grid(1000), 5), axis=1)
    outermost = (radius > np.roll(radius, 1)) & (radius >= np.roll(radius, -1))
    assert outermost.sum() == 5
    np.testing.assert_allclose(radius[outermost], 1.5)


@pytest.mark.parametrize("n", [50, 51])
def test_regression_shares_targets_and_weights_over_curves(n):
    problem, facts = regression.build({**REGRESSION, "n_points": n})
    assert problem.inputs.shape == (6, n, 2)
    assert facts["lobes"].tolist() == [0, 0, 0, 4, 4, 4]
    assert facts["number"].tolist() == [0, 1, 2, 0, 1, 2]
    assert facts["setting"].tolist() == ["L_00"] * 3 + ["L_04"] * 3
    np.testing.assert_array_equal(problem.targets[:3], problem.targets[3:])
    assert problem.seeds[:3] == problem.seeds[3:] and len(set(problem.seeds)) == 3
    np.testing.assert_array_equal(problem.inputs[4], flower(uniform_grid(n), 4))
    amplitudes = single_sided_amplitude(problem.targets, np.array([2, 7]))
    np.testing.assert_allclose(amplitudes, np.tile([0.5, 1.0], (6, 1)), atol=1e-12)


def test_labels_are_the_sign_of_the_sine_with_a_phase_for_each_member():
    problem, facts = classification.build(CLASSIFICATION)
    z = uniform_grid(101)
    for row, label in enumerate(problem.targets):
        wave = np.sin(2 * np.pi * facts["frequency"][row] * z + facts["phase"][row])
        assert label.tolist() == [float(value > 0) for value in wave]
        np.testing.assert_array_equal(problem.inputs[row], flower(z, facts["lobes"][row]))
    grid = facts["number"] < 2
    assert len(set(facts["phase"][grid])) == grid.sum() == 2 * 3 * 2
    assert len(set(problem.seeds)) == len(problem.seeds)


def test_twins_have_the_labels_of_the_first_network_and_other_weights():
    problem, facts = classification.build(CLASSIFICATION)
    cell = (facts["frequency"] == 10) & (facts["lobes"] == 4)
    assert facts["number"][cell].tolist() == [0, 1, 2, 3]
    first, second, *twins = problem.targets[cell]
    assert all((twin == first).all() for twin in twins)
    assert not (second == first).all()


def test_a_network_does_not_depend_on_the_rest_of_the_grid():
    whole, facts = classification.build(CLASSIFICATION)
    alone = {"frequencies": [10], "lobes": [4], "n_runs": 1}
    decision = CLASSIFICATION["decision"] | {"twins": 0}
    part, _ = classification.build(CLASSIFICATION | alone | {"decision": decision})
    row = np.flatnonzero((facts["frequency"] == 10) & (facts["lobes"] == 4))[0]
    assert part.seeds == [whole.seeds[row]]
    np.testing.assert_array_equal(part.targets[0], whole.targets[row])


@pytest.mark.parametrize(
    ("module", "run"), [(regression, REGRESSION), (classification, CLASSIFICATION)]
)
def test_seed_changes_every_draw(module, run):
    one, two = (module.build({**run, "seed": seed})[0] for seed in (0, 1))
    assert not set(one.seeds) & set(two.seeds)
    assert not (one.targets == two.targets).all(axis=1).any()


# Tables
@pytest.fixture
def regressed():
    """Two L with two networks each; network m has learnt m + 1 tenths of k = 2 at record 1."""
    k, z = np.array([2.0, 5.0]), np.arange(20) / 20
    fitted = np.outer([0.0, 1.0], [0.1, 0.2, 0.3, 0.4])
    predictions = fitted[:, :, None] * np.cos(2 * np.pi * 2 * z + 1.0)
    history = {
        "record_iteration": np.array([0, 7]),
        "probe": predictions @ fourier_probe(20, k),
        "loss_iteration": np.array([0, 3, 7]),
        "loss": np.arange(12.0).reshape(3, 4),
    }
    facts = {
        **{"frequencies": k, "amplitudes": np.array([0.5, 1.0])},
        **{"lobes": np.array([0, 0, 4, 4]), "number": np.array([0, 1, 0, 1])},
        "setting": np.array(["L_00", "L_00", "L_04", "L_04"]),
    }
    problem = Problem(np.zeros((4, 20, 2)), np.zeros((4, 20)), [1, 2, 1, 2])
    return FinishedRun(problem, facts, history, {}, None)


def test_spectrum_and_loss_name_the_curve_and_the_network(regressed):
    table = measure.spectrum_table(regressed)
    assert len(table) == 2 * 4 * 2
    cell = table.query("iteration == 7 and lobes == 4 and member == 1")
    np.testing.assert_allclose(cell.query("frequency == 2").amplitude, 0.4 / 0.5)
    np.testing.assert_allclose(cell.query("frequency == 5").amplitude, 0, atol=1e-14)
    loss = measure.loss_table(regressed)
    assert loss.query("iteration == 3 and lobes == 4 and member == 0").mse.item() == 6


def test_metrics_show_the_amplitudes_of_a_probe_and_of_no_other(regressed):
    metrics = run_metrics(regressed.history, regressed.facts)
    metrics = metrics.set_index(["metric", "iteration"]).value
    assert metrics["amplitude/k_002/L_00", 7] == pytest.approx(0.15 / 0.5)
    assert metrics["amplitude/k_002/L_04", 7] == pytest.approx(0.35 / 0.5)
    assert metrics["loss/training/L_04", 3] == 6.5
    other = {**regressed.history, "probe": np.zeros((2, 4, 3))}
    assert relative_amplitude(other, regressed.facts) is None
    assert relative_amplitude(regressed.history, {}) is None


@pytest.fixture
def classified():
    settings = CLASSIFICATION | {
        **{"n_points": 41, "lobes": [0, 4], "network": {"width": 8, "depth": 3}},
        "decision": {"frequency": 10, "lobes": 4, "twins": 1},
    }
    problem, facts = classification.build(settings)
    run = FinishedRun(problem, facts, {}, {"settings": settings}, None)
    shape = NetworkShape(2, 8, 3)
    run.__dict__["parameters"] = initial_parameters(shape, problem.seeds, torch.float32)
    return run


def network(run, row):
    module = mlp(2, 8, 3, 0)
    vector_to_parameters(run.parameters[row], module.parameters())
    return lambda x: module(torch.as_tensor(x, dtype=torch.float32)).detach().numpy()[:, 0]


@pytest.mark.parametrize("chunk_bytes", [1, 3 * 4 * 41 * 8 * 3, 10**9])
def test_outputs_equal_those_of_plain_networks_whatever_the_chunks(
    monkeypatch, chunk_bytes, classified
):
    monkeypatch.setattr(evaluation, "CHUNK_BYTES", chunk_bytes)
    inputs = classified.problem.inputs
    own, shared = (
        evaluation.outputs(classified.parameters, classified.shape, x) for x in (inputs, inputs[0])
    )
    for row in range(classified.members):
        plain = network(classified, row)
        np.testing.assert_allclose(own[row], plain(inputs[row]), atol=1e-6)
        np.testing.assert_allclose(shared[row], plain(inputs[0]), atol=1e-6)


def test_accuracy_is_the_fraction_of_samples_on_the_right_side_and_leaves_out_twins(classified):
    table = measure.accuracy_table(classified)
    assert len(table) == 2 * 2 * 2
    assert table.groupby(["frequency", "lobes"]).size().eq(2).all()
    for row in table.itertuples():
        logits = network(classified, row.Index)(classified.problem.inputs[row.Index])
        right = (logits > 0) == (classified.problem.targets[row.Index] == 1)
        assert row.accuracy == pytest.approx(np.mean(right))
        labels = classified.problem.targets[row.Index] == 1
        classes = [np.mean(right[labels == value]) for value in (True, False)]
        assert row.balanced_accuracy == pytest.approx(np.mean(classes))


def test_decision_shows_the_two_networks_of_equal_labels_on_a_square(classified):
    rows = measure.shown_members(classified)
    assert classified.facts["number"][rows].tolist() == [0, 2]
    np.testing.assert_array_equal(*classified.problem.targets[rows])
    table = measure.decision_table(classified, 5)
    assert len(table) == 2 * 25
    np.testing.assert_allclose(sorted(table.x1.unique()), [-1.6, -0.8, 0, 0.8, 1.6], atol=1e-12)
    for number, row in enumerate(rows):
        mine = table[table.network == number]
        expected = network(classified, row)(mine[["x1", "x2"]].to_numpy())
        np.testing.assert_allclose(mine.logit, expected, atol=1e-6)


def test_samples_lie_on_the_curve_with_their_labels(classified):
    table = measure.samples_table(classified)
    row = measure.shown_members(classified)[1]
    mine, inputs = table[table.network == 1], classified.problem.inputs[row]
    np.testing.assert_array_equal(mine[["x1", "x2"]].to_numpy(), inputs)
    np.testing.assert_array_equal(mine.label, classified.problem.targets[row])
    np.testing.assert_allclose(mine.logit, network(classified, row)(inputs), atol=1e-6)


# Input frequencies
def test_on_the_circle_plane_waves_are_bessel_functions():
    moduli, frequencies = np.array([1.0, 3.0, 4.9]), [5, 20, 30]
    found = transmitted(0, moduli, frequencies)
    wanted = np.abs(special.jv(np.array(frequencies), 2 * np.pi * moduli[:, None]))
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_plane_waves_on_a_curve_against_quadrature():
    (found,) = transmitted(4, np.array([2.3]), [7, 30])
    z = np.arange(20_000) / 20_000
    angles = np.pi * (np.arange(16) + 0.5) / 16
    phases = 2.3 * flower(z, 4) @ np.stack([np.cos(angles), np.sin(angles)])
    for value, k in zip(found, (7, 30), strict=True):
        waves = np.exp(2j * np.pi * (phases - k * z[:, None])).mean(axis=0)
        assert value == pytest.approx(np.abs(waves).max(), abs=1e-12)


def test_the_largest_speed_is_that_of_the_curve():
    z = np.arange(200_001) / 200_000
    for lobes in (0, 1, 4, 16):
        steps = np.linalg.norm(np.diff(flower(z, lobes), axis=0), axis=1) * 200_000
        assert largest_speed(lobes) == pytest.approx(steps.max(), rel=1e-6)


def test_a_frequency_needs_about_its_stationary_input_frequency():
    table = input_frequency_table([0, 4, 16], [40, 80, 160])
    assert table["lobes"].tolist() == [0] * 3 + [4] * 3 + [16] * 3
    np.testing.assert_allclose(table["stationary"][:3], np.array([40, 80, 160]) / (2 * np.pi))
    ratios = table["needed"] / table["stationary"]
    assert ratios.between(0.7, 1.6).all()
    assert ratios[table["frequency"] == 160].between(0.9, 1.2).all()
    highest = table[table["frequency"] == 160].set_index("lobes")["needed"]
    assert highest[16] < highest[4] / 2 < highest[0] / 4
