"""Figures 19 and 22 on hand-made tables."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from spectral_bias.config.load import load_settings
from spectral_bias.experiments.rahaman2018.neighbours import fig22
from spectral_bias.experiments.rahaman2018.random_labels import fig19
from spectral_bias.figures import build, style
from tests.conftest import REPOSITORY

KINDS = ("manifold", "flat", "flat_stretched")


def context(scale="paper"):
    paper = load_settings({"scale": scale}, REPOSITORY).rahaman2018.model_dump()
    return {
        "scale": scale,
        "settings": {name: paper[name] for name in ("random_labels", "neighbours")},
    }


def random_label_tables(iterations=(0, 5, 10)):
    rows = [
        (kind, member, i, (rank + 1) * 0.1 * (1 + member) / (1 + i))
        for (rank, kind), member, i in product(enumerate(KINDS), (0, 1), iterations)
    ]
    lengths = [
        (kind, name, value * (rank + 1))
        for (rank, kind), (name, value) in product(
            enumerate(KINDS), [("norm", 6.0), ("spread", 3.0), ("nearest", 1.0)]
        )
    ]
    losses = [("manifold", "reconstruction_loss", 0.0123), ("manifold", "mean_image_loss", 0.0674)]
    return {
        "random_labels_loss": pd.DataFrame(rows, columns=["inputs", "member", "iteration", "mse"]),
        "random_labels_inputs": pd.DataFrame(
            lengths + losses, columns=["inputs", "quantity", "value"]
        ),
    }


def neighbour_tables(ks=(5, 10, 15, 20)):
    cells = [
        (k, member, f, lobes, 0.4 + k / 100 + member / 10)
        for k, member, f, lobes in product(ks, (0, 1), (50, 100), (0, 2, 4))
    ]
    models = [("network", np.nan), *(("neighbours", k) for k in ks)]
    radii = np.arange(1, 9) / 3.2
    zeta = [
        (*model, member, k, (member + 1) * k ** (-2.0 if model[0] == "network" else -0.5))
        for model, member, k in product(models, (0, 1), radii)
    ]
    fits = [
        (*model, member, -2.0 if model[0] == "network" else -0.5, 0.75, 0.6, 2.0)
        for model, member in product(models, (0, 1))
    ]
    names = ["model", "neighbours", "member"]
    return {
        "neighbours_accuracy": pd.DataFrame(
            cells, columns=["neighbours", "member", "frequency", "lobes", "accuracy"]
        ),
        "neighbours_spectrum": pd.DataFrame(zeta, columns=[*names, "wavenumber", "zeta"]),
        "neighbours_exponent": pd.DataFrame(
            fits, columns=[*names, "exponent", "accuracy", "fit_from", "fit_to"]
        ),
    }


def test_fig19_is_mean_and_range_over_runs_and_what_the_inputs_are():
    data = fig19.drawn(random_label_tables(), context())
    assert list(data.columns) == fig19.COLUMNS
    row = data.query("panel == 'a' and inputs == 'flat' and iteration == 5")
    np.testing.assert_allclose(
        row[["mse", "mse_low", "mse_high"]].to_numpy(float), [[0.05, 0.2 / 6, 0.4 / 6]]
    )
    assert (
        data.query("panel == 'b' and inputs == 'flat' and quantity == 'spread'").value.item() == 6
    )
    assert data["panel"].isna().sum() == 2  # of the caption alone


def test_fig19_draws_each_kind_of_inputs_once():
    with style.look():
        figure = fig19.draw(fig19.drawn(random_label_tables(), context()))
    losses, inputs = figure.axes
    assert [text.get_text() for text in losses.get_legend().get_texts()] == list(
        fig19.NAMES.values()
    )
    assert losses.get_yscale() == "log"
    heights = [bar.get_height() for bar in inputs.patches]
    assert heights == [6, 3, 1, 12, 6, 2, 18, 9, 3]


@pytest.mark.parametrize(
    ("scale", "said"), [("paper", "Settings are the paper's"), ("quick", "(paper 64)")]
)
def test_fig19_caption_states_quality_sizes_and_deviations(scale, said):
    data = fig19.drawn(random_label_tables(), context(scale))
    text = build.caption(fig19, data, context(scale))
    assert "mean squared error 0.0123" in text and "mean image has 0.0674" in text
    assert "are 0.50, 0.50 and 0.50 times those of the flat ones" in text
    assert "nearest distance is 0.33 times" in text and said in text
    assert ("depends on that choice" in text) == (scale == "quick")


def test_fig22_is_one_heatmap_for_each_k_and_one_curve_for_each_model():
    data = fig22.drawn(neighbour_tables(), context())
    assert list(data.columns) == fig22.COLUMNS
    cell = data.query("panel == 'b' and frequency == 100 and lobes == 2")
    assert (cell.neighbours.item(), cell.accuracy.item()) == (10, pytest.approx(0.55))
    line = data[(data["panel"] == "e") & (data["model"] == "network") & data["zeta"].notna()]
    assert len(line) == 8
    np.testing.assert_allclose(line["zeta_high"], 2 * line["zeta_low"])
    with style.look():
        figure = fig22.draw(data)
    axes = {ax.get_title(loc="left"): ax for ax in figure.axes if ax.get_title(loc="left")}
    (spectra,) = (ax for title, ax in axes.items() if "spectra" in title)
    labels = {text.get_text() for text in spectra.get_legend().get_texts()}
    assert labels == {"network", "$K = 5$", "$K = 10$", "$K = 15$", "$K = 20$"}
    assert len(spectra.lines) == 5
    maps = [
        rf"$\mathbf{{({letter})}}$ $K = {k}$"
        for letter, k in zip("abcd", (5, 10, 15, 20), strict=True)
    ]
    assert set(maps) < set(axes)


def test_fig22_with_fewer_and_with_more_k():
    few = fig22.drawn(neighbour_tables((5,)), context())
    with style.look():
        assert [text.get_text() for ax in fig22.draw(few).axes for text in ax.texts] == 3 * [
            "no further K"
        ]
    many = fig22.drawn(neighbour_tables((1, 2, 3, 4, 5)), context())
    assert set(many.loc[many["panel"] != "e", "neighbours"]) == {1, 2, 3, 4}
    assert 5 in set(many.loc[many["panel"] == "e", "neighbours"])


def test_fig22_caption_states_exponents_and_accuracies():
    data = fig22.drawn(neighbour_tables(), context())
    text = build.caption(fig22, data, context())
    assert "network -2.00; K = 5: -0.50, K = 10: -0.50" in text
    assert "lowest 0.50" in text and "training accuracy of 0.75" in text
    assert "(classifiers: 0.75 to 0.75)" in text and "Settings are the paper's" in text
