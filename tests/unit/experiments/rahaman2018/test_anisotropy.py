"""Decay by direction in two dimensions: settings, tables, claims, checks, figure 25."""

import numpy as np
import pandas as pd
import pytest
from rahaman_helpers import (
    assert_refused,
    assert_undecided,
    caption,
    check_results,
    context,
    drawing,
    results,
    section,
    table_of,
)

from spectral_bias.experiments.rahaman2018.anisotropy import fig25
from spectral_bias.experiments.rahaman2018.anisotropy.claims import CHECKS, CLAIMS
from spectral_bias.experiments.rahaman2018.anisotropy.measure import anisotropy_tables, strongest
from spectral_bias.spectra.exact import decay_exponent
from spectral_bias.spectra.planar import Facets

TINY = section("anisotropy", "tiny").model_dump()


# Settings
@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"networks": [{"depth": 2, "width": 8}]}, "networks.0.depth: Input should be greater"),
        ({"networks": [{"depth": 3, "width": 8}] * 2}, "networks: {'depth': 3, 'width': 8, 'activ"),
        ({"low": [50.0, 5.0]}, "low: 50 is not below 5"),
        ({"half_side": 0.0}, "half_side: Input should be greater than 0"),
        ({"per_band": 2}, "per_band: Input should be greater than or equal to 10"),
    ],
)
def test_bad_settings_are_one_line(values, said):
    assert_refused("anisotropy", values, said)


def test_nothing_is_trained():
    assert section("anisotropy").runs() == {}


# Tables
@pytest.fixture(scope="module")
def tables():
    return anisotropy_tables(TINY, seed=7)


def test_every_network_has_its_directions_in_both_bands(tables):
    exponents = tables["anisotropy_exponents"]
    counts = exponents.groupby(["depth", "width", "member", "band", "kind"]).size().unstack()
    assert len(counts) == 2 * TINY["n_networks"] * 2
    assert (counts["random"] == TINY["n_directions"]).all()
    assert (counts["normal"] <= TINY["n_facets"]).all() and (counts["normal"] >= 1).all()


def test_exponents_are_those_of_the_shown_spectra(tables):
    settings = TINY | {"low": [1.0, 1e6], "far": [2.0, 1e6], "per_band": 200}
    found = anisotropy_tables(settings, seed=7)
    rows = found["anisotropy_spectrum"].query("kind == 'normal' and direction == 1")
    slope = decay_exponent(rows["frequency"], rows["amplitude"])
    chosen = "kind == 'normal' and direction == 1 and member == 0 and band == 'low'"
    assert found["anisotropy_exponents"].query(chosen)["exponent"].iloc[0] == pytest.approx(slope)


def test_networks_have_seeds_of_their_own_and_the_same_seed_gives_the_same(tables):
    again = anisotropy_tables(TINY, seed=7)
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, again[name])
    exponents = tables["anisotropy_exponents"]
    assert exponents.query("kind == 'random' and band == 'far'")["angle"].is_unique
    # More networks leave the first ones as they are.
    more = anisotropy_tables(TINY | {"n_networks": 3}, seed=7)["anisotropy_exponents"]
    kept = more[more["member"] < 2].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, exponents)


def test_the_strongest_facets_are_bounded_and_of_different_direction():
    starts = np.array([[0.0, 0.0], [0.0, 0.5], [0.0, 0.0], [0.0, 0.0], [0.2, 0.0]])
    ends = np.array([[0.0, 0.4], [0.0, 1.0], [0.6, 0.0], [0.9, 0.3], [0.9, 0.7]])
    is_open = np.array([False, False, False, True, False])
    found = Facets(starts, ends, np.array([1.0, -2.0, 0.5, 9.0, 0.1]), np.zeros(5, bool), is_open)
    # 0 and 1 are parallel, 3 leaves the square: 1 (1.0), 2 (0.3), 4 (0.1).
    assert strongest(found, 5).tolist() == [1, 2, 4] and strongest(found, 2).tolist() == [1, 2]


# Claims and checks
def made_up(random=(-2.9, -3.0), normal=(-2.2, -2.0), members=6):
    """Exponents at low and at high frequencies, each network 0.01 apart from the next."""
    values = {"random": dict(zip(("low", "far"), random, strict=True))}
    values["normal"] = dict(zip(("low", "far"), normal, strict=True))
    table = table_of(
        "exponent",
        lambda kind, band, member, width, direction: (
            values[kind][band]
            + 0.01 * (member - (members - 1) / 2) * (1 if kind == "normal" else -1)
        ),
        kind=("random", "normal"),
        band=("low", "far"),
        member=range(members),
        width=(16, 32),
        direction=range(3),
    )
    return {"anisotropy_exponents": table.assign(depth=3, n_facets=100, angle=0.0)}


def verdicts(**changes):
    found = results(CLAIMS, made_up(**changes))
    return {name.removeprefix("anisotropy_"): r["verdict"] for name, r in found.items()}


def test_the_theorem_at_low_frequencies_holds():
    found = results(CLAIMS, made_up())
    assert {result["verdict"] for result in found.values()} == {"holds"}
    values = [found[claim.id]["value"] for claim in CLAIMS]
    assert values == pytest.approx([-2.9, -2.2, 0.7])
    assert {result["n_runs"] for result in found.values()} == {6}


def test_without_anisotropy_or_with_too_little_claims_fail():
    assert verdicts(random=(-2.3, -3.0)) == {
        "random_decay": "fails",
        "normal_decay": "holds",
        "of_decay": "fails",
    }
    assert verdicts(random=(-2.8, -3.0), normal=(-2.6, -2.0)) == {
        "random_decay": "holds",
        "normal_decay": "fails",
        "of_decay": "fails",
    }


def test_networks_with_few_facets_count_by_the_normals_that_they_have():
    tables = made_up()
    table = tables["anisotropy_exponents"]
    fewer = table[
        ~((table["kind"] == "normal") & (table["member"] == 1) & (table["direction"] > 0))
    ]
    found = results(CLAIMS, {"anisotropy_exponents": fewer})
    assert found["anisotropy_normal_decay"]["value"] == pytest.approx(-2.2)
    assert_undecided(CLAIMS, made_up(members=2), "2 value(s)")


def test_the_asymptotic_exponents_are_checks():
    found = check_results(CHECKS, made_up())
    assert [found[check.id]["result"] for check in CHECKS] == ["passes", "passes"]
    found = check_results(CHECKS, made_up(random=(-2.9, -2.6), normal=(-2.2, -2.4)))
    assert [found[check.id]["result"] for check in CHECKS] == ["does not pass"] * 2


# Figure
def test_figure_shows_one_network_and_the_exponents_of_all(tables):
    data = fig25.drawn(tables, context("tiny"))
    assert list(data.columns) == fig25.COLUMNS
    assert len(data[data["panel"] == "a"]) == len(tables["anisotropy_facets"])
    fitted = data[data["panel"] == "d"]
    assert len(fitted) == 2 * 2 * 2 and fitted["exponent_low"].isna().all()  # two networks
    far = fitted[(fitted["band"] == "far") & (fitted["kind"] == "normal")]
    np.testing.assert_allclose(far["exponent"], -2, atol=0.1)
    figure = drawing(fig25, data)
    assert len(figure.axes) == 4
    text = caption(fig25, tables, context("tiny"))
    assert "from 5 to 50" in text and "10,000 to 1,000,000" in text
    assert f"{len(tables['anisotropy_facets'])} facets" in text


def test_panel_b_has_median_and_spread_of_random_directions(tables):
    data = fig25.drawn(tables, context("tiny"))
    random = data[(data["panel"] == "b") & (data["kind"] == "random")]
    spectrum = tables["anisotropy_spectrum"].query("kind == 'random'")
    middle = spectrum.groupby("frequency")["amplitude"].median()
    np.testing.assert_allclose(random["amplitude"], middle)
    assert (random["amplitude_low"] < random["amplitude_high"]).all()
