"""Points on the unit circle."""

import numpy as np

from spectral_bias.spectra.turns import turned


def test_turns_go_clockwise_and_whole_ones_change_nothing():
    turns = np.array([[0.0, 0.25, -0.25], [1e6, -3.75, 2.0**40 + 0.5]])
    wanted = np.array([[1, -1j, 1j], [1, -1j, -1]])
    np.testing.assert_allclose(turned(turns), wanted, atol=1e-15)
