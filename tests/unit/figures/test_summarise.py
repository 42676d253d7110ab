import numpy as np
import pandas as pd
import pytest

from spectral_bias.figures.summarise import every, over_members, thinned


def table(**members):
    rows = [
        (member, iteration, value)
        for member, values in members.items()
        for iteration, value in enumerate(values)
    ]
    return pd.DataFrame(rows, columns=["member", "iteration", "mse"])


def test_mean_and_range_over_members():
    result = over_members(table(a=[1.0, 4.0], b=[3.0, 0.0]), ["iteration"], "mse")
    assert list(result.columns) == ["iteration", "mse", "mse_low", "mse_high"]
    assert result.to_numpy().tolist() == [[0, 2, 1, 3], [1, 2, 0, 4]]


def test_standard_deviation_is_that_of_a_sample():
    result = over_members(table(a=[1.0], b=[3.0]), ["iteration"], "mse", std=True)
    assert result["mse_std"].tolist() == [pytest.approx(np.sqrt(2))]
    alone = over_members(table(a=[1.0]), ["iteration"], "mse", std=True)
    assert alone["mse"].tolist() == [1.0]
    assert alone["mse_std"].isna().all()


def test_a_diverged_member_is_not_left_out_of_the_mean():
    result = over_members(table(a=[1.0, np.nan], b=[3.0, 1.0]), ["iteration"], "mse")
    assert result.loc[0, "mse"] == 2.0
    assert result.loc[1, ["mse", "mse_low", "mse_high"]].isna().all()


def test_groups_may_have_no_frequency():
    rows = table(a=[1.0], b=[3.0]).assign(frequency=np.nan)
    result = over_members(rows, ["frequency", "iteration"], "mse")
    assert result["mse"].tolist() == [2.0]


@pytest.mark.parametrize(
    ("count", "at_most", "step"), [(5001, 500, 10), (801, 500, 2), (501, 500, 1), (10, 4, 3)]
)
def test_thinning_keeps_every_nth_and_the_last(count, at_most, step):
    rows = table(a=np.arange(count, dtype=float), b=np.arange(count, dtype=float))
    kept = thinned(rows, at_most)
    expected = sorted({*range(0, count, step), count - 1})
    for _, curve in kept.groupby("member"):
        assert curve["iteration"].tolist() == expected
        assert curve["mse"].tolist() == expected


def test_curves_recorded_at_different_iterations_are_thinned_apart():
    even = pd.DataFrame({"iteration": np.arange(0, 10, 2), "beta": 0.0})
    odd = pd.DataFrame({"iteration": np.arange(1, 10, 2), "beta": np.nan})
    kept = thinned(pd.concat([even, odd], ignore_index=True), at_most=2, by=["beta"])
    assert kept["iteration"].tolist() == [0, 4, 8, 1, 5, 9]


def test_thinning_nothing_leaves_nothing():
    assert thinned(table(a=[])).empty


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (1, "every iteration"),
        (2, "every 2nd iteration"),
        (10, "every 10th iteration"),
        (11, "every 11th iteration"),
        (21, "every 21st iteration"),
        (100, "every 100th iteration"),
    ],
)
def test_every(step, words):
    # The last step may be shorter.
    rows = pd.DataFrame({"iteration": [0, step, 2 * step, 3 * step, 3 * step + 1]})
    assert every(rows) == words


def test_every_of_a_single_record():
    assert every(pd.DataFrame({"iteration": [0]})) == "every iteration"
