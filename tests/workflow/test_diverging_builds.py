"""A run that diverges fails in one line, and a build goes on without it."""

import pytest

from spectral_bias.artefacts import read_json

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
    assert [file.name for file in (results / "label_noise").iterdir()] == ["problem.npz"]
    assert read_json(results / "manifold_regression/run.json")["status"] == "finished"
    assert (figures / "fig08.png").exists() and not (figures / "fig04.png").exists()
