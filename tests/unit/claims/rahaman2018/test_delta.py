"""The claims on a delta, on tables made to obey them, to violate them, and to leave them open."""

import numpy as np
import pandas as pd
import pytest

from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments.rahaman2018.delta.claims import CLAIMS, high_shares
from spectral_bias.statistics import UndecidedError

PARAMETERS = {(3, 16): 321, (6, 16): 1137, (3, 32): 1153, (3, 64): 4353, (3, 128): 16897}
SPREAD = (0.9, 1.0, 1.05, 1.05)


def sweep(varied, shares, spread=SPREAD, parameters=None):
    """Share that is constant over training: value of the sweep → mean over members."""
    rows = []
    for value, share in shares.items():
        setting = {"depth": 3, "width": 16, "weight_clip": 10.0, varied: value}
        size = PARAMETERS.get((setting["depth"], setting["width"]), 1)
        for member, factor in enumerate(spread):
            for band, high in (("high", share * factor), ("low", 0.9)):
                for iteration in (0, 100, 200):
                    rows.append({**setting, "parameters": parameters or size, "member": member,
                                 "iteration": iteration, "band": band, "share": high})  # fmt: skip
    return pd.DataFrame(rows)


def tables(depth=(0.05, 0.4), width=(0.05, 0.06, 0.08, 0.1), clip=(0.1, 0.5), **options):
    widths = dict(zip((16, 32, 64, 128), width, strict=True))
    return {
        "delta_depth_share": sweep("depth", dict(zip((3, 6), depth, strict=True)), **options),
        "delta_width_share": sweep("width", widths, **options),
        "delta_clip_share": sweep(
            "weight_clip", dict(zip((0.1, 2.0), clip, strict=True)), **options
        ),
    }


def results(**options):
    return {result["id"]: result for result in evaluate(CLAIMS, tables(**options))}


def test_share_is_the_mean_over_training_of_the_upper_half_of_the_band():
    table = sweep("depth", {3: 0.0, 6: 0.0}, spread=(1.0,))
    rise = {0: 0.0, 100: 0.2, 200: 0.7}
    high = table["band"] == "high"
    table.loc[high, "share"] = table.loc[high, "iteration"].map(rise)
    found = high_shares(table, "depth")
    assert list(found) == [3, 6]
    assert found[6][0] == 1137
    np.testing.assert_allclose(found[6][1], [0.3])


def test_the_papers_order_holds():
    found = results()
    assert {result["verdict"] for result in found.values()} == {"holds"}
    assert found["delta_depth_helps"]["value"] == pytest.approx(8)
    assert found["delta_width_helps"]["value"] == pytest.approx(2)
    assert found["delta_clip_helps"]["value"] == pytest.approx(5)
    # log 2 / log 8 for width, log 8 / log 2 for depth.
    assert found["delta_width_helps_less_than_depth"]["value"] == pytest.approx(1 / 9, rel=1e-5)
    # Depth 6 has 1137 parameters, width 32 is nearest with 1153.
    assert found["delta_deep_beats_wide_at_equal_size"]["value"] == pytest.approx(
        0.4 / 0.06, rel=1e-5
    )
    assert "1137" in found["delta_deep_beats_wide_at_equal_size"]["statistic"]


@pytest.mark.parametrize(
    ("options", "failing"),
    [
        ({"depth": (0.05, 0.06)}, {"delta_depth_helps", "delta_width_helps_less_than_depth"}),
        ({"width": (0.05, 0.05, 0.05, 0.04)}, {"delta_width_helps"}),
        ({"width": (0.05, 0.5, 0.6, 0.7)}, {"delta_deep_beats_wide_at_equal_size"}),
        ({"clip": (0.5, 0.1)}, {"delta_clip_helps"}),
    ],
)
def test_the_opposite_fails(options, failing):
    found = results(**options)
    assert {name for name, result in found.items() if result["verdict"] == "fails"} >= failing


def test_runs_that_differ_much_leave_claims_open():
    uneven = (0.2, 0.5, 3.0, 0.3)
    # The same factor in both settings cancels; in one of them it hides the effect.
    assert results(spread=uneven)["delta_clip_helps"]["verdict"] == "holds"
    table = tables()
    rows = table["delta_clip_share"]
    large = (rows["weight_clip"] == 2.0) & (rows["band"] == "high")
    rows.loc[large, "share"] *= rows.loc[large, "member"].map(dict(enumerate(uneven)))
    found = {result["id"]: result for result in evaluate(CLAIMS, table)}
    assert found["delta_clip_helps"]["verdict"] == "not tested"


def test_without_an_effect_of_depth_width_has_no_yardstick():
    found = results(depth=(0.05, 0.05))["delta_width_helps_less_than_depth"]
    assert found["verdict"] == "not tested" and "nothing to compare" in found["statistic"]


def test_networks_of_other_sizes_are_not_compared():
    found = evaluate(
        CLAIMS, tables() | {"delta_width_share": tables(parameters=9)["delta_width_share"]}
    )
    (result,) = [r for r in found if r["id"] == "delta_deep_beats_wide_at_equal_size"]
    assert result["verdict"] == "not tested" and "about equally many" in result["statistic"]


def test_two_runs_and_single_settings_decide_nothing():
    few = results(spread=(1.0, 1.0))
    assert {(r["verdict"], r["n_runs"]) for r in few.values()} == {("not tested", 2)}
    with pytest.raises(UndecidedError, match=r"1 value\(s\) of depth"):
        high_shares(sweep("depth", {3: 0.1}), "depth")


def test_a_diverged_run_decides_nothing():
    table = tables()
    table["delta_clip_share"].loc[0, "share"] = np.nan
    found = {result["id"]: result["verdict"] for result in evaluate(CLAIMS, table)}
    assert found["delta_clip_helps"] == "not tested"
    assert found["delta_depth_helps"] == "holds"
