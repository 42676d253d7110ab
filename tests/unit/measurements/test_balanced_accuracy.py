"""Networks evaluated on inputs: balanced accuracy."""

import numpy as np
import pytest

from spectral_bias.measurements.evaluation import balanced_accuracy


def test_naming_the_larger_class_always_is_no_better_than_guessing():
    labels = np.array([[1, 1, 1, 0, 0]] * 3, dtype=bool)
    called = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [0, 0, 0, 1, 1]], dtype=bool)
    np.testing.assert_allclose(balanced_accuracy(called == labels, labels), [0.5, 1, 0])


def test_is_the_mean_of_the_accuracies_of_the_classes_and_the_plain_one_where_they_are_equal():
    rng = np.random.default_rng(0)
    labels, right = rng.random((4, 30)) > 0.3, rng.random((4, 30)) > 0.4
    for row, found in enumerate(balanced_accuracy(right, labels)):
        classes = [right[row][labels[row] == c].mean() for c in (True, False)]
        assert found == pytest.approx(np.mean(classes))
    equal = np.tile([True, False], (4, 15))
    np.testing.assert_allclose(balanced_accuracy(right, equal), right.mean(axis=1))
