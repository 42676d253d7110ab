"""Figures 1, 3, 11, 12 and 17: what is drawn of the measured tables, and what the captions say."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from spectral_bias.experiments.fridovichkeil2021 import noise_curves
from spectral_bias.experiments.fridovichkeil2021.noise_fitting import (
    fig01,
    fig03,
    fig11,
    fig12,
    fig17,
)
from spectral_bias.figures.build import caption


def radial(table, **wanted):
    """Rows of waves on all classes; `wanted` are values of columns."""
    rows = table[(table["kind"] == "radial") & table["noise_class"].isna()]
    for name, value in wanted.items():
        rows = rows[rows[name] == value]
    return rows


def without(tables, name, drop):
    """The tables, one of them without the rows for which `drop` is true."""
    return {**tables, name: tables[name][~drop(tables[name])]}


def test_baseline_is_told_from_networks_whose_names_begin_alike():
    bases = ["wrn_32", "wrn_32.seed2", "wrn_32.n5000", "wrn_320", "wrn_32.n5000.seed1"]
    own = noise_curves.of_baseline(pd.DataFrame({"base": bases}), {"baseline": "wrn_32"})
    assert list(own["base"]) == ["wrn_32", "wrn_32.seed2"]


def test_many_epochs_are_thinned_to_few_and_the_last_stays():
    table = pd.DataFrame({"epoch": np.arange(1, 1001)})
    thinned = noise_curves.thinned_epochs(table)["epoch"]
    assert len(thinned) == 250 and thinned.iloc[-1] == 1000
    assert noise_curves.thinned_epochs(table.head(999))["epoch"].iloc[-1] == 999
    assert len(noise_curves.thinned_epochs(table.head(200))) == 200


def test_fig01_shows_the_default_frequency_or_the_lowest_that_was_measured(tables, context):
    settings = context["settings"]["cifar10"]
    assert fig01.shown_frequency(tables["noise_fitting"], settings) == 0.038
    lacking = tables["noise_fitting"].query("frequency > 0.05 or kind != 'radial'")
    lowest = lacking.loc[lacking["kind"] == "radial", "frequency"].min()
    assert fig01.shown_frequency(lacking, settings) == lowest
    assert fig01.shown_frequency(lacking.iloc[:0], settings) is None


def test_fig01_is_the_mean_of_the_baselines_seeds(tables, context):
    data = fig01.drawn(tables, context)
    row = data.query("panel == 'curves' and labels == 'wave' and epoch == 40").iloc[0]
    rows = radial(tables["noise_fitting"], epoch=40, frequency=0.038, trained=True)
    own = rows[rows["base"].isin(["wrn_32", "wrn_32.seed1", "wrn_32.seed2"])]
    assert len(own) == 3 and row["n_networks"] == 3
    for name in fig01.VALUES:
        ends = [own[name].mean(), own[name].min(), own[name].max()]
        assert row[[name, f"{name}_low", f"{name}_high"]].tolist() == pytest.approx(ends)


def test_fig01_marks_the_minimum(tables, context):
    data = fig01.drawn(tables, context)
    minimum = data[data["panel"] == "minimum"].iloc[0]
    figure = fig01.draw(data)
    heights = [line.get_ydata()[0] for line in figure.axes[3].lines if line.get_color() == "0.6"]
    assert minimum["noise_fitting"] in heights
    said = f"(here {minimum['noise_fitting']:.2f} at epoch {minimum['epoch']:.0f}"
    assert said in caption(fig01, data, context)


def test_fig01_compares_with_networks_that_saw_no_wave(tables, context):
    data = fig01.drawn(tables, context)
    assert set(data.query("panel == 'curves'")["labels"]) == {"wave", "uniform", "true labels"}
    rows = radial(tables["noise_fitting"], epoch=40, frequency=0.038, floor="uniform")
    row = data.query("labels == 'uniform' and epoch == 40").iloc[0]
    assert row["noise_fitting"] == pytest.approx(rows["noise_fitting"].mean())
    assert [len(axes.lines) for axes in fig01.draw(data).axes] == [4, 4, 4, 5]


@pytest.mark.parametrize(
    ("floor", "said"), [("uniform", "for every image"), ("true labels", "surer")]
)
def test_fig03_dips_and_floor_are_those_of_the_minima(tables, context, floor, said):
    made = tables
    if floor == "true labels":
        made = {
            name: without(tables, name, lambda t: t["floor"] == "uniform")[name]
            for name in fig03.TABLES
        }
    data = fig03.drawn(made, context)
    points = data.query("panel == 'b c'")
    assert len(points) == 2 * 7
    for labels, kind in (("wave", ""), (floor, floor)):
        rows = radial(tables["noise_minima"], frequency=0.15, floor=kind)
        rows = rows[rows["base"].str.fullmatch(r"wrn_32(\.seed\d)?")]
        point = points.query(f"frequency == 0.15 and labels == '{labels}'").iloc[0]
        assert point["noise_fitting"] == pytest.approx(rows["noise_fitting"].mean())
        assert point["epoch_high"] == rows["epoch"].max() and point["n_networks"] == 3
    assert said in caption(fig03, data, context)


def test_fig03_says_which_waves_were_not_fitted_by_the_end(tables, context):
    data = fig03.drawn(tables, context)
    assert "no dip was seen" not in caption(fig03, data, context)
    late = tables["noise_minima"].copy()
    late.loc[late["frequency"] >= 0.15, "epoch"] = 200
    text = caption(fig03, fig03.drawn({**tables, "noise_minima": late}, context), context)
    assert "(f = 0.15, 0.3: some minimum lies in the last epoch" in text


def test_fig03_draws_without_a_floor(tables, context):
    trained = {name: noise_curves.trained(tables[name]) for name in fig03.TABLES}
    data = fig03.drawn(trained, context)
    assert fig03.draw(data).axes[2].has_data()
    assert "saw no wave were not measured" in caption(fig03, data, context)


def test_fig11_has_a_number_in_every_cell(tables, context):
    data = fig11.drawn(tables, context)
    cells = data[data["labels"] == "wave"]
    assert len(cells) == 4 * 5 and set(cells["n_networks"]) == {1}
    axes = fig11.draw(data).axes[0]
    minima = tables["noise_minima"].query("kind == 'fourier'")
    cell = minima.query("frequency == 0.02 and spatial_frequency == 0 and trained")[
        "noise_fitting"
    ].item()
    assert axes.texts[0].get_text() == f"{cell:.2f}".replace("-", "−")
    assert len(axes.texts) == 20


@pytest.mark.parametrize(
    ("module", "kinds", "by", "panel"),
    [
        (fig11, ["fourier"], ["frequency", "spatial_frequency"], 1),
        (fig12, list(fig12.LOOKS), ["kind", "frequency"], 0),
    ],
)
def test_fig11_and_fig12_show_the_floor_of_each_wave(tables, context, module, kinds, by, panel):
    drawn = module.drawn(tables, context)
    shown = drawn.query("labels == 'uniform'").set_index(by)["noise_fitting"]
    floor = tables["noise_minima"].query("floor == 'uniform'")
    means = floor[floor["kind"].isin(kinds)].groupby(by)["noise_fitting"].mean()
    pd.testing.assert_series_equal(shown.sort_index(), means.sort_index())
    dotted = [each for each in module.draw(drawn).axes[panel].lines if each.get_linestyle() == ":"]
    assert len(dotted) == len(means.groupby(by[0] if module is fig12 else by[1]))


@pytest.mark.parametrize("module", [fig11, fig12])
def test_fig11_and_fig12_draw_without_a_floor(tables, context, module):
    made = without(tables, "noise_minima", lambda t: t["floor"] == "uniform")
    lines = [each for axes in module.draw(module.drawn(made, context)).axes for each in axes.lines]
    assert not any(each.get_linestyle() == ":" for each in lines)


def test_fig11_leaves_a_missing_cell_empty(tables, context):
    made = without(
        tables, "noise_minima", lambda t: (t["frequency"] == 0.3) & (t["spatial_frequency"] == 4)
    )
    texts = [text.get_text() for text in fig11.draw(fig11.drawn(made, context)).axes[0].texts]
    assert texts.count("") == 1 and len(texts) == 20


def test_fig12_takes_random_directions_together(tables, context):
    data = fig12.drawn(tables, context).query("labels == 'wave'")
    assert set(data["kind"]) == {"1/f2", "f2", "random", "radial"}
    counts = data.groupby("kind")["n_networks"].unique().map(list).to_dict()
    assert counts == {"1/f2": [1], "f2": [1], "random": [3], "radial": [3]}
    rows = tables["noise_minima"].query("kind == 'random' and frequency == 0.3 and trained")
    row = data.query("kind == 'random' and frequency == 0.3").iloc[0]
    assert row["noise_fitting"] == pytest.approx(rows["noise_fitting"].mean())
    assert row["noise_fitting_low"] == rows["noise_fitting"].min()
    assert "(mean and range of 3 random and 3 radial ones)" in caption(fig12, data, context)


def test_fig12_draws_the_kinds_that_there_are(tables, context):
    made = without(tables, "noise_minima", lambda t: t["kind"].isin(["f2", "random"]))
    figure = fig12.draw(fig12.drawn(made, context))
    labels = [text.get_text() for text in figure.axes[1].get_legend().get_texts()]
    assert labels == ["$1/f^2$ (natural)", "radial"]


def test_fig17_joins_each_class_with_its_own_numbers(tables, context):
    data = fig17.drawn(tables, context).set_index("class_name")
    assert len(data) == 10
    minima = tables["noise_minima"].query("noise_class == 5 and trained")
    fractions = tables["interpolation_fractions"].query(
        "run == 'wrn_32' and epoch == 200 and class_a == 'dog' and class_b == 'dog'"
    )
    accuracy = tables["class_accuracy"].query(
        "run == 'wrn_32' and epoch == 200 and class_name == 'dog'"
    )
    expected = [
        minima["noise_fitting"].item(),
        fractions["high_frequency_fraction"].item(),
        accuracy["test_accuracy"].item(),
    ]
    columns = ["noise_fitting", "high_frequency_fraction", "test_accuracy"]
    assert data.loc["dog", columns].tolist() == expected


def test_fig17_states_both_rank_correlations(tables, context):
    data = fig17.drawn(tables, context)
    text = caption(fig17, data, context)
    for letter, column in (("a", "high_frequency_fraction"), ("b", "test_accuracy")):
        value = stats.spearmanr(data[column], data["noise_fitting"]).statistic
        assert f"({letter}) {value:.2f} [".replace("-", "−") in text


def test_fig17_with_few_classes_says_why_there_is_no_correlation(few_tables, few_context):
    data = fig17.drawn(few_tables, few_context)
    assert list(data["class_name"]) == ["cat", "dog"]
    assert "not computed (2 classes" in caption(fig17, data, few_context)
