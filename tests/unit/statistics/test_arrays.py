"""From long tables to arrays, and what is computed from them, against slow loops."""

import numpy as np
import pandas as pd
import pytest

from spectral_bias.statistics import (
    UndecidedError,
    dense,
    first_where,
    slope,
    t_half,
)


def test_dense_inverts_a_shuffled_long_table():
    values = np.arange(24.0).reshape(2, 3, 4)
    rows = [
        {"member": m, "iteration": 10 * t, "frequency": 5 * k, "amplitude": values[m, t, k]}
        for m, t, k in np.ndindex(2, 3, 4)
    ]
    table = pd.DataFrame(rows).sample(frac=1, random_state=0)
    array, axes = dense(table, ("member", "iteration", "frequency"), "amplitude")
    np.testing.assert_array_equal(array, values)
    np.testing.assert_array_equal(axes["iteration"], [0, 10, 20])
    np.testing.assert_array_equal(axes["frequency"], [0, 5, 10, 15])


TABLE = pd.DataFrame({"member": [0, 0, 1, 1], "t": [0, 1, 0, 1], "v": [1.0, 2.0, 3.0, 4.0]})


@pytest.mark.parametrize(
    ("table", "error"),
    [
        (TABLE.iloc[:0], UndecidedError),
        (TABLE.iloc[:3], UndecidedError),
        (TABLE.assign(v=[1.0, np.nan, 3.0, 4.0]), UndecidedError),
        (TABLE.assign(v=[1.0, np.inf, 3.0, 4.0]), UndecidedError),
        (TABLE.assign(t=0), ValueError),
        (TABLE.drop(columns="v"), ValueError),
    ],
)
def test_dense_refuses_incomplete_diverged_and_ambiguous_tables(table, error):
    with pytest.raises(error):
        dense(table, ("member", "t"), "v")


def test_t_half_is_the_first_crossing_and_censored_without_one():
    iterations = np.array([0, 10, 20, 30])
    amplitude_TK = np.array([[0.5, 0, 0, 0], [0, 0.6, 0.4, 0], [0, 0.2, 0.49, 0], [0, 0.9, 0.5, 0]])
    np.testing.assert_array_equal(t_half(iterations, amplitude_TK), [0, 10, 30, np.inf])
    np.testing.assert_array_equal(
        t_half(iterations, np.stack([amplitude_TK, 2 * amplitude_TK])),
        [[0, 10, 30, np.inf], [0, 10, 10, np.inf]],
    )


def test_first_where_on_another_axis():
    found = first_where(np.array([0.1, 0.2]), np.array([[False, True], [False, False]]), axis=1)
    np.testing.assert_array_equal(found, [0.2, np.inf])


def test_slope_of_lines_and_against_polyfit():
    x = np.array([0.1, 0.25, 0.5, 1.0])
    np.testing.assert_allclose(slope(x, np.stack([3 * x + 1, -2 * x])), [3, -2])
    y = np.random.default_rng(0).normal(size=4)
    assert slope(x, y) == pytest.approx(np.polyfit(x, y, 1)[0])
