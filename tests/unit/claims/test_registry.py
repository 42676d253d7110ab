"""Verdicts follow from interval and threshold alone; evaluation never crashes or emits NaN."""

import json
import math
from types import SimpleNamespace

import pandas as pd
import pytest

from spectral_bias import experiments
from spectral_bias.claims.checks import CHECK_KEYS, Check, evaluate_checks
from spectral_bias.claims.registry import (
    KEYS,
    NOTE_MARK,
    OTHER_KEYS,
    UNMEASURED,
    Claim,
    OtherMeasure,
    evaluate,
    shown_verdict,
    verdict,
)
from spectral_bias.statistics import Estimate, UndecidedError


def claim(measure, **changes):
    fields = {
        "id": "x",
        "paper": "rahaman2018",
        "statement": "S.",
        "figures": ("fig01",),
        "statistic": "mean",
        "threshold": 1.0,
        "threshold_reason": "because",
        "direction": "above",
        "tables": ("t",),
        "measure": measure,
    }
    return Claim(**(fields | changes))


TABLES = {"t": pd.DataFrame({"a": [1.0]})}


@pytest.mark.parametrize(
    ("low", "high", "above", "below"),
    [
        (1.1, 2.0, "holds", "fails"),
        (0.1, 0.9, "fails", "holds"),
        (0.9, 1.1, "not tested", "not tested"),
        (1.0, 2.0, "not tested", "not tested"),
        (0.0, 1.0, "not tested", "not tested"),
        (1.0, 1.0, "not tested", "not tested"),
        (1.5, 1.5, "holds", "fails"),
    ],
)
def test_verdict_of_every_position_of_the_interval(low, high, above, below):
    estimate = Estimate((low + high) / 2, low, high, 5)
    assert verdict(estimate, 1.0, "above") == above
    assert verdict(estimate, 1.0, "below") == below


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        (None, None, None),
        (2.0, None, 3.0),
        (math.nan, 2.0, 3.0),
        (2.0, 2.0, math.nan),
        (math.inf, 2.0, math.inf),
    ],
)
def test_verdict_without_finite_numbers_is_not_tested(value, low, high):
    assert verdict(Estimate(value, low, high, 5), 1.0, "above") == "not tested"


def test_evaluated_claim_has_exactly_the_agreed_keys():
    (result,) = evaluate([claim(lambda t: Estimate(2.0, 1.5, 2.5, 7, "k = 5"))], TABLES)
    assert tuple(result) == KEYS
    assert result["verdict"] == "holds" and result["n_runs"] == 7
    assert result["statistic"] == f"mean{NOTE_MARK}k = 5"
    assert result["figures"] == ["fig01"]
    assert result["measure"] == result["unit"] == "" and result["others"] == []
    assert result["margin"] is result["undecided"] is None


def raises_undecided(tables):
    raise UndecidedError("too few runs", 2)


@pytest.mark.parametrize(
    ("measure", "tables", "note", "n_runs"),
    [
        (lambda t: Estimate(2.0, 1.5, 2.5, 7), {}, "not measured: t", 0),
        (raises_undecided, TABLES, "too few runs", 2),
        (lambda t: Estimate(None, None, None, 3, "why"), TABLES, "why", 3),
        (lambda t: Estimate(math.nan, 0.0, 1.0, 3), TABLES, "no finite number", 3),
        (lambda t: Estimate(2.0, -math.inf, math.inf, 3), TABLES, "no finite number", 3),
        (lambda t: Estimate(2.0, None, None, 3), TABLES, "no finite number", 3),
    ],
)
def test_undecided_claims_say_why_and_hold_no_nan(measure, tables, note, n_runs):
    (result,) = evaluate([claim(measure)], tables)
    assert result["verdict"] == "not tested"
    assert result["value"] is result["ci_low"] is result["ci_high"] is None
    assert note in result["statistic"] and result["n_runs"] == n_runs
    assert result["undecided"] == "no data" and shown_verdict(result) == "not tested: no data"
    json.dumps(result, allow_nan=False)


def test_interval_over_the_threshold_is_said():
    (result,) = evaluate([claim(lambda t: Estimate(1.1, 0.5, 2.5, 7))], TABLES)
    assert result["verdict"] == "not tested" and result["value"] == 1.1
    assert result["statistic"].endswith("the interval includes the threshold")
    assert result["undecided"] == "inconclusive"
    assert shown_verdict(result) == "not tested: inconclusive"


@pytest.mark.parametrize(
    ("low", "high", "above", "below"),
    [
        (1.01, 1.09, "fails", "fails"),  # on one side, but too small to count
        (0.91, 0.99, "fails", "fails"),
        (0.95, 1.05, "fails", "fails"),  # on both sides: without a margin not tested
        (1.01, 1.2, "holds", "fails"),
        (0.8, 0.99, "fails", "holds"),
        (0.95, 1.2, "not tested", "not tested"),
        (0.5, 1.5, "not tested", "not tested"),
        (1.1, 1.2, "holds", "fails"),
    ],
)
def test_an_effect_within_the_margin_fails(low, high, above, below):
    found = Estimate((low + high) / 2, low, high, 5, "k = 5")
    for direction, wanted in (("above", above), ("below", below)):
        assert verdict(found, 1.0, direction, 0.1) == wanted
        (result,) = evaluate([claim(lambda t: found, direction=direction, margin=0.1)], TABLES)
        assert result["verdict"] == wanted and result["margin"] == 0.1
        assert (result["undecided"] is None) == (wanted != "not tested")
        said = "the whole interval lies within the margin ±0.1; k = 5" in result["statistic"]
        assert said == (low > 0.9 and high < 1.1)


def test_other_measures_have_verdicts_by_the_same_rule_and_decide_nothing():
    others = (
        OtherMeasure("windowed", lambda t: Estimate(-0.5, -0.6, -0.4, 7)),
        OtherMeasure("chord off", lambda t: Estimate(1.0, 0.9, 1.05, 7)),
        OtherMeasure("half", lambda t: Estimate(1.2, 0.8, 1.7, 7)),
        OtherMeasure("gone", raises_undecided),
    )
    one = claim(
        lambda t: Estimate(2.0, 1.5, 2.5, 7), margin=0.2, measure_name="raw", others=others,
        unit="networks (seeds)",
    )  # fmt: skip
    (result,) = evaluate([one], TABLES)
    assert (result["verdict"], result["measure"]) == ("holds", "raw")
    assert result["unit"] == "networks (seeds)"
    assert all(tuple(other) == OTHER_KEYS for other in result["others"])
    found = [(other["measure"], other["value"], other["verdict"]) for other in result["others"]]
    assert found == [
        ("windowed", -0.5, "fails"),
        ("chord off", 1.0, "fails"),
        ("half", 1.2, "not tested"),
        ("gone", None, "not tested"),
    ]
    (absent,) = evaluate([one], {})
    assert {other["verdict"] for other in absent["others"]} == {"not tested"}


def test_a_statement_names_what_was_measured():
    def subject(tables):
        if tables["t"].empty:
            raise UndecidedError("no images")
        return tables["t"]["a"].iloc[0]

    one = claim(raises_undecided, statement="On {subject} it rises.", subject=subject)
    tables = {"t": pd.DataFrame({"a": ["ImageNet"]})}
    assert evaluate([one], tables)[0]["statement"] == "On ImageNet it rises."
    for nothing in ({}, {"t": pd.DataFrame()}):
        assert evaluate([one], nothing)[0]["statement"] == f"On {UNMEASURED} it rises."


def test_errors_of_the_pipeline_are_not_hidden():
    def broken(tables):
        return tables["t"]["no such column"]

    with pytest.raises(KeyError):
        evaluate([claim(broken)], TABLES)


def check(measure, **changes):
    names = ("id", "paper", "statement", "figures", "statistic", "threshold", "threshold_reason")
    fields = {name: getattr(claim(None), name) for name in (*names, "direction", "tables")}
    return Check(**(fields | {"measure": measure} | changes))


@pytest.mark.parametrize(
    ("measure", "direction", "value", "result"),
    [
        (lambda t: 1.5, "above", 1.5, "passes"),
        (lambda t: 1.5, "below", 1.5, "does not pass"),
        (lambda t: 1.0, "above", 1.0, "does not pass"),
        (lambda t: 1.0, "below", 1.0, "does not pass"),
        (lambda t: 0.12345678, "below", 0.123457, "passes"),
        (lambda t: math.nan, "above", None, "no data"),
        (raises_undecided, "above", None, "no data"),
    ],
)
def test_a_check_passes_strictly_on_its_side(measure, direction, value, result):
    (found,) = evaluate_checks([check(measure, direction=direction)], TABLES)
    assert tuple(found) == CHECK_KEYS
    assert (found["value"], found["result"]) == (value, result)
    json.dumps(found, allow_nan=False)


def test_a_check_without_a_number_says_why():
    for tables, said in ((TABLES, "too few runs"), ({}, "not measured: t")):
        (found,) = evaluate_checks([check(raises_undecided)], tables)
        assert found["statistic"] == f"mean{NOTE_MARK}{said}"


@pytest.mark.parametrize("changes", [{"direction": "up"}, {"threshold": math.inf}])
def test_a_check_needs_a_border_and_a_side(changes):
    with pytest.raises(ValueError, match="check x: "):
        check(raises_undecided, **changes)


OTHER = OtherMeasure("windowed", raises_undecided)


@pytest.mark.parametrize(
    "changes",
    [
        {"direction": "up"},
        {"threshold": math.nan},
        {"threshold_reason": " "},
        {"margin": 0.0},
        {"margin": math.inf},
        {"others": (OTHER,)},
        {"others": (OTHER, OTHER), "measure_name": "raw"},
        {"others": (OTHER,), "measure_name": "windowed"},
        {"subject": lambda t: "ImageNet"},
        {"statement": "On {subject}."},
    ],
)
def test_what_a_claim_says_must_be_complete(changes):
    with pytest.raises(ValueError, match="claim x"):
        claim(lambda t: None, **changes)


# The claims of all papers


def test_claims_of_all_papers_are_distinct_and_name_tables_and_figures_that_exist():
    claims = experiments.all_claims()
    assert len({claim.id for claim in claims}) == len(claims) > 60
    assert {name for claim in claims for name in claim.tables} <= experiments.tables().keys()
    for claim in claims:
        assert claim.figures and {*claim.figures} <= experiments.figures()[claim.paper].keys()
    assert {result["verdict"] for result in evaluate(claims, {})} == {"not tested"}


def test_checks_of_all_papers_are_distinct_from_claims_and_name_what_exists():
    checks = experiments.all_checks()
    ids = {check.id for check in checks}
    assert len(ids) == len(checks) >= 4
    assert ids.isdisjoint(claim.id for claim in experiments.all_claims())
    for one in checks:
        assert one.figures and {*one.figures} <= experiments.figures()[one.paper].keys()
        assert {*one.tables} <= experiments.tables().keys()
    assert {found["result"] for found in evaluate_checks(checks, {})} == {"no data"}


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        (
            [{"tables": ("sinusoids_spectrm",)}],
            "claim x: no measurement makes .*'sinusoids_spectrm'",
        ),
        ([{"tables": ()}, {"tables": ()}], "two claims have the id x"),
    ],
)
def test_a_misspelt_table_or_an_id_twice_is_an_error(claims, said, monkeypatch):
    module = SimpleNamespace(CLAIMS=tuple(claim(None, **changes) for changes in claims))
    monkeypatch.setattr(experiments, "claim_modules", lambda: ("made_up",))
    monkeypatch.setattr(experiments, "import_module", lambda name: module)
    experiments.tables()  # is made of real modules
    with pytest.raises(ValueError, match=said):
        experiments.all_claims.__wrapped__()
    module = SimpleNamespace(CHECKS=tuple(check(None, **changes) for changes in claims))
    with pytest.raises(ValueError, match=said.replace("claim", "check")):
        experiments.all_checks.__wrapped__()
