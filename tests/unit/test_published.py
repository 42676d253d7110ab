"""Published results: what is kept of a build, and that no page says anything else than its files.

When a page is not what the module writes: python -m spectral_bias.report.published SCALE --pages
"""

import json
import re
import subprocess
import sys
from dataclasses import replace

import pandas as pd
import pytest

from spectral_bias.artefacts import write_table
from spectral_bias.claims.registry import Claim
from spectral_bias.errors import UserError
from spectral_bias.experiments import all_checks, all_claims
from spectral_bias.report.agreement import agreement_table
from spectral_bias.report.pages import END, PUBLISHED, scale_page, with_rows, write_pages
from spectral_bias.report.published import MAX_BYTES, publish
from spectral_bias.statistics import Estimate
from tests.conftest import REPOSITORY

SCALES = sorted(path.name for path in (REPOSITORY / PUBLISHED).iterdir() if path.is_dir())
START = f"<!-- verdicts of {PUBLISHED}/made_up: written by make publish -->"
FIGURES = {
    "rahaman2018": {"fig01": "Lower | frequencies ~ first", "fig02": "A function"},
    "fridovichkeil2021": {"fig04": "Training time"},
}
NUMBERS = {"value": -0.93214, "ci_low": -1.0, "ci_high": -0.82222}
CLAIMS = [
    {
        "id": "first",
        "paper": "rahaman2018",
        "statement": "The amplitude |f~(k)| falls as k*k.",
        "figures": ["fig01", "fig10"],
        "statistic": "Kendall's tau-b of |f~(k)| — here: 10 of 10 frequencies",
        "measure": "raw",
        "unit": "networks (seeds)",
        **NUMBERS,
        "threshold": -0.5,
        "margin": 0.1,
        "verdict": "holds",
        "undecided": None,
        "n_runs": 10,
        "others": [
            {
                "measure": "windowed",
                "value": 0.5,
                "ci_low": 0.25,
                "ci_high": 0.75,
                "verdict": "fails",
            },
            {"measure": "chord off", **dict.fromkeys(NUMBERS), "verdict": "not tested"},
        ],
    },
    {
        "id": "second",
        "paper": "fridovichkeil2021",
        "statement": "It rises.",
        "figures": ["fig04"],
        "statistic": "rank correlation",
        "measure": "",
        "unit": "",
        **dict.fromkeys(NUMBERS),
        "threshold": 0.0,
        "margin": None,
        "verdict": "not tested",
        "undecided": "no data",
        "n_runs": 2,
        "others": [],
    },
]
CHECKS = [
    {
        "id": "decay",
        "paper": "rahaman2018",
        "statement": "The bound is |f~(k)|.",
        "figures": ["fig01", "fig23"],
        "statistic": "exponent",
        "value": -2.0,
        "threshold": -1.9,
        "result": "passes",
    },
]


ENDS = {"theirs_low": 0.4, "theirs_high": 0.6, "ours_low": 0.2, "ours_high": 0.45, "n_runs": 3}
AGREEMENT = {
    **{"measure": "mean |difference|", "value": 0.04, "unit": "", "note": "0 is identical"},
    "quantities": [
        {"name": "k = 5", "unit": "s", "theirs": 0.5, "ours": 0.3, "verdict": "inside", "note": ""}
        | ENDS
    ],
}
LINE = f"<!-- agreement of {PUBLISHED}/made_up: written by make publish -->"


@pytest.fixture
def project(tmp_path):
    """A project with a README.md and the build of a made-up scale."""
    results = tmp_path / "results/made_up"
    for paper, titles in FIGURES.items():
        for figure, title in titles.items():
            stem = results / "figures" / paper / figure
            stem.parent.mkdir(parents=True, exist_ok=True)
            facts = {"paper": paper, "figure": figure, "title": title}
            stem.with_suffix(".json").write_text(json.dumps(facts))
            stem.with_suffix(".csv").write_text("k\n1\n")
            stem.with_suffix(".png").write_bytes(b"png of " + figure.encode())
            stem.with_suffix(".pdf").write_bytes(b"pdf")
    (results / "claims.json").write_text(json.dumps(CLAIMS))
    (results / "checks.json").write_text(json.dumps(CHECKS))
    marked = [f"{mark}\ntyped by hand\n{END}\n" for mark in (START, LINE)]
    (tmp_path / "README.md").write_text(f"before\n{marked[0]}between\n{marked[1]}after\n")
    return tmp_path


def published(project):
    return project / PUBLISHED / "made_up"


def cells(page, first):
    """The cells of the only row of a page whose first cell begins so."""
    (row,) = [line for line in page.splitlines() if line.startswith(f"| {first}")]
    return [cell.strip() for cell in row.strip("| ").split(" | ")]


@pytest.fixture
def with_agreement(project):
    """The same with one figure that is compared with the authors', and one that cannot be."""
    other = AGREEMENT | {"value": None, "note": "not comparable: width 64", "quantities": []}
    figures = [
        {"paper": "rahaman2018", "figure": "fig01", "agreement": AGREEMENT},
        {"paper": "rahaman2018", "figure": "fig02", "agreement": None},
        {"paper": "fridovichkeil2021", "figure": "fig04", "agreement": other},
    ]
    for facts in figures:
        own = agreement_table(other for other in figures if other["paper"] == facts["paper"])
        write_table(project / "results/made_up" / facts["paper"] / "agreement.csv", own)
    return project


@pytest.mark.parametrize("scale", SCALES)
def test_a_published_page_is_what_its_files_say(scale):
    page = (REPOSITORY / PUBLISHED / scale / "README.md").read_text()
    assert page == scale_page(scale, REPOSITORY)


def test_the_rows_in_the_readme_are_what_the_published_files_say():
    page = (REPOSITORY / "README.md").read_text()
    assert f"<!-- verdicts of {PUBLISHED}/quick: written by make publish -->" in page
    for scale in SCALES:
        assert with_rows(page, scale, REPOSITORY) == page


def test_pictures_numbers_facts_and_claims_are_kept_and_nothing_else(project):
    assert publish("made_up", project) == []
    kept = {str(p.relative_to(published(project))) for p in published(project).rglob("*.*")}
    stems = [f"{paper}/{figure}" for paper, titles in FIGURES.items() for figure in titles]
    wanted = {f"{stem}.{suffix}" for stem in stems for suffix in ("png", "csv", "json")}
    assert kept == wanted | {"claims.json", "checks.json", "README.md"}
    picture = published(project) / "rahaman2018/fig02.png"
    assert picture.read_bytes() == b"png of fig02"


def test_a_figure_is_shown_with_the_claims_that_it_carries(project):
    publish("made_up", project)
    page = (published(project) / "README.md").read_text()
    assert cells(page, "[Figure 1]") == [
        "[Figure 1](rahaman2018/fig01.png)",
        r"[Lower \| frequencies \~ first](rahaman2018/fig01.png)",
        r"**holds**, raw: −0.932 [−1, −0.822], threshold −0.5, margin ±0.1; "
        r"windowed: 0.5 [0.25, 0.75], fails; chord off: no value, not tested: "
        r"The amplitude \|f\~(k)\| falls as k\*k.",
    ]
    assert cells(page, "[Figure 2]")[2] == "none"
    assert cells(page, "[Figure 4]")[2] == "**not tested: no data**, threshold 0: It rises."


def test_the_ledger_has_every_claim_and_links_the_published_figures(project):
    publish("made_up", project)
    ledger = (published(project) / "README.md").read_text().partition("## Claims")[2]
    about, *rest = cells(ledger, "`first`")
    assert about == (
        r"`first`<br>The amplitude \|f\~(k)\| falls as k\*k.<br>"
        r"Statistic: Kendall's tau-b of \|f\~(k)\|.<br>Here: 10 of 10 frequencies."
        "<br>Interval over networks (seeds)."
    )
    figures = "rahaman2018 [1](rahaman2018/fig01.png), 10"
    values = (
        "raw: −0.932 [−1, −0.822]<br>windowed: 0.5 [0.25, 0.75], fails"
        "<br>chord off: no value, not tested"
    )
    assert rest == [figures, "holds", values, "−0.5, margin ±0.1", "10"]
    assert cells(ledger, "`second`")[2:] == ["not tested: no data", "no value", "0", "2"]
    assert "Here:" not in cells(ledger, "`second`")[0]


def test_checks_stand_apart_and_in_no_row_of_verdicts(project):
    publish("made_up", project)
    page = (published(project) / "README.md").read_text()
    assert cells(page.partition("## Checks of the code")[2], "`decay`") == [
        r"`decay`<br>The bound is \|f\~(k)\|.<br>Statistic: exponent.",
        *("rahaman2018 [1](rahaman2018/fig01.png), 23", "passes", "−2", "−1.9"),
    ]
    (published(project) / "checks.json").unlink()
    write_pages("made_up", project)
    assert "Checks" not in (published(project) / "README.md").read_text()


def test_the_rows_between_the_marks_count_figures_and_verdicts(project):
    publish("made_up", project)
    page = (project / "README.md").read_text()
    assert "typed by hand" not in page
    assert page.startswith(f"before\n{START}\n") and page.endswith(f"{END}\nafter\n")
    open_ones = ["not tested: inconclusive", "not tested: no data"]
    assert cells(page, "paper") == ["paper", "figures", "holds", "fails", *open_ones]
    link, *counts = cells(page, "[Rahaman")
    assert link.endswith(f"]({PUBLISHED}/made_up/README.md#rahaman2018)")
    assert counts == ["2", "1", "0", "0", "0"]
    assert cells(page, "[Fridovich-Keil")[1:] == ["1", "0", "0", "0", "1"]


def test_the_page_has_every_quantity_and_the_readme_one_line(with_agreement):
    assert publish("made_up", with_agreement) == []
    for paper in FIGURES:
        assert (published(with_agreement) / paper / "agreement.csv").is_file()
    page = (published(with_agreement) / "README.md").read_text()
    assert "1 of 2 figures with a published original are comparable; 1 of 1 quantities" in page
    assert "0 outside. Figure 1: 0.04 (mean |difference|)." in page
    first = cells(page, r"[Figure 1](rahaman2018/fig01.png), mean \|difference\|")
    assert first[1:4] == ["", "**0.04**", ""]
    row = cells(page, "k = 5, s")
    assert row[1:5] == ["0.5 [0.4, 0.6]", "0.3 [0.2, 0.45]", "3", "inside"]
    assert "| not comparable | not comparable: width 64 |" in page
    assert page.index("## Agreement") < page.index("## Claims")
    (line,) = [x for x in (with_agreement / "README.md").read_text().splitlines() if "1 of 2" in x]
    assert r"(mean \|difference\|)" in line
    assert f"({PUBLISHED}/made_up/README.md#agreement-with-the-authors-own-figures)" in line


def test_without_comparisons_the_line_says_so(project):
    publish("made_up", project)
    page = (project / "README.md").read_text()
    assert "At made_up scale nothing has been compared" in page and "typed by hand" not in page
    assert "## Agreement" not in (published(project) / "README.md").read_text()


def test_publishing_again_changes_nothing(project):
    publish("made_up", project)
    before = {path: path.read_bytes() for path in project.rglob("*.*") if path.is_file()}
    publish("made_up", project)
    assert {path: path.read_bytes() for path in project.rglob("*.*") if path.is_file()} == before


def test_a_verdict_follows_the_published_claims(project):
    publish("made_up", project)
    path = published(project) / "claims.json"
    path.write_text(json.dumps([CLAIMS[0] | {"verdict": "fails"}, CLAIMS[1]]))
    write_pages("made_up", project)
    page = (published(project) / "README.md").read_text()
    assert cells(page, "[Figure 1]")[2].startswith("**fails**, ")
    assert cells((project / "README.md").read_text(), "[Rahaman")[1:] == ["2", "0", "1", "0", "0"]


def test_without_claims_the_page_says_so(project):
    for name in ("claims.json", "checks.json"):
        (project / "results/made_up" / name).unlink()
    publish("made_up", project)
    page = (published(project) / "README.md").read_text()
    assert "No claims were evaluated at this scale." in page
    assert "## Claims" not in page and "threshold" not in page
    assert len(cells(page, "[Figure 1]")) == 2


def test_the_file_of_a_scale_goes_along_and_is_linked(project):
    (project / "made_up.yaml").write_text("extends: quick\n")
    publish("made_up.yaml", project)
    assert (published(project) / "made_up.yaml").read_text() == "extends: quick\n"
    page = (published(project) / "README.md").read_text()
    assert "Settings: [made_up.yaml](made_up.yaml).\n" in page


def test_what_a_build_lacks_stays_and_is_named(project):
    publish("made_up", project)
    for path in (project / "results/made_up/figures/rahaman2018").glob("fig02.*"):
        path.unlink()
    kept = publish("made_up", project)
    folder = published(project) / "rahaman2018"
    assert kept == [folder / "fig02.csv", folder / "fig02.json", folder / "fig02.png"]
    assert all(path.is_file() for path in kept)


PART = "manifold_loss"
"""A table from which the claim of the part below is decided."""


@pytest.fixture
def part(with_agreement, monkeypatch):
    """A published scale of which a second machine now builds Figure 1 alone, and one table."""
    publish("made_up", with_agreement)
    results = with_agreement / "results/made_up"
    for path in (*results.glob("figures/*/*"), *results.glob("*/agreement.csv")):
        if path.stem != "fig01":
            path.unlink()
    for name in ("claims.json", "checks.json"):
        (results / name).unlink()
    facts = results / "figures/rahaman2018/fig01.json"
    read = json.loads(facts.read_text())
    facts.write_text(json.dumps(read | {"agreement": AGREEMENT | {"value": 0.01}}))
    write_table(
        results / "rahaman2018/tables" / f"{PART}.csv", pd.DataFrame({"x": [1.0, 2.0, 3.0]})
    )
    decided = Claim(
        id="third",
        paper="rahaman2018",
        statement="It is positive.",
        figures=("fig01",),
        statistic="mean of x",
        threshold=0.0,
        threshold_reason="no sign",
        direction="above",
        tables=(PART,),
        measure=lambda tables: Estimate(tables[PART]["x"].mean(), 1.0, 3.0, 3, ""),
    )
    declared = [replace(decided, id="second", tables=("volume_samples",)), decided]
    monkeypatch.setattr("spectral_bias.report.part.all_claims", lambda: declared)
    monkeypatch.setattr("spectral_bias.report.part.all_checks", lambda: ())
    return with_agreement


def test_what_a_part_decides_joins_what_is_published(part):
    assert publish("made_up", part, part=True) == []
    assert (published(part) / "fridovichkeil2021/fig04.png").is_file()
    claims = {claim["id"]: claim for claim in json.loads(claims_file(part).read_text())}
    assert list(claims) == ["second", "third"]  # as declared; "first" is declared no more
    assert claims["second"] == CLAIMS[1]  # its table is not here: as it was published
    assert claims["third"]["verdict"] == "holds" and claims["third"]["value"] == 2.0


def claims_file(project):
    return published(project) / "claims.json"


def test_comparisons_of_a_part_replace_those_of_its_figures_alone(part):
    before = pd.read_csv(published(part) / "fridovichkeil2021/agreement.csv")
    publish("made_up", part, part=True)
    rows = pd.read_csv(published(part) / "rahaman2018/agreement.csv")
    assert rows["value"].tolist()[0] == 0.01 and rows["figure"].tolist() == ["fig01", "fig01"]
    after = pd.read_csv(published(part) / "fridovichkeil2021/agreement.csv")
    pd.testing.assert_frame_equal(after, before)


def test_publishing_a_part_again_changes_nothing(part):
    publish("made_up", part, part=True)
    before = {path: path.read_bytes() for path in part.rglob("*.*") if path.is_file()}
    publish("made_up", part, part=True)
    assert {path: path.read_bytes() for path in part.rglob("*.*") if path.is_file()} == before


def test_a_large_file_is_refused_and_nothing_is_copied(project):
    large = project / "results/made_up/figures/rahaman2018/fig01.csv"
    large.write_bytes(b"0" * (MAX_BYTES + 1))
    with pytest.raises(UserError, match=r"fig01\.csv: 1\.0 MB, but at most 1 MB is published"):
        publish("made_up", project)
    assert not published(project).exists()


def test_a_picture_without_its_numbers_is_refused(project):
    (project / "results/made_up/figures/rahaman2018/fig01.csv").unlink()
    with pytest.raises(UserError, match=r"fig01\.csv: no such file"):
        publish("made_up", project)


def test_marks_must_come_in_pairs(project):
    publish("made_up", project)
    with pytest.raises(UserError, match="no <!-- end --> after"):
        with_rows(f"{START}\nrows\n", "made_up", project)
    assert with_rows("a page without marks\n", "made_up", project) == "a page without marks\n"


def test_a_claim_that_lacks_a_key_is_named(project):
    publish("made_up", project)
    claim = {key: value for key, value in CLAIMS[0].items() if key != "verdict"}
    (published(project) / "claims.json").write_text(json.dumps([claim]))
    with pytest.raises(UserError, match=r"claims\.json: lacks verdict"):
        write_pages("made_up", project)


def command(project, *arguments):
    called = [sys.executable, "-m", "spectral_bias.report.published", *arguments]
    environment = {"PYTHONPATH": str(REPOSITORY / "src")}
    return subprocess.run(called, cwd=project, env=environment, capture_output=True, text=True)


def test_the_command_publishes_and_says_in_one_line_what_is_wrong(project):
    done = command(project, "made_up")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (published(project) / "README.md").is_file()
    done = command(project, "maid_up")
    assert done.returncode == 1
    assert done.stderr == (
        "error: results/maid_up: no figures; run `make reproduce SCALE=maid_up` first\n"
    )
    done = command(project, "--pages", "maid_up")
    assert done.returncode == 1 and done.stderr.startswith("error: results/published/maid_up: ")


def test_the_table_of_abstracts_names_claims_and_figures_that_exist():
    text = (REPOSITORY / PUBLISHED / "README.md").read_text()
    section = text.partition("abstracts say")[2].partition("\n## ")[0]
    rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| ")][2:]
    items = {item.id: item for item in (*all_claims(), *all_checks())}
    assert len(rows) >= 10
    for _, _, figures, named in rows:
        shown = {
            f"fig{number:02d}"
            for part in figures.split(", ")
            if part != "–"
            for number in range(int(part.split("–")[0]), int(part.split("–")[-1]) + 1)
        }
        ids = re.findall(r"`(\w+)`", named)
        assert ids or named.startswith("none: ")
        for identity in ids:
            assert set(items[identity].figures) & shown, identity
