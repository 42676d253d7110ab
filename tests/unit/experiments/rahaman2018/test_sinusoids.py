"""Experiment 1, sums of sinusoids: runs, targets, tables, claims, figures 1, 2 and 10."""

import numpy as np
import pandas as pd
import pytest
from rahaman_helpers import (
    assert_refused,
    assert_undecided,
    caption,
    context,
    drawing,
    frame,
    results,
    runs,
    section,
    table_of,
)
from scipy import stats

from spectral_bias.data.problem import Problem
from spectral_bias.data.signals import sinusoid_sum, uniform_grid
from spectral_bias.experiments.rahaman2018.sinusoids import fig01, fig02, fig10, measure
from spectral_bias.experiments.rahaman2018.sinusoids.claims import (
    CLAIMS,
    learning_order,
    norm_growth,
)
from spectral_bias.experiments.rahaman2018.sinusoids.problem import build
from spectral_bias.experiments.rahaman2018.spectrum_agreement import half_times, matched
from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.reference import authors
from spectral_bias.spectra.fourier import single_sided_amplitude

EQUAL, INCREASING, GROWTH, NEED = CLAIMS
FREQUENCIES = np.arange(5, 55, 5)
ITERATIONS = np.arange(0, 2001, 20)
RISING = np.linspace(100, 1000, 10)
MIXED = np.array([500, 400, 700, 300, 900, 200, 600, 1000, 100, 800.0])
FOUR_FITTED = np.array([100, 300, 500, 700, *[1e9] * 6])
SAME = context()
READ = authors("rahaman2018", "sinusoids_equal_amplitude")


# Runs and targets
def test_a_run_changes_only_with_what_its_result_depends_on():
    before = runs()
    assert runs(sinusoids={"snapshots": [0]}, perturbation={"n_deltas": 3}) == before
    changed = runs(sinusoids={"learning_rate": 1e-3})
    differing = {name for name in before if changed[name] != before[name]}
    assert differing == {"sinusoids_equal", "sinusoids_increasing", "sinusoids_low"}


RUN = {
    **{"run": "sinusoids_equal", "seed": 0, "n_runs": 4, "n_points": 50},
    **{"frequencies": [2, 7, 11], "amplitudes": [0.2, 1.0, 0.5]},
}


def test_targets_have_the_wanted_spectrum_and_differ_in_phase():
    problem, facts = build(RUN)
    assert problem.inputs[:, 0].tolist() == [j / 50 for j in range(50)]
    amplitudes = single_sided_amplitude(problem.targets, np.array(RUN["frequencies"]))
    np.testing.assert_allclose(amplitudes, np.tile(RUN["amplitudes"], (4, 1)), atol=1e-12)
    assert len({*facts["phases"].ravel()}) == 12
    assert len(set(problem.seeds)) == 4


def test_members_depend_on_the_seed_and_not_on_how_many_there_are():
    many, few, other = (build(RUN | change)[0] for change in ({}, {"n_runs": 2}, {"seed": 1}))
    np.testing.assert_array_equal(few.targets, many.targets[:2])
    assert few.seeds == many.seeds[:2]
    assert not set(other.seeds) & set(many.seeds)
    assert not np.isclose(other.targets, many.targets).all(axis=1).any()


def test_the_control_has_the_low_part_of_the_same_targets_and_the_same_weights():
    equal, low = (
        build(run.placed("rahaman2018", name, 0, "float32").problem_settings())
        for name, run in runs().items()
        if name in ("sinusoids_equal", "sinusoids_low")
    )
    k = np.arange(5, 55, 5)
    assert low[0].seeds == equal[0].seeds
    spectrum = np.fft.rfft(low[0].targets)[:, k]
    np.testing.assert_allclose(spectrum[:, :5], np.fft.rfft(equal[0].targets)[:, k[:5]])
    np.testing.assert_allclose(spectrum[:, 5:], 0, atol=1e-9)


def test_a_control_without_any_frequency_is_refused():
    amplitudes = {**section("sinusoids").model_dump()["amplitudes"], "low": [0] * 10}
    assert_refused("sinusoids", {"amplitudes": amplitudes}, "amplitudes.low")


# Tables
@pytest.fixture
def finished():
    """Two networks that have learnt none, half and all of their targets at three records."""
    z, k, amplitudes = uniform_grid(20), np.array([2.0, 5.0]), np.array([0.5, 1.0])
    target = sinusoid_sum(z, k, amplitudes, np.array([[0.3, 0.7], [1.0, 2.0]]))
    history = {
        **dict.fromkeys(("loss_iteration", "record_iteration"), np.array([0, 5, 10])),
        "loss": np.arange(6.0).reshape(3, 2),
        "prediction": np.array([0.0, 0.5, 1.0])[:, None, None] * target,
        "spectral_norm": np.arange(12.0).reshape(3, 2, 2),
    }
    facts = {"frequencies": k, "amplitudes": amplitudes}
    return FinishedRun(Problem(z[:, None], target, [1, 2]), facts, history, {}, None)


def test_tables_hold_learnt_fractions_norms_losses_and_functions(finished):
    spectrum = measure.spectrum_table(finished)
    assert len(spectrum) == 3 * 2 * 2
    wanted = spectrum["iteration"].map({0: 0.0, 5: 0.5, 10: 1.0})
    np.testing.assert_allclose(spectrum["amplitude"], wanted, atol=1e-12)
    norms = measure.norms_table(finished)
    assert norms.query("iteration == 5 and member == 1 and layer == 2").spectral_norm.item() == 7
    loss = measure.loss_table(finished)
    assert loss.query("iteration == 10 and member == 0").mse.item() == 4
    half = measure.function_table(finished, [5, 10]).query("iteration == 5")
    np.testing.assert_allclose(half["prediction"], 0.5 * half["target"])
    np.testing.assert_allclose(half["z"], uniform_grid(20))


# Claims
def spectrum(times, members=5, settings=("equal", "increasing")):
    """Amplitude 1 - 2^(-t / t_half): reaches 0.5 exactly at `times` (one per frequency)."""
    half = dict(zip(FREQUENCIES, times, strict=True))
    amplitude = lambda s, m, k, t: 1 - 2.0 ** (-t / (half[k] * (1 + 0.01 * m)))  # noqa: E731
    axes = {"setting": settings, "member": range(members), "frequency": FREQUENCIES}
    return table_of("amplitude", amplitude, **axes, iteration=ITERATIONS)


def norms(exponent, control, members=5):
    """Every norm is (1 + iteration)^exponent times a factor of its layer and member.

    Those of the setting "low" have the exponent `control`; runs differ a little in theirs.
    """

    def norm(s, m, t, layer):
        power = (control if s == "low" else exponent) + 0.001 * m
        return (1 + m) * layer * (1.0 + t) ** power

    settings = ("equal", "increasing", "low")
    axes = {"setting": settings, "member": range(members), "iteration": ITERATIONS}
    return table_of("spectral_norm", norm, **axes, layer=range(1, 7))


def tables(times=RISING, exponent=1.0, members=5, control=0.5):
    return {
        "sinusoids_spectrum": spectrum(times, members),
        "sinusoids_norms": norms(exponent, control, members),
    }


@pytest.mark.parametrize("claim", [EQUAL, INCREASING], ids=lambda claim: claim.id)
@pytest.mark.parametrize(
    ("times", "tau", "expected"),
    [
        (RISING, 1.0, "holds"),
        (RISING[::-1], -1.0, "fails"),
        (MIXED, stats.kendalltau(FREQUENCIES, MIXED).statistic, "fails"),
    ],
)
def test_order_of_learning(claim, times, tau, expected):
    (found,) = results([claim], {"sinusoids_spectrum": spectrum(times)}).values()
    assert found["value"] == pytest.approx(tau, rel=1e-5)
    assert (found["verdict"], found["n_runs"]) == (expected, 5)


def test_runs_of_the_same_order_have_an_interval_as_wide_as_one_exchanged_pair():
    found = learning_order({"sinusoids_spectrum": spectrum(RISING)}, "equal")
    assert (found.ci_low, found.ci_high) == (pytest.approx(1 - 2 / 45), 1)


def test_settings_are_kept_apart():
    both = pd.concat([spectrum(RISING, 5, ["equal"]), spectrum(RISING[::-1], 5, ["increasing"])])
    assert learning_order({"sinusoids_spectrum": both}, "equal").value == 1
    assert learning_order({"sinusoids_spectrum": both}, "increasing").value == -1


def test_frequencies_that_are_never_fitted_are_ties():
    """Four of ten reach half in time: 6 + 24 concordant pairs, tau-b = 30 / sqrt(45 * 30)."""
    found = learning_order({"sinusoids_spectrum": spectrum(FOUR_FITTED)}, "equal")
    assert found.value == pytest.approx(30 / np.sqrt(45 * 30))
    assert found.note.startswith("4 of 10")


@pytest.mark.parametrize(
    ("times", "members", "said"),
    [
        (RISING, 2, "2 value(s)"),
        (np.array([100, 300, *[1e9] * 8]), 5, "2 of 10 frequencies"),
        (np.full(10, 1e9), 5, "0 of 10 frequencies"),
    ],
)
def test_too_few_runs_or_fitted_frequencies_decide_nothing(times, members, said):
    assert_undecided(CLAIMS, tables(times, members=members), said, members)


def test_disagreeing_or_diverged_runs_decide_nothing():
    """Half of the runs learn upwards, half downwards: the interval includes the threshold."""
    up, down = spectrum(RISING, members=6), spectrum(RISING[::-1], members=6)
    mixed = pd.concat([up[up["member"] < 3], down[down["member"] >= 3]])
    found = results([EQUAL], {"sinusoids_spectrum": mixed})[EQUAL.id]
    assert found["verdict"] == "not tested"
    assert found["ci_low"] < 0 < found["ci_high"]
    up.loc[(up["member"] == 1) & (up["iteration"] > 500), "amplitude"] = np.nan
    assert_undecided([EQUAL], {"sinusoids_spectrum": up}, "not finite")


def at(half, member):
    """The recorded iteration at which a run reaches 0.5."""
    return 20 * np.ceil(round(half * (1 + 0.01 * member), 6) / 20)


@pytest.mark.parametrize(("exponent", "expected"), [(0.5, "holds"), (0.0, "fails"), (-1, "fails")])
def test_norm_growth_is_the_ratio_at_the_two_times(exponent, expected):
    """t_0.5 of a run is the first multiple of 20 from 100 (1 + m/100) and 1000 (1 + m/100) on."""
    found = results([GROWTH], tables(exponent=exponent))[GROWTH.id]
    growth = [
        (1 + at(1000, m)) ** (exponent + 0.001 * m) / (1 + at(100, m)) ** (exponent + 0.001 * m)
        for m in range(5)
    ]
    assert found["value"] == pytest.approx(stats.gmean(growth), rel=1e-5)
    assert found["verdict"] == expected


def test_norm_growth_ends_at_the_highest_fitted_frequency():
    growth = [((1 + at(700, m)) / (1 + at(100, m))) ** (1 + 0.001 * m) for m in range(5)]
    assert norm_growth(tables(FOUR_FITTED)).value == pytest.approx(stats.gmean(growth))


def test_norm_growth_needs_the_lowest_frequency_and_equal_records():
    assert_undecided([GROWTH], tables(np.array([1e9, *RISING[1:]])), "lowest frequency")
    late = tables() | {"sinusoids_norms": norms(1.0, 0.5).query("iteration > 0")}
    assert_undecided([GROWTH, NEED], late, "different iterations")


@pytest.mark.parametrize(
    ("control", "expected"), [(0.5, "holds"), (1.5, "fails")], ids=["need", "time alone"]
)
def test_norms_beside_networks_that_fit_low_frequencies_alone(control, expected):
    found = results([NEED], spread(tables(control=control)))[NEED.id]
    ratio = [(1 + at(1000, m)) ** (1 - control) / (1 + 0.01 * m) for m in range(5)]
    assert found["value"] == pytest.approx(stats.gmean(ratio), rel=1e-5)
    assert (found["verdict"], found["unit"]) == (expected, "networks (seeds)")


def spread(made):
    """Norms of the control that differ a little between runs, as networks do."""
    norm = made["sinusoids_norms"]
    factor = 1 + 0.01 * norm["member"] * (norm["setting"] == "low")
    return made | {"sinusoids_norms": norm.assign(spectral_norm=norm["spectral_norm"] * factor)}


def test_controls_that_are_now_above_now_below_or_missing_decide_nothing():
    made = tables(control=1.0)
    norm = made["sinusoids_norms"]
    factor = np.where(norm["setting"] == "low", 1.1 ** (norm["member"] - 2), 1.0)
    mixed = norm.assign(spectral_norm=norm["spectral_norm"] * factor)
    found = results([NEED], made | {"sinusoids_norms": mixed})[NEED.id]
    assert (found["value"], found["verdict"]) == (pytest.approx(1), "not tested")
    alone = made | {"sinusoids_norms": norm[norm["setting"] != "low"]}
    assert_undecided([NEED], alone, '"low"')


# Figures
def hand_made():
    """Two members, two iterations, k = 5 and 10, one layer; means 0.5 and 1.25 at iteration 100."""
    rows = [("equal", 0, 0, 5, 0.0), ("equal", 1, 0, 5, 0.2)]
    rows += [("equal", 0, 100, 5, 0.4), ("equal", 1, 100, 5, 0.6)]
    rows += [("increasing", 0, 100, 10, 1.0), ("increasing", 1, 100, 10, 1.5)]
    layers = [("equal", 0, 0, 1, 1.0), ("equal", 1, 0, 1, 4.0)]
    losses = [("equal", 0, 0, 1.0), ("equal", 1, 0, 3.0), ("increasing", 0, 0, 0.5)]
    points = [(1000, 0.5, 1.0, 0.9), (100, 0.5, 1.0, 0.1), (100, 0.0, 2.0, 0.2)]
    return {
        "sinusoids_spectrum": frame("setting member iteration frequency amplitude", rows),
        "sinusoids_norms": frame("setting member iteration layer spectral_norm", layers),
        "sinusoids_loss": frame("setting member iteration mse", losses),
        "sinusoids_function": frame("iteration z target prediction", points),
    }


def authors_as_ours(change=lambda rows: rows, members=2):
    """The authors' own numbers in the format of our measured tables, as equal members."""
    rows = change(READ[["iteration", "frequency", "amplitude"]])
    all_of_them = [rows.assign(setting="equal", member=member) for member in range(members)]
    return {**hand_made(), "sinusoids_spectrum": pd.concat(all_of_them)}


def agreement(tables, context=SAME):
    return fig01.agreement(tables, context)


@pytest.mark.parametrize(("module", "number"), [(fig01, 1), (fig02, 2), (fig10, 10)])
def test_captions_name_the_figure_and_deviations(module, number):
    text = caption(module, hand_made(), context("quick", sinusoids={"network": {"width": 64}}))
    assert f"Figure {number} of Rahaman" in text and "quick scale" in text
    assert "network.width 64 (paper 256)" in text
    assert "network.width" not in caption(module, hand_made(), SAME)


def test_captions_name_the_activation_and_optimiser_of_the_settings():
    other = context("quick", sinusoids={"network": {"activation": "tanh"}, "optimiser": "sgd"})
    text = caption(fig01, hand_made(), other)
    assert "fitted by tanh networks" in text and "full-batch gradient descent" in text
    assert "network.activation tanh (paper relu); optimiser sgd (paper adam)" in text
    text = caption(fig01, hand_made(), SAME)
    assert "fitted by ReLU networks" in text and "full-batch Adam" in text


@pytest.mark.parametrize("module", [fig01, fig02, fig10])
def test_a_single_run_of_one_setting_is_drawn(module):
    made = hand_made()
    for name in ("sinusoids_spectrum", "sinusoids_norms", "sinusoids_loss"):
        made[name] = made[name].query("setting == 'equal' and member == 0")
    drawing(module, module.drawn(made, SAME))


def test_fig01_holds_the_unclipped_means_and_the_spread():
    data = fig01.drawn(hand_made(), SAME)
    assert list(data.columns) == fig01.COLUMNS
    ours = data[(data["source"] == "ours") & (data["panel"] != "c")]
    cells = ours[ours["frequency"].notna()].set_index(["panel", "iteration", "frequency"])
    means = cells["amplitude"].to_dict()
    assert means == pytest.approx({("a", 0, 5): 0.1, ("a", 100, 5): 0.5, ("b", 100, 10): 1.25})
    assert cells["amplitude_std"].iloc[-1] == pytest.approx(0.5 / np.sqrt(2))
    norm = ours[ours["layer"].notna()].iloc[0]
    assert (norm["panel"], norm["spectral_norm"]) == ("a", 2.5)
    # The sample standard deviation of 1 and 4 is 3 / sqrt(2).
    assert norm["spectral_norm_low"] == pytest.approx(2.5 - 3 / np.sqrt(2))
    assert norm["spectral_norm_high"] == pytest.approx(2.5 + 3 / np.sqrt(2))


def test_fig01_draws_the_norms_of_the_control_dashed_beside_equal_amplitudes():
    made = hand_made()
    norms = made["sinusoids_norms"]
    control = norms.assign(setting="low", spectral_norm=1.0)
    made["sinusoids_norms"] = pd.concat([norms, control])
    axes = drawing(fig01, fig01.drawn(made, SAME)).axes[1]
    solid, dashed = axes.lines
    assert (solid.get_ydata().item(), dashed.get_ydata().item()) == (2.5, 1.0)
    assert dashed.get_linestyle() == "--" and not solid.is_dashed()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["1"]
    assert "k <= 25. Right" in caption(fig01, made, SAME)


def test_fig01_shows_the_authors_heatmap_as_it_was_read():
    data = fig01.drawn(hand_made(), SAME)
    shown = data[(data["source"] == "authors") & (data["panel"] == "a")]
    columns = ["iteration", "frequency", "amplitude"]
    pd.testing.assert_frame_equal(
        shown[columns].reset_index(drop=True), READ[columns], check_dtype=False
    )


def test_times_of_the_authors_are_drawn_only_beside_the_same_experiment():
    same = fig01.drawn(hand_made(), SAME)
    other = fig01.drawn(hand_made(), context(sinusoids={"network": {"width": 64}}))
    assert set(same.loc[same["panel"] == "c", "source"]) == {"ours", "authors"}
    assert set(other.loc[other["panel"] == "c", "source"]) == {"ours"}
    reached = other[other["panel"] == "c"].set_index(["setting", "frequency"])["iteration"]
    assert reached.to_dict() == {("equal", 5): 100, ("increasing", 10): 100}


def test_the_authors_agree_with_themselves():
    found = agreement(authors_as_ours(members=3))
    assert found.value == pytest.approx(0, abs=1e-12)
    assert "3,260 cells" in found.note and "in 100 % of them" in found.note
    assert {quantity.verdict for quantity in found.quantities} == {"inside"}
    assert len(found.quantities) == 10
    first = found.quantities[0]
    assert first.name == "amplitude of k = 5 at iteration 300" and first.theirs >= 0.5
    assert first.note == "ours reaches 0.5 at 300"


def test_a_row_that_may_be_labelled_wrongly_widens_the_reading():
    """k = 5 rises steeply around iteration 300; k = 50 hardly within one row."""
    low, high = (agreement(authors_as_ours()).quantities[n] for n in (0, -1))
    assert low.theirs_high - low.theirs_low > 0.1 > high.theirs_high - high.theirs_low


def test_a_shift_in_amplitude_is_the_mean_difference_after_clipping():
    shifted = authors_as_ours(lambda rows: rows.assign(amplitude=rows["amplitude"] + 0.05), 3)
    expected = (np.minimum(READ["amplitude"] + 0.05, 1) - READ["amplitude"]).mean()
    found = agreement(shifted)
    assert found.value == pytest.approx(expected)
    verdicts = [quantity.verdict for quantity in found.quantities]
    assert verdicts.count("outside") >= 7 and "in 100 % of them" not in found.note


def test_two_runs_are_compared_without_interval():
    found = agreement(authors_as_ours())
    assert {quantity.verdict for quantity in found.quantities} == {"not comparable"}
    assert "2 runs of ours, no interval" in found.quantities[0].note
    assert "inside our interval" not in found.note and found.value == pytest.approx(0, abs=1e-12)


def test_other_settings_and_other_iterations_are_not_compared():
    amplitudes = {"equal": [1, 1], "increasing": [1, 2], "low": [1, 0]}
    changed = {"network": {"width": 64}, "frequencies": [2, 4], "amplitudes": amplitudes}
    found = agreement(hand_made(), context(sinusoids=changed))
    assert found.value is None and found.quantities == ()
    assert "network.width 64 (authors 256)" in found.note and "frequencies 2, 4" in found.note
    late = agreement(authors_as_ours(lambda rows: rows.assign(iteration=rows["iteration"] + 10**6)))
    assert late.value is None and "no iteration recorded by both" in late.note


def test_a_training_that_ends_earlier_is_compared_as_far_as_it_goes():
    found = agreement(authors_as_ours(lambda rows: rows[rows["iteration"] <= 2000], 3))
    verdicts = [quantity.verdict for quantity in found.quantities]
    assert verdicts == ["inside"] * 2 + ["not comparable"] * 8
    assert "up to iteration 1,900" in found.note
    assert found.quantities[-1].note == "not recorded in ours; ours stays below 0.5"


def test_runs_that_diverge_are_left_out_of_the_number():
    def diverged(rows):
        return rows.assign(amplitude=rows["amplitude"].where(rows["frequency"] > 5))

    found = agreement(authors_as_ours(diverged, 3))
    assert found.value == pytest.approx(0, abs=1e-12)
    assert "not finite" in found.quantities[0].note and found.quantities[0].ours is None


def test_matched_takes_the_nearest_iteration_within_100():
    columns = "iteration frequency amplitude"
    theirs = frame(columns, [(0, 5, 0.0), (300, 5, 0.3), (1000, 5, 0.9)])
    ours = frame(columns, [(250, 5, 0.25), (310, 5, 0.31), (1101, 5, 1.0), (250, 10, 7)])
    wide = ours.assign(member=0).pivot(
        index="iteration", columns=["frequency", "member"], values="amplitude"
    )
    assert matched(wide, theirs)[["iteration", "at"]].to_numpy().tolist() == [[300, 310]]


def test_half_times_takes_the_first_record_at_or_above_one_half():
    rows = [(5, 100, 0.49), (5, 200, 0.5), (5, 300, 0.4), (10, 300, 0.4)]
    table = frame("frequency iteration amplitude", rows).assign(source="ours", setting="equal")
    times = half_times(table)
    assert times[["frequency", "iteration"]].to_numpy().tolist() == [[5, 200]]


def test_fig02_draws_the_learnt_function_over_the_target_in_the_order_of_iterations():
    data = fig02.drawn(hand_made(), SAME)
    assert list(data.columns) == fig02.COLUMNS
    assert data["panel"].tolist() == ["a", "a", "b"]
    assert data["z"].tolist() == [0.0, 0.5, 0.5]
    assert data["prediction"].tolist() == [0.2, 0.1, 0.9]
    figure = drawing(fig02, data)
    titles = [axes.get_title(loc="left")[-9:] for axes in figure.axes]
    assert titles == ["ation 100", "ion 1,000"]
    target, learnt = figure.axes[0].lines
    assert [target.get_label(), learnt.get_label()] == ["target", "learnt"]
    assert target.get_zorder() == learnt.get_zorder()
    assert target.get_ydata().tolist() == [2.0, 1.0] and learnt.get_ydata().tolist() == [0.2, 0.1]


def test_fig10_is_mean_and_range_over_runs_of_at_most_about_500_iterations():
    data = fig10.drawn(hand_made(), SAME)
    assert list(data.columns) == fig10.COLUMNS
    ranges = data[["panel", "mse", "mse_low", "mse_high"]].to_numpy().tolist()
    assert ranges == [["a", 2.0, 1.0, 3.0], ["b", 0.5, 0.5, 0.5]]
    assert {axes.get_yscale() for axes in drawing(fig10, data).axes} == {"log"}
    loss = frame("iteration", [[i] for i in range(5001)]).assign(setting="equal", member=0, mse=1.0)
    data = fig10.drawn({"sinusoids_loss": loss}, SAME)
    assert data["iteration"].tolist() == list(range(0, 5001, 10))
    assert fig10.facts(data, SAME)["every"] == "every 10th iteration"
