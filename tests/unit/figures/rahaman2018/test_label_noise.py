import numpy as np
import pandas as pd
import pytest

from spectral_bias.experiments.rahaman2018.label_noise import fig04, fig11
from spectral_bias.experiments.rahaman2018.label_noise import loss_panels as label_noise
from spectral_bias.reference import authors


def authors_as_ours(curve):
    """The authors' lower edges, which hold their minima, in the format of our measured tables."""
    parts = []
    for name, (frequency, beta) in label_noise.READINGS.items():
        read = authors("rahaman2018", name).query("curve == @curve")
        part = read[["iteration", "curve"]].assign(mse=read["mse_lower_edge"])
        parts += [part.assign(frequency=frequency, beta=beta, member=m) for m in (0, 1)]
    return {"label_noise_loss": pd.concat(parts, ignore_index=True)}


def curves(data, letter, source="ours"):
    rows = data[(data["panel"] == letter) & (data["source"] == source)]
    return {
        (None if np.isnan(frequency) else frequency, beta)
        for frequency, beta in zip(rows["frequency"], rows["beta"], strict=True)
    }


def test_panels_hold_their_curves_and_the_baseline(tables, context):
    data = fig04.drawn(tables, context)
    assert list(data.columns) == label_noise.COLUMNS
    betas, ks = (0.1, 0.25, 0.5, 0.75, 1.0), (0.05, 0.1, 0.2, 0.5, 1.0)
    assert curves(data, "a") == {(None, 0.0), *((0.1, beta) for beta in betas)}
    assert curves(data, "b") == {(None, 0.0), *((1.0, beta) for beta in betas)}
    assert curves(data, "c") == {(None, 0.0), *((k, 0.5) for k in ks)}
    assert curves(data, "d") == {(None, 0.0), *((k, 1.0) for k in ks)}


@pytest.mark.parametrize(("figure", "curve"), [(fig04, "validation"), (fig11, "training")])
def test_means_over_members_are_those_of_the_named_curve(figure, curve, context):
    rows = [(0, 0.1, 0.5, 7, "training", 1.0), (1, 0.1, 0.5, 7, "training", 2.0)]
    rows += [(0, 0.1, 0.5, 7, "validation", 5.0), (1, 0.1, 0.5, 7, "validation", 9.0)]
    columns = ["member", "frequency", "beta", "iteration", "curve", "mse"]
    data = figure.drawn({"label_noise_loss": pd.DataFrame(rows, columns=columns)}, context)
    ours = data[data["source"] == "ours"]
    expected = {"training": [1.5, 1, 2], "validation": [7, 5, 9]}[curve]
    assert set(ours["panel"]) == {"a", "c"}
    assert ours[["mse", "mse_low", "mse_high"]].drop_duplicates().to_numpy().tolist() == [expected]
    assert set(data["curve"]) == {curve}


def test_authors_lie_over_ours_on_mnist(tables, context):
    data = fig04.drawn(tables, context)
    assert curves(data, "a", "authors") == {(None, 0.0)}
    assert curves(data, "b", "authors") == {(None, 0.0), (1.0, 1.0)}
    assert curves(data, "d", "authors") == {(None, 0.0), (1.0, 1.0), (0.05, 1.0)}
    assert "e" not in set(data["panel"])
    dashed = [line for line in fig04.draw(data).axes[1].lines if line.is_dashed()]
    assert len(dashed) == 2


def test_authors_have_a_panel_of_their_own_on_other_data(tables, new_context):
    context = new_context(source="digits")
    data = fig04.drawn(tables, context)
    assert curves(data, "e", "authors") == {(None, 0.0), (1.0, 1.0), (0.05, 1.0)}
    assert set(data.loc[data["source"] == "authors", "panel"]) == {"e"}
    assert "compare the order" in fig04.facts(data, context)["authors_curves"]
    assert [entry.value for entry in fig04.agreement(data, context)] == [None] * 4


def test_the_authors_agree_with_themselves(context):
    data = fig04.drawn(authors_as_ours("validation"), context)
    at_k1, iteration, at_low_k, clean = fig04.agreement(data, context)
    assert [at_k1.value, iteration.value, at_low_k.value, clean.value] == [1, 0, 1, 1]
    # The minimum that the authors' picture shows: 0.0681 at iteration 203.
    assert "authors 0.06809 " in at_k1.meaning
    assert "authors 203 " in iteration.meaning
    assert iteration.unit == "iterations"


def test_agreement_measures_ratio_and_shift(context):
    tables = authors_as_ours("validation")
    loss = tables["label_noise_loss"]
    tables["label_noise_loss"] = loss.assign(mse=2 * loss["mse"], iteration=loss["iteration"] + 40)
    values = [entry.value for entry in fig04.agreement(fig04.drawn(tables, context), context)]
    assert values == pytest.approx([2, 40, 2, 2])


def test_a_missing_curve_is_said(context):
    tables = authors_as_ours("validation")
    loss = tables["label_noise_loss"]
    tables["label_noise_loss"] = loss[loss["frequency"] != 1.0]
    found = fig04.agreement(fig04.drawn(tables, context), context)
    assert [entry.value for entry in found] == [None, None, 1.0, 1.0]
    assert "no curve of ours" in found[0].meaning


def test_no_curve_is_cut_off_by_the_shared_axes(tables, context):
    loss = tables["label_noise_loss"]
    raised = loss.assign(mse=loss["mse"].where(loss["frequency"] != 0.05, 50 * loss["mse"]))
    data = fig04.drawn({"label_noise_loss": raised}, context)
    limits = {axes.get_ylim() for axes in fig04.draw(data).axes[:2]}
    assert len(limits) == 1
    low, high = limits.pop()
    assert low < data["mse"].min() and data["mse"].max() < high
