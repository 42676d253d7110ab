"""What a measuring job hands over, and what its tables name as their sources."""

import numpy as np
import pandas as pd
import pytest

from spectral_bias.artefacts import (
    read_arrays,
    read_meta,
    read_table,
    write_arrays,
    write_json,
    write_table,
)
from spectral_bias.data.problem import Problem, write_problem
from spectral_bias.measurements.measuring import MeasuringJob, write_measured

ENSEMBLE = ("problem.npz", "history.npz", "run.json")


def finished(folder, key, seed):
    """The files of a finished ensemble of one member."""
    problem = Problem(np.zeros((4, 1)), np.zeros((1, 4)), [seed])
    write_problem(folder / "problem.npz", problem, {}, {})
    write_arrays(folder / "history.npz", {"loss": np.array([seed])}, {})
    write_json(folder / "run.json", {"run_key": key})
    return [folder / name for name in ENSEMBLE]


@pytest.fixture
def files(tmp_path):
    """Two runs, one of them also alone, and a table that other runs lie behind."""
    runs = [finished(tmp_path / name, f"key_{name}", i) for i, name in enumerate("ab")]
    write_table(tmp_path / "t.csv", pd.DataFrame({"x": [1, 2]}), {"sources": ["key_c", "key_a"]})
    write_table(tmp_path / "u.csv", pd.DataFrame({"x": [3]}), {"sources": ["key_d"]})
    return {
        "both": [*runs[0], *runs[1]],
        "one": runs[1],
        "tables": [tmp_path / "t.csv", tmp_path / "u.csv"],
        "images": [tmp_path / "images.npz"],
        "nothing": [],
    }


@pytest.fixture
def job(files):
    return MeasuringJob("measure_this", "", files, threads=1, wanted_device="cpu")


def test_ensembles_are_read_one_after_another(job, tmp_path):
    runs = job.ensembles("both")
    assert [run.run_key for run in runs] == ["key_a", "key_b"]
    assert [run.folder for run in runs] == [tmp_path / "a", tmp_path / "b"]
    assert [run.problem.seeds for run in runs] == [[0], [1]]
    assert job.ensemble("one").run_key == "key_b"


def test_a_file_is_the_only_one_or_that_of_a_name(job, files):
    assert job.file("images") == files["images"][0]
    assert job.file("one", "run.json") == files["one"][2]
    for given, said in (
        (("one",), "input 'one' has 3 files, not one file"),
        (("both", "run.json"), "input 'both' has 2 files, not run.json"),
        (("one", "epochs.npz"), "input 'one' has 0 files, not epochs.npz"),
    ):
        with pytest.raises(ValueError, match=f"measure_this: {said}"):
            job.file(*given)


def test_a_table_is_all_its_files_below_each_other(job):
    assert job.table("tables")["x"].tolist() == [1, 2, 3]
    assert job.table("nothing").empty


def test_tables_name_the_runs_behind_their_inputs(files, tmp_path):
    made = {"all": pd.DataFrame({"y": [1]}), "few": pd.DataFrame({"y": [2]})}
    made["pixels.npz"] = {"pixels": np.arange(3)}
    outputs = {name: str(tmp_path / "out" / name) for name in ("all", "few", "pixels")}
    outputs = {
        name: path + (".npz" if name == "pixels" else ".csv") for name, path in outputs.items()
    }
    made_from = {"few": ("one",), "pixels": ("tables", "images")}
    write_measured(made, outputs, files, made_from, "version")
    every = {"sources": ["key_a", "key_b", "key_c", "key_d"], "code_version": "version"}
    assert read_meta(outputs["all"]) == every
    assert read_meta(outputs["few"])["sources"] == ["key_b"]
    assert read_table(outputs["few"])["y"].tolist() == [2]
    arrays, meta = read_arrays(outputs["pixels"])
    assert arrays["pixels"].tolist() == [0, 1, 2]
    assert meta["sources"] == ["key_a", "key_c", "key_d"]


@pytest.mark.parametrize("made", [["a"], ["a", "b", "c"]])
def test_what_was_not_asked_for_or_not_made_is_named_and_nothing_written(made, tmp_path):
    outputs = {name: str(tmp_path / f"{name}.csv") for name in ("a", "b")}
    table = pd.DataFrame({"x": [1]})
    with pytest.raises(ValueError, match=r"measured \['a'.*, but \['a', 'b'\] were to be"):
        write_measured({name: table for name in made}, outputs, {}, {}, "version")
    assert not list(tmp_path.iterdir())
