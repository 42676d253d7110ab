"""Claims on label noise, on curves made to obey them, to violate them, and to leave them open."""

import numpy as np
import pandas as pd
import pytest

from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments.rahaman2018.label_noise.claims import CLAIMS, best_validation

BY_ID = {claim.id: claim for claim in CLAIMS}
ITERATIONS = np.arange(401)
BETAS = (0.1, 0.25, 0.5, 0.75, 1.0)
SETTINGS = sorted(
    {(k, b) for k in (0.1, 1.0) for b in BETAS}
    | {(k, b) for b in (0.5, 1.0) for k in (0.05, 0.1, 0.2, 0.5, 1.0)}
)
BASE = 0.1


def validation(best, final):
    """1 at the start, `best` at iteration 100, `final` from 200 on."""
    return np.interp(ITERATIONS, [0, 100, 200, 400], [1.0, best, final, final])


def training(time, beta):
    """From 1 + beta²/2 in a straight line to zero; at beta²/4 shortly before `time`."""
    return np.interp(ITERATIONS, [0, time], [1 + beta**2 / 2, 0.0])


def tables(best, final=lambda k, b: 0.8, time=lambda k: 50 + 200 * k, members=4, settings=SETTINGS):
    """Runs whose best and final validation loss and fitting time are functions of (k, beta)."""
    rows = []
    for member in range(members):
        spread = 1 + 0.02 * member
        curves = {(np.nan, 0.0): (validation(BASE, BASE), training(30, 0.0))}
        for k, b in settings:
            curves[k, b] = validation(best(k, b), final(k, b)), training(time(k), b)
        for (k, b), (valid, train) in curves.items():
            for curve, mse in (("validation", valid), ("training", train)):
                facts = {"member": member, "frequency": k, "beta": b, "curve": curve}
                rows.append(pd.DataFrame({"iteration": ITERATIONS, "mse": mse * spread, **facts}))
    return {"label_noise_loss": pd.concat(rows)}


def papers_picture(k, b):
    """Low frequencies lift the floor by 0.7 beta, high ones by 0.05 beta."""
    return BASE + (0.7 if k < 0.3 else 0.05) * b


def reversed_picture(k, b):
    """High frequencies lift the floor; low ones lower it slightly as beta grows."""
    return BASE + 0.7 * b if k > 0.3 else BASE - 0.02 * b


def evaluated(name, **kinds):
    (result,) = evaluate([BY_ID[f"label_noise_{name}"]], tables(**kinds))
    return result


def test_best_validation_takes_the_minimum_of_each_curve():
    best = best_validation(tables(papers_picture, members=2)["label_noise_loss"])
    assert list(best.index) == [0, 1] and len(best.columns) == len(SETTINGS) + 1
    assert best.loc[0, (0.0, 0.0)] == pytest.approx(BASE)
    assert best.loc[1, (1.0, 0.5)] == pytest.approx(1.02 * (BASE + 0.025))


@pytest.mark.parametrize(
    "name",
    [
        "low_raises_best",
        "low_worse_than_high",
        "low_grows_with_beta",
        "high_dips",
        "dip_insensitive_to_beta",
        "high_fitted_later",
    ],
)
def test_all_claims_hold_on_the_papers_picture(name):
    result = evaluated(name, best=papers_picture)
    assert result["verdict"] == "holds"
    assert result["n_runs"] == 4


@pytest.mark.parametrize("name", ["low_raises_best", "low_worse_than_high", "low_grows_with_beta"])
def test_claims_on_low_frequencies_fail_on_the_reversed_picture(name):
    assert evaluated(name, best=reversed_picture)["verdict"] == "fails"


def test_ratios_have_the_known_values():
    raised = evaluated("low_raises_best", best=papers_picture)
    assert raised["value"] == pytest.approx(0.8 / BASE)
    assert "k = 0.05, beta = 1" in raised["statistic"]
    order = evaluated("low_worse_than_high", best=papers_picture)
    assert order["value"] == pytest.approx(0.8 / 0.15, rel=1e-5)


def test_the_first_record_counts_for_the_best_loss():
    """Noise so harmful that the loss only rises: the best is the loss before training, 1."""
    worse = evaluated("low_raises_best", best=lambda k, b: 2.0, final=lambda k, b: 3.0)
    assert worse["value"] == pytest.approx(1 / BASE)


@pytest.mark.parametrize(
    ("best", "final", "value", "verdict"),
    [
        (0.2, 0.8, 4.0, "holds"),
        (0.2, 0.3, 1.5, "fails"),
        (0.2, 0.2, 1.0, "fails"),
        (0.2, 3.0, 5.0, "holds"),
        (1.5, 2.0, 1.0, "fails"),
        (0.5, 0.05, 1.0, "fails"),
    ],
)
def test_depth_of_the_dip(best, final, value, verdict):
    """Rise on both sides; none where the curve falls to the end or never falls at all."""
    result = evaluated("high_dips", best=lambda k, b: best, final=lambda k, b: final)
    assert result["value"] == pytest.approx(value)
    assert result["verdict"] == verdict


def test_one_jump_at_the_last_record_is_no_dip():
    table = tables(lambda k, b: 0.2, final=lambda k, b: 0.2)["label_noise_loss"]
    table.loc[table["iteration"] == ITERATIONS[-1], "mse"] = 50.0
    (result,) = evaluate([BY_ID["label_noise_high_dips"]], {"label_noise_loss": table})
    assert result["value"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("high", "verdict"), [(0.07, "holds"), (-0.05, "holds"), (0.6, "fails"), (0.35, "not tested")]
)
def test_slope_of_the_dip_over_beta_relative_to_low_frequency(high, verdict):
    def best(k, b):
        return BASE + (0.7 if k < 0.3 else high) * b

    result = evaluated("dip_insensitive_to_beta", best=best)
    assert result["value"] == pytest.approx(high / 0.7, rel=1e-4)
    assert result["verdict"] == verdict


def test_without_a_yardstick_the_slope_decides_nothing():
    result = evaluated("dip_insensitive_to_beta", best=reversed_picture)
    assert result["verdict"] == "not tested" and "nothing to compare" in result["statistic"]
    assert result["n_runs"] == 4


def test_noise_that_is_fitted_in_reverse_order_fails():
    result = evaluated("high_fitted_later", best=papers_picture, time=lambda k: 300 - 200 * k)
    assert result["value"] == -1 and result["verdict"] == "fails"


def test_noise_that_is_never_fitted_decides_nothing():
    result = evaluated("high_fitted_later", best=papers_picture, time=lambda k: 50 + 5000 * k)
    assert result["verdict"] == "not tested" and "noise of 1 of 5" in result["statistic"]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_two_runs_decide_nothing(claim):
    (result,) = evaluate([claim], tables(papers_picture, members=2))
    assert result["verdict"] == "not tested" and result["n_runs"] == 2
    assert "2 run(s)" in result["statistic"]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
@pytest.mark.parametrize("settings", [[], [(0.1, 1.0)]], ids=["baseline only", "one setting"])
def test_too_few_settings_never_crash(claim, settings):
    (result,) = evaluate([claim], tables(papers_picture, settings=settings))
    decidable = settings and claim.id.endswith(("low_raises_best", "high_dips"))
    assert (result["verdict"] != "not tested") == bool(decidable)


def test_an_empty_table_decides_nothing():
    empty = tables(papers_picture, members=1)["label_noise_loss"].iloc[:0]
    results = evaluate(CLAIMS, {"label_noise_loss": empty})
    assert {result["verdict"] for result in results} == {"not tested"}
