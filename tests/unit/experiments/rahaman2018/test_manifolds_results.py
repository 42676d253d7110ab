"""Experiments 5 and 6, targets on curves: claims, figures 7, 8 and 9."""

from functools import cache
from itertools import product

import numpy as np
import pandas as pd
import pytest
from rahaman_helpers import assert_undecided, caption, context, drawing, frame, results, table_of
from scipy import stats

from spectral_bias.experiments.rahaman2018.manifolds import fig07, fig08, fig09
from spectral_bias.experiments.rahaman2018.manifolds.claims import CLAIMS, high_amplitude
from spectral_bias.experiments.rahaman2018.manifolds.input_claims import CLAIMS as INPUT
from spectral_bias.experiments.rahaman2018.manifolds.input_frequency import (
    input_frequency_table,
    largest_speed,
)
from spectral_bias.reference import authors

EASE, *ORDERS = CLAIMS
LOBES = (0, 4, 10, 16)


# Claims
SCATTER = np.array([0.0, 0.02, -0.02, 0.01, -0.01])


def spectrum(high, members=4, lobes=LOBES, low=0.9):
    """k = 10, 20 have amplitude `low`; k = 30, 40 `high` of their L, which scatters over runs."""
    scatter = {L: SCATTER[i:] for i, L in enumerate(lobes)}
    amplitude = lambda m, L, t, k: high[L] + np.roll(scatter[L], m)[0] if k > 20 else low  # noqa: E731
    axes = {"member": range(members), "lobes": lobes, "iteration": (0, 10)}
    return {
        "manifold_spectrum": table_of("amplitude", amplitude, **axes, frequency=(10, 20, 30, 40))
    }


@pytest.mark.parametrize(
    ("high", "value", "expected"),
    [
        ({0: 0.1, 4: 0.2, 10: 0.8, 16: 0.7}, 0.6, "holds"),
        ({0: 0.5, 4: 0.5, 10: 0.5, 16: 0.54}, 0.02, "fails"),
        ({0: 0.7, 4: 0.7, 10: 0.2, 16: 0.2}, -0.5, "fails"),
        ({0: 0.5, 4: 0.5, 10: 0.6, 16: 0.6}, 0.1, "not tested"),
        ({0: 0.9, 4: 0.9, 10: 1.4, 16: 1.4}, 0.1, "not tested"),
    ],
)
def test_more_lobes_ease_high_frequencies_and_low_ones_do_not_count(high, value, expected):
    found = results([EASE], spectrum(high))
    (result,) = found.values()
    assert (result["value"], result["verdict"]) == (pytest.approx(value, abs=0.02), expected)
    assert result["n_runs"] == 4 and "k >= 30" in result["statistic"]
    assert result["unit"] == "networks (seeds)" and result["ci_low"] < result["ci_high"]
    assert results([EASE], spectrum(high, low=0.1)) == found


def test_high_amplitude_against_a_loop():
    amplitude = np.random.default_rng(0).uniform(0, 2, (3, 5, 7))
    expected = [np.mean([min(row[k], 1) for row in a for k in range(3, 7)]) for a in amplitude]
    np.testing.assert_allclose(high_amplitude(amplitude), expected)


def test_too_few_runs_or_curves_decide_nothing():
    assert_undecided([EASE], spectrum(dict.fromkeys(LOBES, 0.5), members=2), "2 value(s)")
    assert_undecided([EASE], spectrum({0: 0.5}, lobes=(0,)), "one L was run")


def accuracies(values, members=3, scatter=SCATTER):
    """Balanced accuracies: values (G, K) at L = 0, 2, … and k = 20, 40, …, and a scatter for L = 0.

    The plain accuracies are 1 everywhere, so that nothing may hang on them.
    """
    rows, columns = np.shape(values)
    axes = {"frequency": range(20, 20 * columns + 1, 20), "lobes": range(0, 2 * rows, 2)}

    def accuracy(m, k, lobes):
        return values[lobes // 2][k // 20 - 1] + (scatter[m] if lobes == 0 else 0)

    table = table_of("balanced_accuracy", accuracy, member=range(members), **axes)
    return {"manifold_accuracy": table.assign(accuracy=1.0)}


L, K = np.mgrid[0:7, 0:8]
EXPECTED = 0.75 + 0.02 * L - 0.02 * K


@pytest.mark.parametrize("members", [3, 5])
def test_accuracy_that_falls_with_k_and_rises_with_lobes(members):
    falls, rises = results(ORDERS, accuracies(EXPECTED, members)).values()
    # L = 10, 12 are rows 5 and 6; L = 0, 2, 4 rows 0 to 2: 0.02 (5.5 - 1).
    assert (falls["value"], rises["value"]) == (-1, pytest.approx(0.09, abs=0.002))
    assert falls["verdict"] == rises["verdict"] == "holds"
    for found in (falls, rises):
        assert (found["n_runs"], found["unit"]) == (members, "networks (seeds)")
        assert found["ci_low"] < found["ci_high"]
    # One exchanged pair of eight moves tau by 2/28.
    assert (falls["ci_low"], falls["ci_high"]) == (-1, pytest.approx(-1 + 2 / 28))
    assert "0.81 at the lowest, 0.67 at the highest frequency" in falls["statistic"]
    assert "L = 10, 12 (0.79) minus L = 0, 2, 4 (0.70)" in rises["statistic"]
    opposite = results(ORDERS, accuracies(EXPECTED[::-1, ::-1], members))
    assert {result["verdict"] for result in opposite.values()} == {"fails"}


def test_order_of_each_runs_means_over_lobes():
    values = np.random.default_rng(1).uniform(0.5, 1, (7, 8))
    falls, rises = results(ORDERS, accuracies(values)).values()
    along_k = stats.kendalltau(range(8), values.mean(axis=0)).statistic
    assert falls["value"] == pytest.approx(along_k, rel=1e-5)
    expected = values[5:].mean() - values[:3].mean()
    assert rises["value"] == pytest.approx(expected, abs=0.01)


def test_effects_near_the_threshold_and_runs_that_disagree_decide_nothing():
    small = 0.75 + 0.05 * (L >= 5) + 0 * K
    rises = results(ORDERS, accuracies(small, scatter=10 * SCATTER))
    assert rises["manifold_accuracy_rises_with_lobes"]["undecided"] == "inconclusive"
    up, down = (accuracies(v)["manifold_accuracy"] for v in (EXPECTED, EXPECTED[:, ::-1]))
    mixed = pd.concat([up.query("member != 1"), down.query("member == 1")])
    falls = results(ORDERS, {"manifold_accuracy": mixed})["manifold_accuracy_falls_with_frequency"]
    assert (falls["value"], falls["undecided"]) == (pytest.approx(-1 / 3), "inconclusive")


def test_few_rows_columns_or_runs_and_equal_accuracies_decide_nothing():
    falls, rises = ORDERS
    assert_undecided([rises], accuracies(EXPECTED[:5]), "none with at least 10 lobes")
    assert_undecided([falls], accuracies(EXPECTED[:, :2]), "an order needs at least 3")
    assert_undecided(ORDERS, accuracies(EXPECTED, members=2), "2 value(s)")
    assert_undecided(ORDERS, accuracies(np.ones((7, 4)), scatter=0 * SCATTER))


# Figures
READ = authors("rahaman2018", "manifold_L10")
SAME = context()


input_table = cache(input_frequency_table)


def regressed(lobes=LOBES):
    """The authors' amplitudes for L = 10 (plus or minus 0.1 in two members), halved elsewhere."""
    rows = READ[["iteration", "frequency", "amplitude"]]
    parts = []
    for lobe, m in product(lobes, (0, 1)):
        amplitude = rows["amplitude"] * (1 if lobe == 10 else 0.5) + (0.2 * m - 0.1)
        parts.append(rows.assign(lobes=lobe, member=m, amplitude=amplitude))
    mse = lambda lobes, m, t: 10.0 ** -(m + t)  # noqa: E731
    loss = table_of("mse", mse, lobes=lobes, member=(0, 1), iteration=(0, 1))
    table = input_table(tuple(lobes), tuple(READ["frequency"].unique()))
    return {"manifold_spectrum": pd.concat(parts), "manifold_loss": loss, "manifold_input": table}


def test_fig08_holds_unclipped_means_losses_and_high_frequencies():
    data = fig08.drawn(regressed(), SAME)
    assert list(data.columns) == fig08.COLUMNS
    heat = data[data["panel"] == "b"].set_index(["iteration", "frequency"])["amplitude"]
    read = READ.set_index(["iteration", "frequency"])["amplitude"]
    pd.testing.assert_series_equal(heat, 0.5 * read, check_index_type=False)
    loss = data[(data["panel"] == "e") & (data["lobes"] == 4) & (data["iteration"] == 0)]
    assert loss[["mse", "mse_low", "mse_high"]].to_numpy().tolist() == [[0.55, 0.1, 1.0]]
    last = READ[(READ["iteration"] == 9900) & (READ["frequency"] >= 120)]["amplitude"]
    high = data[(data["panel"] == "f") & (data["lobes"] == 10) & (data["iteration"] == 9900)]
    expected = [np.minimum(last + shift, 1).mean() for shift in (-0.1, 0.1)]
    assert high[["high_low", "high_high"]].to_numpy()[0].tolist() == pytest.approx(expected)
    assert high["high"].item() == pytest.approx(np.mean(expected))


def test_fig08_puts_amplitudes_over_the_input_frequency_that_they_need():
    data = fig08.drawn(regressed(), SAME)
    needed = data[(data["panel"] == "g") & (data["lobes"] == 0)]
    np.testing.assert_allclose(needed["stationary"], needed["target_frequency"] / (2 * np.pi))
    learnt = data[(data["panel"] == "h") & (data["lobes"] == 10)].set_index("target_frequency")
    means = READ.assign(low=(READ["amplitude"] - 0.1).clip(upper=1))
    wanted = means.groupby("frequency")["low"].mean()
    np.testing.assert_allclose(learnt["learnt_low"], wanted[learnt.index])
    assert (learnt["learnt"] > learnt["learnt_low"]).all()
    assert set(data["panel"]) == {*"abcdefgh", "authors"}


# The claim on input frequencies
def learnt_by(value, members=4, lobes=(0, 4, 16), frequencies=(20, 40, 80, 160)):
    """Amplitudes that are `value` of L and k, less a little that differs between members."""
    needed = input_frequency_table(lobes, frequencies)
    amplitude = lambda m, L, k, t: value(L, k) * (1 - 1e-3 * m * k / 160)  # noqa: E731
    axes = {"member": range(members), "lobes": lobes, "frequency": frequencies}
    spectrum = table_of("amplitude", amplitude, **axes, iteration=(0, 10))
    return {"manifold_spectrum": spectrum, "manifold_input": needed}


def test_amplitudes_that_follow_the_input_frequency_are_told_from_those_that_follow_k():
    noise = np.random.default_rng(2).uniform(0.9, 1.1, 1000)
    follow = learnt_by(lambda L, k: noise[int(k + L)] / (1 + k / largest_speed(L)))
    (found,) = results(INPUT, follow).values()
    assert found["verdict"] == "holds" and found["value"] > 0.2
    own = learnt_by(lambda L, k: noise[int(k + L)] / (1 + k))
    (found,) = results(INPUT, own).values()
    assert found["verdict"] == "fails" and found["value"] < -0.2


def test_one_curve_or_two_runs_do_not_decide_on_input_frequencies():
    by_k = lambda L, k: 1 / (k + L)  # noqa: E731
    assert_undecided(INPUT, learnt_by(by_k, lobes=(4,)), "one L was run")
    assert_undecided(INPUT, learnt_by(by_k, members=2))
    tables = learnt_by(by_k) | {"manifold_input": input_frequency_table([0, 4], [20, 40])}
    assert_undecided(INPUT, tables, "of different L or k")


def test_fig08_draws_one_heatmap_for_each_curve_and_the_authors():
    figure = drawing(fig08, fig08.drawn(regressed(), SAME))
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert [title[-7:] for title in titles[:4]] == ["$L = 0$", "$L = 4$", "L = 10$", "L = 16$"]
    assert "authors, $L = 10$" in titles
    heat = figure.axes[0].collections[0].get_array()
    assert heat.shape == (100, 10) and heat.min() >= 0 and heat.max() <= 1


def test_fig08_shows_theirs_and_ours_at_the_same_iterations():
    made = regressed()
    made["manifold_spectrum"]["iteration"] *= 5
    figure = drawing(fig08, fig08.drawn(made, SAME))
    heights = [axes.get_ylim() for axes in figure.axes if axes.get_xlabel() == "frequency $k$"]
    assert len(heights) == 5 and heights[0] == heights[4] == (0, 5 * READ["iteration"].max())
    made["manifold_spectrum"]["frequency"] //= 2
    figure = drawing(fig08, fig08.drawn(made, SAME))
    heights = [axes.get_ylim() for axes in figure.axes if axes.get_xlabel() == "frequency $k$"]
    assert heights[4] == (0, READ["iteration"].max())  # others, so the shape alone counts


@pytest.mark.parametrize("lobes", [(0,), (0, 10), (0, 2, 4, 6, 8)])
def test_fig08_takes_any_number_of_curves(lobes):
    other = context(manifold_regression={"lobes": list(lobes)})
    figure = fig08.draw(fig08.drawn(regressed(lobes), other))
    assert len(figure.axes) == len(lobes) + 6  # four panels below, authors, bar
    text = caption(fig08, regressed(lobes), other)
    assert "lobes 0" in text and "(paper 0, 4, 10, 16)" in text


def test_fig08_agrees_with_the_authors_when_it_is_theirs():
    third = regressed()["manifold_spectrum"].query("member == 0").assign(member=2)
    third["amplitude"] += 0.1
    made = {"manifold_spectrum": pd.concat([regressed()["manifold_spectrum"], third])}
    found = fig08.agreement(made, SAME)
    assert found.value == pytest.approx(0, abs=1e-2) and "1,000 cells" in found.note
    assert len(found.quantities) == 10
    assert {quantity.verdict for quantity in found.quantities} == {"inside"}
    # All rows of this picture are known, so only the colour has an error.
    widths = [quantity.theirs_high - quantity.theirs_low for quantity in found.quantities]
    assert max(widths) < 0.01
    elsewhere = {"manifold_spectrum": made["manifold_spectrum"].query("lobes != 10")}
    assert fig08.agreement({**elsewhere}, SAME).value is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"n_points": 500}, "n_points 500 (authors 1,000)"),
        ({"lobes": [0, 4]}, "L = 10 was not run"),
    ],
)
def test_fig08_compares_no_other_settings(changes, reason):
    other, made = context(manifold_regression=changes), regressed(changes.get("lobes", LOBES))
    found = fig08.agreement(made, other)
    assert found.value is None and reason in found.note
    assert "for the shape only" in caption(fig08, made, other)


def test_fig09_is_the_mean_over_networks_with_k_to_the_right_and_lobes_upwards():
    accuracy = lambda m, k, lobes: 1 - k / 400 + lobes / 10 - m / 100  # noqa: E731
    axes = {"member": (0, 1), "frequency": (50, 100, 150), "lobes": (0, 2)}
    table = table_of("accuracy", accuracy, **axes)
    made = {"manifold_accuracy": table.assign(balanced_accuracy=table["accuracy"] - 0.1)}
    data = fig09.drawn(made, SAME)
    assert list(data.columns) == fig09.COLUMNS and len(data) == 6
    cell = data[(data["frequency"] == 100) & (data["lobes"] == 2)].iloc[0]
    assert cell["accuracy"] == pytest.approx(0.945)
    assert (cell["accuracy_low"], cell["accuracy_high"]) == pytest.approx((0.94, 0.95))
    balanced = [cell[f"balanced_accuracy{end}"] for end in ("", "_low", "_high")]
    assert balanced == pytest.approx([0.845, 0.84, 0.85])
    axes = drawing(fig09, data).axes[0]
    grid = axes.collections[0].get_array()
    np.testing.assert_allclose(grid[0], 1 - np.array([50, 100, 150]) / 400 - 0.005)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["50", "100", "150"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["0", "2"]
    assert "lowest cell 0.62" in caption(fig09, made, SAME)


@pytest.fixture
def decided():
    """Network 0 says x1 > 0, network 1 says x2 > 0; two samples on the diagonal."""
    axis = [-1.6, 0.4, 1.6]
    logit = lambda n, x2, x1: 3 * (x1, x2)[n]  # noqa: E731
    samples = [(n, x, x, int(x > 0), x) for n, x in product((0, 1), (0.4, -1.6))]
    return {
        "manifold_decision": table_of("logit", logit, network=(0, 1), x2=axis, x1=axis),
        "manifold_samples": frame("network x1 x2 label logit", samples),
    }


def test_fig07_draws_class_confidence_and_samples(decided):
    data = fig07.drawn(decided, SAME)
    assert list(data.columns) == fig07.COLUMNS
    figure = drawing(fig07, data)
    shading = figure.axes[0].collections[0].get_array()
    np.testing.assert_array_equal(shading, [[0, 1, 1]] * 3)
    np.testing.assert_array_equal(figure.axes[1].collections[0].get_array(), np.transpose(shading))
    dots = figure.axes[0].collections[-2:]
    assert [dot.get_offsets().tolist() for dot in dots] == [[[-1.6, -1.6]], [[0.4, 0.4]]]


def test_fig07_says_where_the_networks_differ(decided):
    """Of nine points two are samples, where both agree; of the other seven four differ."""
    data = fig07.drawn(decided, SAME)
    assert fig07.disagreement(data, margin=0.1) == pytest.approx((0, 4 / 7))
    near, far = fig07.disagreement(data, margin=10)
    assert near == pytest.approx(4 / 9) and np.isnan(far)
    text = caption(fig07, decided, SAME)
    assert "accuracy 1.000 (a) and 1.000 (b)" in text and "57 % of those further" in text


@pytest.mark.parametrize(
    ("largest", "levels"),
    [
        (160, [2, 5, 10, 20, 50, 100]),
        (0.29, [0.005, 0.01, 0.02, 0.05, 0.1, 0.2]),
        (1, [0.01, 0.02, 0.05, 0.1, 0.2, 0.5]),
        (0, [5]),
    ],
)
def test_fig07_levels_of_confidence(largest, levels):
    assert fig07.confidence_levels(largest) == pytest.approx(levels)
