"""The comparison of ways to measure paths at a toy size: that both do the same, not how fast."""

import numpy as np
import pytest
import torch

from spectral_bias.measurements.interpolation import FRACTIONS
from tests.benchmarks import interpolation
from tests.benchmarks.interpolation import WAYS, Case, measurements, run, table

TOY = Case(n_samples=20, depth=10, width=4, stem=4, n_paths=3, side=8, batch_size=4)
CPU = torch.device("cpu")


def test_both_ways_give_the_same_spectra():
    works = dict(measurements(TOY, CPU))
    assert tuple(works) == WAYS
    alone, batched = works[WAYS[0]](), works[WAYS[1]]()
    for column, name in enumerate(("magnitude", "power", *FRACTIONS)):
        expected = np.array([row[column] for row in alone])
        np.testing.assert_allclose(getattr(batched, name), expected, atol=1e-6)
    assert len(alone) == 3 and batched.hann_fraction.min() > 1e-5


def test_the_speed_up_is_the_quotient_of_the_medians():
    threads, said = torch.get_num_threads(), []
    try:
        result = run((TOY, TOY), CPU, 1, rounds=2, seconds=0.001, say=said.append)
    finally:
        torch.set_num_threads(threads)
    assert len(said) == 2 and len(result["cases"]) == 2
    for row in result["cases"]:
        alone, batched = (row[name] for name in WAYS)
        for spread in (alone, batched):
            assert 0 < spread["minimum"] <= spread["median"] <= spread["maximum"]
        assert row["speed_up"] == pytest.approx(batched["median"] / alone["median"])
    assert table(result).count("full batches") == 2


def test_the_command_writes_its_results(tmp_path, monkeypatch, capsys):
    threads, path = torch.get_num_threads(), tmp_path / "new" / "interpolation.json"
    monkeypatch.setattr(interpolation, "CASES", (TOY,))
    monkeypatch.setattr(interpolation, "SECONDS", 0.001)
    monkeypatch.setattr("sys.argv", ["interpolation", str(path), "--rounds", "1"])
    try:
        interpolation.main()
    finally:
        torch.set_num_threads(threads)
    assert path.exists() and "written to" in capsys.readouterr().out
