"""Figures 2, 4 and 13: paths between images, over training, and with added images."""

import numpy as np
import pytest

from spectral_bias.experiments.fridovichkeil2021.interpolation import fig02, fig04
from spectral_bias.experiments.fridovichkeil2021.interventions import fig13
from spectral_bias.figures.build import caption


def test_fig02_names_the_classes_and_colours_those_that_matter(tables, context):
    data = fig02.drawn(tables, context)
    text = caption(fig02, data, context)
    assert "(a) A path within cat, (b) one between cat and ship" in text
    assert "at distances of 1 in the space of normalised images" in text
    shades = fig02.colours(data[data["panel"] == "b"])
    assert list(shades) == ["cat", "ship", "dog"] and len(set(shades.values())) == 3


def test_fig02_puts_each_image_above_its_share_of_the_path(tables, context, images):
    figure = fig02.draw(fig02.drawn(tables, context), images)
    strip, lines = figure.axes[0], figure.axes[1]
    assert len(strip.images) == 7
    np.testing.assert_array_equal(strip.images[2].get_array(), images["within"][2])
    left, right, *_ = strip.images[2].get_extent()

    def place(axes, x):
        low, high = axes.get_xlim()
        return (x - low) / (high - low)

    assert place(strip, (left + right) / 2) == pytest.approx(place(lines, 2 / 6))


def test_fig02_draws_all_classes_and_both_spectra(tables, context, images):
    data = fig02.drawn(tables, context)
    figure = fig02.draw(data, images)
    lines, spectra = figure.axes[3], figure.axes[4]
    assert len(lines.lines) == 10
    assert sorted(line.get_label() for line in spectra.lines) == [
        *("between classes", "within a class")
    ]
    drawn = {line.get_label(): line.get_ydata() for line in lines.lines}
    ship = data.query("panel == 'b' and class_name == 'ship'")["probability"]
    np.testing.assert_array_equal(drawn["ship"], ship)


def test_fig04_shows_the_baseline_alone(tables, context):
    data = fig04.drawn(tables, context)
    assert len(data.query("panel == 'd'")) == len(context["settings"]["cifar10"]["trajectory"])
    rows = tables["interpolation_fractions"].query(
        "run == 'wrn_32' and epoch == 50 and kind == 'between'"
    )["high_frequency_fraction"]
    shown = data.query("panel == 'c' and epoch == 50 and kind == 'between'").iloc[0]
    assert shown["n_class_pairs"] == len(rows) == 45
    assert shown["fraction"] == pytest.approx(rows.mean())
    assert shown["fraction_high"] - shown["fraction"] == pytest.approx(rows.std())
    assert "mean over 10 classes and 45 pairs of classes" in caption(fig04, data, context)


def test_fig04_without_shifted_images_has_one_curve_of_accuracy(tables, context):
    bare = tables["interpolation_summary"].assign(shifted_accuracy=np.nan)
    data = fig04.drawn({**tables, "interpolation_summary": bare}, context)
    accuracy = fig04.draw(data).axes[3]
    assert len(accuracy.lines) == 1
    assert "another distribution" not in caption(fig04, data, context)


def test_fig04_marks_a_single_epoch(tables, context):
    made = {name: tables[name].query("epoch == 200") for name in fig04.TABLES}
    data = fig04.drawn(made, context)
    fractions = fig04.draw(data).axes[2]
    assert all(line.get_marker() == "o" for line in fractions.lines)
    assert "at epochs 200 (0: untrained)" in caption(fig04, data, context)


def test_fig13_joins_norms_with_the_last_epoch(tables, context):
    data = fig13.drawn(tables, context)
    assert data["kind"].value_counts().to_dict() == {"f2": 3, "1/f2": 3, "none": 3}
    row = data.query("kind == 'f2' and norm == 5").iloc[0]
    summary = tables["interpolation_summary"].set_index("run")
    expected = summary.loc["wrn_32.images_antinatural_5", fig13.VALUES]
    assert row[fig13.VALUES].tolist() == expected.tolist()
    base = data.query("run == 'wrn_32'").iloc[0]
    last = summary.loc["wrn_32"].query("epoch == 200")["within_fraction"].item()
    assert base["kind"] == "none" and base["within_fraction"] == last
    assert "3 networks that differ in their seed" in caption(fig13, data, context)


def test_fig13_does_not_take_variants_for_seeds(tables, context):
    runs = set(fig13.drawn(tables, context).query("kind == 'none'")["run"])
    assert runs == {"wrn_32", "wrn_32.seed1", "wrn_32.seed2"}
