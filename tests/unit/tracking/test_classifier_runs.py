"""Image classifiers in the store: found by their settings, tied to teachers, with measurements."""

import pandas as pd
import pytest
from tracking_examples import run_facts, track, write_run

from spectral_bias.tracking import facts as fact

WAVE = {"kind": "radial", "frequency": 0.038, "amplitude": 0.1, "noise_class": None, "seed": 0}


def classifier(run, key, scale, **settings):
    """The facts of a classifier's run.json."""
    common = {
        "architecture": "wrn_32",
        "augmentation": {"name": "cutout", "flip_crop": True, "cutout": 16},
        "n_train": 2000,
        "seed": 0,
        "wave": None,
        "teacher": None,
    }
    facts = run_facts(run, key, scale, paper="fridovichkeil2021")
    return facts | {"members": 1, "settings": common | settings}


def per_epoch(epochs=3):
    rows = [(epoch, f"loss/{part}", 1 / epoch) for epoch in range(1, epochs + 1) for part in "ab"]
    return pd.DataFrame(rows, columns=["iteration", "metric", "value"])


def found(client, scale, query):
    """Names of the runs of the paper that a query finds."""
    experiment = client.get_experiment_by_name("fridovichkeil2021").experiment_id
    runs = client.search_runs([experiment], f"tags.scale = '{scale}' and {query}")
    return sorted(run.data.tags["run"] for run in runs)


def test_settings_filter_classifiers(results, scale, client):
    for facts in (
        classifier("wrn_32", "aa", scale),
        classifier("wrn_32.radial_0.038", "bb", scale, wave=WAVE),
        classifier("wrn_160.radial_0.1", "cc", scale, wave=WAVE | {"frequency": 0.1}, seed=3),
        classifier("wrn_32.n500", "dd", scale, n_train=500, augmentation={"name": "mixup"}),
    ):
        write_run(results, facts, per_epoch())
    assert track(results, scale)["problem"] is None
    assert found(client, scale, "params.architecture = 'wrn_32' and params.wave = 'null'") == [
        "wrn_32",
        "wrn_32.n500",
    ]
    assert found(client, scale, "params.wave.frequency = '0.038'") == ["wrn_32.radial_0.038"]
    assert len(found(client, scale, "params.wave.kind = 'radial'")) == 2
    assert found(client, scale, "params.n_train = '500'") == ["wrn_32.n500"]
    assert found(client, scale, "params.augmentation.name = 'mixup'") == ["wrn_32.n500"]
    assert found(client, scale, "params.seed = '3'") == ["wrn_160.radial_0.1"]
    experiment = client.get_experiment_by_name("fridovichkeil2021")
    assert "Spectral Bias in Practice" in experiment.tags["mlflow.note.content"]


def test_curves_are_over_epochs(results, scale, client):
    write_run(results, classifier("wrn_32", "aa", scale), per_epoch())
    (run_id,) = track(results, scale)["runs"].values()
    history = client.get_metric_history(run_id, "loss/a")
    assert [(point.step, point.value) for point in history] == [
        (1, 1.0),
        (2, 0.5),
        (3, pytest.approx(1 / 3)),
    ]


def test_teachers_and_students_lead_to_each_other(results, scale, client):
    write_run(results, classifier("wrn_32", "aa", scale), per_epoch())
    for generation, key, teacher in ((1, "bb", "wrn_32"), (2, "cc", "wrn_32.gen1")):
        facts = classifier(f"wrn_32.gen{generation}", key, scale, teacher=teacher)
        write_run(results, facts, per_epoch())
    ids = track(results, scale)["runs"]
    tags = {key: client.get_run(run_id).data.tags for key, run_id in ids.items()}

    assert "teacher_run_id" not in tags["aa"]
    assert (tags["aa"]["students"], tags["aa"]["student_run_ids"]) == ("wrn_32.gen1", ids["bb"])
    assert (tags["bb"]["teacher"], tags["bb"]["teacher_run_id"]) == ("wrn_32", ids["aa"])
    assert tags["bb"]["student_run_ids"] == ids["cc"]
    assert tags["cc"]["teacher_run_id"] == ids["bb"] and "students" not in tags["cc"]
    notes = {key: each["mlflow.note.content"] for key, each in tags.items()}
    assert "Teacher of: [wrn_32.gen1](#/experiments/" in notes["aa"]
    assert f"/runs/{ids['bb']}?" in notes["aa"] and f"/runs/{ids['aa']}?" in notes["bb"]
    assert "Distilled from: [wrn_32](#/experiments/" in notes["bb"]
    assert "Distilled" not in notes["aa"] and "Teacher of" not in notes["cc"]


def test_a_student_that_is_gone_leaves_no_link(results, scale, client):
    write_run(results, classifier("wrn_32", "aa", scale), per_epoch())
    student = write_run(results, classifier("gen1", "bb", scale, teacher="wrn_32"), per_epoch())
    run_id = track(results, scale)["runs"]["aa"]
    (student / "run.json").unlink()
    track(results, scale)
    tags = client.get_run(run_id).data.tags
    assert tags["students"] == "" and "Teacher of" not in tags["mlflow.note.content"]


def test_measurements_of_a_run_are_its_artifacts(results, scale, client):
    folder = write_run(results, classifier("wrn_32", "aa", scale), per_epoch())
    (folder / "interpolation_summary.csv").write_text("epoch,within_fraction\n3,0.1\n")
    (run_id,) = track(results, scale)["runs"].values()
    assert "interpolation_summary.csv" in {file.path for file in client.list_artifacts(run_id)}

    longer = "epoch,within_fraction\n3,0.1\n4,0.2\n"
    (folder / "interpolation_summary.csv").write_text(longer)
    (folder / "interpolation_spectra.csv").write_text("epoch\n")
    assert list(track(results, scale)["runs"].values()) == [run_id]
    sizes = {file.path: file.file_size for file in client.list_artifacts(run_id)}
    assert sizes["interpolation_summary.csv"] == len(longer)
    assert "interpolation_spectra.csv" in sizes


SUMMARY = """run,epoch,test_accuracy,shifted_accuracy,within_fraction,between_fraction
wrn_32,0,0.1,,0.05,0.06
wrn_32,3,0.7,,0.09,0.13
"""


def fractions(client, run_id):
    """{(metric, epoch): value} of the high-frequency fractions of a run."""
    keys = [key for key in client.get_run(run_id).data.metrics if key.startswith("high_freq")]
    return {(k, p.step): p.value for k in keys for p in client.get_metric_history(run_id, k)}


def test_high_frequency_fractions_are_curves_over_epochs(results, scale, client):
    folder = write_run(results, classifier("wrn_32", "aa", scale), per_epoch())
    (folder / "interpolation_summary.csv").write_text(SUMMARY)
    (run_id,) = track(results, scale)["runs"].values()
    wanted = {
        ("high_frequency_fraction/within", 0): 0.05,
        ("high_frequency_fraction/within", 3): 0.09,
        ("high_frequency_fraction/between", 0): 0.06,
        ("high_frequency_fraction/between", 3): 0.13,
    }
    assert fractions(client, run_id) == wanted
    assert client.get_run(run_id).data.metrics["high_frequency_fraction/between"] == 0.13
    (folder / "class_accuracy.csv").write_text("epoch\n")  # makes the import look again
    assert list(track(results, scale)["runs"].values()) == [run_id]
    assert fractions(client, run_id) == wanted


def test_a_run_that_is_measured_later_gets_its_fractions(results, scale, client):
    folder = write_run(results, classifier("wrn_32", "aa", scale), per_epoch())
    (run_id,) = track(results, scale)["runs"].values()
    assert fractions(client, run_id) == {}
    (folder / "interpolation_summary.csv").write_text(SUMMARY)
    assert list(track(results, scale)["runs"].values()) == [run_id]
    assert len(fractions(client, run_id)) == 4


def test_a_run_that_is_measured_differently_supersedes_its_old_one(results, scale, client):
    folder = write_run(results, classifier("wrn_32", "aa", scale), per_epoch())
    (folder / "interpolation_summary.csv").write_text(SUMMARY)
    (old,) = track(results, scale)["runs"].values()
    (folder / "interpolation_summary.csv").write_text(SUMMARY.replace("0.13", "0.14"))
    (new,) = track(results, scale)["runs"].values()
    assert client.get_run(old).data.tags["superseded"] == "true"
    assert fractions(client, new)["high_frequency_fraction/between", 3] == 0.14


def test_a_fraction_of_no_pair_is_no_point(results, scale, client):
    folder = write_run(results, classifier("wrn_32", "aa", scale), per_epoch())
    (folder / "interpolation_summary.csv").write_text("epoch,within_fraction\n0,\n1,0.2\n")
    (run_id,) = track(results, scale)["runs"].values()
    assert fractions(client, run_id) == {("high_frequency_fraction/within", 1): 0.2}


def test_long_lists_end_with_a_number():
    assert fact.listed(["ab", "cd"]) == "ab, cd" and fact.listed([]) == ""
    assert fact.listed(["ab", "cd", "ef", "gh"], 9) == "ab, cd … and 2 more"


def test_descriptions_of_many_runs_fit_into_a_tag():
    """Links to every run of a figure would not: MLflow would cut them in the middle."""
    links = [f"[wrn_32.radial_{n}](#/experiments/1/runs/{n:032x}?x)" for n in range(500)]
    meta = {"title": "t", "scale": "paper", "figure": "fig10", "caption": "c" * 2000}
    note = fact.figure_note(meta, "results/paper/figures/fig10", links, "picture")
    shown = sum(link in note for link in links)
    assert len(note) < fact.MAX_TAG and 20 < shown < 500
    assert f"… and {500 - shown} more" in note
    note = fact.training_note(run_facts(), links, links[0], links)
    assert len(note) < fact.MAX_TAG
