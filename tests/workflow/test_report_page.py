"""The report as a browser shows it, without scripts, at two widths, in light and dark colours."""

import html
import json
import os
import re
import shutil
import subprocess
from dataclasses import asdict

import matplotlib.pyplot as plt
import numpy as np
import pytest

from spectral_bias.artefacts import read_json, write_json, write_table
from spectral_bias.claims.checks import evaluate_checks
from spectral_bias.claims.registry import evaluate
from spectral_bias.experiments import all_checks, all_claims
from spectral_bias.figures.agreement import Agreement, Reading, compared
from spectral_bias.figures.files import write_figure
from spectral_bias.report.agreement import agreement_table
from spectral_bias.report.build import build_report
from spectral_bias.report.sources import ReportSources

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
OFFLINE = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--hide-scrollbars",
)
PHONE, DESK = 400, 1280
FIRST_SCREEN = {PHONE: 800, DESK: 720}
RUNS = np.array([0.3, 0.4, 0.5])
READABLE = 4.5  # WCAG 2.2, level AA, for text of any size

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="needs the Debian package chromium"),
]

# The page under test lies in a frame of the wanted width, since headless windows have a least
# width of their own. The frame's sandbox forbids it scripts, and its colour scheme is the page's.
# The script reports what it finds as text that --dump-dom prints.
FRAME = r"""<!DOCTYPE html><html><head><meta charset="utf-8"><style>body {{ margin: 0 }}
iframe {{ width: {width}px; height: 2000px; border: 0; display: block; color-scheme: {scheme} }}
</style></head><body><iframe id="page" sandbox="allow-same-origin" srcdoc="{page}"></iframe>
<pre id="found"></pre><script>
const frame = document.getElementById("page");
const name = element => element.tagName + " " + element.textContent.trim().slice(0, 40);
const shown = element => element.getClientRects().length > 0;

// Relative luminance and contrast of opaque colours, as WCAG defines them.
const rgb = text => text.match(/[\d.]+/g).map(Number);
function luminance(colour) {{
  const linear = rgb(colour).slice(0, 3).map(value => value / 255)
    .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}}
function background(element) {{
  const colour = getComputedStyle(element).backgroundColor;
  return rgb(colour)[3] === 0 && element.parentElement ? background(element.parentElement) : colour;
}}
function contrast(element) {{
  const pair = [luminance(getComputedStyle(element).color), luminance(background(element))];
  return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
}}

function measure() {{
  const page = frame.contentDocument;
  const all = [...page.body.querySelectorAll("*")];
  const [images, regions] = [[...page.images], [...page.querySelectorAll(".scroll")]];
  const thumbnail = page.querySelector(".thumbnails img").getBoundingClientRect();
  page.querySelectorAll("details").forEach(element => element.open = true);
  const exempt = element => element.closest(".hidden, thead, .scroll") !== null;
  const outside = all.filter(element =>
    !exempt(element) && element.getBoundingClientRect().right > {width} + 0.5);
  const spilled = all.filter(element =>
    !exempt(element) && element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1);
  const written = all.filter(element => shown(element) &&
    [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()));
  const rows = [...page.querySelectorAll(".ledger tbody tr")];
  const filtered = {{}};
  for (const [paper, verdict] of {choices}) {{
    for (const id of [paper, verdict]) page.getElementById(id).click();
    filtered[paper + " " + verdict] = rows.filter(shown).map(row => row.id);
  }}
  const link = page.querySelector(".thumbnails a");
  link.focus();
  document.getElementById("found").textContent = JSON.stringify({{
    images: images.map(image => image.naturalWidth), alts: images.map(image => image.alt),
    shown: images.map(image => image.getBoundingClientRect().width),
    thumbnail: [thumbnail.top, thumbnail.bottom],
    width: page.documentElement.scrollWidth,
    outside: outside.map(name), spilled: spilled.map(name),
    regions: regions.map(element => element.getBoundingClientRect().right),
    unfocusable: regions.filter(e => e.tabIndex !== 0 && !e.querySelector("a")).map(name),
    texts: written.length, paper: luminance(background(page.body)),
    faint: written.filter(element => contrast(element) < {readable}).map(name),
    mats: [...page.querySelectorAll("img")].map(image => background(image)),
    outline: getComputedStyle(link).outlineStyle, filtered,
  }});
}}
frame.addEventListener("load", measure);
</script></body></html>"""
CHOICES = [
    ("paper", "verdict"),
    ("paper-rahaman2018", "verdict"),
    ("paper-rahaman2018", "verdict-holds"),
    ("paper", "verdict-fails"),
    ("paper-fridovichkeil2021", "verdict-fails"),
    ("paper", "verdict-not-tested"),
]


def chromium(profile, *arguments):
    """Runs headless Chromium with a fresh profile; its standard output."""
    environment = {**os.environ, "HOME": str(profile), "XDG_RUNTIME_DIR": str(profile)}
    result = subprocess.run(
        [BROWSER, *OFFLINE, f"--user-data-dir={profile / 'profile'}", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    return result.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A report of two drawn figures, one run, all registered claims and long unbroken words."""
    root = tmp_path_factory.mktemp("report")
    figures = []
    reading = Reading(0.5, 0.48, 0.52)
    quantities = [compared("amplitude of k = 5", RUNS, reading, note="m " * 40, unit="iterations")]
    agreement = asdict(Agreement("mean difference", 0.0213, "", "n " * 60, tuple(quantities)))
    for name, claims_width in (("fig01", 14.0), ("fig04", 5.0)):
        figure, axes = plt.subplots(figsize=(claims_width, 3.0))
        axes.plot([0, 1, 2], [0, 1, 0])
        meta = {
            "paper": "rahaman2018",
            "figure": name,
            "title": "Evolution of the spectrum and of the spectral norms",
            "caption": "What is shown. " * 20 + "\n\nName: " + "label_noise_" * 12,
            "scale": "tiny",
            "sources": ["0123456789ab", "f" * 64],
            "agreement": agreement,
        }
        write_figure(root / "figures" / "rahaman2018" / name, figure, _table(), meta)
        plt.close(figure)
        figures.append(root / "figures" / "rahaman2018" / f"{name}.json")
    run = {
        "paper": "rahaman2018",
        "run": "sinusoids_equal",
        "run_key": "0123456789ab",
        "settings": {"sinusoids": {"frequencies": list(range(0, 400, 5)), "z" * 90: 1}},
        "members": 10,
        "seed": 0,
        "device": "cpu",
        "wall_seconds": 12.5,
        "versions": {"torch": "2.12.0+cu130", "numpy": "2.4.6"},
    }
    write_json(root / "run.json", run)
    claims = evaluate(all_claims(), {})
    claims[0] |= {"value": 0.9, "ci_low": 0.8, "ci_high": 1.0, "verdict": "holds", "n_runs": 10}
    others = [
        {"measure": name, "value": 0.9, "ci_low": -0.8, "ci_high": 1.0, "verdict": "not tested"}
        for name in ("with a Hann window", "without the straight line")
    ]
    claims[0] |= {"measure": "raw fraction", "undecided": None, "margin": 0.1, "others": others}
    claims[1] |= {"value": -0.9, "ci_low": -1.0, "ci_high": 0.1, "verdict": "fails", "n_runs": 10}
    claims[1] |= {"undecided": None, "unit": "networks (seeds)"}
    write_json(root / "claims.json", claims)
    write_table(root / "agreement.csv", agreement_table(map(read_json, figures)))
    write_json(root / "checks.json", evaluate_checks(all_checks(), {}))
    page = build_report(
        ReportSources(
            figures,
            root / "claims.json",
            root / "checks.json",
            [root / "run.json"],
            "tiny",
            root,
            [root / "agreement.csv"],
            run["settings"],
        )
    )
    (root / "report.html").write_text(page, encoding="utf-8")
    return root


def _table():
    import pandas as pd

    return pd.DataFrame({"x": [0, 1, 2]})


def measured(folder, width, tmp_path, scheme="light"):
    """What the browser finds on the page at a width in CSS pixels and in a colour scheme."""
    page = (folder / "report.html").read_text(encoding="utf-8")
    frame = tmp_path / "frame.html"
    content = FRAME.format(
        width=width,
        scheme=scheme,
        readable=READABLE,
        choices=json.dumps(CHOICES),
        page=html.escape(page, quote=True),
    )
    frame.write_text(content, "utf-8")
    dom = chromium(tmp_path, "--virtual-time-budget=5000", "--dump-dom", frame.as_uri())
    return json.loads(html.unescape(re.search(r'<pre id="found">(.+?)</pre>', dom).group(1)))


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_pictures_decode_and_nothing_overflows(folder, width, tmp_path):
    found = measured(folder, width, tmp_path)
    assert found["images"] == [pytest.approx(n, abs=2) for n in (320, 320, 2240, 800)]
    assert all(0 < shown <= width for shown in found["shown"])
    assert found["width"] <= width
    assert found["outside"] == [] and found["spilled"] == []
    assert len(found["regions"]) >= 3 and all(right <= width for right in found["regions"])
    assert found["unfocusable"] == [] and found["outline"] == "solid"


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_first_screen_shows_a_figure(folder, width, tmp_path):
    top, bottom = measured(folder, width, tmp_path)["thumbnail"]
    assert 0 < top < bottom <= FIRST_SCREEN[width]


def test_every_picture_says_what_it_shows(folder, tmp_path):
    alts = measured(folder, DESK, tmp_path)["alts"]
    assert len(alts) == 4 and all(alt.startswith("Evolution of the spectrum") for alt in alts)
    assert all("What is shown." in alt for alt in alts[2:])


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize(("scheme", "paper"), [("light", 1.0), ("dark", 0.01)])
def test_text_is_readable_in_both_schemes_and_figures_lie_on_white(
    folder, width, scheme, paper, tmp_path
):
    found = measured(folder, width, tmp_path, scheme)
    assert found["paper"] == pytest.approx(paper, abs=0.01)
    assert found["texts"] > 500 and found["faint"] == []
    assert set(found["mats"]) == {"rgb(255, 255, 255)"}


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_filter_leaves_the_claims_of_a_paper_and_a_verdict(folder, width, tmp_path):
    found = measured(folder, width, tmp_path)["filtered"]
    claims = json.loads((folder / "claims.json").read_text())
    for paper, verdict in CHOICES:
        wanted = [
            f"claim-{claim['id']}"
            for claim in claims
            if paper in ("paper", f"paper-{claim['paper']}")
            and verdict in ("verdict", f"verdict-{claim['verdict'].replace(' ', '-')}")
        ]
        assert found[f"{paper} {verdict}"] == wanted
    sizes = [len(found[f"{paper} {verdict}"]) for paper, verdict in CHOICES]
    assert sizes[0] > sizes[1] > sizes[2] == sizes[3] == 1 and sizes[4] == 0 < sizes[5]


def test_the_checks_can_fail(folder, tmp_path):
    broken = tmp_path / "broken"
    broken.mkdir()
    page = (folder / "report.html").read_text(encoding="utf-8")
    wide = (
        f'<p style="white-space: nowrap">{"wide " * 200}</p>'
        '<div style="width: 900px; height: 900px">wide</div>'
        '<p style="color: #888">faint</p><img src="data:image/png,x">'
        '<script>document.body.append(document.createElement("img"))</script>'
    )
    page = page.replace("<main>", f"<main>{wide}").replace("#ledger:has", "#other:has")
    (broken / "report.html").write_text(page, "utf-8")
    found = measured(broken, PHONE, tmp_path)
    assert found["width"] > PHONE and found["images"][0] == 0 and found["alts"][0] == ""
    assert len(found["alts"]) == 5  # the script did not run
    assert found["outside"] == ["DIV wide"] and found["spilled"]
    assert found["faint"] == ["P faint"] and found["thumbnail"][1] > FIRST_SCREEN[PHONE]
    assert found["filtered"]["paper verdict-fails"] == found["filtered"]["paper verdict"]


def test_the_screenshot_is_not_blank(folder, tmp_path):
    shot = tmp_path / "report.png"
    page = (folder / "report.html").as_uri()
    chromium(tmp_path, f"--window-size={DESK},1600", f"--screenshot={shot}", page)
    picture = plt.imread(shot)[..., :3]
    assert picture.shape[0] == 1600
    dark = (picture.mean(axis=-1) < 0.4).mean()
    assert 0.005 < dark < 0.5


def test_it_prints_to_several_pages(folder, tmp_path):
    target = tmp_path / "report.pdf"
    chromium(tmp_path, f"--print-to-pdf={target}", (folder / "report.html").as_uri())
    content = target.read_bytes()
    assert content.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) >= 3
