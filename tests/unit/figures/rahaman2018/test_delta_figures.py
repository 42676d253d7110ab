"""Figures 14 to 18 on hand-made tables."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from spectral_bias.experiments.rahaman2018.delta import fig14, fig15, fig16, fig17, fig18
from spectral_bias.figures import style
from spectral_bias.figures.build import caption

N = 20
ITERATIONS = np.arange(0, 81, 10)
SWEEPS = {
    "depth": {"depth": [3, 4], "width": 16, "weight_clip": 10.0, "iterations": 101},
    "width": {"depth": 3, "width": [16, 32, 64, 96], "weight_clip": 10.0, "iterations": 102},
    "clip": {"depth": 6, "width": 64, "weight_clip": [0.1, 2.0], "iterations": 103},
}
CONTEXT = {
    "scale": "tiny",
    "settings": {
        "delta": {
            "n_points": N,
            "position": 0.5,
            "learning_rate": 3e-4,
            "n_runs": 3,
            **{f"{name}_sweep": sweep for name, sweep in SWEEPS.items()},
        }
    },
}
VARIED = {"depth": "depth", "width": "width", "clip": "weight_clip"}
MODULES = {"depth": fig15, "width": fig16, "clip": fig17}


def rows(sweep, names, *axes):
    column = VARIED[sweep]
    values = SWEEPS[sweep][column]
    return pd.DataFrame(product(values, ITERATIONS, *axes), columns=[column, "iteration", *names])


def spectrum(sweep):
    """Magnitude that reaches 1/N at the end and twice that at k = 1."""
    table = rows(sweep, ["frequency"], range(1, N // 2))
    reached = table["iteration"] / ITERATIONS[-1]
    return table.assign(magnitude=reached * np.where(table["frequency"] == 1, 2, 1) / N)


def share(sweep):
    table = rows(sweep, ["member", "band"], range(3), ["low", "high"])
    return table.assign(share=np.where(table["band"] == "high", 0.1 * table["member"], 0.9))


def tables(sweep):
    return {f"delta_{sweep}_spectrum": spectrum(sweep), f"delta_{sweep}_share": share(sweep)}


def function():
    table = rows("clip", ["z"], np.arange(N) / N)
    return {"delta_clip_function": table.assign(prediction=(table["z"] == 0.5) * 1.5)}


@pytest.mark.parametrize("sweep", list(MODULES))
def test_what_is_drawn_are_heatmaps_shares_and_the_target(sweep):
    data = MODULES[sweep].drawn(tables(sweep), CONTEXT)
    values = SWEEPS[sweep][VARIED[sweep]]
    panels = "abcdefgh"[: len(values)]
    assert set(data["panel"]) == {*panels, "share", "target"}
    assert data.loc[data["panel"] == "target", "magnitude"].tolist() == [1 / N]
    first = data[data["panel"] == "a"]
    assert first[VARIED[sweep]].unique() == [min(values)]
    assert len(first) == len(ITERATIONS) * (N // 2 - 1)
    shares = data[data["panel"] == "share"]
    assert len(shares) == len(values) * len(ITERATIONS)
    assert shares[["share", "share_low", "share_high"]].to_numpy().tolist()[0] == pytest.approx(
        [0.1, 0.0, 0.2]
    )


@pytest.mark.parametrize("sweep", list(MODULES))
def test_heatmaps_share_their_colours_and_the_bar_marks_the_target(sweep):
    with style.look():
        figure = MODULES[sweep].draw(MODULES[sweep].drawn(tables(sweep), CONTEXT))
    meshes = [axes.collections[0] for axes in figure.axes if axes.get_xlabel() == "frequency $k$"]
    assert len(meshes) == len(SWEEPS[sweep][VARIED[sweep]])
    assert [mesh.get_clim() for mesh in meshes] == [pytest.approx((0, 1.2 / N))] * len(meshes)
    # The last record on top, magnitude 1/N for k > 1.
    np.testing.assert_allclose(meshes[0].get_array()[-1, 1:], 1 / N)
    bar = figure.axes[-1]
    assert bar.get_ylabel() == r"$|\tilde{f}(k)|$"
    assert bar.get_yticklabels()[-1].get_text() == f"{1 / N:g} target"
    marks = [line for line in bar.lines if list(line.get_ydata()) == [1 / N, 1 / N]]
    assert len(marks) == 1


def test_records_are_thinned_so_that_the_csv_stays_small():
    one = spectrum("depth").query("iteration == 0")
    many = pd.concat([one.assign(iteration=i) for i in range(376)])
    data = fig15.drawn(tables("depth") | {"delta_depth_spectrum": many}, CONTEXT)
    assert data.loc[data["panel"] == "a", "iteration"].unique().tolist() == list(range(0, 376, 5))
    assert fig15.facts(data, CONTEXT)["every"] == "every 5th iteration"


def test_fig14_draws_target_and_flat_spectrum():
    target = pd.DataFrame({"z": [0.0, 0.5], "target": [0.0, 1.0]})
    flat = pd.DataFrame({"frequency": [1, 2], "magnitude": [0.05, 0.05]})
    data = fig14.drawn({"delta_target": target, "delta_target_spectrum": flat}, CONTEXT)
    assert data["panel"].tolist() == ["a", "a", "b", "b"]
    figure = fig14.draw(data)
    assert figure.axes[0].lines[0].get_xydata().tolist() == [[0.0, 0.0], [0.5, 1.0]]
    assert figure.axes[1].lines[0].get_ydata().tolist() == [0.05, 0.05]


def test_fig18_draws_each_clip_whole_and_around_the_peak():
    data = fig18.drawn(function(), CONTEXT)
    assert data.loc[data["panel"] == "b", "weight_clip"].unique() == [2.0]
    assert data["prediction"].max() == 1.5  # unclipped
    with style.look():
        figure = fig18.draw(data)
    whole, near = figure.axes[0], figure.axes[2]
    assert (whole.get_xlim(), near.get_xlim()) == ((0.0, 0.95), (0.45, 0.55))
    for axes in (whole, near):
        grid = axes.collections[0].get_array()
        assert np.flatnonzero(grid[0]).tolist() == [N // 2]
        assert axes.collections[0].get_clim() == (0.0, 1.0)


@pytest.mark.parametrize(
    ("module", "said"),
    [
        (fig14, "1/N = 0.05 at all of them"),
        (fig15, "3, 4 linear layers, width 16, K = 10;"),
        (fig16, "3 linear layers, width 16, 32, 64, 96, K = 10;"),
        (fig17, "6 linear layers, width 64, K = 0.1, 2;"),
        (fig18, "weight clips K = 0.1, 2 of Figure 17"),
    ],
)
def test_captions_name_networks_and_deviations(module, said):
    sweep = {module: name for name, module in MODULES.items()}.get(module)
    made = {
        "delta_target": pd.DataFrame({"z": [0.0], "target": [0.0]}),
        "delta_target_spectrum": pd.DataFrame({"frequency": [1], "magnitude": [0.05]}),
        **function(),
        **(tables(sweep) if sweep else {}),
    }
    text = caption(module, module.drawn(made, CONTEXT), CONTEXT)
    assert said in text
    if module is not fig14:
        length = {fig15: 101, fig16: 102}.get(module, 103)
        assert f"learning rate 0.0003, {length} iterations" in text
        assert f"_sweep.iterations {length} (paper 60,000)" in text
        assert text.count("(paper 60,000)") == 1
        assert "n_points 20 (paper 200)" in text


def test_no_data_is_said():
    empty = {name: table.iloc[:0] for name, table in tables("depth").items()}
    data = fig15.drawn(empty, CONTEXT)
    texts = [text.get_text() for axes in fig15.draw(data).axes for text in axes.texts]
    assert "no data" in texts
