"""Experiment 8, random labels on two manifolds: claims."""

import numpy as np
import pandas as pd
import pytest
from rahaman_helpers import assert_undecided, results, table_of

from spectral_bias.experiments.rahaman2018.random_labels.claims import CLAIMS

FASTER, CONTROL = CLAIMS
FLAT = [200, 220, 180, 240]


def losses(**halves):
    """Exponential decays from 2/12 that reach 1/24 at the given iteration of each member."""
    rows = {(kind, m): half for kind, times in halves.items() for m, half in enumerate(times)}
    mse = lambda run, t: np.exp2(-2 * t / rows[run]) / 6 * 0.9999  # noqa: E731
    table = table_of("mse", mse, run=rows, iteration=range(0, 1001, 10))
    table[["inputs", "member"]] = table.pop("run").tolist()
    return table


def sweep(**by_features):
    """Tables of ensembles with f8=…, f16=… features: each the half-times by kind of inputs."""
    parts = [losses(**halves).assign(features=int(f[1:])) for f, halves in by_features.items()]
    return {"random_labels_loss": pd.concat(parts, ignore_index=True)}


def curved(times, flat=FLAT):
    return {"manifold": times, "flat": flat, "flat_stretched": flat}


FAST = curved([100, 120, 90, 120])
SLOW = curved([400, 450, 350, 480])


@pytest.mark.parametrize(
    ("by_features", "value", "expected"),
    [
        ({"f8": FAST}, 0.51, "holds"),
        ({"f8": FAST, "f16": curved([150, 160, 130, 190])}, 0.75, "holds"),
        # One dimension at which the order turns is enough.
        ({"f8": FAST, "f16": SLOW}, 2.0, "fails"),
        ({"f8": FAST, "f16": curved([100, 440, 90, 480])}, 1.0, "not tested"),
    ],
)
def test_the_least_favourable_dimension_decides(by_features, value, expected):
    found = results(CLAIMS, sweep(**by_features))
    for claim in CLAIMS:
        result = found[claim.id]
        assert result["value"] == pytest.approx(value, abs=0.02)
        assert (result["verdict"], result["n_runs"]) == (expected, 4)
        assert result["unit"] == "pairs of networks (seeds)"
    assert "0.51 with 8" in found[FASTER.id]["statistic"]


def test_the_flat_inputs_of_each_claim_are_its_own():
    made = FAST | {"flat_stretched": [50, 55, 40, 55]}
    found = results(CLAIMS, sweep(f8=made))
    verdicts = [found[claim.id]["verdict"] for claim in (FASTER, CONTROL)]
    assert verdicts == ["holds", "fails"]


def test_equal_times_fail_at_equal_spread():
    """A twentieth less time, and the interval lies within a tenth of 1."""
    flat = [200, 400, 600, 800]
    found = results(CLAIMS, sweep(f8=curved([190, 390, 570, 760], flat)))
    assert found[FASTER.id]["verdict"] == "holds"
    assert found[CONTROL.id]["verdict"] == "fails"
    assert "within the margin ±0.1" in found[CONTROL.id]["statistic"]


def test_the_ratio_is_paired():
    """Runs differ a hundredfold, the ratio within each is nearly the same."""
    found = results([FASTER], sweep(f8=curved([10, 90, 820], [10, 100, 900])))[FASTER.id]
    assert 0.8 < found["ci_low"] < found["ci_high"] < 1.1


@pytest.mark.parametrize(
    ("halves", "said"),
    [
        (
            {"manifold": [100] * 4, "flat": [100, 100, 100, 3000]},
            "3 of 4 pairs of runs reached the level with 8 features",
        ),
        ({"manifold": [100, 110], "flat": [200, 300]}, "2 value(s)"),
        ({"manifold": [100] * 3, "flat": [200] * 4}, "3 of 4 pairs"),
        ({"manifold": [100] * 4, "flat": [200] * 4}, "all 4 values are equal"),
        ({"manifold": [100] * 4}, "nothing was measured"),
    ],
)
def test_undecided(halves, said):
    assert_undecided([FASTER], sweep(f8=halves), said)


def test_a_run_that_diverged_decides_nothing():
    tables = sweep(f8=curved([100, 110, 120, 100]))
    table = tables["random_labels_loss"]
    table.loc[(table["inputs"] == "flat") & (table["member"] == 1), "mse"] = np.nan
    assert_undecided([FASTER], tables, "3 of 4 pairs")
