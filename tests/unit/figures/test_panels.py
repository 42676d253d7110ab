import numpy as np
import pandas as pd
import pytest

from spectral_bias.figures import panels, style


@pytest.fixture
def axes():
    with style.look():
        yield style.new_figure([["a"]], height=2)[1]["a"]


CELLS = pd.DataFrame(
    {
        "iteration": [0, 0, 100, 100, 400],
        "frequency": [5, 20, 5, 20, 5],
        "amplitude": [0.0, 0.25, 0.5, 1.5, 0.75],
    }
)


def test_heatmap_has_equal_columns_clipped_colours_and_time_upwards(axes):
    mesh = panels.heatmap(axes, CELLS, "iteration", "amplitude")
    corners = mesh.get_coordinates()
    assert corners[0, :, 0].tolist() == [0, 1, 2]
    assert corners[:, 0, 1].tolist() == [0, 50, 250, 400]
    assert mesh.get_array().tolist() == [[0, 0.25], [0.5, 1], [0.75, None]]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["5", "20"]
    assert axes.get_ylim() == (0, 400)
    assert mesh.get_clim() == (0, 1)


def test_heatmap_of_nothing_says_so(axes):
    mesh = panels.heatmap(axes, CELLS.head(0), "iteration", "amplitude")
    assert mesh is None
    assert [text.get_text() for text in axes.texts] == ["no data"]
    assert panels.colour_bar(mesh, axes, "amplitude") is None


def test_edges():
    assert panels.edges(np.array([0.0, 1.0, 3.0])).tolist() == [0, 0.5, 2, 3]
    assert panels.edges(np.array([7.0])).tolist() == [6.5, 7.5]


def test_curve_draws_mean_and_band_in_the_order_of_iterations(axes):
    data = pd.DataFrame(
        {
            "iteration": [2, 0, 1],
            "mse": [3.0, 1, 2],
            "mse_low": [2.0, 1, 2],
            "mse_high": [4.0, 1, 2],
        }
    )
    panels.curve(axes, data, "mse", "#000000")
    assert axes.lines[0].get_xydata().tolist() == [[0, 1], [1, 2], [2, 3]]
    band = axes.collections[0].get_paths()[0].vertices
    assert band[:, 1].min() == 1 and band[:, 1].max() == 4


def test_no_band_without_spread_and_a_marker_for_a_single_record(axes):
    data = pd.DataFrame({"iteration": [0], "mse": [1.0], "mse_low": [1.0], "mse_high": [1.0]})
    panels.curve(axes, data, "mse", "#000000")
    assert len(axes.collections) == 0
    assert axes.lines[0].get_marker() == "o"


def test_several_legends_stay(axes):
    for label in ("a", "b"):
        panels.legend(axes, axes.plot([0, 1], label=label), loc="upper left")
    texts = [legend.get_texts()[0].get_text() for legend in axes.artists]
    assert texts == ["a", "b"]


def test_names_of_points_keep_clear_of_each_other_and_of_the_axis(axes):
    x, y, names = [0.0, 0.5, 0.55], [0.0, 0.5, 0.5], ["at the axis", "left", "right"]
    axes.plot(x, y, "o")
    axes.set_xlim(0, 1)
    panels.point_names(axes, x, y, names)
    assert [text.get_text() for text in axes.texts] == names
    axes.figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in axes.texts]
    assert not boxes[1].overlaps(boxes[2])
    assert boxes[0].x0 > axes.get_window_extent().x0


def test_no_points_have_no_names(axes):
    panels.point_names(axes, [], [], [])
    assert len(axes.texts) == 0
