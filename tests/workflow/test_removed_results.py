"""What is removed from a finished build is made again, and nothing else than rests on it."""

import shutil
from contextlib import contextmanager

import pytest

from spectral_bias.artefacts import read_json
from spectral_bias.config.load import load_settings
from tests.conftest import REPOSITORY
from tests.workflow.jobs import measuring_jobs, training_jobs

SECOND = "fridovichkeil2021"
SHOWN = {"report", "track"}


@contextmanager
def removed(root, *paths):
    """Without some files and folders, which are put back afterwards."""
    aside = root / "aside"
    moved = {path: aside / str(number) for number, path in enumerate(paths)}
    aside.mkdir()
    for path, place in moved.items():
        path.rename(place)
    try:
        yield
    finally:
        for path, place in moved.items():
            place.rename(path)
        aside.rmdir()


@pytest.fixture
def after(finished):
    """The jobs that are planned once some results are removed."""

    def planned(*patterns):
        results = finished.root / "results" / "tiny"
        paths = [path for pattern in patterns for path in sorted(results.glob(pattern))]
        assert paths
        with removed(finished.root, *paths):
            return finished.jobs()

    return planned


@pytest.mark.parametrize("files", ["fig02.*", "fig02.pdf"])
def test_a_figure(after, files):
    assert after(f"figures/rahaman2018/{files}") == {
        *("figure rahaman2018/fig02", "agreement rahaman2018"),
        *SHOWN,
    }


def test_the_folder_of_a_run(after):
    assert after("rahaman2018/perturbation") == {
        *("problem perturbation", "train_mlp perturbation", "measure_perturbation"),
        *("figure rahaman2018/fig03", "agreement rahaman2018", "claims", "track_runs rahaman2018"),
        *SHOWN,
    }


def test_one_file_of_a_classifier(after):
    settings = load_settings({"scale": "tiny"}, REPOSITORY)
    jobs = after(f"{SECOND}/wrn_32.long/epochs.safetensors")
    trained = training_jobs(settings, ["wrn_32.long"])
    assert trained <= jobs and measuring_jobs(settings, ["wrn_32.long"]) <= jobs
    assert {job for job in jobs if job.startswith("train_")} == trained


def test_a_table(after):
    assert after("rahaman2018/tables/perturbation.csv") == {
        *("measure_perturbation", "figure rahaman2018/fig03", "agreement rahaman2018", "claims"),
        *SHOWN,
    }


def test_claims_and_checks(after):
    assert after("checks.json") == {"claims", *SHOWN}
    assert after("rahaman2018/agreement.csv") == {"agreement rahaman2018", "report"}


def test_another_store_is_filled_once(finished, tmp_path):
    store = tmp_path / "other" / "mlflow.db"  # in a folder without a space, where words end
    config = f'scale=tiny tracking={{"uri":"sqlite:///{store}"}}'
    try:
        # The report names the store.
        assert finished.jobs(config=config) == {"report", "track"}
        assert finished.snakemake(config=config).returncode == 0
        tracked = read_json(finished.root / "results/tiny/tracking.json")
        assert tracked["problem"] is None and store.is_file()
        assert finished.jobs(config=config) == set()
    finally:
        shutil.rmtree(store.parent, ignore_errors=True)
        assert finished.snakemake().returncode == 0
    assert finished.jobs() == set()
