"""The data of an ensemble: consistent shapes, and a file that gives everything back."""

import numpy as np
import pytest

from spectral_bias.data.problem import Problem, read_problem, write_problem


def test_problem_of_inconsistent_shapes_is_refused():
    with pytest.raises(ValueError, match="2 seeds for targets of 3 members"):
        Problem(np.zeros((4, 1)), np.zeros((3, 4)), [1, 2])
    with pytest.raises(ValueError, match="do not fit"):
        Problem(np.zeros((5, 1)), np.zeros((3, 4)), [1, 2, 3])


def test_problem_file_gives_everything_back(tmp_path):
    problem = Problem(
        np.arange(4)[:, None] / 4, np.random.default_rng(0).normal(size=(2, 4)), [1, 2]
    )
    facts, run = {"phases": np.array([0.25, 0.5])}, {"run": "r", "frequencies": [1, 2]}
    write_problem(tmp_path / "p.npz", problem, facts, {"run": run})
    back, back_facts, meta = read_problem(tmp_path / "p.npz")
    np.testing.assert_array_equal(back.targets, problem.targets)
    np.testing.assert_array_equal(back_facts["phases"], facts["phases"])
    assert back.seeds == problem.seeds
    assert back.validation_inputs is None
    assert meta["run"] == run
    changed = {"phases": facts["phases"] + 1}
    write_problem(tmp_path / "q.npz", problem, changed, {})
    assert read_problem(tmp_path / "q.npz")[2]["data_checksum"] != meta["data_checksum"]
