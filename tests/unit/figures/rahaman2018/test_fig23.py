"""Figure 23 on hand-made tables."""

import numpy as np
import pandas as pd
import pytest

from spectral_bias.experiments.rahaman2018.theory import fig23
from spectral_bias.figures import style
from spectral_bias.figures.build import caption

SETTINGS = {
    "network": {"depth": 3, "width": 64},
    "weight_bound": 1.0,
    "n_random": 4,
    "n_runs": 4,
    "n_points": 40,
    "frequencies": [1, 2],
    "learning_rate": 1e-3,
    "iterations": 100,
    "fit_from": 1000,
    "max_frequency": 10_000,
}
CONTEXT = {"scale": "small", "settings": {"theory": SETTINGS}}
SHAPES = [(3, 16), (3, 64), (3, 256), (2, 64), (4, 64)]
K = np.array([1, 10, 100, 1000, 10_000])


def networks(members=4):
    """C = width^p g^depth of each family, exponents around -2."""
    growth = {"bounded": (1.5, 4.0), "default": (0.5, 0.5), "trained": (0.0, 1.0)}
    rows = [
        {
            **{"family": family, "depth": depth, "width": width, "member": member},
            "n_breakpoints": 10 + member,
            "exponent": -2 + 0.01 * (member - 1.5),
            "constant": width**power * factor**depth * 2.0 ** (member - 1.5),
        }
        for family, (power, factor) in growth.items()
        for depth, width in SHAPES
        for member in range(members)
    ]
    hinge = [
        {
            **{"family": "hinge", "depth": depth, "width": width, "member": 0},
            **{"n_breakpoints": 1, "exponent": np.nan, "constant": width ** (depth - 1.0)},
        }
        for depth, width in SHAPES
    ]
    return pd.DataFrame([*rows, *hinge])


def spectra():
    parts = [
        pd.DataFrame(
            {"family": family, "member": member, "frequency": K, "amplitude": scale / K**2.0}
        )
        for family, scale in (("bounded", 1.0), ("default", 0.1), ("trained", 2.0))
        for member in range(2)
    ]
    return pd.concat(parts, ignore_index=True)


def make(members=4):
    return {"theory_networks": networks(members), "theory_spectrum": spectra()}


def test_spectra_of_one_network_each_with_the_bound_of_its_own_constant():
    data = fig23.drawn(make(), CONTEXT)
    assert list(data.columns) == fig23.COLUMNS
    rows = data[(data["panel"] == "a") & (data["family"] == "bounded")]
    assert rows["frequency"].tolist() == K.tolist()
    constant = 64**1.5 * 4**3 * 2**-1.5
    np.testing.assert_allclose(rows["bound"], constant / K**2.0)


def test_exponents_are_means_with_an_interval_that_holds_them():
    data = fig23.drawn(make(), CONTEXT)
    rows = data[data["panel"].isin(["b", "c"])]
    assert set(rows["family"]) == {"bounded", "default", "trained"}
    np.testing.assert_allclose(rows["exponent"], -2)
    assert ((rows["exponent_low"] < -2) & (rows["exponent_high"] > -2)).all()
    assert (rows["exponent_high"] - rows["exponent_low"] < 0.03).all()
    assert set(data.loc[data["panel"] == "b", "depth"]) == {3}
    assert set(data.loc[data["panel"] == "c", "width"]) == {64}


def test_constants_are_geometric_means_with_range_and_growth():
    data = fig23.drawn(make(), CONTEXT).set_index(["panel", "family"])
    row = data.loc[("d", "bounded")].query("width == 16").iloc[0]
    middle = 16**1.5 * 4**3
    assert row["constant"] == pytest.approx(middle)
    assert (row["constant_low"], row["constant_high"]) == pytest.approx(
        (middle * 2**-1.5, middle * 2**1.5)
    )
    growth = data["growth"]
    np.testing.assert_allclose(growth.loc[("d", "bounded")], 1.5)
    np.testing.assert_allclose(growth.loc[("e", "default")], 0.5)
    np.testing.assert_allclose(growth.loc[("d", "hinge")], 2)
    np.testing.assert_allclose(growth.loc[("e", "hinge")], 64)


def test_caption_says_what_the_other_networks_do():
    data = fig23.drawn(make(), CONTEXT)
    text = caption(fig23, data, CONTEXT)
    assert "random, default, C ~ width^0.50 and x 0.50 for each layer" in text
    assert "at most 13 breakpoints" in text and "small scale" in text
    assert "  " not in text and text.endswith(".")


def test_only_what_is_in_the_table_is_drawn(tmp_path):
    drawn = fig23.drawn(make(), CONTEXT)
    drawn.to_csv(tmp_path / "drawn.csv", index=False)
    with style.look():
        figure = fig23.draw(pd.read_csv(tmp_path / "drawn.csv"))
        figure.draw_without_rendering()
    assert len(figure.axes) == 5
    assert all(axes.has_data() for axes in figure.axes)
    names = {text.get_text() for axes in figure.axes for text in axes.texts}
    assert {"$w^{1.5}$", r"$\times$4", r"$\times$64"} <= names


def test_few_networks_without_kinks_or_training_are_drawn_too():
    tables = make(members=2)
    table = tables["theory_networks"].query("family != 'trained' and depth == 3").copy()
    table.loc[table["family"] != "hinge", ["constant", "exponent"]] = [0.0, np.nan]
    tables["theory_networks"] = table
    tables["theory_spectrum"] = spectra().query("family != 'trained'").assign(amplitude=0.0)
    data = fig23.drawn(tables, CONTEXT)
    others = data[data["family"] != "hinge"]
    assert others[["exponent_low", "growth"]].isna().all(axis=None)
    assert "no growth could be fitted" in caption(fig23, data, CONTEXT)
    with style.look():
        fig23.draw(data).draw_without_rendering()
