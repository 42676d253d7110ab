"""Figures 7, 8 and 9 on hand-made tables."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from spectral_bias.experiments.rahaman2018.manifolds import fig07, fig08, fig09
from spectral_bias.figures import build, style
from spectral_bias.reference import authors

READ = authors("rahaman2018", "manifold_L10")
REGRESSION = {
    "network": {"depth": 6, "width": 256},
    "n_points": 1000,
    "frequencies": list(range(20, 201, 20)),
    "lobes": [0, 4, 10, 16],
    "learning_rate": 3e-4,
    "iterations": 50_000,
    "n_runs": 10,
}
CLASSIFICATION = {
    "network": {"depth": 6, "width": 256},
    "n_points": 1000,
    "frequencies": list(range(50, 401, 50)),
    "lobes": list(range(0, 21, 2)),
    "learning_rate": 3e-4,
    "iterations": 10_000,
    "n_runs": 3,
    "decision": {"frequency": 200, "lobes": 20, "twins": 1},
    "decision_points": 3,
}


def context(**changes):
    settings = {
        "manifold_regression": REGRESSION | changes,
        "manifold_classification": CLASSIFICATION,
    }
    return {"scale": "paper", "settings": settings}


def spectrum_tables(lobes=(0, 4, 10, 16)):
    """The authors' amplitudes for L = 10 (plus or minus 0.1 in two members), halved elsewhere."""
    rows = READ[["iteration", "frequency", "amplitude"]]
    parts = [
        rows.assign(
            lobes=L,
            member=m,
            amplitude=rows["amplitude"] * (1 if L == 10 else 0.5) + (0.2 * m - 0.1),
        )
        for L, m in product(lobes, (0, 1))
    ]
    loss = [(L, m, t, 10.0 ** -(m + t)) for L, m, t in product(lobes, (0, 1), (0, 1))]
    loss = pd.DataFrame(loss, columns=["lobes", "member", "iteration", "mse"])
    return {"manifold_spectrum": pd.concat(parts), "manifold_loss": loss}


def test_fig08_holds_unclipped_means_losses_and_high_frequencies():
    data = fig08.drawn(spectrum_tables(), context())
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


def test_fig08_draws_one_heatmap_for_each_curve_and_the_authors():
    with style.look():
        data = fig08.drawn(spectrum_tables(), context())
        figure = fig08.draw(data)
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert [title[-7:] for title in titles[:4]] == [
        f"${f'L = {L}':>5}$"[-7:] for L in (0, 4, 10, 16)
    ]
    assert "authors, $L = 10$" in titles
    heat = figure.axes[0].collections[0].get_array()
    assert heat.shape == (100, 10) and heat.min() >= 0 and heat.max() <= 1


@pytest.mark.parametrize("lobes", [(0,), (0, 10), (0, 2, 4, 6, 8)])
def test_fig08_takes_any_number_of_curves(lobes):
    data = fig08.drawn(spectrum_tables(lobes), context(lobes=list(lobes)))
    assert len(fig08.draw(data).axes) == len(lobes) + 4  # loss, high frequencies, authors, bar
    text = build.caption(fig08, data, context(lobes=list(lobes)))
    assert "lobes 0" in text and "(paper 0, 4, 10, 16)" in text


def test_fig08_agrees_with_the_authors_when_it_is_theirs():
    data = fig08.drawn(spectrum_tables(), context())
    found = fig08.agreement(data, context())
    assert found[0].value == pytest.approx(0, abs=1e-12)
    assert "1000 pairs" in found[0].meaning
    ratios = [entry.value for entry in found[1:] if entry.value is not None]
    assert len(found) == 11 and len(ratios) >= 8 and set(ratios) == {1.0}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"n_points": 400}, "n_points 400 (authors 1,000)"),
        ({"lobes": [0, 4]}, "L = 10 was not run"),
    ],
)
def test_fig08_compares_no_other_settings(changes, reason):
    lobes = changes.get("lobes", (0, 4, 10, 16))
    data = fig08.drawn(spectrum_tables(lobes), context(**changes))
    found = fig08.agreement(data, context(**changes))
    assert [entry.value for entry in found] == [None, None]
    assert reason in found[0].meaning
    assert "for the shape only" in build.caption(fig08, data, context(**changes))


def accuracy_table():
    cells = product((0, 1), (50, 100, 150), (0, 2))
    rows = [(m, k, L, 1 - k / 400 + L / 10 - m / 100) for m, k, L in cells]
    return pd.DataFrame(rows, columns=["member", "frequency", "lobes", "accuracy"])


def test_fig09_is_the_mean_over_networks_with_k_to_the_right_and_lobes_upwards():
    data = fig09.drawn({"manifold_accuracy": accuracy_table()}, context())
    assert list(data.columns) == fig09.COLUMNS and len(data) == 6
    cell = data[(data["frequency"] == 100) & (data["lobes"] == 2)].iloc[0]
    assert cell["accuracy"] == pytest.approx(0.945)
    assert (cell["accuracy_low"], cell["accuracy_high"]) == pytest.approx((0.94, 0.95))
    axes = fig09.draw(data).axes[0]
    grid = axes.collections[0].get_array()
    np.testing.assert_allclose(grid[0], 1 - np.array([50, 100, 150]) / 400 - 0.005)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["50", "100", "150"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["0", "2"]
    assert "lowest cell 0.62" in build.caption(fig09, data, context())


def decision_tables():
    """Network 0 says x1 > 0, network 1 says x2 > 0; two samples on the diagonal."""
    axis = [-1.6, 0.4, 1.6]
    decision = [(n, x2, x1, 3 * (x1, x2)[n]) for n, x2, x1 in product((0, 1), axis, axis)]
    samples = [(n, x, x, int(x > 0), x) for n, x in product((0, 1), (0.4, -1.6))]
    return {
        "manifold_decision": pd.DataFrame(decision, columns=["network", "x2", "x1", "logit"]),
        "manifold_samples": pd.DataFrame(
            samples, columns=["network", "x1", "x2", "label", "logit"]
        ),
    }


def test_fig07_draws_class_confidence_and_samples():
    data = fig07.drawn(decision_tables(), context())
    assert list(data.columns) == fig07.COLUMNS
    with style.look():
        figure = fig07.draw(data)
    shading = figure.axes[0].collections[0].get_array()
    np.testing.assert_array_equal(shading, [[0, 1, 1]] * 3)
    np.testing.assert_array_equal(figure.axes[1].collections[0].get_array(), np.transpose(shading))
    dots = figure.axes[0].collections[-2:]
    assert [dot.get_offsets().tolist() for dot in dots] == [[[-1.6, -1.6]], [[0.4, 0.4]]]


def test_fig07_says_where_the_networks_differ():
    """Of nine points two are samples, where both agree; of the other seven four differ."""
    data = fig07.drawn(decision_tables(), context())
    assert fig07.disagreement(data, margin=0.1) == pytest.approx((0, 4 / 7))
    near, far = fig07.disagreement(data, margin=10)
    assert near == pytest.approx(4 / 9) and np.isnan(far)
    text = build.caption(fig07, data, context())
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
