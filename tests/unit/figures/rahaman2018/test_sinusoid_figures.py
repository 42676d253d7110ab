"""Figures 2, 3 and 10 on hand-made tables."""

import numpy as np
import pandas as pd
import pytest

from spectral_bias.experiments.rahaman2018.perturbation import fig03
from spectral_bias.experiments.rahaman2018.sinusoids import fig02, fig10
from spectral_bias.figures import style


def test_fig02_gives_snapshots_letters_in_the_order_of_iterations(context):
    rows = [(1000, 0.5, 1.0, 0.9), (100, 0.5, 1.0, 0.1), (100, 0.0, 2.0, 0.2)]
    function = pd.DataFrame(rows, columns=["iteration", "z", "target", "prediction"])
    data = fig02.drawn({"sinusoids_function": function.assign(setting="equal", member=0)}, context)
    assert list(data.columns) == fig02.COLUMNS
    assert data["panel"].tolist() == ["a", "a", "b"]
    assert data["z"].tolist() == [0.0, 0.5, 0.5]
    assert data["prediction"].tolist() == [0.2, 0.1, 0.9]


def test_fig02_draws_the_learnt_function_over_the_target(tables, context):
    with style.look():
        figure = fig02.draw(fig02.drawn(tables, context))
    assert len(figure.axes) == 4
    assert figure.axes[0].get_title(loc="left").endswith("iteration 100")
    target, learnt = figure.axes[3].lines
    assert [target.get_label(), learnt.get_label()] == ["target", "learnt"]
    assert target.get_zorder() == learnt.get_zorder()
    np.testing.assert_allclose(learnt.get_ydata(), target.get_ydata(), atol=0.6)


def test_fig03_is_the_unclipped_mean_over_runs_with_delta_upwards(context):
    rows = [(0, 0.0, 10, 1.0), (1, 0.0, 10, 1.4), (0, 5.0, 10, 0.2), (1, 5.0, 10, 0.4)]
    columns = ["member", "delta", "frequency", "relative_amplitude"]
    data = fig03.drawn({"perturbation": pd.DataFrame(rows, columns=columns)}, context)
    assert list(data.columns) == fig03.COLUMNS
    assert data["relative_amplitude"].tolist() == pytest.approx([1.2, 0.3])
    axes = fig03.draw(data).axes[0]
    assert axes.get_ylim() == (0, 5)
    assert axes.collections[0].get_array().ravel().tolist() == pytest.approx([1.0, 0.3])


def test_fig10_is_mean_and_range_over_runs(context):
    rows = [("equal", 0, 0, 1.0), ("equal", 1, 0, 3.0), ("increasing", 0, 0, 0.5)]
    loss = pd.DataFrame(rows, columns=["setting", "member", "iteration", "mse"])
    data = fig10.drawn({"sinusoids_loss": loss}, context)
    assert list(data.columns) == fig10.COLUMNS
    assert data[["panel", "mse", "mse_low", "mse_high"]].to_numpy().tolist() == [
        ["a", 2.0, 1.0, 3.0],
        ["b", 0.5, 0.5, 0.5],
    ]
    assert {axes.get_yscale() for axes in fig10.draw(data).axes} == {"log"}


def test_fig10_keeps_at_most_about_500_iterations(context):
    iterations = np.arange(5001)
    loss = pd.DataFrame({"setting": "equal", "member": 0, "iteration": iterations, "mse": 1.0})
    data = fig10.drawn({"sinusoids_loss": loss}, context)
    assert data["iteration"].tolist() == list(range(0, 5001, 10))
    assert fig10.facts(data, context)["every"] == "every 10th iteration"
