"""The tangent kernel beside training: settings, networks, tables, claims, figure 27."""

import numpy as np
import pandas as pd
import pytest
import torch
from rahaman_helpers import (
    assert_refused,
    assert_undecided,
    caption,
    context,
    drawing,
    results,
    runs,
    table_of,
)
from torch.nn.utils import parameters_to_vector

from spectral_bias.data.problem import Problem
from spectral_bias.data.signals import sinusoid_sum, uniform_grid
from spectral_bias.experiments.rahaman2018.kernel_prediction import fig27, measure
from spectral_bias.experiments.rahaman2018.kernel_prediction.claims import CLAIMS
from spectral_bias.experiments.rahaman2018.kernel_prediction.prediction_errors import (
    first_failures,
    remaining,
)
from spectral_bias.experiments.rahaman2018.kernel_prediction.problem import build
from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.models.mlp import mlp
from spectral_bias.models.shape import NetworkShape


# Settings and data
def named(scale="quick", **values):
    prefix = "kernel_prediction_"
    found = runs(scale, kernel_prediction=values)
    return {name.removeprefix(prefix): r for name, r in found.items() if name.startswith(prefix)}


def test_one_run_for_each_optimiser_keeps_its_parameters():
    found = named(sgd={"kernels_at": [0, 20, 6000]})
    assert set(found) == {"sgd", "adam"}
    assert found["sgd"].training.parameters_at == (0, 20, 6000)
    assert found["sgd"].training.records == ("prediction",)
    assert {name: run.training.optimiser for name, run in found.items()} == {
        "sgd": "sgd",
        "adam": "adam",
    }
    assert found["sgd"].training.learning_rate != found["adam"].training.learning_rate


def test_both_optimisers_start_from_the_same_networks_on_the_same_targets():
    (sgd, facts), (adam, _) = (build(run.problem_settings()) for run in named().values())
    assert sgd.seeds == adam.seeds and len(set(sgd.seeds)) == len(sgd.seeds) == 8
    np.testing.assert_array_equal(sgd.targets, adam.targets)
    k = facts["frequencies"]
    wanted = sinusoid_sum(sgd.inputs[:, 0], k, np.ones(len(k)), facts["phases"])
    np.testing.assert_array_equal(sgd.targets, wanted)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"frequencies": [40]}, "frequencies: k = 40 is not below the Nyquist frequency"),
        ({"sgd": {"kernels_at": [10, 20]}}, "sgd.kernels_at: name iterations in increasing order"),
        ({"sgd": {"kernels_at": [0, 15]}}, "sgd.kernels_at: iteration 15 is not recorded"),
        ({"adam": {"kernels_at": [0, 9000]}}, "adam.kernels_at: iteration 9000 is not recorded"),
        ({"loss": "bce"}, "loss: Input should be 'mse'"),
        ({"tolerance": 0.0}, "tolerance: Input should be greater than 0"),
    ],
)
def test_bad_settings_are_one_line(values, said):
    assert_refused("kernel_prediction", values, said, "quick")


# Tables
N, K = 20, np.array([1.0, 3.0])
RECORDS, KERNELS_AT = np.arange(0, 401, 20), np.array([0, 100, 400])


class Run(FinishedRun):
    """A run of gradient descent in float64, the obvious way."""

    shape = NetworkShape(1, 24, 3)


def descended(scale=1.0, rate=0.05, members=2) -> Run:
    """Networks trained by autograd and plain updates on u_0 + scale times two sines."""
    z = uniform_grid(N)
    x, waves = torch.tensor(z)[:, None], sinusoid_sum(z, K, np.ones(2), np.array([0.3, 1.0]))
    targets, outputs, parameters = [], [], []
    for seed in range(members):
        network = mlp(1, 24, 3, seed, torch.float64)
        target = network(x)[:, 0].detach() + scale * torch.tensor(waves)
        seen, kept = [], []
        for iteration in range(RECORDS[-1] + 1):
            output = network(x)[:, 0]
            if iteration in RECORDS:
                seen.append(output.detach().numpy().copy())
            if iteration in KERNELS_AT:
                kept.append(parameters_to_vector(network.parameters()).detach().numpy().copy())
            network.zero_grad()
            ((output - target) ** 2).mean().backward()
            with torch.no_grad():
                for parameter in network.parameters():
                    parameter -= rate * parameter.grad
        targets.append(target.numpy())
        outputs.append(seen)
        parameters.append(kept)
    history = {
        "record_iteration": RECORDS,
        "parameters_iteration": KERNELS_AT,
        "prediction": np.swapaxes(outputs, 0, 1),
        "parameters": np.swapaxes(parameters, 0, 1),
    }
    facts = {"frequencies": K, "amplitudes": np.ones(2)}
    problem = Problem(z[:, None], np.stack(targets), list(range(members)))
    return Run(problem, facts, history, {"settings": {"learning_rate": rate}}, None)


@pytest.fixture(scope="module")
def run():
    return descended()


@pytest.fixture(scope="module")
def kernels(run):
    return measure.kernels_of(run)


def measured_tables(run, tolerance=0.1):
    class Job:
        @staticmethod
        def limit_threads():
            pass

        @staticmethod
        def ensemble(name):
            return run

    return measure.measured(Job(), tolerance)


def test_kernels_are_those_of_the_kept_parameters(run, kernels):
    assert kernels.shape == (3, 2, N, N)
    network = mlp(1, 24, 3, 1, torch.float64)
    rows = []
    for x in torch.tensor(run.problem.inputs):
        network.zero_grad()
        network(x[None]).backward()
        rows.append(torch.cat([p.grad.flatten() for p in network.parameters()]).clone())
    jacobian = torch.stack(rows).numpy()
    np.testing.assert_allclose(kernels[0, 1], jacobian @ jacobian.T, rtol=1e-10, atol=1e-12)
    assert not np.allclose(kernels[0, 1], kernels[2, 1])


def test_near_its_start_a_network_does_what_its_kernel_predicts():
    """A target nearly met already: parameters hardly move, so the linear prediction is exact."""
    lazy = descended(scale=1e-5)
    first, later, last = measure.predictions(lazy, measure.kernels_of(lazy))
    seen = lazy.history["prediction"]
    moved = np.abs(seen[-1] - seen[0]).max()
    assert moved > 1e-6
    np.testing.assert_allclose(first, seen, rtol=0, atol=0.01 * moved)
    np.testing.assert_allclose(later, seen[5:], rtol=0, atol=0.01 * moved)
    assert last.shape == (1, 2, N)


def test_rates_and_eigenvalues_are_of_the_scaled_kernel(run, kernels):
    rates = measure.rates_table(run, kernels).set_index(["kernel_at", "member", "frequency"])
    wave = np.exp(2j * np.pi * 3 * np.arange(N) / N) / np.sqrt(N)
    wanted = 2 / N * (wave.conj() @ kernels[1, 0] @ wave).real
    assert rates.loc[(100, 0, 3), "rate"] == pytest.approx(wanted)
    assert set(rates.index.get_level_values("frequency")) == set(range(1, 10))
    values = measure.eigenvalues_table(run, kernels)
    chosen = values.query("kernel_at == 400 and member == 1").sort_values("rank")
    wanted = 2 / N * np.linalg.eigvalsh(kernels[2, 1])[::-1]
    np.testing.assert_allclose(chosen["rate"], wanted, rtol=1e-9, atol=1e-12)
    assert chosen["frequency"].iloc[0] == 0 and chosen["share"].between(0, 1 + 1e-12).all()


def test_kernels_are_compared_with_the_first_one(run, kernels):
    table = measure.kernels_table(run, kernels).set_index(["kernel_at", "member"])
    first = table.loc[0]
    np.testing.assert_allclose(first[["alignment", "growth"]], 1.0)
    np.testing.assert_allclose(first["explained"], 0.0)
    norms = np.linalg.norm(kernels, axis=(2, 3))
    assert table.loc[(400, 1), "growth"] == pytest.approx(norms[2, 1] / norms[0, 1])
    loss = ((run.history["prediction"][:, 0] - run.problem.targets[0]) ** 2).mean(axis=1)
    assert table.loc[(100, 0), "explained"] == pytest.approx(1 - loss[5] / loss[0])


def circulant(rates):
    """A kernel whose modes k have these rates, all others 0, for the learning rate 1."""
    angle = 2 * np.pi * np.subtract.outer(np.arange(N), np.arange(N)) / N
    return sum(rate / 2 * 2 * np.cos(k * angle) / 2 for k, rate in rates.items()) * 2


def made_up_run(decay, records=RECORDS, kernels_at=KERNELS_AT) -> Run:
    """Two members whose residual at k shrinks by 1 − decay[k] an update, from outputs of 0."""
    z = uniform_grid(N)
    waves = {k: np.sin(2 * np.pi * k * z) for k in decay}
    fitted = {k: 1 - (1 - decay[k]) ** records for k in decay}
    outputs = sum(np.multiply.outer(fitted[k], waves[k]) for k in decay)
    history = {
        "record_iteration": records,
        "parameters_iteration": kernels_at,
        "prediction": np.stack([outputs, outputs], axis=1),
    }
    targets = np.tile(sum(waves.values()), (2, 1))
    facts = {"frequencies": np.array(list(decay), dtype=float), "amplitudes": np.ones(len(decay))}
    problem = Problem(z[:, None], targets, [0, 1])
    return Run(problem, facts, history, {"settings": {"learning_rate": 1.0}}, None)


DECAY = {1: 0.01, 3: 0.001}


def times_of(run, rates):
    kernel_SMNN = np.tile(circulant(rates), (len(run.history["parameters_iteration"]), 2, 1, 1))
    predicted = list(measure.predictions(run, kernel_SMNN))
    return measure.times_table(run, kernel_SMNN, predicted, 0.1)


def test_the_kernel_of_exact_dynamics_predicts_them():
    table = times_of(made_up_run(DECAY), DECAY).set_index(["kernel_at", "member", "frequency"])
    assert table["fails_at"].isna().all() and table["fitted"].isna().all()
    half = {k: np.log(2) / -np.log(1 - decay) for k, decay in DECAY.items()}
    for member in range(2):
        # Measured at records, every 20th iteration; predicted in steps of 0.7 %.
        assert table.loc[(0, member, 1), "t_measured"] == 20 * np.ceil(half[1] / 20)
        assert np.isnan(table.loc[(0, member, 3), "t_measured"])
        for k in DECAY:
            assert table.loc[(0, member, k), "t_predicted"] == pytest.approx(half[k], rel=0.02)
        assert table.loc[(100, member, 3), "t_predicted"] == pytest.approx(half[3], rel=0.02)
    assert table.loc[(100, 0, 1), "reached"] == pytest.approx(1 - 0.99**100)


def test_a_wrong_kernel_fails_where_it_is_off_by_the_tolerance():
    table = times_of(made_up_run(DECAY), {1: 0.002, 3: 0.001})
    first = table.query("kernel_at == 0 and member == 0").set_index("frequency")
    gap = 0.998**RECORDS - 0.99**RECORDS
    at = RECORDS[np.argmax(gap > 0.1)]
    assert first.loc[1, "fails_at"] == at and np.isnan(first.loc[3, "fails_at"])
    assert first.loc[1, "fitted"] == pytest.approx(1 - 0.99**at)
    # Each of the two waves is half of the loss.
    left = (0.99 ** (2 * at) + 0.999 ** (2 * at)) / 2
    assert first.loc[1, "explained"] == pytest.approx(1 - left)
    (failure,) = first_failures(table.query("kernel_at == 0 and member == 1")).to_dict("records")
    assert (failure["frequency"], failure["fails_at"]) == (1, at)


def test_a_frequency_that_a_kernel_never_fits_has_no_predicted_time():
    table = times_of(made_up_run(DECAY), {1: 0.01})
    assert table.query("frequency == 3")["t_predicted"].isna().all()
    assert set(remaining(table)["frequency"]) == {1}


def test_a_kernel_beyond_the_edge_of_stability_does_not_diverge():
    unstable = times_of(made_up_run(DECAY), {1: 0.01, 3: 2.5})
    assert unstable.query("frequency == 1 and kernel_at == 0")["fails_at"].isna().all()
    assert (unstable.query("frequency == 3 and kernel_at == 0")["t_predicted"] == 1).all()


def test_curves_keep_the_first_record_and_the_kernel_s_own(run, kernels):
    predicted = measure.predicted_curves(run, list(measure.predictions(run, kernels)))
    seen = measure.measured_curves(run)
    assert seen["kernel_at"].isna().all() and seen["iteration"].min() == 0
    own = predicted[predicted["iteration"] == predicted["kernel_at"]]
    joined = own.merge(seen, on=["iteration", "member", "frequency"], suffixes=("", "_seen"))
    assert len(joined) == 3 * 2 * 2
    np.testing.assert_allclose(joined["amplitude"], joined["amplitude_seen"])
    many = measure.kept_records(np.arange(10_000))
    assert many[0] == 0 and many[-1] == 9999 and len(many) <= measure.CURVE_POINTS + 1
    assert measure.kept_records(np.array([0])).tolist() == [0]


def test_a_kernel_that_was_not_recorded_is_refused():
    with pytest.raises(ValueError, match="iterations 30 have a record"):
        times_of(made_up_run(DECAY, kernels_at=np.array([0, 30])), DECAY)


# Claims
SPREAD = (0.8, 0.9, 1.0, 1.1, 1.3)
FREQUENCIES = (1, 2, 3, 4, 5)


def rates(first=-2.0, last=-1.5, members=5):
    exponent = {0: first, 400: last}
    return table_of(
        "rate",
        lambda _, at, m, k: SPREAD[m] * k ** (exponent[at] + 0.01 * m),
        **{"optimiser": ("sgd", "adam"), "kernel_at": (0, 400)},
        **{"member": range(members), "frequency": range(1, 20)},
    )


def times(power=2.0, factor=10.0, later=2.0, fitted=0.12, adam=1, members=5, reached=None):
    """t_measured = 100 k; the first kernel is off by about factor k^power, one at 50 by `later`."""
    rows = [
        {
            **{"kernel_at": at, "member": m, "frequency": k, "reached": 0.1},
            "t_measured": 100.0 * k if reached is None or k in reached else np.nan,
            "t_predicted": at
            + (100.0 * k - at) * SPREAD[m] * (later if at else factor * k ** (power * SPREAD[m])),
            "fails_at": 20.0 + at if fitted is not None else np.nan,
            **{"fitted": fitted and fitted * SPREAD[m], "explained": 0.1},
            "t_adam": 10.0 * (k if adam > 0 else 10 - k),
        }
        for at in (0, 50)
        for m in range(members)
        for k in FREQUENCIES
    ]
    return pd.DataFrame(rows)


def tables(rate=None, **options):
    return {
        "kernel_prediction_rates": rates(**(rate or {})),
        "kernel_prediction_times": times(**options),
    }


def found(**options):
    result = results(CLAIMS, tables(**options))
    return {name.removeprefix("kernel_prediction_"): r for name, r in result.items()}


def test_claims_hold_and_their_numbers_are_recovered():
    claims = found(factor=10.0, power=1.0, fitted=0.7)
    verdicts = {name: claim["verdict"] for name, claim in claims.items()}
    assert verdicts.pop("time") == "fails"
    assert set(verdicts.values()) == {"holds"}, verdicts
    assert found(factor=1.2, power=0.1)["time"]["verdict"] == "holds"
    assert claims["rate_decay"]["value"] == pytest.approx(-1.98)
    assert claims["rate_decay_trained"]["value"] == pytest.approx(-1.48)
    assert claims["worse_at_high_k"]["value"] == pytest.approx(np.mean(SPREAD), rel=1e-4)
    assert (claims["order"]["value"], claims["order_adam"]["value"]) == (1.0, 1.0)
    assert claims["order"]["ci_low"] < 1  # never of zero width
    assert claims["lasts"]["value"] == pytest.approx(0.7 * np.mean(SPREAD))
    assert claims["time"]["n_runs"] == 5


def test_the_opposite_fails():
    claims = found(rate={"first": -0.5, "last": 0.0}, power=-2.0, factor=100.0, later=1000.0)
    verdicts = {name: claim["verdict"] for name, claim in claims.items()}
    assert set(verdicts.values()) == {"fails"}, verdicts
    assert claims["order"]["value"] < 0
    assert claims["time"]["value"] > 10


def test_the_factor_counts_either_way():
    early = found(power=0.0, factor=0.05)["time"]
    assert early["value"] == pytest.approx(1 / 0.05 / np.exp(np.log(SPREAD).mean()), rel=1e-4)
    assert early["verdict"] == "fails" and "too late in 0 %" in early["statistic"]


def test_what_cannot_be_decided_is_said():
    assert_undecided(CLAIMS, tables(rate={"members": 2}, members=2))
    few = found(reached=(1, 2))
    for name in ("order", "time", "worse_at_high_k", "later_is_better"):
        assert few[name]["verdict"] == "not tested", name
    assert "fewer than 3 frequencies" in few["time"]["statistic"]
    assert found(fitted=None)["lasts"]["verdict"] == "not tested"


# Figure
@pytest.fixture(scope="module")
def drawn(run):
    tables = measured_tables(run)
    return tables, fig27.drawn(tables, context("tiny"))


def test_panels_hold_what_they_say(drawn):
    tables, data = drawn
    modes = data[(data["panel"] == "a") & (data["kind"] == "mode")]
    assert modes.groupby("optimiser")["kernel_at"].nunique().to_dict() == {"sgd": 3, "adam": 1}
    row = modes.query("optimiser == 'sgd' and kernel_at == 100 and frequency == 3").iloc[0]
    chosen = tables["kernel_prediction_rates"].query(
        "optimiser == 'sgd' and kernel_at == 100 and frequency == 3"
    )
    assert row["rate"] == pytest.approx(np.exp(np.log(chosen["rate"]).mean()))
    lines = data[(data["panel"] == "a") & (data["frequency"] == 2)].set_index("kind")["rate"]
    first = modes.query("optimiser == 'sgd' and kernel_at == 0 and frequency == 1").iloc[0]["rate"]
    assert (lines["eq9"], lines["squared"]) == pytest.approx((first / 2, first / 4))
    assert set(data.loc[data["panel"] == "c", "kernel_at"]) == {100.0}
    assert (data["source"] == "ours").all()
    assert set(data["panel"]) <= {*"abcdef", "failures", "first failure"}


def test_figure_and_caption_of_measured_tables(drawn):
    tables, data = drawn
    text = caption(fig27, tables, context("tiny"))
    assert "{" not in text and "nan" not in text
    assert ". ReLU networks of 3 linear layers, width 16, fit" in text
    other = context("tiny", kernel_prediction={"network": {"activation": "tanh"}})
    assert ". tanh networks of 3" in caption(fig27, tables, other)
    assert "k = 2, 4, 8" in text and "(SGD)" in text and "(Adam)" in text
    figure = drawing(fig27, data)
    labels = [axes.get_ylabel() for axes in figure.axes]
    assert labels[0] == "rate / learning rate" and len(figure.axes) == 6


@pytest.mark.parametrize("outcome", ["nothing fitted", "always right"])
def test_the_figure_says_what_it_lacks(drawn, outcome):
    tables, _ = drawn
    table = tables["kernel_prediction_times"].copy()
    names = ["t_measured", "t_predicted", "t_adam"] if outcome == "nothing fitted" else []
    table[[*names, "fails_at", "fitted", "explained"]] = np.nan
    changed = {**tables, "kernel_prediction_times": table}
    text = caption(fig27, changed, context("tiny"))
    assert "No prediction from iteration 0 fails" in text and "nan" not in text
    figure = drawing(fig27, fig27.drawn(changed, context("tiny")))
    shown = " ".join(text.get_text() for axes in figure.axes for text in axes.texts)
    assert ("no frequency is fitted" in shown) == (outcome == "nothing fitted")
