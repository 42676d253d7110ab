"""Experiment 2, perturbed parameters: table, claim and figure 3."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
import torch
from rahaman_helpers import assert_undecided, caption, context, drawing, frame, results

from spectral_bias.data.problem import Problem
from spectral_bias.data.signals import uniform_grid
from spectral_bias.experiments.rahaman2018.perturbation import fig03
from spectral_bias.experiments.rahaman2018.perturbation.claims import CLAIMS, kept_amplitude
from spectral_bias.experiments.rahaman2018.perturbation.measure import perturbation_table
from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.models.batched import initial_parameters
from spectral_bias.models.shape import NetworkShape

FREQUENCIES = np.arange(10, 55, 5)
DELTAS = np.linspace(0, 5, 101)
RISING = np.linspace(0.1, 1, 9)
COLUMNS = "member delta frequency relative_amplitude"


def test_table_covers_members_deltas_and_frequencies():
    record = {"run": "r", "seed": 0, "settings": {"network": {"width": 8, "depth": 3}}}
    problem = Problem(uniform_grid(20)[:, None], np.zeros((2, 20)), [1, 2])
    run = FinishedRun(problem, {"frequencies": np.array([2.0, 5.0])}, {}, record, None)
    run.__dict__["parameters"] = initial_parameters(NetworkShape(1, 8, 3), [1, 2], torch.float32)
    seen = []
    options = {"delta_max": 2.0, "n_deltas": 3, "n_directions": 2, "device": torch.device("cpu")}
    table = perturbation_table(run, **options, on_member=seen.append)
    assert seen == [0, 1]
    cells = table[["member", "delta", "frequency"]].to_numpy().tolist()
    assert cells == [list(cell) for cell in product((0, 1), (0.0, 1.0, 2.0), (2, 5))]
    np.testing.assert_allclose(table.query("delta == 0").relative_amplitude, 1, rtol=1e-5)
    pd.testing.assert_frame_equal(table, perturbation_table(run, **options))


def perturbed(rates, members=4):
    """Relative amplitude 1 - rate * delta / 5 of every frequency."""
    rows = [
        (member, delta, k, 1 - rate * delta / 5)
        for member, delta in product(range(members), DELTAS)
        for k, rate in zip(FREQUENCIES, rates, strict=True)
    ]
    return {"perturbation": frame(COLUMNS, rows)}


def test_kept_amplitude_of_straight_lines_and_clipping():
    relative_SK = np.stack([1 - 0.4 * DELTAS / 5, 1 + DELTAS, 1 - 2 * DELTAS / 5], axis=1)
    np.testing.assert_allclose(kept_amplitude(relative_SK), [0.8, 1.0, 0.25], atol=0.003)


@pytest.mark.parametrize(
    ("rates", "tau", "expected"),
    [
        (RISING, -1.0, "holds"),
        (RISING[::-1], 1.0, "fails"),
        (np.array([0.5, 0.1, 0.9, 0.3, 0.7, 0.2, 0.8, 0.4, 0.6]), -1 / 9, "fails"),
    ],
)
def test_order_of_robustness(rates, tau, expected):
    (found,) = results(CLAIMS, perturbed(rates)).values()
    assert found["value"] == pytest.approx(tau, abs=1e-5)
    assert found["verdict"] == expected


def test_runs_that_agree_have_an_interval_and_runs_that_do_not_decide_nothing():
    (same,) = results(CLAIMS, perturbed(RISING)).values()
    # Two neighbours of nine that change places move tau by 2/36.
    assert (same["ci_low"], same["ci_high"]) == (-1, pytest.approx(-1 + 2 / 36))
    up, down = (perturbed(rates)["perturbation"] for rates in (RISING[::-1], RISING))
    mixed = pd.concat([up[up["member"] < 2], down[down["member"] >= 2]])
    (open_,) = results(CLAIMS, {"perturbation": mixed}).values()
    assert (open_["value"], open_["verdict"]) == (0, "not tested")


@pytest.mark.parametrize(
    ("rates", "members", "said"), [(RISING, 2, "2 value(s)"), (np.zeros(9), 4, "have no order")]
)
def test_too_few_runs_or_no_loss_at_all_decide_nothing(rates, members, said):
    assert_undecided(CLAIMS, perturbed(rates, members), said, members)


def test_fig03_is_the_unclipped_mean_over_runs_with_delta_upwards():
    rows = [(0, 0.0, 10, 1.0), (1, 0.0, 10, 1.4), (0, 5.0, 10, 0.2), (1, 5.0, 10, 0.4)]
    tables = {"perturbation": frame(COLUMNS, rows)}
    data = fig03.drawn(tables, context())
    assert list(data.columns) == fig03.COLUMNS
    assert data["relative_amplitude"].tolist() == pytest.approx([1.2, 0.3])
    axes = drawing(fig03, data).axes[0]
    assert axes.get_ylim() == (0, 5)
    assert axes.collections[0].get_array().ravel().tolist() == pytest.approx([1.0, 0.3])
    text = caption(fig03, tables, context("quick", perturbation={"network": {"width": 64}}))
    assert "Figure 3 of Rahaman" in text and "quick scale" in text
    assert "network.width 64 (paper 256)" in text
