"""Experiment 3, label noise of one frequency: runs, table, claims, figures 4 and 11."""

import numpy as np
import pandas as pd
import pytest
from rahaman_helpers import (
    assert_undecided,
    caption,
    context,
    drawing,
    frame,
    results,
    runs,
    section,
)

from spectral_bias.data.problem import Problem
from spectral_bias.experiments.rahaman2018.label_noise import fig04, fig11, loss_panels, measure
from spectral_bias.experiments.rahaman2018.label_noise.claims import CLAIMS, best_validation
from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.reference import authors

BY_ID = {claim.id.removeprefix("label_noise_"): claim for claim in CLAIMS}
ITERATIONS = np.arange(401)
BETAS, KS = (0.1, 0.25, 0.5, 0.75, 1.0), (0.05, 0.1, 0.2, 0.5, 1.0)
SETTINGS = sorted(
    {(k, b) for k in (0.1, 1.0) for b in BETAS} | {(k, b) for b in BETAS[2::2] for k in KS}
)
BASE = 0.1
SAME = context()
COLUMNS = "member frequency beta iteration curve mse"


def test_each_distinct_setting_is_trained_once_and_the_baseline():
    noises = runs()["label_noise"].target["noises"]
    assert noises[0] == {"frequency": None, "beta": 0.0}
    pairs = [(noise["frequency"], noise["beta"]) for noise in noises[1:]]
    # Four panels of five settings that share (0.1, 0.5), (0.1, 1), (1, 0.5) and (1, 1).
    assert sorted(pairs) == SETTINGS and len(pairs) == 16


def test_losses_keep_setting_and_curve_together():
    history = {
        "loss_iteration": np.array([0, 1]),
        "loss": np.array([[1.0, 2.0], [3.0, 4.0]]),
        "validation_loss": np.array([[5.0, 6.0], [7.0, 8.0]]),
    }
    setting = {"frequency": np.array([np.nan, 0.1]), "beta": np.array([0.0, 1.0])}
    facts = {"number": np.array([0, 0]), **setting}
    table = measure.loss_table(FinishedRun(None, facts, history, {}, None))
    assert len(table) == 8
    row = table.query("frequency == 0.1 and iteration == 1 and curve == 'validation'")
    assert row.mse.item() == 8.0
    clean = table[table.frequency.isna() & (table.iteration == 0) & (table.curve == "training")]
    assert clean.mse.item() == 1.0


def test_power_is_that_of_the_noise_and_not_half_of_beta_squared():
    """A wave of a tenth of a period over the data is an offset for the most part."""
    x = np.linspace(0, 0.1, 50)
    waves = np.stack([0 * x, 0 * x, np.sin(2 * np.pi * x), 0.5 * np.sin(200 * np.pi * x)])
    targets = np.sign(x - 0.03) + waves
    facts = {
        "number": np.array([0, 1, 0, 0]),
        "frequency": np.array([np.nan, np.nan, 1.0, 100.0]),
        "beta": np.array([0.0, 0.0, 1.0, 0.5]),
    }
    problem = Problem(x[:, None], targets, [1, 2, 1, 1])
    table = measure.power_table(FinishedRun(problem, facts, {}, {}, None))
    assert table[["frequency", "beta"]].to_numpy().tolist() == [[1.0, 1.0], [100.0, 0.5]]
    np.testing.assert_allclose(table["power"], (waves[2:] ** 2).mean(axis=1))
    np.testing.assert_allclose(table["offset"], waves[2:].mean(axis=1), atol=1e-15)
    assert table["offset"][0] ** 2 > 0.7 * table["power"][0] > 0
    assert table["power"][1] == pytest.approx(0.125, rel=0.05)


# Claims
def papers_picture(k, b):
    """The lower its frequency, the more noise lifts the floor: low by beta, high by its power."""
    return BASE + (0.7 * b * (1 - k) if k < 0.3 else 0.02 * b**2 * (1.5 - k))


def reversed_picture(k, b):
    """High frequencies lift the floor; low ones lower it slightly as beta grows."""
    return BASE + 0.7 * b if k > 0.3 else BASE - 0.02 * b


def tables(
    best=papers_picture,
    final=0.8,
    time=lambda k: 50 + 200 * k,
    members=4,
    settings=SETTINGS,
    clean_final=BASE,
):
    """Runs whose best validation loss and fitting time are functions of (k, beta).

    Validation falls from 1 to `best` at iteration 100 and rises to `final` by 200; training falls
    from 1 + beta²/4 in a straight line to 0, and is at beta²/8 shortly before `time`: the power of
    the noise is beta²/4. Best losses scatter by 1 % over runs, in every setting in another way.
    """
    rows = []
    for member, (place, (k, b)) in (
        (m, setting) for m in range(members) for setting in enumerate([(np.nan, 0.0), *settings])
    ):
        low, end, fitted = (best(k, b), final, time(k)) if b else (BASE, clean_final, 30)
        low = low * (1 + 0.01 * ((member + place) % 3 - 1))
        curves = {
            "validation": np.interp(ITERATIONS, [0, 100, 200, 400], [1.0, low, end, end]),
            "training": np.interp(ITERATIONS, [0, fitted], [1 + b**2 / 4, 0.0]),
        }
        for curve, mse in curves.items():
            facts = {"member": member, "frequency": k, "beta": b, "curve": curve}
            mse = mse * (1 + 0.02 * member)
            rows.append(pd.DataFrame({"iteration": ITERATIONS, "mse": mse, **facts}))
    power = [(k, b, b**2 / 4, 0.3 * b) for k, b in settings]
    return {
        "label_noise_loss": pd.concat(rows, ignore_index=True),
        "label_noise_power": frame("frequency beta power offset", power),
    }


def result(name, **kinds):
    (found,) = results([BY_ID[name]], tables(**kinds)).values()
    return found


def test_best_validation_takes_the_minimum_of_each_curve():
    best = best_validation(tables(members=2)["label_noise_loss"])
    assert list(best.index) == [0, 1] and len(best.columns) == len(SETTINGS) + 1
    assert best.loc[0, (0.0, 0.0)] == pytest.approx(0.99 * BASE)
    place = 1 + SETTINGS.index((1.0, 0.5))
    wiggle = 1 + 0.01 * ((1 + place) % 3 - 1)
    assert best.loc[1, (1.0, 0.5)] == pytest.approx(1.02 * wiggle * (BASE + 0.0025))


def test_all_claims_hold_on_the_papers_picture():
    found = results(CLAIMS, tables())
    facts = {(entry["verdict"], entry["n_runs"], entry["unit"]) for entry in found.values()}
    assert facts == {("holds", 4, "networks (seeds)")}
    assert all(entry["ci_low"] < entry["ci_high"] for entry in found.values())
    raised, order = (
        found[f"label_noise_low_{name}"] for name in ("raises_best", "worse_than_high")
    )
    assert raised["value"] == pytest.approx(papers_picture(0.05, 1) / BASE, rel=0.02)
    # The mean of the noise is 0.3 beta, its mean square 0.25 beta².
    assert "k = 0.05, beta = 1; 36 % of the noise's mean square" in raised["statistic"]
    assert order["value"] == pytest.approx(papers_picture(0.05, 1) / 0.11, rel=0.02)


@pytest.mark.parametrize("name", ["low_raises_best", "low_worse_than_high", "low_grows_with_beta"])
def test_claims_on_low_frequencies_fail_on_the_reversed_picture(name):
    assert result(name, best=reversed_picture)["verdict"] == "fails"


def test_the_first_record_counts_for_the_best_loss():
    """Noise so harmful that the loss only rises: the best is the loss before training, 1."""
    worse = result("low_raises_best", best=lambda k, b: 2.0, final=3.0)
    assert worse["value"] == pytest.approx(1 / BASE, rel=0.02)


@pytest.mark.parametrize(
    ("name", "value", "best"),
    [
        ("low_raises_best", 2.0, lambda k, b: BASE * (2 if k < 0.3 else 1)),
        ("low_worse_than_high", 1.0, lambda k, b: 0.3),
        ("low_grows_with_beta", 0.0, lambda k, b: 0.3),
        ("high_dips", 2.0, lambda k, b: 0.4),
    ],
)
def test_at_the_threshold_nothing_is_decided(name, value, best):
    found = result(name, best=best)
    assert found["value"] == pytest.approx(value, abs=0.02)
    assert (found["verdict"], found["undecided"]) == ("not tested", "inconclusive")


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
    found = result("high_dips", best=lambda k, b: best, final=final)
    assert (found["value"], found["verdict"]) == (pytest.approx(value, rel=0.02), verdict)


def test_a_dip_that_is_flatter_at_high_frequency_fails():
    found = result("dip_deepens_with_frequency", best=reversed_picture)
    assert found["verdict"] == "fails" and "beta = 1, depth" in found["statistic"]


def test_a_dip_that_is_there_without_noise_does_not_count():
    found = result("high_dips", best=lambda k, b: 0.2, final=0.8, clean_final=0.3)
    assert (found["value"], found["verdict"]) == (pytest.approx(4 / 3, rel=0.02), "fails")


def test_one_jump_at_the_last_record_is_no_dip():
    made = tables(lambda k, b: 0.2, final=0.2)
    table = made["label_noise_loss"]
    table.loc[table["iteration"] == ITERATIONS[-1], "mse"] = 50.0
    found = results([BY_ID["high_dips"]], made)["label_noise_high_dips"]
    assert found["value"] == pytest.approx(1, rel=0.02)


@pytest.mark.parametrize(
    ("high", "verdict"),
    [(0.0, "holds"), (0.05, "holds"), (-0.05, "holds"), (0.5, "fails"), (-0.4, "fails")],
)
def test_slope_of_the_dip_over_the_power_of_the_noise_either_way(high, verdict):
    """Best losses grow by `high` times the power beta²/4 of the noise."""
    best = lambda k, b: 0.5 + high * b**2 / 4  # noqa: E731
    found = result("dip_insensitive_to_beta", best=best)
    assert found["value"] == pytest.approx(abs(high), abs=0.03)
    assert found["verdict"] == verdict and found["ci_low"] >= 0
    assert found["ci_low"] <= found["value"] <= found["ci_high"]


@pytest.mark.parametrize("sign", [1, -1])
def test_a_slope_near_the_margin_decides_nothing(sign):
    best = lambda k, b: 0.5 + sign * 0.1 * b**2 / 4  # noqa: E731
    found = result("dip_insensitive_to_beta", best=best)
    assert (found["verdict"], found["undecided"]) == ("not tested", "inconclusive")


def test_noise_that_is_fitted_in_reverse_order_fails():
    found = result("high_fitted_later", time=lambda k: 300 - 200 * k)
    assert (found["value"], found["verdict"]) == (-1, "fails")
    # One exchanged pair of five moves tau by 0.2.
    assert (found["ci_low"], found["ci_high"]) == (-1, pytest.approx(-0.8))


def test_the_time_counts_at_which_half_of_the_noises_own_power_is_left():
    """Noise of the lowest k that has four times the power of the others is fitted sooner."""
    made = tables(time=lambda k: 200)
    alike = results([BY_ID["high_fitted_later"]], made)["label_noise_high_fitted_later"]
    power = made["label_noise_power"]
    strong = power.assign(power=power["power"] * np.where(power["frequency"] == 0.05, 4, 1))
    made["label_noise_power"] = strong
    found = results([BY_ID["high_fitted_later"]], made)["label_noise_high_fitted_later"]
    assert alike["undecided"] == "no data" and "no order" in alike["statistic"]
    # The lowest of five comes first, the others together: 4 pairs in order, 6 tied.
    assert found["value"] == pytest.approx(4 / np.sqrt(10 * 4))


def test_noise_that_is_not_fitted_decides_nothing():
    claims = [BY_ID["high_fitted_later"]]
    assert_undecided(claims, tables(time=lambda k: 50 + 5000 * k), "noise of 1 of 5", 4)


def test_runs_that_disagree_on_the_order_decide_nothing():
    up, down = tables(), tables(time=lambda k: 300 - 200 * k)
    name = "label_noise_loss"
    mixed = pd.concat([up[name].query("member < 2"), down[name].query("member >= 2")])
    found = results([BY_ID["high_fitted_later"]], up | {name: mixed})
    assert found["label_noise_high_fitted_later"]["undecided"] == "inconclusive"


def test_without_the_power_of_the_noise_its_fit_is_not_judged():
    made = tables()
    made["label_noise_power"] = made["label_noise_power"].query("frequency < 1")
    claims = [BY_ID[name] for name in ("high_fitted_later", "dip_insensitive_to_beta")]
    assert_undecided(claims, made, "power of the noise at k = 1 was not measured")


def test_two_runs_and_an_empty_table_decide_nothing():
    two = tables(members=2)
    assert_undecided(CLAIMS, two, "2 value(s)", 2)
    assert_undecided(CLAIMS, {name: table.iloc[:0] for name, table in two.items()})


@pytest.mark.parametrize("settings", [[], [(0.1, 1.0)]], ids=["baseline only", "one setting"])
def test_too_few_settings_never_crash(settings):
    found = results(CLAIMS, tables(settings=settings))
    decided = {name for name, entry in found.items() if entry["verdict"] != "not tested"}
    assert decided == (
        {"label_noise_low_raises_best", "label_noise_high_dips"} if settings else set()
    )


# Figures
@pytest.fixture(scope="module")
def drawable():
    return tables(members=2)


def authors_as_ours(change=lambda loss: loss):
    """The authors' lower edges, which hold their minima, in the format of our measured tables."""
    parts = []
    for name, (frequency, beta) in loss_panels.READINGS.items():
        read = authors("rahaman2018", name).query("curve == 'validation'")
        # Ours counts updates, their validation loss i is after update i + 1.
        part = read[["curve"]].assign(mse=read["mse_lower_edge"], iteration=read["iteration"] + 1)
        for m in range(3):
            scaled = part.assign(mse=part["mse"] * (1 + 0.01 * (m - 1)))
            parts.append(scaled.assign(frequency=frequency, beta=beta, member=m))
    return {"label_noise_loss": change(pd.concat(parts, ignore_index=True))}


def agreement(tables, context=SAME):
    return fig04.agreement(tables, context)


def curves(data, letter, source="ours"):
    rows = data[(data["panel"] == letter) & (data["source"] == source)]
    return {
        (None if k != k else k, b) for k, b in zip(rows["frequency"], rows["beta"], strict=True)
    }


def test_panels_hold_their_curves_and_the_baseline(drawable):
    data = fig04.drawn(drawable, SAME)
    assert list(data.columns) == loss_panels.COLUMNS
    assert curves(data, "a") == {(None, 0.0), *((0.1, beta) for beta in BETAS)}
    assert curves(data, "b") == {(None, 0.0), *((1.0, beta) for beta in BETAS)}
    assert curves(data, "c") == {(None, 0.0), *((k, 0.5) for k in KS)}
    assert curves(data, "d") == {(None, 0.0), *((k, 1.0) for k in KS)}


@pytest.mark.parametrize(
    ("module", "curve", "expected"),
    [(fig04, "validation", [7, 5, 9]), (fig11, "training", [1.5, 1, 2])],
)
def test_means_over_members_are_those_of_the_named_curve(module, curve, expected):
    rows = [(0, 0.1, 0.5, 7, "training", 1.0), (1, 0.1, 0.5, 7, "training", 2.0)]
    rows += [(0, 0.1, 0.5, 7, "validation", 5.0), (1, 0.1, 0.5, 7, "validation", 9.0)]
    data = module.drawn({"label_noise_loss": frame(COLUMNS, rows)}, SAME)
    ours = data[data["source"] == "ours"]
    assert set(ours["panel"]) == {"a", "c"} and set(data["curve"]) == {curve}
    assert ours[["mse", "mse_low", "mse_high"]].drop_duplicates().to_numpy().tolist() == [expected]


@pytest.mark.parametrize(("module", "number"), [(fig04, 4), (fig11, 11)])
def test_captions_name_the_figure_and_deviations_and_a_single_run_is_drawn(
    module, number, drawable
):
    other = context("quick", label_noise={"network": {"width": 64}})
    text = caption(module, drawable, other)
    assert f"Figure {number} of Rahaman" in text and "quick scale" in text
    assert "network.width 64 (paper 256)" in text and "compare the order" in text
    loss = drawable["label_noise_loss"].query("member == 0 and (frequency != 1 or beta != 0.5)")
    drawing(module, module.drawn({"label_noise_loss": loss}, SAME))


def test_authors_lie_over_ours_on_mnist(drawable):
    data = fig04.drawn(drawable, SAME)
    assert curves(data, "a", "authors") == {(None, 0.0)}
    assert curves(data, "b", "authors") == {(None, 0.0), (1.0, 1.0)}
    assert curves(data, "d", "authors") == {(None, 0.0), (1.0, 1.0), (0.05, 1.0)}
    assert "e" not in set(data["panel"])
    dashed = [line for line in drawing(fig04, data).axes[1].lines if line.is_dashed()]
    assert len(dashed) == 2


def test_authors_have_a_panel_of_their_own_on_other_data(drawable):
    other = context(label_noise={"data": {"source": "digits"}})
    data = fig04.drawn(drawable, other)
    assert curves(data, "e", "authors") == {(None, 0.0), (1.0, 1.0), (0.05, 1.0)}
    assert set(data.loc[data["source"] == "authors", "panel"]) == {"e"}
    found = fig04.agreement(drawable, other)
    assert found.value is None and found.quantities == ()
    assert "data.source digits (authors mnist)" in found.note


def test_a_panel_may_be_left_out(drawable):
    overnight = context("overnight")
    panels = overnight["settings"]["label_noise"]["panels"]
    assert panels["c"] is None
    noises = section("label_noise", "overnight").noises()
    assert [(n["frequency"], n["beta"]) for n in noises] == [(None, 0.0), (0.05, 1.0), (1.0, 1.0)]
    data = fig04.drawn(drawable, overnight)
    assert set(data["panel"]) == {"a", "b", "d"}
    (note,) = drawing(fig04, data).axes[3].texts
    assert note.get_text() == "not run at this scale"


def by_name(found):
    return {quantity.name: quantity for quantity in found.quantities}


def test_the_authors_agree_with_themselves():
    found = agreement(authors_as_ours())
    # Ours are their lower edges here; a stroke is up to some percent wide.
    assert 1 < found.value < 1.05 and "3 curves" in found.note
    quantities = by_name(found)
    assert {quantity.verdict for quantity in quantities.values()} == {"inside"}
    assert len(quantities) == 4 + 5 + 4
    # The minimum that the authors' picture shows: 0.0681 at iteration 203.
    lowest = quantities["lowest validation loss, k = 1, beta = 1"]
    assert lowest.theirs == pytest.approx(0.06809, abs=1e-5)
    place = quantities["iteration of the lowest validation loss, k = 1, beta = 1"]
    assert (place.theirs, place.ours, place.unit) == (204, 204, "iterations")


def test_agreement_measures_factor_and_shift_and_says_what_is_missing():
    changed = authors_as_ours(lambda t: t.assign(mse=2 * t["mse"], iteration=t["iteration"] + 64))
    found = agreement(changed)
    lowest = by_name(found)["lowest validation loss, k = 1, beta = 1"]
    place = by_name(found)["iteration of the lowest validation loss, k = 1, beta = 1"]
    assert lowest.ours / lowest.theirs == pytest.approx(2, rel=1e-3)
    assert place.ours - place.theirs == 64
    assert (lowest.verdict, place.verdict) == ("outside", "outside")
    missing = agreement(authors_as_ours(lambda t: t[t["frequency"] != 1.0]))
    assert "2 curves" in missing.note and "not run: k = 1, beta = 1" in missing.note
    assert len(missing.quantities) == 8
    none = agreement(authors_as_ours(lambda t: t.assign(beta=0.3)))
    assert none.value is None and "none of the authors' kinds of noise was run" in none.note


def test_a_shorter_training_has_only_the_iterations_that_it_reached():
    short = agreement(authors_as_ours(lambda t: t[t["iteration"] < 500]))
    late = [quantity for quantity in short.quantities if "iteration 4,9" in quantity.name]
    assert len(late) == 3
    assert {quantity.note for quantity in late} == {"not recorded in ours"}


def test_no_curve_is_cut_off_by_the_shared_axes(drawable):
    loss = drawable["label_noise_loss"]
    raised = loss.assign(mse=loss["mse"].where(loss["frequency"] != 0.05, 50 * loss["mse"]))
    data = fig04.drawn({"label_noise_loss": raised[raised["mse"] > 0]}, SAME)
    ((low, high),) = {axes.get_ylim() for axes in drawing(fig04, data).axes[:2]}
    assert low < data["mse"].min() and data["mse"].max() < high
