"""Tables of the theory check against networks that are evaluated one by one."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch.nn.utils import vector_to_parameters

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

SHARED, DEEP = NetworkShape(1, 16, 3), NetworkShape(1, 16, 5)
K = np.unique(np.geomspace(1, 10_000, 60).round().astype(int))
OPTIONS = {"seed": 7, "n_random": 2, "weight_bound": 0.5, "frequencies": K, "fit_from": 500}


class Trained(FinishedRun):
    """A run that holds parameters alone."""

    shape = SHARED


def trained():
    run = Trained(None, {}, {}, {}, None)
    run.__dict__["parameters"] = initial_parameters(SHARED, [1, 2, 3], torch.float32)
    return run


@pytest.fixture(scope="module")
def tables():
    return theory_tables([trained()], [SHARED, DEEP], SHARED, **OPTIONS)


def test_every_network_has_one_row(tables):
    networks, _ = tables
    counts = networks.groupby(["family", "depth"]).size().to_dict()
    assert counts == {
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
    hinge = networks[networks["family"] == "hinge"].set_index("depth")["constant"]
    assert hinge[3] == pytest.approx(0.5**3 * 16**2 / (2 * np.pi**2))
    bounded = networks[networks["family"] == "bounded"].groupby("depth")["constant"].max()
    assert (bounded < hinge).all()
    assert networks.loc[networks["family"] == "hinge", "exponent"].isna().all()


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
    for ours, module in zip(
        next(iter(network_layers(row, DEEP))), affine_layers(network), strict=True
    ):
        np.testing.assert_array_equal(ours[0], module[0])
        np.testing.assert_array_equal(ours[1], module[1])


def test_the_same_seed_gives_the_same_tables(tables):
    again = theory_tables([trained()], [SHARED, DEEP], SHARED, **OPTIONS)
    for ours, theirs in zip(tables, again, strict=True):
        pd.testing.assert_frame_equal(ours, theirs)
