"""Claims of the theory check on tables that obey them, violate them, and leave them open."""

import numpy as np
import pandas as pd
import pytest

from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments.rahaman2018.theory.claims import CLAIMS

SHAPES = [(3, 16), (3, 32), (3, 64), (3, 128), (2, 64), (4, 64), (6, 64)]
EXPONENTS = {"theory_random_decay", "theory_trained_decay"}


def networks(power=1.5, factor=4.0, exponent=-2.0, members=5, shapes=SHAPES):
    """C = width^power factor^depth for bounded networks, times what a member has of its own."""
    rng = np.random.default_rng(0)
    rows = [
        {
            "family": family,
            "depth": depth,
            "width": width,
            "member": member,
            "n_breakpoints": 9,
            "exponent": exponent + rng.normal(0, 0.02),
            "constant": width**power * factor**depth * (1 + member / 100),
        }
        for family in ("bounded", "default", "trained")
        for depth, width in shapes
        for member in range(members)
    ]
    hinge = {"family": "hinge", "depth": 3, "width": 16, "member": 0, "constant": 1e9}
    return {"theory_networks": pd.DataFrame([*rows, hinge])}


def results(tables):
    return {result["id"]: result for result in evaluate(CLAIMS, tables)}


def test_growth_is_recovered_and_holds():
    found = results(networks())
    assert {result["verdict"] for result in found.values()} == {"holds"}
    assert found["theory_constant_grows_with_width"]["value"] == pytest.approx(1.5, abs=1e-4)
    assert found["theory_constant_grows_with_depth"]["value"] == pytest.approx(4, abs=1e-4)
    ratio = found["theory_depth_over_width"]
    assert ratio["value"] == pytest.approx(4**3 / 2**1.5, rel=1e-4)
    assert "depth 6, width 64 over depth 3, width 128" in ratio["statistic"]
    assert found["theory_random_decay"]["value"] == pytest.approx(-2, abs=0.01)
    assert found["theory_trained_decay"]["n_runs"] == 5


def test_the_opposite_fails():
    found = results(networks(power=-0.5, factor=0.5, exponent=-1.0))
    assert found.pop("theory_depth_over_width")["verdict"] == "fails"
    assert {result["verdict"] for result in found.values()} == {"fails"}


def test_width_may_win():
    found = results(networks(power=3.0, factor=1.1))
    assert found["theory_constant_grows_with_depth"]["verdict"] == "holds"
    assert found["theory_depth_over_width"]["verdict"] == "fails"


def test_only_bounded_networks_decide_on_the_constant():
    tables = networks()
    other = tables["theory_networks"]["family"] != "bounded"
    tables["theory_networks"].loc[other, "constant"] = 1.0
    assert results(tables)["theory_depth_over_width"]["verdict"] == "holds"


@pytest.mark.parametrize(
    ("tables", "ids", "note"),
    [
        (networks(members=2), {claim.id for claim in CLAIMS}, "2 run(s)"),
        (networks(shapes=SHAPES[:-1]), {"theory_depth_over_width"}, "depth 6 or width 128 was not"),
        (networks(exponent=np.nan), EXPONENTS, "missing or not finite"),
        (networks(power=-np.inf), {"theory_constant_grows_with_width"}, "no kink at all"),
        (networks(shapes=[(3, 64)]), {"theory_constant_grows_with_depth"}, "one depth only"),
    ],
)
def test_what_cannot_be_decided_is_said(tables, ids, note):
    found = results(tables)
    for name in ids:
        assert found[name]["verdict"] == "not tested"
        assert note in found[name]["statistic"]


def test_without_bounded_networks_nothing_is_decided():
    tables = networks()
    table = tables["theory_networks"]
    tables["theory_networks"] = table[table["family"] == "trained"]
    found = results(tables)
    assert found["theory_constant_grows_with_width"]["verdict"] == "not tested"
    assert found["theory_trained_decay"]["verdict"] == "holds"
