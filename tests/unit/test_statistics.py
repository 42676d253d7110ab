"""Statistics with their intervals against closed forms, scipy and slow loops."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from spectral_bias.artefacts import read_table, write_table
from spectral_bias.statistics import (
    ROW,
    Estimate,
    UndecidedError,
    dense,
    estimate_of,
    estimate_row,
    first_where,
    geometric_mean_ratio,
    kendall_tau,
    member_bootstrap,
    rank_correlation,
    resampled_mean,
    slope,
    spearman,
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


def test_kendall_tau_of_perfect_reversed_and_constant_order():
    x = np.arange(6)
    assert kendall_tau(x, 2.0**x) == 1
    assert kendall_tau(x, -x) == -1
    assert np.isnan(kendall_tau(x, np.ones(6)))
    assert np.isnan(kendall_tau(x, np.array([0, 1, np.nan, 3, 4, 5])))


def test_censored_times_tie():
    """3 of 5 in order, 2 censored: 9 concordant pairs, 1 tie, tau-b = 9 / sqrt(10 * 9)."""
    tau = kendall_tau(np.arange(5), np.array([1, 2, 3, np.inf, np.inf]))
    assert tau == pytest.approx(9 / np.sqrt(90))


def test_kendall_tau_equals_scipy_with_ties():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 8, 10).astype(float)
    y = rng.integers(0, 5, (40, 10)).astype(float)
    y[:20][y[:20] == 4] = np.inf
    expected = [stats.kendalltau(x, row).statistic for row in y]
    np.testing.assert_allclose(kendall_tau(x, y), expected, atol=1e-12)


def test_slope_of_lines_and_against_polyfit():
    x = np.array([0.1, 0.25, 0.5, 1.0])
    np.testing.assert_allclose(slope(x, np.stack([3 * x + 1, -2 * x])), [3, -2])
    y = np.random.default_rng(0).normal(size=4)
    assert slope(x, y) == pytest.approx(np.polyfit(x, y, 1)[0])


def test_resampled_mean_equals_a_loop():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(4, 5, 3))
    index = rng.integers(0, 4, (7, 4))
    expected = np.stack([np.mean([values[i] for i in row], axis=0) for row in index])
    np.testing.assert_allclose(resampled_mean(values, index), expected)
    np.testing.assert_allclose(resampled_mean(values, np.arange(4)), values.mean(axis=0))


def test_geometric_mean_ratio_of_a_known_ratio():
    denominator = np.array([1.0, 2.0, 5.0])
    ratio = geometric_mean_ratio(denominator * np.array([2.0, 4.0, 8.0]), denominator)
    assert ratio(np.arange(3)) == pytest.approx(4.0)
    np.testing.assert_allclose(ratio(np.array([[0, 0, 0], [0, 1, 2]])), [2.0, 4.0])


def test_bootstrap_interval_equals_an_explicit_loop():
    values = np.random.default_rng(1).exponential(size=12)
    found = member_bootstrap(lambda index: values[index].mean(axis=-1), 12, "n")
    rng = np.random.default_rng(2)
    means = [rng.choice(values, 12).mean() for _ in range(20_000)]
    low, high = np.percentile(means, [2.5, 97.5])
    assert found.value == pytest.approx(values.mean())
    assert (found.ci_low, found.ci_high) == pytest.approx((low, high), abs=0.03)
    assert found.n_runs == 12 and found.note == "n"


def test_bootstrap_covers_the_true_mean_about_as_often_as_it_says():
    rng = np.random.default_rng(3)
    covered = 0
    for trial in range(60):
        values = rng.normal(5.0, 1.0, 30)
        found = member_bootstrap(lambda i, v=values: v[i].mean(axis=-1), 30, seed=trial)
        covered += found.ci_low <= 5.0 <= found.ci_high
    assert 50 <= covered < 60


def test_bootstrap_depends_on_its_seed_only():
    values = np.random.default_rng(4).normal(size=8)
    one, same, other = (
        member_bootstrap(lambda i: values[i].mean(axis=-1), 8, seed=seed) for seed in (0, 0, 1)
    )
    assert one == same != other


def test_bootstrap_of_three_members_spans_their_range():
    values = np.array([1.0, 2.0, 4.0])
    found = member_bootstrap(lambda i: values[i].mean(axis=-1), 3)
    assert (found.ci_low, found.ci_high) == (1.0, 4.0)


@pytest.mark.parametrize("members", [1, 2])
def test_bootstrap_of_fewer_members_is_refused(members):
    with pytest.raises(UndecidedError, match="at least 3") as error:
        member_bootstrap(lambda i: i.mean(axis=-1), members)
    assert error.value.n_runs == members


def test_spearman_equals_scipy_with_ties():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 6, (20, 9)).astype(float)
    y = rng.integers(0, 5, (20, 9)).astype(float)
    expected = [stats.spearmanr(a, b).statistic for a, b in zip(x, y, strict=True)]
    np.testing.assert_allclose(spearman(x, y), expected, atol=1e-12)
    np.testing.assert_allclose(spearman(x[0], y), [spearman(x[0], row) for row in y])


def test_spearman_of_constant_or_missing_values_is_not_a_number():
    x = np.arange(5.0)
    assert spearman(x, np.exp(x)) == 1 and spearman(x, -(x**3)) == -1
    assert np.isnan(spearman(x, np.ones(5)))
    assert np.isnan(spearman(x, np.array([0, 1, np.nan, 3, 4])))


def test_rank_correlation_interval_equals_an_explicit_loop():
    rng = np.random.default_rng(5)
    x = rng.normal(size=14)
    y = x + 0.5 * rng.normal(size=14)
    found = rank_correlation(x, y, "n")
    picks = np.random.default_rng(6).integers(0, 14, (4000, 14))
    resampled = [stats.spearmanr(x[pick], y[pick]).statistic for pick in picks]
    assert found.value == pytest.approx(stats.spearmanr(x, y).statistic)
    expected = np.percentile(resampled, [2.5, 97.5])
    assert (found.ci_low, found.ci_high) == pytest.approx(expected, abs=0.04)
    assert found.n_runs == 14 and found.note == "n"
    assert rank_correlation(x, y, n_runs=1).n_runs == 1


@pytest.mark.parametrize(
    ("y", "decided"),
    [
        ([0, 1, 2, 3], False),  # 2 of 24 permutations are as extreme
        ([0, 1, 2, 3, 4], True),  # 2 of 120
        ([0, 1, 2, 4, 3], False),  # 10 of 120
        ([5, 4, 3, 2, 0, 1], True),  # 12 of 720
    ],
)
def test_few_pairs_decide_only_where_permutations_do(y, decided):
    found = rank_correlation(np.arange(len(y)), np.array(y))
    assert (found.ci_low > 0 or found.ci_high < 0) == decided
    assert found.ci_low <= found.value <= found.ci_high


def test_rank_correlation_of_unrelated_values_is_rarely_decided():
    rng = np.random.default_rng(7)
    found = [rank_correlation(rng.normal(size=8), rng.normal(size=8)) for _ in range(60)]
    assert sum(e.ci_low > 0 or e.ci_high < 0 for e in found) <= 7


@pytest.mark.parametrize(
    ("y", "said"),
    [
        ([1, 2, 3], "3 model(s)"),
        ([1, 2, 3, np.nan, 5], "not finite"),
        ([1, 1, 1, 1, 1], "do not differ"),
    ],
)
def test_rank_correlation_says_why_there_is_none(y, said):
    with pytest.raises(UndecidedError) as error:
        rank_correlation(np.arange(len(y)), np.array(y))
    assert said in str(error.value)


def test_an_estimate_is_the_same_after_standing_in_a_table(tmp_path):
    def undecided():
        raise UndecidedError("too few", 2)

    given = Estimate(0.5, 0.25, 0.75, 3, "what was compared")
    bare = Estimate(-1.0, -1.0, -1.0, 4)
    rows = [estimate_row(measure) for measure in (lambda: given, lambda: bare, undecided)]
    assert all(tuple(row) == ROW for row in rows)
    write_table(tmp_path / "t.csv", pd.DataFrame(rows))
    read = read_table(tmp_path / "t.csv")
    assert [estimate_of(read.iloc[0]), estimate_of(read.iloc[1])] == [given, bare]
    with pytest.raises(UndecidedError, match="too few") as error:
        estimate_of(read.iloc[2])
    assert error.value.n_runs == 2
