"""What runs again after a change: dry runs over a finished build, with the exact set of jobs."""

import re
from contextlib import contextmanager

import pytest

from spectral_bias.config.load import load_settings
from spectral_bias.experiments import figures, training_runs
from spectral_bias.experiments.fridovichkeil2021.choices import (
    measured_runs,
    noise_runs,
    wave_rows,
)
from tests.conftest import REPOSITORY
from tests.workflow.jobs import PAPER as SECOND
from tests.workflow.jobs import measuring_jobs, training_jobs

SHOWN = {"report", "track"}
FIRST = "rahaman2018"


@contextmanager
def edited(path, old, new):
    """`path` with some text replaced, put back afterwards."""
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new, 1))
    try:
        yield
    finally:
        path.write_text(before)


@pytest.fixture(scope="module")
def settings():
    return load_settings({"scale": "tiny"}, REPOSITORY)


@pytest.fixture
def after(finished):
    """The jobs that are planned after a change of one file of the finished project."""

    def planned(file, old, new):
        with edited(finished.root / file, old, new):
            return finished.jobs()

    return planned


def all_figures(*papers):
    return {f"figure {p}/{name}" for p in papers or figures() for name in figures()[p]}


def of_figures(*numbers, paper="rahaman2018"):
    return {f"figure {paper}/fig{number:02d}" for number in numbers}


SOURCE = "src/spectral_bias"
ROOMS = f"{SOURCE}/experiments"


@pytest.mark.parametrize(
    ("file", "old"),
    [
        ("config.yaml", "\nscale: quick"),
        (f"{SOURCE}/runtime/job.py", "\nfrom "),
        (f"{SOURCE}/runtime/progress.py", "\nfrom "),
        (f"{SOURCE}/runtime/record.py", "\nfrom "),
        (f"{SOURCE}/runtime/device.py", "\nfrom "),
        (f"{SOURCE}/runtime/checkpoint.py", "\nfrom "),
        (f"{SOURCE}/tracking/facts.py", "\nfrom "),
        (f"{ROOMS}/rahaman2018/delta/settings.py", "\nfrom "),
    ],
)
def test_comments_plumbing_and_unchanged_settings_run_nothing_again(after, file, old):
    """What logs, shows and stores is in no version; settings count by their values."""
    assert after(file, old, f"\n# a comment{old}") == set()


def test_a_changed_network_trains_its_own_networks_and_nothing_of_the_first_paper(after, settings):
    runs = training_runs(settings, SECOND)
    wide = {name for name, run in runs.items() if run.network.callable == "wide_resnet"}
    jobs = after(f"{SOURCE}/models/wide_resnet.py", "\nfrom ", "\n#\nfrom ")
    trained = {job for job in jobs if job.startswith("train_")}
    assert trained == training_jobs(settings, wide)
    assert 0 < len(wide) < len(runs) and not training_jobs(settings, runs.keys() - wide) & trained
    assert not [job for job in jobs if "rahaman2018" in job or "mlp" in job or "problem" in job]
    # The mixed sets of figure 5 contain one, as do all that compare with the baseline.
    assert measuring_jobs(settings, wide) < jobs
    assert all_figures(SECOND) - of_figures(14, 15, paper=SECOND) <= jobs
    assert {"claims", *SHOWN} <= jobs


def test_another_changed_network_leaves_the_rest_of_the_second_paper(after, settings):
    jobs = after(f"{SOURCE}/models/shake_shake.py", "\nfrom ", "\n#\nfrom ")
    runs = training_runs(settings, SECOND)
    shake = {name for name, run in runs.items() if run.network.callable == "shake_shake"}
    assert jobs == {
        *training_jobs(settings, shake),
        *measuring_jobs(settings, shake),
        *("collect_interpolation", "measure_interventions", "measure_noise_fitting"),
        "measure_noise_fitting_of_figure fig05",
        *of_figures(5, 10, 16, paper=SECOND),
        *("claims", f"agreement {SECOND}", f"track_runs {SECOND}", *SHOWN),
    }


def test_a_changed_problem_trains_its_runs(after, settings):
    jobs = after(f"{ROOMS}/rahaman2018/delta/problem.py", "\nfrom ", "\n#\nfrom ")
    runs = settings.rahaman2018.delta.runs()
    assert jobs == {
        *(f"problem {run}" for run in runs),
        *(f"train_mlp {run}" for run in runs),
        *(f"measure_delta_{name}" for name in ("target", "depth", "width", "clip")),
        *of_figures(14, 15, 16, 17, 18),
        *("claims", f"agreement {FIRST}", f"track_runs {FIRST}", *SHOWN),
    }


def test_the_resolution_of_pictures_draws_figures_and_no_more(after):
    jobs = after(f"{SOURCE}/figures/files.py", "DPI = 160", "DPI = 120")
    assert jobs == all_figures() | SHOWN | {f"agreement {paper}" for paper in (FIRST, SECOND)}


def test_the_wording_of_a_claim_concerns_claims_and_report(after):
    file = f"{ROOMS}/{SECOND}/interventions/claims.py"
    jobs = after(file, "Within interventions (architecture", "Inside interventions (architecture")
    assert jobs - {"track"} == {"claims", "report"}


def test_a_statistic_of_a_claim_concerns_no_figure(after):
    file = f"{ROOMS}/rahaman2018/sinusoids/claims.py"
    assert after(file, "\nfrom ", "\n#\nfrom ") - {"track"} == {"claims", "report"}


def test_cosmetics_of_a_figure_draw_it(after):
    jobs = after(f"{ROOMS}/rahaman2018/sinusoids/fig02.py", "TITLE", "#\nTITLE")
    assert jobs == of_figures(2) | SHOWN | {f"agreement {FIRST}"}


def test_a_changed_measurement_measures_and_does_not_train(after):
    jobs = after(f"{SOURCE}/spectra/perturbation.py", "CHUNK_BYTES =", "#\nCHUNK_BYTES =")
    assert jobs == {
        *("measure_perturbation", *of_figures(3), "claims", f"agreement {FIRST}"),
        *SHOWN,
    }


def test_changed_training_code_trains_all_ensembles_and_no_classifier(after, settings):
    jobs = after(f"{SOURCE}/training/ensemble/lockstep.py", "\nfrom ", "\n#\nfrom ")
    ensembles = {
        f"train_mlp {name}" for name, run in training_runs(settings).items() if run.KIND == "mlp"
    }
    assert {job for job in jobs if job.startswith("train_")} == ensembles
    assert not [job for job in jobs if job.startswith(("problem", "digits", "mnist"))]


OWN = '''"""A network of the user's own."""

from torch import nn

from own_parts import activation


def small(num_classes, width=4):
    convolution = nn.Conv2d(3, width, 3, stride=2)
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, num_classes))
    return nn.Sequential(convolution, activation(), head)
'''
MORE = """\
extends: tiny
fridovichkeil2021:
  cifar10:
    networks:
      small:
        callable: own_network.small
        arguments: {}
        learning_rate: 0.1
        weight_decay: 5.0e-4
        batch_size: 20
    architectures: [wrn_32, small]
    extremes: {architecture: [wrn_32, small]}
"""
OWN_RUNS = {"small", "small.uniform", "small.radial_0.1", "small.matched"}


def test_one_more_network_trains_itself_alone_and_its_file_counts(finished, settings):
    """In figure 5, under a scale of its own; everything else comes from the finished scale."""
    root, figure = finished.root, f"results/more/figures/{SECOND}/fig05.png"
    parts = "from torch.nn import ReLU as activation\n"
    files = {"own_network.py": OWN, "own_parts.py": parts, "more.yaml": MORE}
    for name, text in files.items():
        (root / name).write_text(text)
    try:
        done = finished.snakemake(figure, config="scale=more.yaml")
        assert done.returncode == 0, done.stdout + done.stderr
        assert (root / figure).exists()
        known_here = {"cifar10": {"networks": {"small": {"callable": "wide_resnet"}}}}
        more = load_settings({"scale": "more.yaml", SECOND: known_here}, root)
        batches = more.fridovichkeil2021.cifar10.batches()
        asked = {*noise_runs(more, wave_rows(more, "fig05")), *measured_runs(more, "fig05")}
        made = {name for batch in batches if asked & {*batch} for name in batch}
        known = settings.fridovichkeil2021.cifar10.runs().keys()
        taken = {*re.findall(r"\[(\S+)\] taken over", done.stderr)}
        assert taken == made & known and made - known == OWN_RUNS
        logs = root.glob("results/more/logs/train_classifier/*.log")
        text = "".join(log.read_text() for log in logs)
        assert all(f"taken over from results/tiny/{SECOND}/{name}:" in text for name in taken)
        assert finished.jobs(figure, config="scale=more.yaml") == set()
        (root / "own_parts.py").write_text(parts.replace("ReLU", "GELU"))
        jobs = finished.jobs(figure, config="scale=more.yaml")
        assert {job for job in jobs if job.startswith("train_")} == training_jobs(more, OWN_RUNS)
    finally:
        for name in files:
            (root / name).unlink()
