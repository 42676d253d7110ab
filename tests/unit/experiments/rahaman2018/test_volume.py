"""The volume check: settings, exact k_max, fractions, tails, claims and figure 24."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from scipy import stats

from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments.rahaman2018.volume import fig24
from spectral_bias.experiments.rahaman2018.volume.claims import (
    CLAIMS,
    SMALLEST_TAIL,
    decay_of_series,
    one_octave_up,
)
from spectral_bias.experiments.rahaman2018.volume.intervals import binomial_interval, tail_exponent
from spectral_bias.experiments.rahaman2018.volume.measure import (
    BATCH,
    frequency_grid,
    largest_of_cube,
    local_exponents,
    measured,
    random_layers,
    volume_tables,
)
from spectral_bias.experiments.rahaman2018.volume.settings import Volume
from spectral_bias.figures import style
from spectral_bias.figures.build import caption
from spectral_bias.spectra.exact import decay_constant, fourier_coefficients
from spectral_bias.spectra.piecewise_linear import piecewise_linear

SECTION = {
    "network": {"depth": 3, "width": 4},
    "weight_bound": 1.0,
    "widths": [2, 4],
    "depths": [2, 3, 5],
    "weight_bounds": [0.5, 1.0, 2.0],
    "narrow": {"depth": 8, "width": 3},
    "epsilons": [1e-5, 1e-3],
    "n_networks": 700,
    "per_octave": 4,
    "min_count": 5,
    "tail_from": [0.1, 0.02],
}
CONTEXT = {"scale": "small", "settings": {"volume": SECTION}}
KEY = ["family", "depth", "width", "weight_bound", "eps"]


def volume(**values):
    return Volume(**SECTION | values)


# Settings


def test_families_are_three_series_through_one_network_and_one_apart():
    families = volume().measurement()["families"]
    shapes = [tuple(family.values()) for family in families]
    assert shapes == [
        *(("series", 2, 4, 1.0), ("series", 3, 2, 1.0)),
        *(("series", 3, 4, 0.5), ("series", 3, 4, 1.0), ("series", 3, 4, 2.0)),
        *(("series", 5, 4, 1.0), ("narrow", 8, 3, 1.0)),
    ]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"widths": [2]}, "widths: network.width = 4 is not among them"),
        ({"depths": [2]}, "depths: network.depth = 3 is not among them"),
        ({"weight_bounds": [2.0]}, "weight_bounds: weight_bound = 1 is not among them"),
        ({"epsilons": [1e-3, 1e-3]}, "0.001 is named twice; name each once"),
        ({"narrow": {"depth": 5, "width": 4}}, "narrow: depth 5 and width 4 are among the series"),
        ({"n_networks": 200}, "200 networks leave 4 beyond tail_from = 0.02; at least min_count"),
        ({"tail_from": [1.0]}, "Input should be less than 1"),
        ({"depths": [1, 3]}, "Input should be greater than or equal to 2"),
        ({"epsilon": 1e-3}, "Extra inputs are not permitted"),
    ],
)
def test_bad_settings_are_one_line(values, said):
    with pytest.raises(ValidationError) as caught:
        volume(**values)
    (error,) = caught.value.errors()
    assert said in error["msg"] and "\n" not in error["msg"]


# k_max and fractions


@pytest.mark.parametrize(("depth", "width", "bound"), [(2, 5, 1.0), (3, 8, 2.0), (6, 4, 1.0)])
def test_highest_frequency_equals_a_search_through_all(depth, width, bound):
    family = {"depth": depth, "width": width, "weight_bound": bound}
    epsilons, grid = np.array([3e-6, 1e-3]), np.array([1, 2, 5, 40])
    sample = measured(family, epsilons, grid, 30, seed=4)
    (layers,) = random_layers(family, 30, seed=4)
    above = np.zeros((2, 4), dtype=int)
    for network in range(30):
        function = piecewise_linear([(weight[network], bias[network]) for weight, bias in layers])
        constant = decay_constant(function)
        assert sample.constants_N[network] == pytest.approx(constant, rel=1e-10)
        assert constant <= largest_of_cube(family)
        k = np.arange(1, max(40, int(np.sqrt(constant / epsilons[0]))) + 1)
        amplitude = np.abs(fourier_coefficients(function, k))
        for row, eps in enumerate(epsilons):
            exceeding = k[amplitude > eps]
            assert sample.highest_EN[row, network] == max(exceeding, default=0)
            above[row] += amplitude[grid - 1] > eps
    assert sample.above_EG.tolist() == above.tolist()
    assert sample.highest_EN.max() > 50


def test_a_larger_sample_begins_with_the_smaller_one():
    family, epsilons = {"depth": 3, "width": 3, "weight_bound": 1.0}, np.array([1e-4])
    small, large = (
        measured(family, epsilons, np.array([1]), n, seed=1) for n in (BATCH + 7, 2 * BATCH)
    )
    assert (large.highest_EN[:, : BATCH + 7] == small.highest_EN).all()
    assert (large.highest_EN[:, :BATCH] != large.highest_EN[:, BATCH:]).any()
    other = measured(family, epsilons, np.array([1]), BATCH + 7, seed=2)
    assert (other.highest_EN != small.highest_EN).any()


def single_unit_fraction(k, eps, bound):
    """P(k_max > k) of f(z) = a relu(w z + b) + c with a, w, b uniform in [-K, K].

    The kink lies in [0, 1] with probability 1/4, then uniformly, at beta, and
    |f~(k)| = |a w| |sin(pi k beta)| / (2 pi^2 k^2). Given beta, |w| / K has the density 2 w, so
    P(|a w| > x K^2) = (1 - x)^2.
    """
    beta = (np.arange(20_000) + 0.5) / 20_000
    further = np.arange(k + 1, int(np.sqrt(bound**2 / (2 * np.pi**2) / eps)) + 1)[:, None]
    with np.errstate(divide="ignore"):
        needed = 2 * np.pi**2 * further**2 * eps / bound**2 / np.abs(np.sin(np.pi * further * beta))
    smallest = needed.min(axis=0, initial=1.0)
    return ((1 - np.minimum(smallest, 1.0)) ** 2).mean() / 4


@pytest.mark.parametrize("bound", [1.0, 2.0])
def test_one_hidden_unit_follows_its_integral(bound):
    family, eps, n = {"depth": 2, "width": 1, "weight_bound": bound}, 1e-4, 40_000
    sample = measured(family, np.array([eps]), np.array([1]), n, seed=0)
    k = np.array([0, 1, 3, 8, 12, 16, 20] if bound == 1 else [2, 10, 20, 30, 40])
    expected = np.array([single_unit_fraction(value, eps, bound) for value in k])
    found = (sample.highest_EN[0] > k[:, None]).mean(axis=1)
    assert expected[0] > 0.2 and expected[-1] < 0.01
    error = np.sqrt(expected * (1 - expected) / n)
    assert (np.abs(found - expected) < 4 * error).all()


def test_grid_has_every_octave():
    grid = frequency_grid(8, 900.3)
    assert set(2 ** np.arange(10)) <= set(grid)
    assert grid[0] == 1 and grid[-1] >= 901 and (np.diff(grid) > 0).all()


@pytest.fixture(scope="module")
def tables():
    return volume_tables(volume().measurement(), seed=3)


def test_fractions_fall_to_zero_below_what_constants_and_bound_allow(tables):
    table = tables["volume_fraction"]
    assert len(table.groupby(KEY)) == 7 * 2
    assert (table["fraction"] <= table["allowed"]).all()
    assert (table["allowed"] <= table["bound"]).all()
    assert table["fraction"].between(table["low"], table["high"]).all()
    for _, curve in table.groupby(KEY):
        assert (np.diff(curve["count"]) <= 0).all()
        assert curve["count"].iloc[-1] == 0 and (curve["count"].iloc[:-1] > 0).all()
    # Whoever exceeds eps at k + 1 or above reaches beyond k.
    after = table.groupby(KEY)["count_at"].shift(-1, fill_value=0)
    assert (after <= table["count"]).all()


def test_tails_begin_where_they_should(tables):
    tails, curves = tables["volume_exponent"], tables["volume_fraction"]
    assert len(tails) == 7 * 2 * 2
    assert (tails["n_tail"] <= tails["tail_from"] * tails["n_networks"]).all()
    assert (tails["largest_constant"] <= tails["cube_constant"]).all()
    assert tails["tightness"].between(0, 1, inclusive="neither").all()
    narrow = tails[tails["family"] == "narrow"].iloc[0]
    shared = tails.query("depth == 3 and width == 4 and weight_bound == 1").iloc[0]
    assert narrow["log_spread"] > shared["log_spread"]
    assert narrow["n_linear"] > shared["n_linear"] > 0
    joined = curves.merge(tails, on=[*KEY, "n_networks"])
    before = joined[joined["frequency"] < joined["tail_start"]]
    assert (before["fraction"] > before["tail_from"]).all()


def test_same_seed_same_tables(tables):
    again = volume_tables(volume().measurement(), seed=3)
    for name, table in tables.items():
        pd.testing.assert_frame_equal(again[name], table)


# Intervals and exponents


@pytest.mark.parametrize("level", [0.95, 0.999])
def test_binomial_intervals_are_those_of_clopper_and_pearson(level):
    count = np.array([0, 1, 17, 99, 100])
    low, high = binomial_interval(count, 100, level)
    for place, k in enumerate(count):
        wanted = stats.binomtest(k, 100).proportion_ci(level, method="exact")
        assert (low[place], high[place]) == pytest.approx((wanted.low, wanted.high), abs=1e-12)


@pytest.mark.parametrize(("start", "exponent"), [(1, -2.0), (7, -3.0), (100, -12.0)])
def test_tail_of_a_power_law_is_recovered_with_its_error(start, exponent):
    rng = np.random.default_rng(0)
    found = []
    for _ in range(60):
        beyond = np.ceil(start * rng.uniform(size=2000) ** (1 / exponent)).astype(int)
        found.append(tail_exponent(np.append(beyond, np.full(500, start)), start))
    exponents, errors = np.array(found).T
    assert abs(exponents.mean() - exponent) < 4 * errors.mean() / np.sqrt(60)
    assert errors.mean() == pytest.approx(exponents.std(), rel=0.3)


@pytest.mark.parametrize("highest", [[], [9, 9], [5, 5, 5, 5, 2]])
def test_tails_that_show_no_decay_are_empty(highest):
    assert np.isnan(tail_exponent(np.array(highest, dtype=int), 4)).all()


def test_local_exponents_of_a_power_law():
    k = frequency_grid(4, 256)
    count = np.round(1e9 * k**-3.0).astype(int)
    found = local_exponents(k, count, min_count=1000)
    known = np.isfinite(found["exponent"])
    np.testing.assert_allclose(found["exponent"][known], -3, atol=0.01)
    assert (found["exponent_low"][known] < found["exponent"][known]).all()
    assert (found["exponent_high"][known] > found["exponent"][known]).all()
    assert not known[count < 1000].any() and not known[-1]
    assert known[(count >= 1000) & (k < 200)].all()


def test_local_exponents_need_networks_on_both_ends():
    found = local_exponents(np.array([8, 16, 32]), np.array([100, 50, 0]), min_count=10)
    assert found["exponent"][0] == pytest.approx(-1)
    assert np.isnan(found["exponent"][1:]).all()


# Claims


def made_up(far_out=-4.0, exponent=-6.0, error=0.1, at_exponent=-3.0, with_bound=2.0, n=100_000):
    """Tables of power laws: fraction and fraction at k fall like powers, K moves the former."""
    shapes = [("series", d, w, b) for d, w, b in [(3, 8, 0.5), (3, 8, 1.0), (3, 8, 2.0)]]
    shapes += [("series", 2, 8, 1.0), ("narrow", 9, 4, 1.0)]
    k = frequency_grid(4, 1e3)
    fractions, tails = [], []
    for shape in shapes:
        key = dict(zip(KEY, (*shape, 1e-3), strict=True)) | {"n_networks": n, "n_linear": n // 5}
        fraction = np.minimum(0.8, shape[3] ** with_bound * 2.0 * k**-3.0)
        at_k = np.clip(0.3 * (k / 2.0) ** at_exponent, 0, 0.8)
        curve = {"frequency": k, "count": fraction * n, "count_at": at_k * n}
        curve = pd.DataFrame(curve).round().astype(int)
        curve["fraction"] = curve["count"] / n
        curve["bound"], curve["low"], curve["high"] = 1.0, curve["fraction"], curve["fraction"]
        for name in ("exponent", "exponent_low", "exponent_high"):
            curve[name] = -3.0
        fractions.append(curve.assign(**key)[: int((curve["count"] > 0).sum()) + 1])
        for part in (0.1, 0.01):
            slow = exponent if shape[0] == "series" else -1.0
            row = {"exponent": slow if part == 0.1 else far_out, "exponent_error": error}
            tails.append(key | {"tail_from": part, "tail_start": 9, "n_tail": 500} | row)
    return {"volume_fraction": pd.concat(fractions), "volume_exponent": pd.DataFrame(tails)}


def results(tables):
    return {result["id"]: result for result in evaluate(CLAIMS, tables)}


def test_steep_decay_holds_and_a_slow_narrow_tail_counts_far_out_only():
    found = results(made_up())
    assert {result["verdict"] for result in found.values()} == {"holds"}
    assert found["volume_decay"]["value"] == -6
    assert found["volume_decay_far_out"]["value"] == -4
    assert found["volume_at_single_frequencies"]["value"] == pytest.approx(2**-3.0, rel=0.05)
    # At k = 2: 0.25 of the cube with K = 1, all that have a kink of that with K = 2.
    assert found["volume_grows_with_weights"]["value"] == pytest.approx(0.8 / 0.25)
    assert "4 of 4 tails from a fraction of 0.1 on" in found["volume_decay"]["statistic"]
    assert found["volume_decay"]["n_runs"] == 100_000


def test_slow_decay_and_a_cube_of_no_effect_do_not_hold():
    found = results(made_up(far_out=-1.5, exponent=-1.5, at_exponent=0.5, with_bound=-1.0))
    assert {result["verdict"] for result in found.values()} == {"fails"}
    flat = results(made_up(exponent=-2.05, with_bound=0.0))
    assert flat["volume_grows_with_weights"]["verdict"] == "not tested"
    assert flat["volume_decay"]["verdict"] == "not tested"


def test_the_least_favourable_tail_decides_with_its_interval():
    tables = made_up()
    tails = tables["volume_exponent"]
    tails.loc[tails.query("depth == 2 and tail_from == 0.1").index, "exponent"] = -1.0
    found = results(tables)["volume_decay"]
    assert found["verdict"] == "fails" and "depth 2, width 8, K = 1" in found["statistic"]
    assert found["ci_high"] == pytest.approx(-1 + 1.96 * 0.1, abs=1e-3)
    joint = stats.norm.ppf(1 - 0.025 / 4)
    assert found["ci_low"] == pytest.approx(-np.exp(joint * 0.1), abs=1e-3)


def test_a_larger_ratio_at_one_frequency_decides():
    tables = made_up()
    table = tables["volume_fraction"]
    chosen = (table["depth"] == 2) & (table["frequency"] == 16)
    table.loc[chosen, "count_at"] = 30_000
    found = results(tables)["volume_at_single_frequencies"]
    assert found["verdict"] == "fails" and "k = 8" in found["statistic"]


@pytest.mark.parametrize(
    ("change", "ids", "note"),
    [
        (
            lambda t: t["volume_exponent"].__setitem__("exponent", np.nan),
            {"volume_decay", "volume_decay_far_out"},
            "no tail was resolved",
        ),
        (
            lambda t: t["volume_exponent"].__setitem__("n_tail", 99),
            {"volume_decay", "volume_decay_far_out"},
            "no tail was resolved",
        ),
        (
            lambda t: t["volume_fraction"].__setitem__("count_at", 50),
            {"volume_at_single_frequencies"},
            "no fraction is both resolved and at most 1/2",
        ),
        (
            lambda t: t.__setitem__("volume_fraction", t["volume_fraction"].query("depth != 3")),
            {"volume_grows_with_weights"},
            "one weight bound only",
        ),
    ],
)
def test_what_cannot_be_decided_is_said(change, ids, note):
    tables = made_up()
    change(tables)
    found = results(tables)
    for name in ids:
        assert found[name]["verdict"] == "not tested" and note in found[name]["statistic"]


LIMIT = 0.025 + 3 * np.sqrt(0.025 * 0.975 / 300)
"""Intervals of 95 % that may lie on one side of the truth, of 300."""


@pytest.mark.parametrize("tails", [1, 12])
def test_intervals_of_the_slowest_tail_are_wrong_on_either_side_as_rarely_as_they_say(tails):
    """Equal tails of the fewest networks, each of a power law with the exponent -2."""
    rng = np.random.default_rng(0)
    shape = {"family": "series", "depth": 3, "width": 8, "weight_bound": 1.0, "eps": 1e-3}
    row = shape | {"tail_from": 0.1, "n_tail": SMALLEST_TAIL, "n_networks": 10_000}
    found = []
    for _ in range(300):
        highest = np.ceil(5 / np.sqrt(rng.uniform(size=(tails, SMALLEST_TAIL)))).astype(int)
        fits = pd.DataFrame([tail_exponent(k, 5) for k in highest])
        table = fits.set_axis(["exponent", "exponent_error"], axis=1).assign(**row)
        found.append(decay_of_series({"volume_exponent": table}))
    assert np.mean([each.ci_low > -2 for each in found]) <= LIMIT
    assert np.mean([each.ci_high < -2 for each in found]) <= LIMIT


@pytest.mark.parametrize("ratio", [1.0, 0.5])
def test_intervals_of_a_ratio_are_wrong_on_either_side_as_rarely_as_they_say(ratio):
    rng = np.random.default_rng(0)
    shape = {"depth": 3, "width": 8, "weight_bound": 1.0, "eps": 1e-3}
    found = []
    for before, after in rng.binomial(5000, [0.05, 0.05 * ratio], (300, 2)):
        table = pd.DataFrame({"frequency": [1, 2], "count_at": [before, after]})
        table = table.assign(**shape, n_networks=5000, n_linear=0)
        found.append(one_octave_up({"volume_fraction": table}))
    assert np.mean([each.ci_low > ratio for each in found]) <= LIMIT
    assert np.mean([each.ci_high < ratio for each in found]) <= LIMIT
    assert np.mean([each.value for each in found]) == pytest.approx(ratio, rel=0.05)


def test_claims_read_measured_tables(tables):
    for result in results(tables).values():
        assert result["n_runs"] == 700
        assert result["value"] is not None or "resolved" in result["statistic"]


# Figure


def test_figure_shows_the_shared_network_the_ends_of_each_series_and_the_narrow_one(tables):
    data = fig24.drawn(tables, CONTEXT)
    assert list(data.columns) == fig24.COLUMNS
    assert set(data.loc[data["panel"] == "a", "eps"]) == {1e-5, 1e-3}
    assert set(data.loc[data["panel"] != "a", "eps"]) == {1e-5}
    labels = data.loc[data["panel"] == "b", "label"].drop_duplicates().tolist()
    assert labels == [
        *("depth 3, width 4, K = 1", "width 2", "depth 2", "depth 5", "K = 0.5", "K = 2"),
        "depth 8, width 3",
    ]
    tails = data[data["panel"] == "d"].groupby("label").size().to_dict()
    assert tails == {"width": 4, "depth": 6, "weight_bound": 6, "narrow": 2}
    curve = data[(data["panel"] == "a") & (data["label"] == "shared")]
    assert (curve["count"] > 0).all()
    assert (curve["resolved"] == (curve["count"] >= 5)).all()


def test_bound_is_drawn_from_one_to_one_network_in_all(tables):
    data = fig24.drawn(tables, CONTEXT)
    mean = tables["volume_exponent"].query("depth == 3 and width == 4 and weight_bound == 1")
    mean = mean["mean_constant"].iloc[0]
    ends = data[data["label"] == "bound"]
    np.testing.assert_allclose(ends["bound"] * ends["eps"] * (ends["frequency"] + 1) ** 2, mean)
    assert sorted(set(ends["bound"])) == [1 / 700, 1]


def test_caption_states_exponents_and_where_they_pass_the_bound():
    tables = made_up()
    context = {"scale": "small", "settings": {"volume": SECTION | {"network": SHARED}}}
    data = fig24.drawn(tables, context)
    text = caption(fig24, data, context)
    assert "faster than k^-2 from a fraction of 0.8 on, with tails of -6.0 from 0.1 on" in text
    assert "(depth 9, width 4) has -1.0 from 0.1 on and -4.0 from 0.01 on" in text
    assert "  " not in text and text.endswith(".")


SHARED = {"depth": 3, "width": 8}


def test_only_what_is_in_the_table_is_drawn(tables, tmp_path):
    fig24.drawn(tables, CONTEXT).to_csv(tmp_path / "drawn.csv", index=False)
    with style.look():
        figure = fig24.draw(pd.read_csv(tmp_path / "drawn.csv"))
        figure.draw_without_rendering()
    assert len(figure.axes) == 4
    assert all(axes.has_data() for axes in figure.axes)
    names = {text.get_text() for text in figure.axes[1].get_legend().get_texts()}
    assert {"width 2", "K = 0.5", "depth 8, width 3"} <= names


def test_unresolved_tails_and_exponents_are_drawn_too(tables):
    few = {name: table.copy() for name, table in tables.items()}
    few["volume_exponent"][["exponent", "exponent_error"]] = np.nan
    few["volume_fraction"][["exponent", "exponent_low", "exponent_high"]] = np.nan
    few = {name: table[table["family"] == "series"] for name, table in few.items()}
    data = fig24.drawn(few, CONTEXT)
    assert "from no resolved fraction on" in caption(fig24, data, CONTEXT)
    with style.look():
        fig24.draw(data).draw_without_rendering()
