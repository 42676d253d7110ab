"""The whole workflow at the tiny scale: what it makes, what it makes again, what it refuses."""

import json
import re
import subprocess
import sys

import pandas as pd
import pytest

from spectral_bias.config.load import load_settings
from spectral_bias.experiments import figures
from tests.conftest import REPOSITORY
from tests.workflow.jobs import measuring_jobs, training_jobs

FIGURES = [f"{paper}/{name}" for paper, names in figures().items() for name in names]
CLAIM_KEYS = {
    "id", "paper", "statement", "figures", "statistic", "measure", "unit", "value", "ci_low",
    "ci_high", "threshold", "margin", "verdict", "undecided", "n_runs", "others",
}  # fmt: skip
CHECK_KEYS = {
    "id", "paper", "statement", "figures", "statistic", "value", "threshold", "result"
}  # fmt: skip


@pytest.fixture(scope="module")
def results(finished):
    return finished.root / "results" / "tiny"


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_is_there_with_its_numbers(results, figure):
    stem = results / "figures" / figure
    assert stem.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    assert stem.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
    table = pd.read_csv(stem.with_suffix(".csv"))
    assert len(table) > 0
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", column) for column in table.columns)


def test_claims_have_their_keys_and_tiny_decides_nothing_on_trained_networks(results):
    claims = json.loads((results / "claims.json").read_text())
    assert all(set(claim) == CLAIM_KEYS for claim in claims)
    assert len({claim["id"] for claim in claims}) == len(claims) >= 60
    trained = [claim for claim in claims if not claim["id"].startswith("volume_")]
    assert {claim["verdict"] for claim in trained} == {"not tested"}  # two runs are too few
    assert {claim["paper"] for claim in claims} == {"rahaman2018", "fridovichkeil2021"}


def test_checks_are_listed_apart_from_claims(results):
    checks = json.loads((results / "checks.json").read_text())
    assert all(set(check) == CHECK_KEYS for check in checks)
    assert {"theory_random_decay", "kernel_frequency_grows"} <= {check["id"] for check in checks}
    assert "does not pass" not in {check["result"] for check in checks}


def test_the_figures_of_each_paper_are_numbered_without_gaps():
    for names in figures().values():
        assert list(names) == [f"fig{n:02d}" for n in range(1, len(names) + 1)]
    assert len(figures()["rahaman2018"]) >= 22 and len(figures()["fridovichkeil2021"]) >= 17


def test_report_stands_alone_and_names_every_figure(results):
    page = (results / "report.html").read_text()
    assert page.count("data:image/png;base64,") == len(FIGURES)
    assert not re.findall(r'(?:src|href)="https?:', page)


def test_figures_lead_to_runs_and_back(results):
    tracking = json.loads((results / "tracking.json").read_text())
    assert tracking["problem"] is None
    for figure in FIGURES:
        facts = json.loads((results / f"figures/{figure}.json").read_text())
        wanted = [tracking["runs"][key] for key in facts["sources"]]
        linked = tracking["figures"][figure]["source_run_ids"]
        assert sorted(linked) == sorted(wanted)
    records = [json.loads(path.read_text()) for path in results.glob("*/*/run.json")]
    assert {record["run_key"] for record in records} == set(tracking["runs"])


def test_every_run_says_what_made_it(results):
    for path in results.glob("*/*/run.json"):
        record = json.loads(path.read_text())
        assert record["settings"]["run"] == record["run"] == path.parent.name
        paper = path.parent.parent.name
        assert record["result_path"] == f"results/tiny/{paper}/{record['run']}"
        assert record["versions"]["torch"]
        assert not (path.parent / "resume").exists()


def test_second_call_finds_nothing_to_do(finished):
    assert finished.planned() == set()


def test_every_named_target_is_up_to_date(finished):
    figures = [f"results/tiny/figures/{figure}.png" for figure in FIGURES]
    targets = ("rahaman2018", "fridovichkeil2021", "claims", "report", "track", *figures)
    assert finished.planned(*targets) == set()


READ = """
import sys
from snakemake.cli import main

sys.argv = ["snakemake", "--dry-run", "--quiet", "--config", "scale=tiny"]
try:
    main()
except SystemExit as end:
    assert not end.code
print("loaded:", *{"torch", "torchvision", "mlflow", "matplotlib", "sklearn"} & sys.modules.keys())
"""


def test_the_workflow_is_read_without_heavy_packages(fresh):
    """Every call of Snakemake would wait for them, and its process carry them through the build."""
    command = [sys.executable, "-c", READ]
    done = subprocess.run(
        command, cwd=fresh.root, env=fresh.environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].split() == ["loaded:"]


def test_one_figure_asks_for_its_own_jobs_only(fresh):
    planned = fresh.planned("results/tiny/figures/rahaman2018/fig03.png")
    assert planned == {"problem", "train_mlp", "measure_perturbation", "figure"}


def test_one_figure_of_the_second_paper_asks_for_its_classifiers_only(fresh):
    planned = fresh.planned("results/tiny/figures/fridovichkeil2021/fig02.png")
    trained = training_jobs(load_settings({"scale": "tiny"}, REPOSITORY), ["wrn_32"])
    assert planned == {"images", *trained, "measure_interpolation_example", "figure"}


@pytest.mark.parametrize("scale", ["quick", "paper"])
def test_every_scale_can_be_planned(fresh, scale):
    planned = fresh.planned(config=f"scale={scale}")
    assert {"figure", "claims", "report", "track"} <= planned
    assert ("mnist" in planned) == (scale == "paper")


def test_a_missing_folder_of_imagenet_is_a_warning_and_the_rest_goes_on(fresh):
    done = fresh.snakemake("--dry-run", "fridovichkeil2021", config="scale=paper")
    assert done.returncode == 0
    said = "warning: fridovichkeil2021.imagenet.data.folder: ImageNet cannot be downloaded"
    assert done.stderr.count(said) == 1
    assert "rule measure_imagenet:" not in done.stdout


def test_changed_setting_retrains_the_runs_that_have_it(finished):
    config = 'scale=tiny rahaman2018={"perturbation":{"learning_rate":0.001}}'
    done = finished.snakemake("--dry-run", config=config)
    trained = re.findall(r"rule train_mlp:.*?wildcards: run=(\w+)", done.stdout, re.DOTALL)
    assert trained == ["perturbation"]


def test_changed_interpolation_measures_again_and_trains_nothing(finished):
    config = 'scale=tiny fridovichkeil2021={"cifar10":{"interpolation":{"n_samples":12}}}'
    planned = finished.planned(config=config)
    settings = load_settings({"scale": "tiny"}, REPOSITORY)
    measured = measuring_jobs(settings, settings.fridovichkeil2021.cifar10.measured_runs())
    assert {*measured, "collect_interpolation", "figure"} <= planned
    assert not any(rule.startswith("train") for rule in planned)


def test_changed_augmentation_trains_only_the_batch_of_the_network_that_has_it(finished):
    jobs = finished.jobs(config='scale=tiny fridovichkeil2021={"cifar10":{"operations":2}}')
    trained = {job for job in jobs if job.startswith("train")}
    settings = load_settings({"scale": "tiny"}, REPOSITORY)
    assert trained == training_jobs(settings, ["wrn_32.randaugment_4"]) and len(trained) == 1


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("scale=tiny sede=1", "--config: sede: unknown key; did you mean 'seed'"),
        ("scale=tyni", "--config: scale: 'tyni' is unknown; did you mean 'tiny'"),
        ("scale=nowhere.yaml", "nowhere.yaml: no such file"),
        ("scale=paper data_root=src", "data_root: MNIST needs the four files"),
        (
            'scale=tiny fridovichkeil2021={"cifar10":{"baseline":"wrn_23"}}',
            "fridovichkeil2021.cifar10.baseline: no network 'wrn_23'; did you mean 'wrn_32'",
        ),
    ],
)
def test_bad_settings_end_in_one_line_and_write_nothing(fresh, config, said):
    done = fresh.snakemake(config=config)
    assert done.returncode != 0
    errors = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert len(errors) == 1
    assert said in errors[0]
    assert "Traceback" not in done.stderr
    assert not (fresh.root / "results").exists()


def test_a_failing_job_says_why_and_keeps_what_is_there(finished):
    before = {path: path.stat().st_mtime_ns for path in finished.root.glob("results/tiny/**/*.csv")}
    config = 'scale=tiny device=cuda rahaman2018={"perturbation":{"learning_rate":0.1}}'
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device here, so that device=cuda does not fail")
    done = finished.snakemake(config=config)
    assert done.returncode != 0
    assert (
        "error: perturbation: device: cuda is wanted, but PyTorch sees no CUDA device"
        in done.stderr
    )
    kept = [path for path in before if "perturbation" not in str(path)]
    assert all(path.stat().st_mtime_ns == before[path] for path in kept)
    assert finished.snakemake().returncode == 0
