"""The theory check, exact spectra over width and depth: settings, tables, claims, figure 23."""

import numpy as np
import pandas as pd
import pytest
import torch
from rahaman_helpers import (
    assert_refused,
    caption,
    check_results,
    context,
    drawing,
    results,
    section,
)
from torch.nn.utils import vector_to_parameters

from spectral_bias.errors import UserError
from spectral_bias.experiments.rahaman2018.theory import fig23
from spectral_bias.experiments.rahaman2018.theory.claims import CHECKS, CLAIMS
from spectral_bias.experiments.rahaman2018.theory.measure import (
    constants_table,
    random_parameters,
    theory_tables,
)
from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.models.batched import initial_parameters, network_layers
from spectral_bias.models.mlp import mlp
from spectral_bias.models.shape import NetworkShape
from spectral_bias.spectra.exact import exact_spectrum
from spectral_bias.spectra.piecewise_linear import affine_layers


# Settings
def test_both_series_meet_in_the_shared_network():
    found = section("theory", "quick", widths=[16, 64, 128], depths=[2, 3]).random_networks()
    shapes = [(shape["depth"], shape["width"]) for shape in found["shapes"]]
    assert shapes == [(2, 64), (3, 16), (3, 64), (3, 128)]


def test_one_run_for_each_trained_shape_and_nothing_of_the_random_networks_in_it():
    trained = {"trained_widths": [16, 64], "trained_depths": [3, 6]}
    found = section("theory", "quick", **trained).runs()
    assert set(found) == {
        f"theory_depth{shape}" for shape in ("3_width16", "3_width64", "6_width64")
    }
    run = found["theory_depth6_width64"]
    assert (run.training.depth, run.training.width) == (6, 64)
    assert run.target["amplitudes"] == [1.0] * len(run.target["frequencies"])
    random = {"n_random": 3, "weight_bound": 2.0, "weight_bounds": [2.0, 4.0], "widths": [64]}
    assert section("theory", "quick", **trained, **random).runs() == found


def test_frequencies_are_distinct_integers_evenly_spaced_in_log():
    values = {"max_frequency": 100_000, "n_frequencies": 51, "fit_from": 1000}
    k = section("theory", **values).measured_frequencies()
    assert k[0] == 1 and k[-1] == 100_000
    assert k == sorted(set(k)) and all(isinstance(value, int) for value in k)
    ratios = [after / before for before, after in zip(k[-20:-1], k[-19:], strict=True)]
    assert max(ratios) < 1.01 * min(ratios)


@pytest.mark.parametrize("scale", ["quick", "paper"])
def test_the_doubled_shapes_of_the_claim_are_measured_and_cost_alike(scale):
    found = section("theory", scale)
    depth, width = found.network.depth, found.network.width
    assert 2 * depth in found.depths and 2 * width in found.widths
    sizes = [
        NetworkShape(1, w, d).n_parameters for d, w in ((2 * depth, width), (depth, 2 * width))
    ]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.01)
    assert sizes == [16_833, 16_897]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"widths": [16, 32]}, "widths: network.width = 64 is not among them"),
        ({"trained_depths": [2]}, "trained_depths: network.depth = 3 is not among them"),
        ({"depths": [1, 3]}, "depths.0: Input should be greater than or equal to 2"),
        ({"fit_from": 200_000}, "fit_from: 0 frequencies lie between fit_from = 200000"),
        ({"weight_bound": 0.0}, "weight_bound: Input should be greater than 0"),
        ({"weight_bounds": [0.5, 2.0]}, "weight_bounds: weight_bound = 1 is not among them"),
        ({"weight_bounds": [1.0, 1.0]}, "weight_bounds: 1.0 is named twice"),
        ({"n_points": 8}, "frequencies: k = 4 is not below the Nyquist frequency"),
    ],
)
def test_bad_settings_are_one_line(values, said):
    assert_refused("theory", values, said, "quick")


# Tables
SHARED, DEEP = NetworkShape(1, 16, 3), NetworkShape(1, 16, 5)
K = np.unique(np.geomspace(1, 10_000, 60).round().astype(int))
OPTIONS = {"seed": 7, "n_random": 2, "weight_bound": 0.5, "frequencies": K, "fit_from": 500}


class Trained(FinishedRun):
    """A run that holds parameters alone."""

    shape = SHARED


def measured():
    run = Trained(None, {}, {}, {}, None)
    run.__dict__["parameters"] = initial_parameters(SHARED, [1, 2, 3], torch.float32)
    return theory_tables([run], [SHARED, DEEP], SHARED, **OPTIONS)


@pytest.fixture(scope="module")
def tables():
    return measured()


def test_networks_that_are_not_piecewise_linear_are_refused():
    shape = NetworkShape(1, 4, 3, "tanh")
    with pytest.raises(UserError, match="networks with tanh are not piecewise"):
        next(network_layers(initial_parameters(shape, [0], torch.float32), shape))


def test_every_network_has_one_row(tables):
    networks, _ = tables
    assert networks.groupby(["family", "depth"]).size().to_dict() == {
        **{("bounded", 3): 2, ("bounded", 5): 2, ("default", 3): 2, ("default", 5): 2},
        **{("hinge", 3): 1, ("hinge", 5): 1, ("trained", 3): 3},
    }
    assert (networks["width"] == 16).all()


def test_spectra_are_those_of_the_networks_of_the_shared_shape(tables):
    _, spectrum = tables
    assert set(spectrum["family"]) == {"default", "bounded", "trained"}
    rows = spectrum.query("family == 'trained' and member == 1")
    assert rows["frequency"].tolist() == K.tolist()
    # Measured in float64 on the float32 parameters of the run.
    wanted = exact_spectrum(mlp(1, 16, 3, 2), K)
    np.testing.assert_allclose(rows["amplitude"], wanted, rtol=1e-9)


def test_exponent_is_the_slope_over_high_frequencies(tables):
    networks, spectrum = tables
    for family in ("default", "bounded", "trained"):
        chosen = f"family == '{family}' and member == 1"
        row = networks.query(f"{chosen} and depth == 3").iloc[0]
        high = spectrum.query(f"{chosen} and frequency >= 500")
        slope = np.polyfit(np.log(high["frequency"]), np.log(high["amplitude"]), 1)[0]
        assert row["exponent"] == pytest.approx(slope)


def test_the_hinge_exceeds_every_bounded_network(tables):
    networks, _ = tables
    hinge = networks[networks["family"] == "hinge"].set_index("depth")
    assert hinge["constant"][3] == pytest.approx(0.5**3 * 16**2 / (2 * np.pi**2))
    bounded = networks[networks["family"] == "bounded"].groupby("depth")["constant"].max()
    assert (bounded < hinge["constant"]).all()
    assert hinge["exponent"].isna().all()


def test_constants_at_every_bound_are_those_of_the_same_networks(tables):
    found = constants_table([SHARED, DEEP], [0.5, 1.0], 2, 7)
    assert len(found) == 2 * 2 * 2
    networks, _ = tables
    index = ["depth", "width", "member"]
    bounded = networks[networks["family"] == "bounded"].set_index(index)["constant"]
    half = found[found["weight_bound"] == 0.5].set_index(index)["constant"]
    pd.testing.assert_series_equal(half, bounded[half.index])
    ratio = found[found["weight_bound"] == 1.0].set_index(index)["constant"] / half
    # Of three layers the largest constant would grow eightfold; biases make it less regular.
    assert (ratio > 1).all()


def test_no_exponent_below_the_number_of_breakpoints():
    networks, _ = theory_tables([], [SHARED], SHARED, **OPTIONS | {"fit_from": 3})
    many = networks["n_breakpoints"] >= 3
    assert many.any()
    assert networks.loc[many, "exponent"].isna().all()


def test_random_networks_have_their_own_seeds_and_their_family_s_weights():
    default = random_parameters("default", SHARED, 2, 7, 0.5)
    assert default.dtype == torch.float64 and not torch.equal(default[0], default[1])
    first = next(iter(network_layers(default, SHARED)))
    assert np.abs(first[1][0]).max() <= 1 / np.sqrt(16)
    bounded = random_parameters("bounded", SHARED, 2, 7, 0.5)
    assert 0.49 < bounded.abs().max() <= 0.5
    torch.testing.assert_close(bounded, random_parameters("bounded", SHARED, 3, 7, 0.5)[:2])
    assert not torch.equal(bounded, random_parameters("bounded", SHARED, 2, 8, 0.5))


def test_layers_of_a_row_are_those_of_the_module():
    network = mlp(1, 16, 5, 0, torch.float64)
    row = random_parameters("bounded", DEEP, 1, 0, 1.0)
    vector_to_parameters(row[0], network.parameters())
    pairs = zip(next(iter(network_layers(row, DEEP))), affine_layers(network), strict=True)
    for ours, module in pairs:
        np.testing.assert_array_equal(ours[0], module[0])
        np.testing.assert_array_equal(ours[1], module[1])


def test_the_same_seed_gives_the_same_tables(tables):
    for ours, theirs in zip(tables, measured(), strict=True):
        pd.testing.assert_frame_equal(ours, theirs)


# Claims
SHAPES = [(3, 16), (3, 32), (3, 64), (3, 128), (2, 64), (4, 64), (6, 64)]
CHECKED = ("random_decay", "trained_decay", "constant_grows_with_width")
GROWTH = {"bounded": (1.5, 4.0), "default": (0.5, 0.5), "trained": (0.3, 1.0)}
BOUNDS = {0.25: (1.5, 0.5), 0.5: (1.5, 3.5), 1.0: (1.5, 4.0)}
"""Growth of bounded networks by K; at width 64 signals grow from K = 0.31 on."""


def scatter(members, *shape):
    """Logarithms to base 2, of mean 0 and another order for each shape."""
    return np.roll(np.arange(members) - (members - 1) / 2, sum(shape) % 5)


def constants(power, factor, members, shapes):
    """One row for each network: C = width^p g^depth times a factor of its own."""
    return pd.DataFrame(
        {"depth": d, "width": w, "member": m, "constant": w**power * factor**d * 2.0**spread}
        for d, w in shapes
        for m, spread in enumerate(scatter(members, d, w))
    )


def made_up(growth=GROWTH, bounds=BOUNDS, exponent=-2.0, members=5, shapes=SHAPES):
    """Constants as in `constants`, exponents around one value."""
    networks = [
        constants(*grown, members, shapes).assign(family=family) for family, grown in growth.items()
    ]
    networks = pd.concat(networks, ignore_index=True)
    around = 0.01 * (networks["member"] - (members - 1) / 2)
    networks = networks.assign(n_breakpoints=10 + networks["member"], exponent=exponent + around)
    hinge = pd.DataFrame(
        {"depth": d, "width": w, "member": 0, "constant": w ** (d - 1.0)} for d, w in shapes
    )
    hinge = hinge.assign(family="hinge", n_breakpoints=1, exponent=np.nan)
    by_bound = [
        constants(*grown, members, shapes).assign(weight_bound=bound)
        for bound, grown in bounds.items()
    ]
    return {
        "theory_networks": pd.concat([networks, hinge], ignore_index=True),
        "theory_constants": pd.concat(by_bound, ignore_index=True),
    }


def bounded(power=1.5, factor=4.0, **options):
    return made_up(GROWTH | {"bounded": (power, factor)}, **options)


def at(bound, power, factor, **options):
    """With another growth at one K."""
    return made_up(bounds=BOUNDS | {bound: (power, factor)}, **options)


def trained(power, **options):
    return made_up(GROWTH | {"trained": (power, 1.0)}, **options)


def found_in(tables):
    return {name.removeprefix("theory_"): r for name, r in results(CLAIMS, tables).items()}


def verdicts(tables):
    return {name: result["verdict"] for name, result in found_in(tables).items()}


def checked(tables):
    return {
        name.removeprefix("theory_"): r["result"]
        for name, r in check_results(CHECKS, tables).items()
    }


def test_growth_is_recovered_at_the_least_favourable_bound_and_holds():
    widths = [(3, 2**n) for n in range(1, 10)]
    found = found_in(trained(0.9, shapes=[*widths, *SHAPES[4:]]))
    assert {result["verdict"] for result in found.values()} == {"holds"}
    assert {result["unit"] for result in found.values()} == {"networks (seeds)"}
    values = [found[name]["value"] for name in ("constant_grows_with_depth", "depth_over_width")]
    # The networks of one number do not follow the law, their means do.
    assert values == pytest.approx([3.5, 3.5**3 / 2**1.5], rel=1e-4)
    assert found["trained_constant_grows_with_width"]["value"] == pytest.approx(0.9, rel=1e-4)
    deep = found["constant_grows_with_depth"]
    assert "0.50 at K = 0.25" in deep["statistic"] and "on K = 0.5, 1" in deep["statistic"]
    assert found["depth_over_width"]["n_runs"] == 5


def test_what_is_certain_passes_with_its_number():
    found = check_results(CHECKS, made_up())
    assert {result["result"] for result in found.values()} == {"passes"}
    values = [found[f"theory_{name}"]["value"] for name in CHECKED]
    assert values == pytest.approx([-2, -2, 1.5], rel=1e-4)


@pytest.mark.parametrize(
    ("tables", "name", "verdict"),
    [
        (at(1.0, 1.5, 0.3), "constant_grows_with_depth", "fails"),
        (at(0.5, 1.5, 1.1), "constant_grows_with_depth", "not tested"),
        # Below the regime depth may do what it likes.
        (at(0.25, 1.5, 0.01), "constant_grows_with_depth", "holds"),
        (at(0.5, 6.0, 1.1), "depth_over_width", "fails"),
        (at(0.5, 3.0, 2.0), "depth_over_width", "not tested"),
        (trained(-2.0), "trained_constant_grows_with_width", "fails"),
        (trained(0.1), "trained_constant_grows_with_width", "not tested"),
    ],
)
def test_one_bound_or_training_decides(tables, name, verdict):
    assert verdicts(tables)[name] == verdict


def test_the_opposite_of_a_check_does_not_pass():
    opposite = bounded(-0.5, 0.5, exponent=-1.0)
    assert checked(opposite) == dict.fromkeys(CHECKED, "does not pass")


@pytest.mark.parametrize(
    ("tables", "ids", "said"),
    [
        (made_up(members=2), {claim.id[7:] for claim in CLAIMS}, "2 value(s)"),
        (made_up(shapes=SHAPES[:-1]), {"depth_over_width"}, "depth 6 or width 128 was not"),
        (made_up(shapes=[(3, 64)]), {"constant_grows_with_depth"}, "one depth only"),
        (
            made_up(bounds={0.25: (1.5, 0.5)}),
            {"constant_grows_with_depth", "depth_over_width"},
            "no K at which K sqrt(w / 6) > 1 was measured (width 64)",
        ),
    ],
)
def test_what_cannot_be_decided_is_said(tables, ids, said):
    found = results(CLAIMS, tables)
    for name in ids:
        assert found[f"theory_{name}"]["verdict"] == "not tested"
        assert said in found[f"theory_{name}"]["statistic"]


@pytest.mark.parametrize(
    ("tables", "ids", "said"),
    [
        (bounded(exponent=np.nan), {"random_decay", "trained_decay"}, "missing or not finite"),
        (bounded(power=-np.inf), {"constant_grows_with_width"}, "no kink at all"),
    ],
)
def test_a_check_without_numbers_says_why(tables, ids, said):
    found = check_results(CHECKS, tables)
    for name in ids:
        assert found[f"theory_{name}"]["result"] == "no data"
        assert said in found[f"theory_{name}"]["statistic"]


def test_without_networks_of_a_kind_there_is_no_data():
    found = checked(made_up({"trained": (0.0, 1.0)}))
    assert found["constant_grows_with_width"] == "no data"
    assert found["trained_decay"] == "passes"
    untrained = found_in(made_up({"bounded": (1.5, 4.0)}))["trained_constant_grows_with_width"]
    assert untrained["verdict"] == "not tested" and "no such network" in untrained["statistic"]


# Figure
CONTEXT = context()
SPECTRA = pd.concat(
    pd.DataFrame({"family": family, "member": m, "frequency": 10 ** np.arange(5)}).assign(
        amplitude=lambda rows, scale=scale: scale / rows["frequency"] ** 2.0
    )
    for family, scale in (("bounded", 1.0), ("default", 0.1), ("trained", 2.0))
    for m in (0, 1)
)


def drawn(tables=None, spectra=SPECTRA):
    return fig23.drawn((tables or made_up(members=4)) | {"theory_spectrum": spectra}, CONTEXT)


def test_spectra_of_one_network_each_with_the_bound_of_its_own_constant():
    data = drawn()
    assert list(data.columns) == fig23.COLUMNS
    rows = data[(data["panel"] == "a") & (data["family"] == "bounded")]
    assert rows["frequency"].tolist() == [1, 10, 100, 1000, 10_000]
    constant = 64**1.5 * 4**3 * 2 ** scatter(4, 3, 64)[0]
    np.testing.assert_allclose(rows["bound"], constant / rows["frequency"] ** 2.0)


def test_exponents_are_means_with_an_interval_that_holds_them():
    data = drawn()
    rows = data[data["panel"].isin(["b", "c"])]
    assert set(rows["family"]) == {"bounded", "default", "trained"}
    np.testing.assert_allclose(rows["exponent"], -2)
    assert ((rows["exponent_low"] < -2) & (rows["exponent_high"] > -2)).all()
    # Four values 0.01 apart; 3.182 is Student's t of three degrees of freedom.
    half = 3.182 * np.std(0.01 * np.arange(4), ddof=1) / np.sqrt(4)
    np.testing.assert_allclose(rows["exponent_high"] - rows["exponent"], half, rtol=1e-3)
    assert set(data.loc[data["panel"] == "b", "depth"]) == {3}
    assert set(data.loc[data["panel"] == "c", "width"]) == {64}


def test_constants_are_geometric_means_with_range_and_growth():
    data = drawn().set_index(["panel", "family"])
    row = data.loc[("d", "bounded")].query("width == 16").iloc[0]
    factors = row[["constant", "constant_low", "constant_high"]].to_numpy(float) / (16**1.5 * 4**3)
    np.testing.assert_allclose(factors, [1, 2**-1.5, 2**1.5])
    growth = data["growth"]
    expected = {("d", "bounded"): 1.5, ("e", "default"): 0.5, ("d", "hinge"): 2, ("e", "hinge"): 64}
    for series, value in expected.items():
        np.testing.assert_allclose(growth.loc[series], value)


def test_figure_names_growth_and_its_caption_what_the_other_networks_do():
    figure = drawing(fig23, drawn())
    assert len(figure.axes) == 5
    names = {text.get_text() for axes in figure.axes for text in axes.texts}
    assert {"$w^{1.5}$", r"$\times$4", r"$\times$64"} <= names
    text = caption(fig23, made_up(members=4) | {"theory_spectrum": SPECTRA}, CONTEXT)
    assert "random, default, C ~ width^0.50 and x 0.50 for each layer" in text
    assert "at most 13 breakpoints" in text and "paper scale" in text
    assert "other K: x 0.50 at K = 0.25, x 3.50 at K = 0.5)" in text


def test_few_networks_without_kinks_or_training_are_drawn_too():
    table = made_up(members=2)["theory_networks"].query("family != 'trained' and depth == 3").copy()
    table.loc[table["family"] != "hinge", ["constant", "exponent"]] = [0.0, np.nan]
    made = {
        "theory_networks": table,
        "theory_constants": constants(0.0, 0.0, 2, SHAPES).assign(weight_bound=1.0),
        "theory_spectrum": SPECTRA.query("family != 'trained'").assign(amplitude=0.0),
    }
    data = fig23.drawn(made, CONTEXT)
    assert np.isnan(data.loc[data["panel"] == "bounds", "growth"].item())
    others = data[data["family"] != "hinge"]
    assert others[["exponent_low", "growth"]].isna().all(axis=None)
    assert "no growth could be fitted" in caption(fig23, made, CONTEXT)
    drawing(fig23, data)
