"""A run that diverges fails in one line, and a build goes on without it."""

import shutil
from pathlib import Path

import pytest

from spectral_bias.artefacts import read_json
from tests.workflow.conftest import Project

CONFIG = 'scale=tiny rahaman2018={"label_noise":{"learning_rate":1.0e+30}}'


@pytest.mark.slow
def test_a_build_that_keeps_going_lacks_only_what_diverged(fresh):
    figures = fresh.root / "results/tiny/figures/rahaman2018"
    wanted = [f"results/tiny/figures/rahaman2018/{name}.png" for name in ("fig04", "fig08")]
    done = fresh.snakemake("--keep-going", *wanted, config=CONFIG)
    assert done.returncode != 0
    line = "error: label_noise: member 0: the training loss is nan at iteration"
    assert line in done.stderr and "with learning_rate 1e+30; choose a smaller" in done.stderr
    results = fresh.root / "results/tiny/rahaman2018"
    kept = [file.name for file in (results / "label_noise").iterdir() if file.name[0] != "."]
    assert kept == ["problem.npz"]
    assert read_json(results / "manifold_regression/run.json")["status"] == "finished"
    assert (figures / "fig08.png").exists() and not (figures / "fig04.png").exists()


@pytest.mark.slow
def test_claims_and_report_of_a_build_that_keeps_going_show_the_gap(finished, tmp_path):
    project = Project(Path(shutil.copytree(finished.root, tmp_path / "build", symlinks=True)))
    results = project.root / "results/tiny"
    before = {claim["id"]: claim for claim in read_json(results / "claims.json")}
    done = project.snakemake("--keep-going", config=CONFIG)
    assert done.returncode != 0
    assert "with gaps, of what could be made: results/tiny/claims.json" in done.stderr

    after = {claim["id"]: claim for claim in read_json(results / "claims.json")}
    assert after.keys() == before.keys()
    lost = {name for name, claim in after.items() if "not measured" in claim["statistic"]}
    assert lost and all(after[name]["undecided"] == "no data" for name in lost)
    assert {name.startswith("label_noise") for name in lost} == {True}
    kept = after.keys() - lost
    assert kept and all(after[name] == before[name] for name in kept)

    page = (results / "report.html").read_text()
    gaps = page.split('id="gaps"')[1].split("</section>")[0]
    assert "label_noise: member 0: the training loss is nan" in gaps
    assert "1 job failed" in gaps and "Figure 4" in gaps and "Figure 8" not in gaps
    assert 'id="rahaman2018-fig04"' not in page and 'id="rahaman2018-fig08"' in page

    assert {"claims", "report"} <= project.planned()
