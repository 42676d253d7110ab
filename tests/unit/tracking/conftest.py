"""One tracking store that the tests of this folder share."""

import pytest
from tracking_examples import PAPERS

from spectral_bias.tracking import init_store, tracking_uri


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """A project folder with a tracking store, for tests that each use a scale of their own."""
    folder = tmp_path_factory.mktemp("a project")
    assert init_store(tracking_uri(folder / "results"), PAPERS)["problem"] is None
    return folder


@pytest.fixture
def results(project, monkeypatch):
    """The shared results folder; the project folder is the working directory."""
    monkeypatch.chdir(project)
    return project / "results"


@pytest.fixture
def scale(request):
    return request.node.name.removeprefix("test_")


@pytest.fixture
def client(project):
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=tracking_uri(project / "results"))
