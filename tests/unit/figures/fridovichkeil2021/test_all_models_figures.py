"""Figures 10 and 16 on made-up tables: models, rank correlations, effective robustness."""

import math
import string

import numpy as np
import pytest
from scipy import stats

from spectral_bias.artefacts import read_table, write_table
from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments.fridovichkeil2021.interventions import all_models, fig10, fig16
from spectral_bias.experiments.fridovichkeil2021.interventions.claims import CLAIMS
from spectral_bias.figures import style
from spectral_bias.figures.build import build, caption

MODULES = [fig10, fig16]


def drawn_figure(module, data):
    with style.look():
        figure = module.draw(data)
        figure.draw_without_rendering()
    return {axes.get_title(loc="left")[10:11]: axes for axes in figure.axes}


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("size", ["tables", "few_tables"])
def test_only_what_is_in_the_csv_is_drawn(module, size, tmp_path, request):
    tables = request.getfixturevalue(size)
    context = request.getfixturevalue(size.replace("tables", "context"))
    data = module.drawn(tables, context)
    assert list(data.columns) == module.COLUMNS
    assert data["panel"].notna().all() and set(data["source"]) == {"ours"}
    write_table(tmp_path / "drawn.csv", data)
    axes = drawn_figure(module, read_table(tmp_path / "drawn.csv"))
    assert all(panel.has_data() for panel in axes.values()) and set(axes) == set("abcde")
    text = caption(module, data, context)
    assert not [name for _, name, _, _ in string.Formatter().parse(text) if name]
    assert "  " not in text and text.endswith(".") and f"{context['scale']} scale" in text


@pytest.mark.parametrize("module", MODULES)
def test_figures_are_written_twice_with_the_same_bytes(module, few_tables, few_context, tmp_path):
    paths = [tmp_path / f"{name}.csv" for name in module.TABLES]
    for path in paths:
        write_table(path, few_tables[path.stem], {"sources": ["run"]})
    name = module.__name__.rpartition(".")[2]
    for folder in ("first", "second"):
        build("fridovichkeil2021", name, paths, tmp_path / folder / name, few_context)
    for suffix in ("png", "pdf", "csv", "json"):
        first, second = (tmp_path / folder / f"{name}.{suffix}" for folder in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("module", MODULES)
def test_nothing_measured_is_said(module, tables, context):
    nothing = {name: table.iloc[:0] for name, table in tables.items()}
    data = module.drawn(nothing, context)
    axes = drawn_figure(module, data)
    notes = [text.get_text() for panel in axes.values() for text in panel.texts]
    assert "not measured" in notes
    assert "no rank correlation" in caption(module, data, context)


def test_fig10_states_the_correlations_of_the_claims(tables, context):
    data = fig10.drawn(tables, context)
    orders = data[data["panel"] == "e"]
    assert len(orders) == 14
    claimed = {entry["id"]: entry for entry in evaluate(CLAIMS, tables)}
    for row in orders[orders["intervention"] != "training_time"].itertuples():
        name = "interventions" if row.intervention == fig10.OVERALL else row.intervention
        entry = claimed[f"{name}_{row.kind}_class_frequency"]
        ends = [entry["value"], entry["ci_low"], entry["ci_high"]]
        found = [row.correlation, row.correlation_low, row.correlation_high]
        np.testing.assert_allclose(found, ends, atol=1e-5)
    # Two families of made-up variants share their quality, which the correlation does not see.
    once = data[(data["panel"] == "b") & (data["epoch"] == 200)].drop_duplicates("run")
    expected = stats.spearmanr(once["test_accuracy"], once["high_frequency_fraction"]).statistic
    overall = orders[(orders["intervention"] == fig10.OVERALL) & (orders["kind"] == "within")]
    assert overall["correlation"].item() == pytest.approx(expected)
    assert overall["n_models"].item() == len(once)


def test_fig10_shows_every_network_once_and_training_apart(tables, context):
    data = fig10.drawn(tables, context)
    axes = drawn_figure(fig10, data)
    points = sum(len(line.get_xdata()) for line in axes["a"].lines)
    rows = data[data["panel"] == "a"]
    assert points == (~rows["baseline"].astype(bool)).sum() + 1
    (line,) = axes["c"].lines
    assert len(line.get_xdata()) == 9
    assert [text.get_text() for text in axes["d"].texts] == ["epoch 1", "epoch 200"]
    assert "epochs 1, 2, 5, 10, 20, 50, 100, 150, 200 " in caption(fig10, data, context)


def test_fig10_says_what_too_few_models_cannot_decide(few_tables, few_context):
    data = fig10.drawn(few_tables, few_context)
    said = [text.get_text() for text in drawn_figure(fig10, data)["e"].texts]
    assert said == ["no order"] * 7
    assert "Not decided: all networks (" in caption(fig10, data, few_context)


def test_effective_robustness_of_known_values():
    assert fig16.expected(np.array([0.5])) == pytest.approx(1 / (1 + math.exp(0.4736)))
    assert fig16.expected(np.array([0.95]))[0] == pytest.approx(0.8782, abs=1e-3)
    np.testing.assert_array_equal(fig16.expected(np.array([0.0, 1.0])), [0.0, 1.0])
    on_line = fig16.expected(np.array([0.8]))
    assert fig16.effective_robustness(on_line + 0.03, np.array([0.8])) == pytest.approx(0.03)


def test_fig16_has_each_network_once_and_its_correlations(tables, context):
    data = fig16.drawn(tables, context)
    rows = data[(data["panel"] == "d") & data["run"].notna()]
    assert rows["run"].is_unique and len(rows) > 20
    order = data[(data["panel"] == "d") & data["n_models"].notna()]
    robust = fig16.effective_robustness(rows["shifted_accuracy"], rows["test_accuracy"])
    expected = stats.spearmanr(rows["high_frequency_fraction"], robust).statistic
    assert order["correlation"].item() == pytest.approx(expected)
    assert order["kind"].item() == "between"
    text = caption(fig16, data, context)
    assert (
        f"(d) {all_models.correlation_text(order.iloc[0])} (effective robustness, between)" in text
    )


@pytest.mark.parametrize(("source", "foreign"), [("cifar10.1", False), ("zoom", True)])
def test_fig16_says_whose_line_it_is(source, foreign, tables, new_context):
    context = new_context(shift={"source": source})
    text = caption(fig16, fig16.drawn(tables, context), context)
    assert ("zero of effective robustness has no meaning" in text) == foreign
    assert ("seen from nearer" in text) == foreign


def test_fig16_without_shifted_images_says_so(tables, context):
    summary = tables["interpolation_summary"].assign(shifted_accuracy=np.nan)
    data = fig16.drawn(tables | {"interpolation_summary": summary}, context)
    axes = drawn_figure(fig16, data)
    assert [text.get_text() for text in axes["a"].texts] == ["not measured"]
    assert "no rank correlation" in caption(fig16, data, context)
