import json
import math

import pandas as pd
import pytest
from tracking_examples import run_facts

from spectral_bias.tracking import facts as fact


def test_settings_are_flattened_with_dots():
    assert fact.params(run_facts()) == {
        "network.depth": "6",
        "network.width": "256",
        "training.learning_rate": "0.0003",
        "training.iterations": "400",
        "training.amsgrad": "false",
        "target.frequencies": "[5, 10, 15]",
        "target.phases": "null",
        "target.name": "sinusoids",
        "problem": "sinusoids",
    }


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"problem": "delta"}, "delta"),
        ({"problem": "label_noise", "data": {"source": "digits", "classes": [3, 8]}}, "digits"),
        ({"data": {"source": "patches", "folder": None}}, "patches"),
        ({"data": {"source": "imagefolder", "folder": "/data/birds"}}, "imagefolder birds"),
        ({"data": {"source": "folder", "images": "photographs", "folder": None}}, "photographs"),
        ({}, "data"),
    ],
)
def test_a_dataset_is_named_after_its_source(settings, name):
    dataset = fact.dataset({"settings": settings, "data_checksum": "d2abd762f1f3"})
    assert (dataset["name"], dataset["digest"]) == (name, "d2abd762f1f3")
    assert fact.dataset({"settings": settings, "data_checksum": None}) is None


def test_descriptions_keep_what_each_scale_wrote():
    note = fact.with_scale_note("**a** run\n\nFiles: `a`", "b", fact.scale_note("b", ["x"], []))
    note = fact.with_scale_note(note, "c", fact.scale_note("c", ["y"], ["z"]))
    note = fact.with_scale_note(note, "b", fact.scale_note("b", ["w"], []))
    assert "Figures: x" not in note and note.count("Figures: w") == 1
    kept = fact.keep_scale_notes("**new**", note)
    assert kept.split("\n\n") == [
        "**new**",
        "Used as well by the **c** scale. Teacher of: z. Figures: y",
        "Used as well by the **b** scale. Figures: w",
    ]


def test_a_run_says_what_its_readers_are_warned_of():
    warned = run_facts() | {"warnings": ["ends at a training loss of 1e+19", "near chance"]}
    assert fact.training_tags(warned)["warnings"] == "ends at a training loss of 1e+19; near chance"
    first, _ = fact.training_note(warned).split("\n\n")
    assert "3 networks, curves are their means. **Warning:** ends at a training loss" in first
    for quiet in (run_facts(), run_facts() | {"warnings": []}):
        assert "warnings" not in fact.training_tags(quiet)
        assert "Warning" not in fact.training_note(quiet)


def test_an_empty_group_is_shown():
    assert dict(fact.flatten({"a": {"b": {}}, "c": []})) == {"a.b": {}, "c": []}


def test_long_params_are_cut_visibly():
    text = fact.params({"settings": {"long": "x" * 7000}})["long"]
    assert len(text) == 6000 and text.endswith("x [cut]")


@pytest.mark.parametrize(
    "name", ["amplitude (k=5)", "a,b|c%", "[x]@y", "é", "/a//b", "loss/train_2: a.b-c"]
)
def test_keys_are_such_as_mlflow_accepts(name):
    from mlflow.utils.validation import _validate_metric_name

    _validate_metric_name(fact.valid_key(name))


def test_good_keys_stay_as_they_are():
    assert fact.valid_key("amplitude/k_005 a:b.c-d") == "amplitude/k_005 a:b.c-d"


def test_points_are_ordered_and_their_times_spread_over_the_run():
    table = pd.DataFrame(
        {"iteration": [100, 0, 50], "metric": "loss/train", "value": [1.0, 3.0, math.inf]}
    )
    assert fact.points(table, 1000, 2000) == [
        ("loss/train", 0, 3.0, 1000),
        ("loss/train", 50, math.inf, 1500),
        ("loss/train", 100, 1.0, 2000),
    ]


def test_a_table_with_one_iteration_or_none_has_points():
    one = pd.DataFrame({"iteration": [0], "metric": "loss", "value": [2.0]})
    assert fact.points(one, 1000, 2000) == [("loss", 0, 2.0, 1000)]
    assert fact.points(one.iloc[:0], 1000, 2000) == []


def test_milliseconds_count_from_1970_in_utc():
    assert fact.milliseconds("1970-01-01T01:00:01.500000+01:00") == 1500


def test_content_digest_depends_on_names_and_bytes_only(tmp_path):
    paths = [tmp_path / "a.json", tmp_path / "b.json"]
    for path in paths:
        path.write_text(json.dumps(1))
    first = fact.content_digest(paths)
    assert fact.content_digest(reversed(paths)) == first
    paths[1].write_text(json.dumps(2))
    assert fact.content_digest(paths) != first


def test_unknown_facts_are_left_out_of_the_tags():
    tags = fact.training_tags({**run_facts(), "members": None})
    assert tags["seed"] == "0" and tags["device"] == "cpu" and tags["version.torch"] == "2.12.0"
    assert not {"members", "data_checksum"} & tags.keys()
