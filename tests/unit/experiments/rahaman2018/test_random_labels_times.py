"""Experiment 8, random labels on two manifolds: how long they take to be fitted."""

import numpy as np
import pandas as pd
from rahaman_helpers import table_of

from spectral_bias.experiments.rahaman2018.random_labels.times import half_times, ratios


def losses(features, **halves):
    """Exponential decays from 2/12 that reach 1/24 at the given iteration of each member."""
    rows = {(kind, m): half for kind, times in halves.items() for m, half in enumerate(times)}
    mse = lambda run, t: np.exp2(-2 * t / rows[run]) / 6 * 0.9999  # noqa: E731
    table = table_of("mse", mse, run=rows, iteration=range(0, 1001, 10))
    table[["inputs", "member"]] = table.pop("run").tolist()
    return table.assign(features=features)


def by_run(table, column):
    return table.set_index(["features", "inputs", "member"])[column]


def test_half_times_are_the_first_records_at_half_of_the_best_constant():
    times = by_run(half_times(losses(8, flat=[100, 395, 50, 3000])), "half_time")
    expected = [100, 400, 50, np.nan]
    np.testing.assert_array_equal(times[8, "flat"], expected)


def test_a_run_that_starts_at_the_level_or_diverges_has_no_half_time():
    table = losses(8, flat=[100, 100, 100])
    table.loc[table["member"] == 1, "mse"] /= 100
    table.loc[table["member"] == 2, "mse"] = np.nan
    np.testing.assert_array_equal(half_times(table)["half_time"], [100, np.nan, np.nan])


def test_ratios_pair_members_at_the_same_number_of_features():
    parts = [
        losses(64, manifold=[100, 200], flat=[200, 100], flat_stretched=[100, 3000]),
        losses(16, manifold=[50, 3000], flat=[200, 200], flat_stretched=[100, 100]),
    ]
    table = pd.concat(parts).sample(frac=1, random_state=0)
    ratio = by_run(ratios(table), "ratio")
    assert ratio.dropna().to_dict() == {
        (64, "flat", 0): 0.5,
        (64, "flat", 1): 2.0,
        (64, "flat_stretched", 0): 1.0,
        (16, "flat", 0): 0.25,
        (16, "flat_stretched", 0): 0.5,
    }
    assert len(ratio) == 8
