"""Arrays with named axes as long tables."""

import numpy as np
import pytest

from spectral_bias.measurements.tidy import long_table


def test_long_table_names_every_element():
    table = long_table("v", np.arange(6).reshape(2, 3), {"a": [10, 20], "b": [1, 2, 3]})
    assert table[(table.a == 20) & (table.b == 2)].v.item() == 4
    with pytest.raises(ValueError, match="axes of lengths"):
        long_table("v", np.zeros((2, 2)), {"a": [1, 2], "b": [1]})
