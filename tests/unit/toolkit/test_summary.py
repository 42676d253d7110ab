"""Means and intervals of a measurement, from its table of paths."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from spectral_bias.toolkit.paths.summary import CHORD, proportion, summary_table


def paths_table(n_classes=6, each=8, seed=0):
    rng = np.random.default_rng(seed)
    classes = np.repeat([f"c{n}" for n in range(n_classes)], each)
    raw = np.repeat(rng.uniform(0.1, 0.3, n_classes), each) + rng.uniform(0, 0.1, len(classes))
    free = raw * np.repeat(rng.uniform(0.3, 0.6, n_classes), each)
    free += rng.uniform(0, 0.02, len(classes))
    return pd.DataFrame(
        {
            **{"kind": "within", "class_a": classes, "class_b": classes},
            **{"high_frequency_fraction": raw, "chord_free_fraction": free},
            **{"hann_fraction": np.where(np.arange(len(raw)) % 4, raw / 3, np.nan)},
            **{"confidence_a": raw, "confidence_b": 1 - raw},
        }
    )


def row_of(table, quantity):
    return table.set_index("quantity").loc[quantity]


def chord_part(table):
    return 1 - table["chord_free_fraction"].mean() / table["high_frequency_fraction"].mean()


def test_chord_part_is_that_of_the_means_with_an_interval_like_that_of_a_bootstrap_of_paths():
    table = paths_table(each=20)
    found = row_of(summary_table(table), CHORD)
    assert found["value"] == pytest.approx(chord_part(table))
    rng = np.random.default_rng(1)
    again = [chord_part(table.iloc[rng.integers(0, len(table), len(table))]) for _ in range(2000)]
    half = (found["ci_high"] - found["ci_low"]) / 2
    assert half == pytest.approx(1.96 * np.std(again), rel=0.08)
    assert (found["ci_high"] + found["ci_low"]) / 2 == pytest.approx(found["value"])


def test_chord_part_has_an_interval_over_classes_like_that_of_a_bootstrap_of_classes():
    table = paths_table(n_classes=30, each=6)
    found = row_of(summary_table(table), CHORD)
    rng = np.random.default_rng(2)
    parts = [own for _, own in table.groupby("class_a")]
    again = [
        chord_part(pd.concat([parts[n] for n in rng.integers(0, len(parts), len(parts))]))
        for _ in range(1000)
    ]
    half = (found["class_ci_high"] - found["class_ci_low"]) / 2
    assert half == pytest.approx(stats.t.ppf(0.975, 29) * np.std(again), rel=0.12)
    assert half > 2 * (found["ci_high"] - found["ci_low"]) / 2, "classes differ, paths hardly"


def test_a_mean_leaves_out_paths_without_the_quantity():
    table = paths_table()
    found = row_of(summary_table(table), "hann_fraction")
    known = table["hann_fraction"].dropna()
    assert found["n_paths"] == len(known) == 36 and found["n_classes"] == 6
    assert found["value"] == pytest.approx(known.mean())
    low, high = stats.t.interval(0.95, len(known) - 1, known.mean(), stats.sem(known))
    assert [found["ci_low"], found["ci_high"]] == pytest.approx([low, high])


def test_numbers_of_both_ends_are_averaged_and_unknown_ones_left_out():
    table = paths_table().assign(highest_a=np.nan, highest_b=np.nan)
    found = summary_table(table)
    assert row_of(found, "confidence")["value"] == pytest.approx(0.5)
    assert "highest" not in set(found["quantity"]), "no path has it"


def test_a_fraction_that_is_rounding_alone_has_no_part():
    table = paths_table()
    tiny = table.assign(high_frequency_fraction=1e-9, chord_free_fraction=3e-10)
    assert CHORD not in set(summary_table(tiny)["quantity"])


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (7, 10), (93, 100), (50, 50)])
def test_a_proportion_has_wilsons_interval(successes, trials):
    value, low, high = proportion(successes, trials)
    wilson = stats.binomtest(successes, trials).proportion_ci(0.95, "wilson")
    assert (value, low, high) == pytest.approx((successes / trials, *wilson), abs=1e-9)
