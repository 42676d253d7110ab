"""The report as a browser shows it: pictures decode, nothing overflows on a phone, it prints."""

import html
import json
import os
import re
import shutil
import subprocess

import matplotlib.pyplot as plt
import pytest

from spectral_bias.artefacts import write_figure, write_json
from spectral_bias.claims import ALL_CLAIMS, evaluate
from spectral_bias.report import ReportSources, build_report

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

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="needs the Debian package chromium"),
]

# The page under test lies in a frame of the wanted width, since headless windows have a least
# width of their own. The script reports what it finds as text that --dump-dom prints.
FRAME = """<!DOCTYPE html><html><head><meta charset="utf-8"><style>body {{ margin: 0 }}
iframe {{ width: {width}px; height: {height}px; border: 0; display: block }}</style></head><body>
<iframe id="page" srcdoc="{page}"></iframe><pre id="found"></pre><script>
function measure() {{
  const page = document.getElementById("page").contentDocument;
  page.querySelectorAll("details").forEach(element => element.open = true);
  const hidden = element => element.closest(".hidden, thead, .scroll") !== null;
  const outside = [...page.body.querySelectorAll("*")].filter(element =>
    !hidden(element) && element.getBoundingClientRect().right > {width} + 0.5);
  const spilled = [...page.body.querySelectorAll("*")].filter(element =>
    !hidden(element) && element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1);
  const name = element => element.tagName + " " + element.textContent.trim().slice(0, 40);
  const regions = [...page.querySelectorAll(".scroll")];
  document.getElementById("found").textContent = JSON.stringify({{
    images: [...page.images].map(image => image.naturalWidth),
    shown: [...page.images].map(image => image.getBoundingClientRect().width),
    width: page.documentElement.scrollWidth,
    height: page.documentElement.scrollHeight,
    outside: outside.map(name), spilled: spilled.map(name),
    regions: regions.map(element => element.getBoundingClientRect().right),
    focusable: regions.every(element => element.tabIndex === 0),
  }});
}}
const frame = document.getElementById("page");
frame.addEventListener("load", measure);
</script></body></html>"""


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
            "agreement": [
                {
                    "name": "mean absolute difference",
                    "value": 0.0213,
                    "unit": "",
                    "meaning": "m " * 40,
                }
            ],
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
    claims = evaluate(ALL_CLAIMS, {})
    claims[0] |= {"value": 0.9, "ci_low": 0.8, "ci_high": 1.0, "verdict": "holds", "n_runs": 10}
    claims[1] |= {"value": -0.9, "ci_low": -1.0, "ci_high": 0.1, "verdict": "fails", "n_runs": 10}
    write_json(root / "claims.json", claims)
    page = build_report(
        ReportSources(
            figures, root / "claims.json", [root / "run.json"], "tiny", root, run["settings"]
        )
    )
    (root / "report.html").write_text(page, encoding="utf-8")
    return root


def _table():
    import pandas as pd

    return pd.DataFrame({"x": [0, 1, 2]})


def measured(folder, width, tmp_path):
    """What the browser finds on the page at a width, in CSS pixels."""
    page = (folder / "report.html").read_text(encoding="utf-8")
    frame = tmp_path / "frame.html"
    frame.write_text(
        FRAME.format(width=width, height=2000, page=html.escape(page, quote=True)), "utf-8"
    )
    dom = chromium(tmp_path, "--virtual-time-budget=5000", "--dump-dom", frame.as_uri())
    return json.loads(html.unescape(re.search(r'<pre id="found">(.+?)</pre>', dom).group(1)))


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_pictures_decode_and_nothing_overflows(folder, width, tmp_path):
    found = measured(folder, width, tmp_path)
    assert found["images"] == [pytest.approx(2240, abs=2), pytest.approx(800, abs=2)]
    assert all(0 < shown <= width for shown in found["shown"])
    assert found["width"] <= width
    assert found["outside"] == [] and found["spilled"] == []
    assert all(right <= width for right in found["regions"]) and found["focusable"]


def test_the_check_for_overflow_can_fail(folder, tmp_path):
    broken = tmp_path / "broken"
    broken.mkdir()
    page = (folder / "report.html").read_text(encoding="utf-8")
    wide = (
        f'<p style="white-space: nowrap">{"wide " * 200}</p><div style="width: 900px">wide</div>'
        '<img src="data:image/png,x">'
    )
    (broken / "report.html").write_text(page.replace("<main>", f"<main>{wide}"), "utf-8")
    found = measured(broken, PHONE, tmp_path)
    assert found["width"] > PHONE and found["images"][0] == 0
    assert found["outside"] == ["DIV wide"] and found["spilled"]


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
