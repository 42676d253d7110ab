"""The theory check, exact spectra over width and depth: settings, tables, claims, figure 23."""

import numpy as np
import pandas as pd
import pytest
import torch
from rahaman_helpers import assert_refused, caption, context, drawing, results, section
from torch.nn.utils import vector_to_parameters

from spectral_bias.errors import UserError
from spectral_bias.experiments.rahaman2018.theory import fig23
from spectral_bias.experiments.rahaman2018.theory.claims import CLAIMS
from spectral_bias.experiments.rahaman2018.theory.measure import (
    network_layers,
    random_parameters,
    theory_tables,
)
from spectral_bias.measurements.ensemble import FinishedRun
from spectral_bias.models.batched import NetworkShape, initial_parameters
from spectral_bias.models.mlp import relu_mlp
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
    random = {"n_random": 3, "weight_bound": 2.0, "widths": [64]}
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
    wanted = exact_spectrum(relu_mlp(1, 16, 3, 2), K)
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
    network = relu_mlp(1, 16, 5, 0, torch.float64)
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
GROWTH = {"bounded": (1.5, 4.0), "default": (0.5, 0.5), "trained": (0.0, 1.0)}


def made_up(growth=GROWTH, exponent=-2.0, members=5, shapes=SHAPES):
    """C = width^p g^depth times a factor of each member's own, exponents around one value."""
    rows = [
        {
            **{"family": family, "depth": depth, "width": width, "member": member},
            "n_breakpoints": 10 + member,
            "exponent": exponent + 0.01 * (member - (members - 1) / 2),
            "constant": width**power * factor**depth * 2.0 ** (member - (members - 1) / 2),
        }
        for family, (power, factor) in growth.items()
        for depth, width in shapes
        for member in range(members)
    ]
    hinge = {"family": "hinge", "member": 0, "n_breakpoints": 1}
    rows += [
        hinge | {"depth": depth, "width": width, "constant": width ** (depth - 1.0)}
        for depth, width in shapes
    ]
    return {"theory_networks": pd.DataFrame(rows)}


def bounded(power=1.5, factor=4.0, **options):
    return made_up(GROWTH | {"bounded": (power, factor)}, **options)


def verdicts(tables):
    return {
        name.removeprefix("theory_"): r["verdict"] for name, r in results(CLAIMS, tables).items()
    }


def test_growth_is_recovered_and_holds():
    found = {name.removeprefix("theory_"): r for name, r in results(CLAIMS, made_up()).items()}
    assert {result["verdict"] for result in found.values()} == {"holds"}
    values = {name: result["value"] for name, result in found.items()}
    assert values == pytest.approx(
        {
            **{"constant_grows_with_width": 1.5, "constant_grows_with_depth": 4},
            **{"depth_over_width": 4**3 / 2**1.5, "random_decay": -2, "trained_decay": -2},
        },
        rel=1e-4,
    )
    assert "depth 6, width 64 over depth 3, width 128" in found["depth_over_width"]["statistic"]
    assert found["trained_decay"]["n_runs"] == 5


def test_the_opposite_fails_and_width_may_win():
    assert set(verdicts(bounded(-0.5, 0.5, exponent=-1.0)).values()) == {"fails"}
    wide = verdicts(bounded(3.0, 1.1))
    assert (wide["constant_grows_with_depth"], wide["depth_over_width"]) == ("holds", "fails")


@pytest.mark.parametrize(
    ("tables", "ids", "said"),
    [
        (bounded(members=2), {claim.id[7:] for claim in CLAIMS}, "2 run(s)"),
        (bounded(shapes=SHAPES[:-1]), {"depth_over_width"}, "depth 6 or width 128 was not"),
        (bounded(exponent=np.nan), {"random_decay", "trained_decay"}, "missing or not finite"),
        (bounded(power=-np.inf), {"constant_grows_with_width"}, "no kink at all"),
        (bounded(shapes=[(3, 64)]), {"constant_grows_with_depth"}, "one depth only"),
    ],
)
def test_what_cannot_be_decided_is_said(tables, ids, said):
    found = results(CLAIMS, tables)
    for name in ids:
        assert found[f"theory_{name}"]["verdict"] == "not tested"
        assert said in found[f"theory_{name}"]["statistic"]


def test_without_bounded_networks_their_claims_are_not_decided():
    found = verdicts(made_up({"trained": (0.0, 1.0)}))
    assert found["constant_grows_with_width"] == "not tested"
    assert found["trained_decay"] == "holds"


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
    np.testing.assert_allclose(rows["bound"], 64**1.5 * 4**3 * 2**-1.5 / rows["frequency"] ** 2.0)


def test_exponents_are_means_with_an_interval_that_holds_them():
    data = drawn()
    rows = data[data["panel"].isin(["b", "c"])]
    assert set(rows["family"]) == {"bounded", "default", "trained"}
    np.testing.assert_allclose(rows["exponent"], -2)
    assert ((rows["exponent_low"] < -2) & (rows["exponent_high"] > -2)).all()
    assert (rows["exponent_high"] - rows["exponent_low"] < 0.03).all()
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


def test_few_networks_without_kinks_or_training_are_drawn_too():
    table = made_up(members=2)["theory_networks"].query("family != 'trained' and depth == 3").copy()
    table.loc[table["family"] != "hinge", ["constant", "exponent"]] = [0.0, np.nan]
    made = {
        "theory_networks": table,
        "theory_spectrum": SPECTRA.query("family != 'trained'").assign(amplitude=0.0),
    }
    data = fig23.drawn(made, CONTEXT)
    others = data[data["family"] != "hinge"]
    assert others[["exponent_low", "growth"]].isna().all(axis=None)
    assert "no growth could be fitted" in caption(fig23, made, CONTEXT)
    drawing(fig23, data)
