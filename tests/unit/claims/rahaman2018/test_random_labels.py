"""Claims on random labels, on curves that obey them, violate them, and leave them open."""

import numpy as np
import pandas as pd
import pytest

from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments.rahaman2018.random_labels.claims import CLAIMS, half_times

ITERATIONS = np.arange(0, 1001, 10)
FASTER, CONTROL = CLAIMS


def losses(**halves):
    """Exponential decays from 2/12 that reach 1/24 at the given iteration of each member."""
    rows = [
        pd.DataFrame(
            {
                "inputs": inputs,
                "member": member,
                "iteration": ITERATIONS,
                "mse": np.exp2(-2 * ITERATIONS / half) / 6 * 0.9999,
            }
        )
        for inputs, times in halves.items()
        for member, half in enumerate(times)
    ]
    return {"random_labels_loss": pd.concat(rows).sample(frac=1, random_state=0)}


def test_half_times_are_the_first_records_at_half_of_the_best_constant():
    tables = losses(flat=[100, 395, 50])
    np.testing.assert_array_equal(half_times(tables, "flat"), [100, 400, 50])


@pytest.mark.parametrize(
    ("curved", "value", "expected"),
    [
        ([100, 110, 90, 120], 0.5, "holds"),
        ([400, 440, 360, 480], 2.0, "fails"),
        ([100, 440, 90, 480], 1.0, "not tested"),
    ],
)
def test_order_of_times_within_a_run(curved, value, expected):
    tables = losses(manifold=curved, flat=[200, 220, 180, 240], flat_stretched=[50, 55, 45, 50])
    one, two = evaluate(CLAIMS, tables)
    assert one["value"] == pytest.approx(value)
    assert one["verdict"] == expected and one["n_runs"] == 4
    assert two["value"] > 1.5


def test_the_ratio_is_paired():
    """Runs differ a hundredfold, the ratio within each is the same: the interval has no width."""
    tables = losses(manifold=[10, 100, 900], flat=[10, 100, 900], flat_stretched=[20, 200, 1000])
    (result,) = evaluate([FASTER], tables)
    assert (result["ci_low"], result["ci_high"]) == (1.0, 1.0)
    assert result["verdict"] == "not tested"


@pytest.mark.parametrize(
    ("tables", "note"),
    [
        (losses(manifold=[100] * 4, flat=[100, 100, 100, 3000]), "3 of 4 runs reached the level"),
        (losses(manifold=[100] * 2, flat=[200] * 2), "2 run(s)"),
        (losses(manifold=[100] * 4, flat=[200] * 3), "different number of times"),
        (losses(manifold=[100] * 4), "no mse was measured"),
    ],
)
def test_undecided(tables, note):
    (result,) = evaluate([FASTER], tables)
    assert result["verdict"] == "not tested" and note in result["statistic"]


def test_a_run_that_diverged_decides_nothing():
    tables = losses(manifold=[100] * 4, flat_stretched=[200] * 4)
    table = tables["random_labels_loss"].reset_index(drop=True)
    table.loc[0, "mse"] = np.nan
    (result,) = evaluate([CONTROL], {"random_labels_loss": table})
    assert result["verdict"] == "not tested" and "not finite" in result["statistic"]
