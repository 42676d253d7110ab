"""Losses that are no numbers end a training; losses that only explode are told."""

import math

import pytest

from spectral_bias.errors import UserError
from spectral_bias.training.divergence import explosions, require_finite


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_no_number_is_named_with_its_moment_and_learning_rate(value):
    line = rf"^member 3: the training loss is {value} at iteration 20 with learning_rate 1e\+30;"
    with pytest.raises(UserError, match=line):
        require_finite("member 3: the training loss", value, "at iteration 20", 1e30)
    require_finite("the training loss", 1e38, "in epoch 1", 0.1)


def test_members_that_end_far_above_their_start_are_counted():
    assert explosions([1.0, 0.5], [10.0, 0.01], 0.1) == []
    (line,) = explosions([1.0, 0.5, 2.0], [1e6, 5.1, 0.1], 1e6)
    assert line.startswith("2 of 3 networks end at a training loss of up to 1e+06 times that at")
    assert "learning_rate 1e+06" in line
    (line,) = explosions([2.0], [1e19], 1e6)
    assert line.startswith("ends at a training loss of up to 5e+18 times")
    assert explosions([0.0], [1.0], 0.1) == []  # no start to compare with
