"""The report holds every figure and claim, and nothing that has to be fetched."""

import base64
import html
import json
import re
import tomllib
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from spectral_bias.artefacts import read_json, write_table
from spectral_bias.claims.checks import CHECK_KEYS
from spectral_bias.claims.registry import NOTE_MARK
from spectral_bias.errors import UserError
from spectral_bias.experiments import all_checks, all_claims
from spectral_bias.report.agreement import agreement_table
from spectral_bias.report.build import build_report, verdict_counts
from spectral_bias.report.sources import Failure, Gaps, ReportSources
from spectral_bias.runtime.logs import STARTED, done_record

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
QUANTITY = {
    **{"name": "amplitude of k = 5", "unit": "", "theirs": 0.5, "theirs_low": 0.48},
    **{"theirs_high": 0.52, "ours": 0.4, "ours_low": 0.3, "ours_high": 0.495, "n_runs": 10},
    **{"verdict": "inside", "note": "reached at 300"},
}
AGREEMENT = {
    **{"measure": "mean distance", "value": 0.0123, "unit": "of A", "note": "0 is equal"},
    "quantities": [
        QUANTITY,
        QUANTITY | {"name": "k = 10", "verdict": "outside", "note": ""},
        QUANTITY
        | {"name": "k = 15", "ours_low": None, "ours_high": None, "verdict": "not comparable"}
        | {"n_runs": 1, "note": "one run of ours, no interval"},
    ],
}
INCOMPARABLE = AGREEMENT | {"value": None, "note": "not comparable: width 64", "quantities": []}


def claim(**changes):
    entry = {
        "id": "sinusoids_equal_lower_first",
        "paper": "rahaman2018",
        "statement": "Lower frequencies are <first>.",
        "figures": ["fig01"],
        "statistic": f"tau{NOTE_MARK}10 of 10 reached",
        "measure": "",
        "unit": "",
        "value": 0.9,
        "ci_low": 0.8,
        "ci_high": 1.0,
        "threshold": 0.5,
        "margin": None,
        "verdict": "holds",
        "undecided": None,
        "n_runs": 10,
        "others": [],
    }
    return entry | changes


@pytest.fixture
def build(tmp_path):
    def write(path, content):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
        return path

    def build(
        figures=("fig01",), claims=(), checks=(), runs=(RUN,), figure_changes=None, **changes
    ):
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
            "checks": write(tmp_path / "checks.json", list(checks)),
            "runs": [write(tmp_path / f"{run['run']}.json", run) for run in runs],
            "scale": "quick",
            "root": tmp_path,
            "built": datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
        }
        table = agreement_table(read_json(path) for path in paths)
        write_table(tmp_path / "agreement.csv", table)
        sources["agreement"] = [tmp_path / "agreement.csv"]
        return build_report(ReportSources(**(sources | changes)))

    return build


def text(page):
    """The page's text, with white space collapsed."""
    body = re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def part(page, name):
    """The element of that id in the page, up to the end of its kind."""
    start = re.search(rf'<(\w+) id="{name}"', page)
    return page[start.start() : page.index(f"</{start[1]}>", start.start())]


def test_every_figure_is_there_in_the_order_of_the_paper(build):
    page = build(figures=("fig10", "fig02", "fig01"))
    positions = [page.index(f'<article id="rahaman2018-fig{n}"') for n in ("01", "02", "10")]
    assert positions == sorted(positions)
    assert page.count(base64.b64encode(PNG).decode()) == 3  # each picture once
    thumbnails = [page.index(f'<a href="#rahaman2018-fig{n}"') for n in ("01", "02", "10")]
    assert thumbnails == sorted(thumbnails) and thumbnails[-1] < positions[0]
    assert "Figure 10. Title of fig10" in text(page)
    assert "Second & last." in text(page)


def test_nothing_is_fetched_and_every_link_inside_leads_somewhere(build):
    page = build(claims=[claim(), claim(id="other", figures=["fig01", "fig99"])])
    assert not re.search(r"https?://|<script| on\w+=|<link[^>]+stylesheet|@import|url\(", page)
    sources = re.findall(r'src="([^"]*)"', page)
    assert [s.partition(",")[0] for s in sources] == [
        "data:image/webp;base64",
        "data:image/png;base64",
    ]
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert {h[1:] for h in re.findall(r'href="(#[^"]+)"', page)} <= set(ids)
    files = [h for h in re.findall(r'href="([^"#]+)"', page) if not h.startswith("data:")]
    assert files == ["figures/rahaman2018/fig01.png", "figures/rahaman2018/fig01.csv"]


def test_pictures_have_text_and_headings_do_not_skip_levels(build):
    page = build(claims=[claim()], figure_changes={"agreement": AGREEMENT})
    alts = [html.unescape(alt) for alt in re.findall(r'<img [^>]*alt="([^"]*)"', page)]
    assert alts == ["Title of fig01", "Title of fig01. First paragraph. Second & last."]
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    assert '<html lang="en">' in page


def test_a_whole_build_has_no_gaps_and_another_names_them(build):
    assert 'id="gaps"' not in build() and "#gaps" not in build()
    failures = [
        Failure("results/tiny/logs/a.log", "failed", "label_noise: the loss is <nan>"),
        Failure("results/tiny/logs/b.log", "killed", ""),
    ]
    page = build(gaps=Gaps(failures, [("rahaman2018", "fig04"), ("fridovichkeil2021", "fig12")]))
    words = text(page)
    assert "2 jobs failed, 2 figures could not be drawn" in words
    assert "label_noise: the loss is <nan> (results/tiny/logs/a.log)" in words
    assert "a job was killed (results/tiny/logs/b.log)" in words
    assert "Not drawn: Rahaman et al." in words and "Figure 4; Fridovich-Keil et al." in words
    assert '<a href="#gaps">' in page


def test_claims_are_counted_for_each_paper_and_figure(build):
    other = claim(id="d", paper="fridovichkeil2021", verdict="not tested", undecided="inconclusive")
    page = build(claims=[claim(), claim(id="b", verdict="fails"), claim(id="c"), other])
    words = text(page)
    assert "arXiv:1806.08734) 3 claims: holds 2 fails 1 not tested 0" in words
    assert "arXiv:2110.02424) 1 claim: holds 0 fails 0 not tested 1 (1 inconclusive)" in words
    assert "Figure 1 Title of fig01 holds 2 fails 1 Fridovich" in words


def test_ledger_has_one_row_a_claim_with_its_details(build):
    page = build(claims=[claim(), claim(id="b", figures=["fig01", "fig02"])], figures=["fig01"])
    row = text(part(page, "claim-sinusoids_equal_lower_first"))
    reason = next(c.threshold_reason for c in all_claims() if c.id == "sinusoids_equal_lower_first")
    assert row == (
        "Lower frequencies are <first>. Statistic tau Here 10 of 10 reached "
        f"Threshold {reason} Runs 10 Id sinusoids_equal_lower_first "
        "Rahaman et al. 1 0.9 [0.8, 1] above 0.5 holds"
    )
    assert NOTE_MARK not in page and "<first>" not in page
    second = part(page, "claim-b")
    assert "Rahaman et al. 1 , 2 0.9" in text(second)
    assert re.findall('href="([^"]+)"', second) == ["#rahaman2018-fig01"]  # 2 is not drawn


def test_unknown_keys_of_a_claim_are_ignored_and_missing_ones_named(build):
    assert build(claims=[claim(later="added", direction="below")]) == build(claims=[claim()])
    lacking = claim()
    del lacking["verdict"]
    with pytest.raises(UserError, match=r"claims\.json: lacks verdict"):
        build(claims=[lacking])


def test_verdicts_come_from_the_claims(build):
    page = build(claims=[claim(), claim(id="b", verdict="Too close (to call)")])
    assert "holds 1 fails 0 not tested 0 Too close (to call) 1" in text(page)
    assert 'class="rahaman2018 too-close-to-call"' in page
    assert "#ledger:has(#verdict-too-close-to-call:checked) tbody tr:not(.too-close" in page
    assert verdict_counts([]) == {"holds": 0, "fails": 0, "not tested": 0}


def test_figure_has_its_own_claims_beside_it(build):
    page = build(
        figures=("fig01", "fig02"),
        claims=[
            claim(verdict="fails", value=-0.2, ci_high=0.1),
            claim(id="b", paper="fridovichkeil2021", statement="Of another paper."),
        ],
    )
    first, second = text(part(page, "rahaman2018-fig01")), text(part(page, "rahaman2018-fig02"))
    assert "fails Lower frequencies are <first>. −0.2 [0.8, 0.1] , claimed above 0.5" in first
    assert "Here 10 of 10 reached" in first and "Of another paper" not in first
    assert "fails" not in second and "Claim" not in second


def test_undecided_claim_says_why(build):
    numbers = dict.fromkeys(("value", "ci_low", "ci_high"))
    entry = claim(**numbers, verdict="not tested", undecided="no data")
    page = build(claims=[entry])
    figure = text(part(page, "rahaman2018-fig01"))
    said = "not tested: no data Lower frequencies are <first>. 10 of 10 reached Statistic tau"
    assert said in figure
    assert "et al. 1 – above 0.5 not tested: no data" in text(part(page, f"claim-{entry['id']}"))


OTHER = {"measure": "windowed", "value": -0.4, "ci_low": -0.6, "ci_high": -0.2, "verdict": "fails"}


def test_other_measures_stand_beside_with_what_the_interval_is_over(build):
    changes = {"measure": "raw", "unit": "networks (seeds)", "margin": 0.05}
    gone = OTHER | dict.fromkeys(("value", "ci_low", "ci_high")) | {"verdict": "not tested"}
    page = build(claims=[claim(**changes, others=[OTHER, gone | {"measure": "chord off"}])])
    beside = "windowed: −0.4 [−0.6, −0.2] , fails chord off: – , not tested"
    margin = "Margin ±0.05; an effect no larger is too small to count"
    figure = text(part(page, "rahaman2018-fig01"))
    assert "raw: 0.9 [0.8, 1] , claimed above 0.5" in figure
    assert f"{margin} Interval over networks (seeds)" in figure and beside in figure
    row = text(part(page, "claim-sinusoids_equal_lower_first"))
    assert row.endswith(f"{beside} Rahaman et al. 1 raw: 0.9 [0.8, 1] above 0.5 holds")
    assert "1 claim: holds 1 fails 0 not tested 0" in text(page)  # other measures do not count


CHECK = {
    "id": "theory_random_decay",
    "paper": "rahaman2018",
    "statement": "Spectra <fall>.",
    "figures": ["fig01", "fig23"],
    "statistic": f"exponent{NOTE_MARK}no network",
    "value": -2.0,
    "threshold": -1.9,
    "result": "passes",
}


def test_checks_stand_apart_from_claims_and_are_not_counted(build):
    gone = CHECK | {"id": "other", "value": None, "result": "no data"}
    page = build(claims=[claim()], checks=[CHECK, gone])
    words, row = text(page), text(part(page, "check-theory_random_decay"))
    reason = next(c.threshold_reason for c in all_checks() if c.id == "theory_random_decay")
    assert row == (
        "Spectra <fall>. Statistic exponent Here no network "
        f"Threshold {reason} Id theory_random_decay 1 , 23 −2 below −1.9 passes"
    )
    assert text(part(page, "check-other")).endswith("1 , 23 – −1.9 no data")
    assert "1 claim: holds 1 fails 0 not tested 0" in words and "Checks of the code" in words
    assert "Checks of the code" not in text(build(claims=[claim()]))


def test_a_check_that_lacks_a_key_is_named(build):
    assert set(CHECK) == set(CHECK_KEYS)
    lacking = {key: value for key, value in CHECK.items() if key != "result"}
    with pytest.raises(UserError, match=r"checks\.json: lacks result"):
        build(checks=[lacking])


def test_the_report_says_how_many_false_verdicts_so_many_intervals_allow(build):
    claims = [claim(id=f"c{n}") for n in range(40)]
    said = "about 2.0 of 40 two-sided 95 % intervals would exclude it by chance"
    assert said in text(build(claims=claims))
    assert "by chance" not in text(build(claims=[]))


@pytest.mark.parametrize("changes", [{}, {"agreement": None}])
def test_without_a_published_original_nothing_is_said_of_agreement(build, changes):
    assert "Agreement" not in text(build(figure_changes=changes))
    assert "Agreement" not in text(build(agreement=()))


def test_agreement_is_one_table_and_one_number_beside_the_figure(build):
    page = build(figures=("fig01", "fig04"), figure_changes={"agreement": AGREEMENT})
    words, beside = text(page), text(part(page, "rahaman2018-fig01"))
    counted = "1 of 3 quantities inside our interval, 1 outside, 1 without an interval"
    assert f"Mean distance: 0.0123 of A; {counted}" in beside
    assert "reached at 300" not in beside
    rows = text(part(page, "agreement-rahaman2018-fig04"))
    assert "Figure 4 , Rahaman et al.: mean distance 0.0123 of A 0 is equal" in rows
    assert "amplitude of k = 5 reached at 300 0.5 [0.48, 0.52] 0.4 [0.3, 0.495] 10 inside" in rows
    assert "k = 15 one run of ours, no interval 0.5 [0.48, 0.52] 0.4 1 not comparable" in rows
    assert (
        "2 of 2 figures with a published original are comparable; 2 of 6 quantities inside our "
        "interval, 2 outside, 2 without an interval. Figure 1: 0.0123 (mean distance, of A); "
        "Figure 4: 0.0123 (mean distance, of A)." in words
    )


def test_figures_that_are_not_comparable_say_why(build):
    page = build(figure_changes={"agreement": INCOMPARABLE})
    assert "Not comparable: width 64." in text(part(page, "rahaman2018-fig01"))
    assert "None of the figures with a published original (1) is comparable" in text(page)


def test_an_agreement_table_of_an_older_build_is_named(build, tmp_path):
    old = tmp_path / "old.csv"
    old.write_text("paper,figure\nrahaman2018,fig01\n")
    with pytest.raises(UserError, match=r"old\.csv: lacks kind, .*delete it and build it again"):
        build(agreement=[old])


def test_runs_behind_a_figure_known_and_unknown(build):
    words = text(build(figure_changes={"sources": ["0123456789ab", "ffffffffffff"]}))
    assert "sinusoids_equal 0123456789ab : 10 networks, seed 7, cpu, 1 min 15 s" in words
    assert "2 runs, 10 networks, 1 min 15 s" in words
    assert "without a record in this report: ffffffffffff" in words


def test_warned_runs_are_named_where_they_count(build):
    warning = "ends at a training loss of up to 1e+19 times that at the start"
    second = RUN | {"run": "quiet", "run_key": "b" * 12}
    runs = (RUN | {"warnings": [warning]}, second)
    words = text(build(runs=runs, figure_changes={"sources": ["0123456789ab", "b" * 12]}))
    assert "2 runs, 20 networks, 2 min 30 s; 1 with a warning" in words
    assert words.count(f"Warning: {warning}.") == 2  # beside the figure and in the table of runs
    assert "Runs with a warning sinusoids_equal " in words
    assert "arning" not in text(build(runs=(second,), figure_changes={"sources": ["b" * 12]}))


def test_head_states_scale_date_time_and_versions(build):
    second = RUN | {"run": "b", "run_key": "b" * 12, "seed": 8, "wall_seconds": 5}
    words = text(build(runs=(RUN, second), settings={"seed": 7}))
    assert "Scale of this build: quick" in words and "Built 2026-01-02 03:04 UTC" in words
    assert "20 in 2 runs" in words and "20 in 1 run " in text(build(runs=(RUN | {"members": 20},)))
    assert "Networks trained 20 in 2 runs" in words and "all runs 1 min 20 s" in words
    assert "Seed 7, 8" in words and "torch 2.12.0" in words
    assert "network.width: 128 frequencies: 2, 4" in words
    assert "All settings of this build" in words


def test_jobs_are_listed_as_their_logs_tell(build, tmp_path):
    log = tmp_path / "logs" / "train" / "sinusoids.log"
    log.parent.mkdir(parents=True)
    start = f"2026-01-02 03:04:00,000 root INFO {STARTED}\n"
    log.write_text(f"{start}2026-01-02 03:04:12,340 root INFO {done_record(20.5, 512.4)}\n")
    words = text(build(logs=[log]))
    assert "train/sinusoids 12.3 s 20.5 s 512 MB" in words
    assert "CPU time of all jobs 20.5 s" in words
    log.write_text(start)
    assert "Jobs by run time" not in text(build(logs=[log])) + text(build())


def test_without_claims_and_runs_there_is_still_a_report(build):
    words = text(build(claims=[], runs=[]))
    assert "No claim was evaluated." in words and "Title of fig01" in words


def test_missing_picture_and_missing_key_name_the_file(build, tmp_path):
    build()
    path = tmp_path / "figures" / "rahaman2018" / "fig01.json"
    files = (tmp_path / "claims.json", tmp_path / "checks.json")
    sources = ReportSources([path], *files, [], "quick", tmp_path)
    path.with_suffix(".png").unlink()
    with pytest.raises(UserError, match=r"fig01\.png: missing"):
        build_report(sources)
    path.write_text('{"paper": "rahaman2018"}')
    with pytest.raises(UserError, match=r"fig01\.json: lacks figure, title, caption"):
        build_report(sources)


@pytest.mark.parametrize("name", ["report.html.jinja", "report.css"])
def test_template_and_style_are_part_of_the_package(name):
    import spectral_bias

    assert (Path(spectral_bias.__file__).parent / "report" / name).is_file()
    project = tomllib.loads(Path("pyproject.toml").read_text())
    patterns = project["tool"]["setuptools"]["package-data"]["spectral_bias"]
    assert any(Path("report", name).match(pattern) for pattern in patterns)
