"""Both intervals of means over pairs of classes cover what they say, and tell paths from classes.

Shape suffixes: P paths, C classes, D draws that stand side by side as values of each path.
"""

import itertools

import numpy as np
import pytest
from scipy import stats

from spectral_bias.statistics import mean_of_pairs

DRAWS = 4000
ERROR = 3 * np.sqrt(0.95 * 0.05 / DRAWS)
TRUTH = 1.7


def coverage(half_D, mean_D, truth=TRUTH):
    return float(np.mean(np.abs(mean_D - truth) <= half_D))


def within(n_classes, each):
    return np.repeat(np.arange(n_classes), each)[:, None] + np.zeros((1, 2), dtype=int)


def between(n_classes, each):
    pairs = list(itertools.combinations(range(n_classes), 2))
    return np.repeat(pairs, each, axis=0)


def with_class_effects(classes_P2, n_classes, rng, effect=1.0, noise=1.0):
    """(P, D): every class moves all of its paths, as do the two of a path between."""
    of_class_CD = effect * rng.normal(size=(n_classes, DRAWS))
    shared_PD = of_class_CD[classes_P2].mean(axis=1)
    return TRUTH + shared_PD + noise * rng.normal(size=(len(classes_P2), DRAWS))


@pytest.mark.parametrize(("n_classes", "each"), [(5, 10), (10, 20)])
def test_over_classes_covers_other_classes_where_over_paths_covers_too_little(n_classes, each):
    rng = np.random.default_rng(0)
    classes_P2 = within(n_classes, each)
    found = mean_of_pairs(with_class_effects(classes_P2, n_classes, rng), classes_P2)
    assert coverage(found.over_classes, found.mean) == pytest.approx(0.95, abs=ERROR)
    assert coverage(found.over_paths, found.mean) < 0.7


@pytest.mark.parametrize(("n_classes", "each"), [(5, 10), (10, 5)])
def test_between_classes_the_jackknife_is_not_too_small(n_classes, each):
    rng = np.random.default_rng(1)
    classes_P2 = between(n_classes, each)
    found = mean_of_pairs(with_class_effects(classes_P2, n_classes, rng), classes_P2)
    assert 0.95 - ERROR < coverage(found.over_classes, found.mean) < 0.99
    assert coverage(found.over_paths, found.mean) < 0.75


@pytest.mark.parametrize("classes_P2", [within(6, 5), between(6, 3)], ids=["within", "between"])
def test_over_paths_covers_other_paths_of_the_same_classes(classes_P2):
    rng = np.random.default_rng(2)
    values_PD = TRUTH + rng.normal(size=(len(classes_P2), DRAWS))
    found = mean_of_pairs(values_PD, classes_P2)
    assert coverage(found.over_paths, found.mean) == pytest.approx(0.95, abs=ERROR)
    assert coverage(found.over_classes, found.mean) > 0.95 - ERROR


@pytest.mark.parametrize(("n_classes", "each"), [(3, 4), (10, 7)])
def test_within_classes_it_is_the_t_interval_over_the_means_of_classes(n_classes, each):
    rng = np.random.default_rng(3)
    values = rng.exponential(size=(n_classes * each, 1))
    found = mean_of_pairs(values, within(n_classes, each))
    means = values.reshape(n_classes, each).mean(axis=1)
    low, high = stats.t.interval(0.95, n_classes - 1, means.mean(), stats.sem(means))
    assert found.mean[0] == pytest.approx(means.mean())
    assert found.over_classes[0] == pytest.approx((high - low) / 2)
    low, high = stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values[:, 0]))
    assert found.over_paths[0] == pytest.approx((high - low) / 2)


def test_a_jackknife_by_hand():
    classes = np.array([[0, 1], [0, 2], [1, 2], [0, 3], [1, 3], [2, 3]])
    values = np.array([1.0, 4.0, 2.0, 8.0, 5.0, 7.0])
    without = [values[(classes != c).all(axis=1)].mean() for c in range(4)]
    variance = 3 / 4 * np.sum((np.array(without) - np.mean(without)) ** 2)
    found = mean_of_pairs(values[:, None], classes)
    assert found.over_classes[0] == pytest.approx(stats.t.ppf(0.975, 3) * np.sqrt(variance))
    assert (found.n_paths, found.n_classes) == (6, 4)


def test_too_few_have_no_interval():
    one = mean_of_pairs(np.array([[1.0]]), np.array([[0, 0]]))
    assert one.mean == 1 and np.isnan([*one.over_paths, *one.over_classes]).all()
    two_of_one = mean_of_pairs(np.array([[1.0], [2.0], [4.0]]), within(1, 3))
    assert np.isfinite(two_of_one.over_paths).all() and np.isnan(two_of_one.over_classes).all()
    all_share = mean_of_pairs(np.array([[1.0], [2.0], [4.0]]), np.array([[0, 1], [0, 2], [0, 1]]))
    assert np.isnan(all_share.over_classes).all(), "without class 0 nothing is left"
