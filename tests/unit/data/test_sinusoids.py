"""Targets of Experiments 1 and 2."""

import numpy as np

from spectral_bias.data.problem import read_problem, write_problem
from spectral_bias.experiments.rahaman2018.sinusoids.problem import build
from spectral_bias.spectra.fourier import single_sided_amplitude

RUN = {
    "run": "sinusoids_equal",
    "seed": 0,
    "n_runs": 4,
    "n_points": 50,
    "frequencies": [2, 7, 11],
    "amplitudes": [0.2, 1.0, 0.5],
}


def test_targets_have_the_wanted_spectrum_and_differ_in_phase():
    problem, facts = build(RUN)
    assert problem.inputs[:, 0].tolist() == [j / 50 for j in range(50)]
    amplitudes = single_sided_amplitude(problem.targets, np.array(RUN["frequencies"]))
    np.testing.assert_allclose(amplitudes, np.tile(RUN["amplitudes"], (4, 1)), atol=1e-12)
    assert len({*facts["phases"].ravel()}) == 12
    assert len(set(problem.seeds)) == 4


def test_members_do_not_depend_on_how_many_there_are():
    few, _ = build({**RUN, "n_runs": 2})
    many, _ = build(RUN)
    np.testing.assert_array_equal(few.targets, many.targets[:2])
    assert few.seeds == many.seeds[:2]


def test_seed_changes_every_draw():
    one, _ = build(RUN)
    two, _ = build({**RUN, "seed": 1})
    assert not set(one.seeds) & set(two.seeds)
    assert not np.isclose(one.targets, two.targets).all(axis=1).any()


def test_problem_file_gives_everything_back(tmp_path):
    problem, facts = build(RUN)
    write_problem(tmp_path / "p.npz", problem, facts, {"run": RUN})
    back, back_facts, meta = read_problem(tmp_path / "p.npz")
    np.testing.assert_array_equal(back.targets, problem.targets)
    np.testing.assert_array_equal(back_facts["phases"], facts["phases"])
    assert back.seeds == problem.seeds
    assert back.validation_inputs is None
    assert meta["run"] == RUN
    changed = {**facts, "phases": facts["phases"] + 1}
    write_problem(tmp_path / "q.npz", problem, changed, {})
    assert read_problem(tmp_path / "q.npz")[2]["data_checksum"] != meta["data_checksum"]
