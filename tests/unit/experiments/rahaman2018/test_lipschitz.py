"""The Lipschitz constant and its bounds along training: table, claims, check, figure 26."""

import numpy as np
import pandas as pd
import pytest
import torch
from rahaman_helpers import (
    assert_refused,
    assert_undecided,
    caption,
    check_results,
    context,
    drawing,
    results,
    runs,
)

from spectral_bias.experiments.rahaman2018.lipschitz import fig26
from spectral_bias.experiments.rahaman2018.lipschitz.claims import CHECKS, CLAIMS
from spectral_bias.experiments.rahaman2018.lipschitz.measure import (
    bounds,
    chain_table,
    spectrum_slopes,
    target_slopes,
)
from spectral_bias.experiments.rahaman2018.sinusoids import problem
from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.models.batched import initial_parameters, network_layers
from spectral_bias.models.shape import NetworkShape
from spectral_bias.spectra.exact import hinge_layers
from spectral_bias.training.ensemble.train import train

CPU = torch.device("cpu")


# Settings
def test_parameters_are_kept_of_the_equal_setting_alone():
    found = runs("tiny")
    assert found["sinusoids_equal"].training.parameters_at == (0, 10, 20, 40)
    assert found["sinusoids_increasing"].training.parameters_at == ()


def test_no_parameters_beyond_the_end():
    said = "parameters_at: iteration 50 lies beyond the last one, iterations = 40"
    assert_refused("sinusoids", {"parameters_at": [0, 50]}, said, "tiny")


# Table
@pytest.fixture(scope="module")
def run():
    settings = runs(
        "tiny",
        sinusoids={
            **{"iterations": 400, "parameters_at": [0, 100, 200, 400], "n_runs": 3},
            **{"frequencies": [1, 2, 3], "learning_rate": 5e-3},
            **{"network": {"width": 32, "depth": 3}, "snapshots": [0]},
        },
    )["sinusoids_equal"]
    made, facts = problem.build(settings.problem_settings())
    found = train(made, settings.training, device=CPU)
    return FinishedRun(made, facts, found.history, {"settings": settings.settings()}, None)


def test_one_row_for_each_network_and_kept_iteration_and_the_chain_holds(run):
    table = chain_table(run)
    assert table["iteration"].tolist() == [i for i in (0, 100, 200, 400) for _ in range(3)]
    assert (table["spectrum"] <= table["lipschitz"] * (1 + 1e-5)).all()
    assert (table["lipschitz"] <= table["norms"] * (1 + 1e-12)).all()
    assert (table["norms"] <= table["bound"] * (1 + 1e-12)).all()
    assert (table["spectrum"] > 0).any()


def test_the_highest_fitted_frequency_never_falls_and_is_of_the_target(run):
    table = chain_table(run).pivot(index="iteration", columns="member", values="frequency")
    assert (table.diff().dropna() >= 0).all().all()
    assert set(np.unique(table)) <= {0, 1, 2, 3}
    assert (table.loc[0] == 0).all() and (table.loc[400] >= 2).all()


def test_members_of_the_chain_of_known_networks():
    # The hinge K^L w^(L-1) max(z - 1/2, 0) attains every bound: its weights are of rank one.
    found = bounds(hinge_layers(width=4, depth=3, bound=0.5))
    assert found == pytest.approx({"lipschitz": 2.0, "norms": 2.0, "bound": 2.0})
    shape = NetworkShape(1, 16, 4)
    layers = next(network_layers(initial_parameters(shape, [3], torch.float64), shape))
    found = bounds(layers)
    product = np.prod([np.linalg.norm(weight, 2) for weight, _ in layers])
    largest = max(np.abs(part).max() for pair in layers for part in pair)
    assert found["norms"] == pytest.approx(product)
    assert found["bound"] == pytest.approx(largest**4 * 16**3)
    x = np.linspace(0, 1, 100_001)[:, None]
    values = x
    for weight, bias in layers[:-1]:
        values = np.maximum(values @ weight.T + bias, 0)
    slopes = np.diff((values @ layers[-1][0].T)[:, 0]) / 1e-5
    assert found["lipschitz"] == pytest.approx(np.abs(slopes).max(), rel=1e-6)


def test_slope_that_a_spectrum_asks_for():
    z = np.arange(200) / 200
    sine = 0.7 * np.sin(2 * np.pi * 20 * z + 0.3)
    steps = np.abs(np.diff(sine)).max() * 200
    (asked,) = spectrum_slopes(sine[None])
    jump = abs(sine[-1] - sine[0])
    wanted = (200 * np.sin(np.pi * 20 / 200) * 0.7 - jump) * 200 / 199
    assert asked == pytest.approx(wanted) and 0.4 * steps < asked < steps
    generator = np.random.default_rng(0)
    noise = generator.normal(size=(50, 81)).cumsum(axis=1)
    assert (spectrum_slopes(noise) <= np.abs(np.diff(noise)).max(axis=1) * 81).all()
    # The step back of a straight line is all that its spectrum shows.
    assert spectrum_slopes(z[None]) == pytest.approx(0, abs=0.01)


def test_lipschitz_constant_of_the_target(run):
    z = np.linspace(0, 1, 200_001)
    angles = 2 * np.pi * np.multiply.outer(z, run.facts["frequencies"])
    for member, found in enumerate(target_slopes(run)):
        values = np.sin(angles + run.facts["phases"][member]).sum(axis=1)
        assert found == pytest.approx(np.abs(np.diff(values)).max() * 200_000, rel=1e-3)


# Claims and check
FREQUENCIES = np.array([0, 2, 4, 8, 16, 32])


def made_up(power=1.5, norms=1.2, members=5):
    """Slopes ~ k^power and products of norms ~ slopes^norms, networks apart by factors."""
    rows = []
    for member in range(members):
        for iteration, k in enumerate(FREQUENCIES):
            p = power + 0.02 * (member - (members - 1) / 2)
            slope = max(k, 1) ** p * 3 * 2**member
            row = {"iteration": 100 * iteration, "member": member, "frequency": k}
            row |= {"spectrum": slope / 10, "lipschitz": slope, "target": 1e4}
            product = 1e3 * slope ** (norms * p / power)
            rows.append(row | {"norms": product, "bound": product * 50})
    return {"lipschitz_chain": pd.DataFrame(rows)}


def test_powers_are_recovered_and_hold():
    found = results(CLAIMS, made_up())
    assert [found[claim.id]["value"] for claim in CLAIMS] == pytest.approx([1.5, 1.2], rel=1e-3)
    assert {result["verdict"] for result in found.values()} == {"holds"}
    assert {result["n_runs"] for result in found.values()} == {5}
    assert "up to k = 32 to 32" in found["lipschitz_norms_follow"]["statistic"]


def test_slower_growth_fails():
    found = results(CLAIMS, made_up(power=0.8, norms=0.3))
    assert {result["verdict"] for result in found.values()} == {"fails"}


def test_too_few_frequencies_or_networks_decide_nothing():
    table = made_up()["lipschitz_chain"]
    few = table[(table["frequency"] < 8) | (table["member"] > 0)]
    assert_undecided(CLAIMS, {"lipschitz_chain": few}, "a network has 2 highest fitted")
    never = table[table["frequency"] == 0]
    assert_undecided(CLAIMS, {"lipschitz_chain": never}, "a network has 0 highest fitted")
    assert_undecided(CLAIMS, made_up(members=2), "2 value(s)", n_runs=2)
    assert_undecided(CLAIMS, {"lipschitz_chain": table.iloc[:0]})


def test_one_broken_step_does_not_pass():
    tables = made_up()
    (found,) = check_results(CHECKS, tables).values()
    assert (found["result"], found["value"]) == ("passes", pytest.approx(10))
    tables["lipschitz_chain"].loc[7, "norms"] = tables["lipschitz_chain"].loc[7, "lipschitz"] / 2
    (found,) = check_results(CHECKS, tables).values()
    assert (found["result"], found["value"]) == ("does not pass", 0.5)


# Figure
def test_figure_draws_chain_ratios_and_slopes():
    data = fig26.drawn(made_up(), context())
    assert list(data.columns) == fig26.COLUMNS
    chain = data[(data["panel"] == "a") & (data["quantity"] == "lipschitz")]
    middle = 3 * 2.0**2 * np.maximum(FREQUENCIES, 1) ** 1.5
    np.testing.assert_allclose(chain.sort_values("iteration")["value"], middle)
    ratios = data[(data["panel"] == "b") & (data["quantity"] == "bound")]
    np.testing.assert_allclose(ratios[["value", "value_low", "value_high"]], 50)
    assert (data[data["panel"] == "c"]["frequency"] > 0).all()
    assert len(drawing(fig26, data).axes) == 3
    assert "Lipschitz / asked for from 10 to 10" in caption(fig26, made_up(), context())


def test_figure_of_networks_that_fit_nothing_says_so():
    table = made_up()["lipschitz_chain"].query("frequency == 0").assign(spectrum=0.0)
    figure = drawing(fig26, fig26.drawn({"lipschitz_chain": table}, context()))
    assert "no frequency is fitted" in {text.get_text() for text in figure.axes[2].texts}
