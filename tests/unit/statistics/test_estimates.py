"""Estimates stand in tables as they are."""

import pandas as pd
import pytest

from spectral_bias.artefacts import read_table, write_table
from spectral_bias.statistics import ROW, Estimate, UndecidedError, estimate_of, estimate_row


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
