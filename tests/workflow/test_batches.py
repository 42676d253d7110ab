"""Several trainings, or measurements, that one process does one after another."""

import json
import re
import runpy
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from spectral_bias.artefacts import read_json, write_arrays, write_json
from spectral_bias.config.load import load_settings
from spectral_bias.errors import UserError
from spectral_bias.provenance import run_key
from tests.conftest import REPOSITORY
from tests.workflow.jobs import PAPER, measuring_jobs, training_jobs

FILES = ("model.safetensors", "epochs.safetensors", "history.npz", "run.json", "metrics.csv")

# --- the scripts --------------------------------------------------------------------------------


def run_script(name, **given):
    """A script of the workflow as Snakemake runs it."""
    snakemake = SimpleNamespace(threads=1, rule=name, **given)
    return runpy.run_path(
        str(REPOSITORY / f"workflow/scripts/{name}.py"), init_globals={"snakemake": snakemake}
    )


def batch_of(root, *names):
    """What the rule gives the script for a batch of classifiers; its images are there."""
    images = root / "results/tiny/data/cifar10.npz"
    images.parent.mkdir(parents=True)
    write_arrays(images, {"train_labels": np.zeros(1)}, {"data_checksum": "data"})
    folder = root / "results/tiny" / PAPER
    for name in names:
        (folder / name).mkdir(parents=True)
    runs = [{"run": name, "teacher": None, "seed": 0} for name in names]
    return {
        "input": SimpleNamespace(images=str(images)),
        "output": [str(folder / name / file) for name in names for file in FILES],
        "params": SimpleNamespace(runs=runs, code="code", scale="tiny"),
        "config": {"device": "cpu", "tracking": {"uri": None, "live_after_seconds": 60}},
        "log": [str(root / "batch.log")],
    }


@pytest.fixture
def trained(monkeypatch):
    """Folders of the runs that were trained; one called "broken" fails."""
    from spectral_bias.training.classifier import job

    found = []

    def train(run, load, folder, context, teacher_folder=None):
        found.append(folder.name)
        if folder.name == "broken":
            raise ZeroDivisionError("by nothing")
        if folder.name == "refused":
            raise UserError("data.n_train: too many; take fewer")

    monkeypatch.setattr(job, "train_classifier_run", train)
    monkeypatch.setattr("spectral_bias.training.runs.ClassifierRun.of", lambda settings: settings)
    return found


def finished_elsewhere(root, settings, code="code"):
    folder = root / "results/other" / PAPER / settings["run"]
    folder.mkdir(parents=True)
    for file in FILES:
        (folder / file).write_text(f"{file} of another scale")
    key = run_key(settings, code, "data")
    write_json(folder / "run.json", {"run_key": key, "status": "finished"})


def test_a_run_of_another_scale_is_taken_over_in_the_middle_of_a_batch(tmp_path, trained):
    given = batch_of(tmp_path, "one", "two", "three")
    finished_elsewhere(tmp_path, given["params"].runs[1])
    finished_elsewhere(tmp_path, given["params"].runs[2], code="older code")
    run_script("train_classifier", **given)
    assert trained == ["one", "three"]
    taken = tmp_path / "results/tiny" / PAPER / "two"
    assert {file.name for file in taken.iterdir() if file.name[0] != "."} == {*FILES}
    assert (taken / "history.npz").read_text() == "history.npz of another scale"
    assert (
        f"taken over from {tmp_path}/results/other/{PAPER}/two"
        in (tmp_path / "batch.log").read_text()
    )


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("broken", "ZeroDivisionError: by nothing"),
        ("refused", "data.n_train: too many; take fewer"),
    ],
)
def test_a_failing_training_names_itself_and_its_log_in_one_line(tmp_path, trained, name, said):
    given = batch_of(tmp_path, "one", name, "three")
    with pytest.raises(SystemExit) as ended:
        run_script("train_classifier", **given)
    assert ended.value.code == f"error: {name}: {said} (see {tmp_path / 'batch.log'})"
    assert trained == ["one", name]


def test_a_diverging_ensemble_names_its_run_in_one_line(tmp_path, monkeypatch):
    from spectral_bias.training.ensemble import job

    def diverge(*arguments):
        raise UserError("member 3: the training loss is nan at iteration 20")

    monkeypatch.setattr(job, "train_run", diverge)
    monkeypatch.setattr("spectral_bias.training.runs.MlpRun.of", lambda settings: settings)
    given, problem = batch_of(tmp_path, "waves"), tmp_path / "problem.npz"
    write_arrays(problem, {"x": np.zeros(1)}, {"data_checksum": "data"})
    record = tmp_path / "results/tiny" / PAPER / "waves/run.json"
    given["input"].problem, given["params"].run = str(problem), {"run": "waves"}

    class Outputs(list):
        record = str(tmp_path / "results/tiny" / PAPER / "waves/run.json")

    given["output"] = Outputs([Outputs.record])
    with pytest.raises(SystemExit) as ended:
        run_script("train_mlp", **given)
    line = "waves: member 3: the training loss is nan at iteration 20"
    assert ended.value.code == f"error: {line} (see {tmp_path / 'batch.log'})"
    assert not record.exists()


def measure(job, factor):
    """A measurement of made-up runs; called by its name."""
    value = json.loads(job.file("run").read_text())
    return {"values": pd.DataFrame({"item": [job.item], "value": [factor / value]})}


def test_measured_items_keep_their_files_apart_and_a_failing_one_is_named(tmp_path):
    for name, value in {"one": 2, "two": 4, "zero": 0}.items():
        (tmp_path / name).write_text(json.dumps(value))
        (tmp_path / f"tables/{name}").mkdir(parents=True)

    def given(*names):
        items = [{"item": n, "arguments": {"factor": 8}, "inputs": {"run": 1}} for n in names]
        measured = {"function": f"{__name__}:measure", "tables": ["values.csv"], "code": "code"}
        measured |= {"made_from": {"values": []}, "items": items}
        return {
            "input": [str(tmp_path / name) for name in names],
            "output": [str(tmp_path / f"tables/{name}/values.csv") for name in names],
            "params": SimpleNamespace(measure=measured),
            "config": {"device": "cpu"},
            "log": [str(tmp_path / "batch.log")],
        }

    run_script("measure", **given("two", "one"))
    tables = {name: (tmp_path / f"tables/{name}/values.csv").read_text() for name in ("one", "two")}
    assert tables == {"one": "item,value\none,4\n", "two": "item,value\ntwo,2\n"}
    with pytest.raises(SystemExit) as ended:
        run_script("measure", **given("one", "zero", "two"))
    assert re.fullmatch(r"error: measure zero: ZeroDivisionError: .* \(see .*\)", ended.value.code)


# --- the rules ----------------------------------------------------------------------------------


def test_jobs_of_several_are_rules_with_a_number(fresh):
    settings = load_settings({"scale": "tiny"}, REPOSITORY)
    section = settings.fridovichkeil2021.cifar10
    assert min(map(len, section.batches())) > 1, "at tiny scale no classifier stands alone"
    planned, numbers = fresh.jobs(), range(1, len(section.batches()) + 1)
    trained = {job for job in planned if re.match(rf"train_classifiers_|train_\w+ {PAPER}/", job)}
    assert trained == {f"train_classifiers_{number}" for number in numbers}
    assert training_jobs(settings, section.runs()) <= planned
    measured = {job for job in planned if job.startswith("measure_interpolation")}
    wanted = measuring_jobs(settings, section.measured_runs())
    assert measured == wanted | {"measure_interpolation_example"}
    assert "measure_interpolation_1" in wanted


SMALL = """\
extends: tiny
fridovichkeil2021:
  cifar10:
    architectures: []
    augmentations: []
    mixup_alphas: []
    teacher_weights: []
    train_sizes: [40, 80]
    extremes: {train_size: [], weight_decay: []}
    weight_decays: []    # one more
    wave: {frequencies: [0.1], compared: []}
    trajectory: {epochs: null, n_seeds: 1, measured: [0, 2], start: [0]}
    directions: {cycles: []}
    natural: {kinds: []}
    image_frequency: {kinds: []}
    single_class: {classes: []}
    trainings_per_job: 12
"""
DECAY = "[]    # one more"
BATCH = ("wrn_32", "wrn_32.uniform", "wrn_32.n40")
RECORDS = {name: f"{PAPER}/{name}/run.json" for name in BATCH}


def test_a_batch_makes_the_runs_that_single_jobs_make(fresh):
    """Under another scale each is taken over, alone and beside one that is trained."""
    scales = {
        "small": SMALL,
        "alone": SMALL.replace("per_job: 12", "per_job: 1"),
        "pairs": SMALL.replace("per_job: 12", "per_job: 2").replace(DECAY, "[0.001]"),
    }
    for name, text in scales.items():
        (fresh.root / f"{name}.yaml").write_text(text)

    def build(scale):
        targets = [f"results/{scale}/{record}" for record in RECORDS.values()]
        done = fresh.snakemake(*targets, config=f"scale={scale}.yaml")
        assert done.returncode == 0, done.stdout + done.stderr
        taken = {*re.findall(r"\[(\S+)\] taken over", done.stderr)}
        keys = [read_json(fresh.root / target)["run_key"] for target in targets]
        return taken, keys, {*re.findall(r"rule (train\w+):", done.stderr)}

    taken, keys, rules = build("small")
    assert taken == set() and rules == {"train_classifiers_1"}
    assert build("alone") == ({*BATCH}, keys, {"train_classifier"})
    assert build("pairs") == ({*BATCH}, keys, {"train_classifiers_1", "train_classifiers_3"})
    beside = fresh.root / f"results/pairs/{PAPER}/wrn_32.decay_0.001/run.json"
    assert read_json(beside)["scale"] == "pairs"

    def jobs(scale, **values):
        targets = [f"results/{scale}/{record}" for record in RECORDS.values()]
        changed = json.dumps({"cifar10": values}, separators=(",", ":"))
        return fresh.jobs(*targets, config=f"scale={scale}.yaml {PAPER}={changed}")

    # A setting of one of them trains its whole batch again, and so does another size of batches.
    other = {"wave": {"amplitude": 0.2}}
    assert jobs("small", **other) == {"train_classifiers_1"}
    assert jobs("alone", **other) == {f"train_classifier {PAPER}/wrn_32.uniform"}
    assert jobs("small", epochs=2) == set()
    alone = {f"train_classifier {PAPER}/{name}" for name in BATCH}
    assert jobs("small", trainings_per_job=1) == alone
