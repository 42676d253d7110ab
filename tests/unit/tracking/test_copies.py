"""A run whose files two scales have in common is one run of the store."""

import os
import shutil

import pytest
from tracking_examples import curves, run_facts, track, write_figure, write_run


@pytest.fixture
def scales(scale):
    """Names of the scale that trained and of the one that holds a copy."""
    return f"{scale}_a", f"{scale}_b"


def copied(results, old, new, run="sinusoids_equal"):
    """Copies the result folder of a run as hard links."""
    source, target = (results / scale / "rahaman2018" / run for scale in (old, new))
    shutil.copytree(source, target, copy_function=os.link)
    return target


def in_store(client, *scales):
    """Runs of the store at these scales."""
    experiment = client.get_experiment_by_name("rahaman2018").experiment_id
    runs = client.search_runs([experiment])
    return [run for run in runs if run.data.tags["scale"] in scales]


@pytest.mark.parametrize("first", [0, 1])
def test_both_scales_lead_to_one_run(results, client, first):
    a, b = scales = f"one_run_{first}_a", f"one_run_{first}_b"
    write_run(results, run_facts(key="aa", scale=a))
    copied(results, a, b)
    order = (scales[first], scales[1 - first], scales[first])
    outcomes = [track(results, scale) for scale in order]
    assert [outcome["problem"] for outcome in outcomes] == [None] * 3
    (run,) = in_store(client, a, b)
    assert [outcome["runs"] for outcome in outcomes] == [{"aa": run.info.run_id}] * 3
    assert run.data.tags["superseded"] == "false" and run.data.tags["scale"] == a
    assert run.data.tags["result_path"] == f"results/{a}/rahaman2018/sinusoids_equal"
    assert len(client.list_artifacts(run.info.run_id)) == 4


def test_figures_of_both_scales_have_the_run_as_their_source(results, scales, client):
    a, b = scales
    write_run(results, run_facts(key="aa", scale=a))
    copied(results, a, b)
    write_run(results, run_facts("own", "bb", b))
    write_figure(results, ["aa"], "fig01", a)
    write_figure(results, ["aa", "bb"], "fig02", b)
    first, second = (track(results, scale) for scale in scales)
    shared = first["runs"]["aa"]
    fig01, fig02 = first["figures"]["rahaman2018/fig01"], second["figures"]["rahaman2018/fig02"]
    assert fig02["source_run_ids"] == [shared, second["runs"]["bb"]]
    figure = client.get_run(fig02["run_id"]).data.tags
    assert figure["source_runs"] == "sinusoids_equal, own"
    assert f"/runs/{shared}?" in figure["mlflow.note.content"]

    for again in (a, b, a):
        tags = client.get_run(shared).data.tags
        assert tags["figures"] == "fig01" and tags["figure_run_ids"] == fig01["run_id"]
        assert tags[f"figures.{b}"] == "fig02"
        assert tags[f"figure_run_ids.{b}"] == fig02["run_id"]
        note = tags["mlflow.note.content"]
        assert f"{a} scale, 3 networks" in note and note.count(f"/runs/{fig01['run_id']}?") == 1
        assert note.count(f"Used as well by the **{b}** scale. Figures: [fig02](#/exp") == 1
        track(results, again)


def test_a_copy_of_an_original_that_is_gone_leads_to_its_run(results, scales, client):
    a, b = scales
    original = write_run(results, run_facts(key="aa", scale=a))
    copied(results, a, b)
    run_id = track(results, a)["runs"]["aa"]
    shutil.rmtree(original)
    assert track(results, b)["runs"] == {"aa": run_id}
    assert len(in_store(client, a, b)) == 1


def test_a_copy_that_outlives_its_original_and_the_store_is_a_run_of_its_own(
    results, scales, client
):
    a, b = scales
    original = write_run(results, run_facts(key="aa", scale=a))
    copied(results, a, b)
    shutil.rmtree(original)
    for _ in range(2):
        run_id = track(results, b)["runs"]["aa"]
        (run,) = in_store(client, a, b)
        assert run.info.run_id == run_id and run.data.tags["scale"] == b
        assert run.data.tags["result_path"] == f"results/{b}/rahaman2018/sinusoids_equal"


def test_an_original_that_is_trained_anew_keeps_its_place(results, scales, client):
    a, b = scales
    write_run(results, run_facts(key="aa", scale=a))
    target = copied(results, a, b)
    old = track(results, a)["runs"]["aa"]
    shutil.rmtree(results / a)  # hard links: writing over would change the copy
    write_run(results, run_facts(key="cc", scale=a), curves(range(0, 201, 100)))
    new = track(results, a)["runs"]["cc"]
    assert track(results, b)["runs"] == {"aa": old} and target.exists()
    assert client.get_run(new).data.tags["superseded"] == "false"
    assert len(in_store(client, a, b)) == 2


def test_a_copy_supersedes_what_was_trained_in_its_place(results, scales, client):
    a, b = scales
    folder = write_run(results, run_facts(key="own", scale=b))
    own = track(results, b)["runs"]["own"]
    shutil.rmtree(folder)
    write_run(results, run_facts(key="aa", scale=a))
    copied(results, a, b)
    shared = track(results, b)["runs"]["aa"]
    superseded = {r.info.run_id: r.data.tags["superseded"] for r in in_store(client, a, b)}
    assert superseded == {own: "true", shared: "false"}


def test_a_student_trained_elsewhere_leads_to_the_teacher_that_was_copied(results, scales, client):
    a, b = scales
    write_run(results, run_facts("teacher", "aa", a))
    copied(results, a, b, "teacher")
    facts = run_facts("student", "bb", b)
    write_run(results, facts | {"settings": facts["settings"] | {"teacher": "teacher"}})
    ids = track(results, b)["runs"]
    assert client.get_run(ids["bb"]).data.tags["teacher_run_id"] == ids["aa"]
    teacher = client.get_run(ids["aa"]).data.tags
    assert f"**{b}** scale. Teacher of: [student](#/exp" in teacher["mlflow.note.content"]
