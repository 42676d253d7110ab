"""The report holds every figure and claim, and nothing that has to be fetched."""

import base64
import html
import json
import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from spectral_bias.claims import ALL_CLAIMS
from spectral_bias.claims.registry import NOTE_MARK
from spectral_bias.report import (
    ReportSources,
    build_report,
    duration,
    flattened,
    label,
    number,
    outcome,
)

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
RUN = {
    "paper": "rahaman2018",
    "run": "sinusoids_equal",
    "scale": "quick",
    "run_key": "0123456789ab",
    "settings": {"network": {"width": 128}, "frequencies": [2, 4]},
    "members": 10,
    "seed": 7,
    "device": "cpu",
    "precision": "float32",
    "versions": {"torch": "2.12.0"},
    "started": "2026-01-02T03:04:05+00:00",
    "wall_seconds": 75.0,
    "resumed": False,
}
AGREEMENT = {
    "name": "mean distance",
    "value": 0.0123,
    "unit": "of A",
    "meaning": "0 is equal",
}


def claim(**changes):
    entry = {
        "id": "sinusoids_equal_lower_first",
        "paper": "rahaman2018",
        "statement": "Lower frequencies are <first>.",
        "figures": ["fig01"],
        "statistic": f"tau{NOTE_MARK}10 of 10 reached",
        "value": 0.9,
        "ci_low": 0.8,
        "ci_high": 1.0,
        "threshold": 0.5,
        "verdict": "holds",
        "n_runs": 10,
    }
    return entry | changes


@pytest.fixture
def build(tmp_path):
    def write(path, content):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
        return path

    def build(figures=("fig01",), claims=(), runs=(RUN,), figure_changes=None, **changes):
        paths = []
        for name in figures:
            stem = tmp_path / "figures" / "rahaman2018" / name
            content = {
                "paper": "rahaman2018",
                "figure": name,
                "title": f"Title of {name}",
                "caption": "First paragraph.\n\nSecond & last.",
                "scale": "quick",
                "sources": ["0123456789ab"],
            }
            paths.append(write(stem.with_suffix(".json"), content | (figure_changes or {})))
            stem.with_suffix(".png").write_bytes(PNG)
            stem.with_suffix(".csv").write_text("a\n1\n")
        sources = {
            "figures": paths,
            "claims": write(tmp_path / "claims.json", list(claims)),
            "runs": [write(tmp_path / f"{run['run']}.json", run) for run in runs],
            "scale": "quick",
            "root": tmp_path,
            "built": datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        }
        return build_report(ReportSources(**(sources | changes)))

    return build


def text(page):
    """The page's visible text, with white space collapsed."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_every_figure_is_there_in_the_order_of_the_paper(build):
    page = build(figures=("fig10", "fig02", "fig01"))
    positions = [page.index(f'<article id="rahaman2018-fig{n}"') for n in ("01", "02", "10")]
    assert positions == sorted(positions)
    assert page.count(base64.b64encode(PNG).decode()) == 3
    assert "Figure 10. Title of fig10" in text(page)
    assert "Second & last." in text(page)


def test_nothing_is_fetched_and_every_link_inside_leads_somewhere(build):
    page = build(claims=[claim(), claim(id="other", figures=["fig01", "fig99"])])
    assert not re.search(r"https?://|<script|<link[^>]+stylesheet|@import|url\(", page)
    assert all(s.startswith("data:image/png;base64,") for s in re.findall(r'src="([^"]*)"', page))
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert {h[1:] for h in re.findall(r'href="(#[^"]+)"', page)} <= set(ids)
    files = [h for h in re.findall(r'href="([^"#]+)"', page) if not h.startswith("data:")]
    assert files == ["figures/rahaman2018/fig01.png", "figures/rahaman2018/fig01.csv"]


def test_pictures_have_text_and_headings_do_not_skip_levels(build):
    page = build(claims=[claim()], figure_changes={"agreement": [AGREEMENT]})
    assert re.findall(r'<img [^>]*alt="([^"]+)"', page)[0].startswith("Figure 1: Title of fig01")
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    assert '<html lang="en">' in page


def test_claims_are_counted_and_shown_with_reason_and_note(build):
    page = build(claims=[claim(), claim(id="b", verdict="fails"), claim(id="c", verdict="fails")])
    words = text(page)
    assert "1 claim holds 2 claims fail 0 claims not tested" in words
    reason = next(c.threshold_reason for c in ALL_CLAIMS if c.id == "sinusoids_equal_lower_first")
    assert reason in words and "above 0.5" in words
    assert "tau. Here: 10 of 10 reached" in words and NOTE_MARK not in words
    assert "Lower frequencies are <first>." in words and "<first>" not in page


def test_figure_says_what_came_of_its_claims(build):
    page = build(
        figures=("fig01", "fig02"), claims=[claim(verdict="fails", value=-0.2, ci_high=0.1)]
    )
    first, second = page.split('<article id="rahaman2018-fig02"')
    assert "Does not come out at this scale: Lower frequencies" in text(first)
    assert "−0.2 [0.8, 0.1], claimed above 0.5, 10 runs (10 of 10 reached)." in text(first)
    assert "Does not come out" not in second


def test_outcome_of_an_undecided_claim_says_why():
    entry = claim(value=None, verdict="not tested", note="2 runs", direction="above")
    assert outcome(entry) == (
        "Not tested at this scale: Lower frequencies are <first>. Reason: 2 runs."
    )


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, None),
        ({"agreement": []}, None),
        ({"agreement": None}, None),
        ({"agreement": [AGREEMENT]}, "mean distance 0.0123 of A 0 is equal"),
        ({"agreement": [AGREEMENT | {"value": None}]}, "mean distance – 0 is equal"),
    ],
)
def test_agreement_with_the_authors_where_there_is_one(build, changes, shown):
    words = text(build(figure_changes=changes))
    assert ("Agreement with the authors" in words) == (shown is not None)
    assert shown is None or shown in words


def test_runs_behind_a_figure_known_and_unknown(build):
    words = text(build(figure_changes={"sources": ["0123456789ab", "ffffffffffff"]}))
    assert "sinusoids_equal 0123456789ab : 10 networks, seed 7, cpu, 1 min 15 s" in words
    assert "run ffffffffffff , of which no record" in words


def test_head_states_scale_date_time_and_versions(build):
    second = RUN | {"run": "b", "run_key": "b" * 12, "seed": 8, "wall_seconds": 5}
    words = text(build(runs=(RUN, second), settings={"seed": 7}))
    assert "Scale of this build: quick" in words and "Built 2026-01-02 03:04 UTC" in words
    assert "Networks trained 20 in 2 runs" in words and "all runs 1 min 20 s" in words
    assert "Seed 7, 8" in words and "torch 2.12.0" in words
    assert "network.width 128 frequencies 2, 4" in words
    assert "All settings of this build" in words


def test_benchmarks_may_be_absent(build, tmp_path):
    measured = tmp_path / "benchmarks" / "train" / "sinusoids.tsv"
    measured.parent.mkdir(parents=True)
    measured.write_text("s\th:m:s\tmax_rss\n12.34\t0:00:12\t512.5\n")
    words = text(build(benchmarks=[measured, tmp_path / "absent.tsv"]))
    assert "train/sinusoids 12.3 s 512 MB" in words and "absent" not in words
    assert "Jobs by run time" not in text(build())
    measured.write_text("s\th:m:s\tmax_rss\n0.5\t0:00:00\t-\n")
    assert "train/sinusoids 0.5 s –" in text(build(benchmarks=[measured]))


def test_without_claims_and_runs_there_is_still_a_report(build):
    words = text(build(claims=[], runs=[]))
    assert "No claim was evaluated." in words and "Title of fig01" in words


def test_missing_picture_and_missing_key_name_the_file(build, tmp_path):
    build()
    path = tmp_path / "figures" / "rahaman2018" / "fig01.json"
    sources = ReportSources([path], tmp_path / "claims.json", [], "quick", tmp_path)
    path.with_suffix(".png").unlink()
    with pytest.raises(FileNotFoundError, match=r"fig01\.png: missing"):
        build_report(sources)
    path.write_text('{"paper": "rahaman2018"}')
    with pytest.raises(ValueError, match=r"fig01\.json: lacks figure, title, caption"):
        build_report(sources)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.04, "0.0 s"), (59.9, "59.9 s"), (65, "1 min 05 s"), (3725, "1 h 02 min")],
)
def test_duration(seconds, shown):
    assert duration(seconds) == shown


def test_number_label_and_flattened_settings():
    assert [number(v) for v in (None, 0.12345, -2, 1)] == ["–", "0.123", "−2", "1"]
    assert [label(v) for v in ("fig04", "fig10", "theory")] == ["Figure 4", "Figure 10", "theory"]
    nested = {"a": {"b": 1, "c": {"d": None}}, "e": [1, 2], "f": {}}
    assert dict(flattened(nested)) == {"a.b": "1", "a.c.d": "None", "e": "1, 2", "f": "{}"}


def test_template_is_part_of_the_package():
    import spectral_bias

    assert (Path(spectral_bias.__file__).parent / "report.html.jinja").is_file()
