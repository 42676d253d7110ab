"""Values and verdicts of the claims, at the figures that carry them."""

import json

import pytest
from tracking_examples import run_facts, track, write_figure, write_run


def claim(name, figures, value, verdict, paper="rahaman2018", **more):
    """An entry of claims.json."""
    return {
        "id": name,
        "paper": paper,
        "statement": f"The statement {name}.",
        "figures": figures,
        "unit": "",
        "value": value,
        "verdict": verdict,
        "undecided": "no data" if verdict == "not tested" else None,
        "others": [],
    } | more


CLAIMS = [
    claim("lower_first", ["fig01", "fig02"], 0.93, "holds"),
    claim("norms_grow", ["fig01"], None, "not tested"),
    claim("elsewhere", ["fig01"], 0.5, "fails", paper="fridovichkeil2021"),
]


@pytest.fixture
def figures(results, scale):
    """Two figures of a run; returns a function that tracks them along with claims."""
    write_run(results, run_facts(key="aa", scale=scale))
    for figure in ("fig01", "fig02", "fig03"):
        write_figure(results, ["aa"], figure, scale)

    def tracked(claims=None, **more):
        if claims is not None:
            (results / scale / "claims.json").write_text(json.dumps(claims))
        outcome = track(results, scale, **more)
        assert outcome["problem"] is None
        return [outcome["figures"][f"rahaman2018/fig0{n}"]["run_id"] for n in (1, 2, 3)]

    return tracked


def shown(client, run_id):
    """(metrics, tags) of a figure that tell of claims."""
    data = client.get_run(run_id).data
    metrics = {key: value for key, value in data.metrics.items() if key.startswith("claim")}
    return metrics, {key: value for key, value in data.tags.items() if key.startswith("claim")}


def test_claims_are_metrics_and_tags_of_their_figures(figures, client):
    fig01, fig02, fig03 = figures(CLAIMS)
    metrics, tags = shown(client, fig01)
    counts = {"claims_hold": 1, "claims_fail": 0, "claims_not_tested": 1}
    assert metrics == {"claim/lower_first": 0.93} | counts
    assert tags == {"claim.lower_first": "holds", "claim.norms_grow": "not tested: no data"}
    metrics, tags = shown(client, fig02)
    assert metrics == {"claim/lower_first": 0.93} | counts | {"claims_not_tested": 0}
    assert tags == {"claim.lower_first": "holds"}
    assert shown(client, fig03) == ({}, {})


def test_other_measures_of_a_claim_and_its_unit_are_shown_and_not_counted(figures, client):
    others = [
        {"measure": "windowed (Hann)", "value": 0.25, "verdict": "fails"},
        {"measure": "chord off", "value": None, "verdict": "not tested"},
    ]
    more = {"unit": "networks (seeds)", "others": others}
    metrics, tags = shown(client, figures([claim("rises", ["fig01"], -0.5, "holds", **more)])[0])
    counts = {"claims_hold": 1, "claims_fail": 0, "claims_not_tested": 0}
    values = {"claim/rises": -0.5, "claim/rises/windowed _Hann": 0.25}
    assert metrics == values | counts
    assert tags == {
        "claim.rises": "holds",
        "claim.rises.interval_over": "networks (seeds)",
        "claim.rises.windowed _Hann": "fails",
        "claim.rises.chord off": "not tested",
    }
    changed = [claim("rises", ["fig01"], -0.5, "holds", **more | {"others": []})]
    assert set(shown(client, figures(changed)[0])[0]) == {"claim/rises", *counts}


def test_the_same_claims_again_add_nothing(figures, client):
    ids = figures(CLAIMS)
    assert figures(CLAIMS) == ids
    history = client.get_metric_history(ids[0], "claim/lower_first")
    assert [(point.step, point.value) for point in history] == [(0, 0.93)]


def test_claims_that_are_decided_later_join_their_figures(figures, client):
    ids = figures()
    assert shown(client, ids[0]) == ({}, {})
    assert figures(CLAIMS) == ids
    assert shown(client, ids[0])[0]["claim/lower_first"] == 0.93


def test_another_value_supersedes_the_figure_that_shows_the_old_one(figures, client):
    old = figures(CLAIMS)
    new = figures([CLAIMS[0] | {"value": 0.1, "verdict": "fails"}, CLAIMS[1]])
    assert new[0] != old[0] and new[1] != old[1] and new[2] == old[2]
    assert client.get_run(old[0]).data.tags["superseded"] == "true"
    metrics, tags = shown(client, new[0])
    assert metrics["claim/lower_first"] == 0.1 and metrics["claims_fail"] == 1
    assert tags["claim.lower_first"] == "fails"


def test_a_claim_that_is_gone_is_shown_no_more(figures, client):
    old = figures(CLAIMS)
    new = figures([])
    assert shown(client, new[0]) == ({}, {}) and new[0] != old[0]


def test_claims_may_lie_elsewhere(figures, results, scale, client, tmp_path):
    figures()
    (tmp_path / "other.json").write_text(json.dumps(CLAIMS))
    found = track(results, scale, claims=tmp_path / "other.json")["figures"]
    assert shown(client, found["rahaman2018/fig02"]["run_id"])[1] == {"claim.lower_first": "holds"}


@pytest.mark.parametrize(
    ("content", "problem"), [("{", "JSONDecodeError"), ('[{"id": 1}]', "'paper' is missing")]
)
def test_claims_that_cannot_be_read_do_not_stop_the_rest(results, content, problem):
    scale = f"bad_claims_{len(content)}"
    write_run(results, run_facts(key="aa", scale=scale))
    write_figure(results, ["aa"], "fig01", scale)
    (results / scale / "claims.json").write_text(content)
    outcome = track(results, scale)
    assert "claims.json" in outcome["problem"] and problem in outcome["problem"]
    assert len(outcome["figures"]) == 1
