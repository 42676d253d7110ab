"""A store on a disk of several machines is told, and nothing but `track` writes to it."""

from pathlib import Path
from types import SimpleNamespace

import pytest

import spectral_bias.tracking.network_disk as network_disk
from spectral_bias.config.check import warnings
from spectral_bias.config.load import load_settings
from spectral_bias.runtime.record import JobContext
from spectral_bias.tracking.location import live_uri
from spectral_bias.tracking.network_disk import network_file_system
from tests.conftest import REPOSITORY

MOUNTS = r"""sysfs /sys sysfs rw 0 0
/dev/sda1 / ext4 rw,relatime 0 0
server:/data /data nfs4 rw,vers=4.2 0 0
/dev/sdb1 /data/me/local xfs rw 0 0
me@there:/all /far/my\040data fuse.sshfs rw 0 0
10.0.0.1@tcp:/scratch /scratch lustre rw 0 0
tmpfs /over tmpfs rw 0 0
//windows/share /over cifs rw 0 0
"""


@pytest.fixture
def mounts(tmp_path):
    table = tmp_path / "mounts"
    table.write_text(MOUNTS)
    return table


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/project/results", None),
        ("/data/me/project/results", "nfs4"),
        ("/data/me/local/results", None),
        ("/database/results", None),
        ("/far/my data/results", "fuse.sshfs"),
        ("/scratch", "lustre"),
        ("/over/there", "cifs"),
    ],
)
def test_the_innermost_mount_tells(mounts, path, kind):
    assert network_file_system(Path(path), mounts) == kind


def test_without_a_table_nothing_is_told(tmp_path):
    assert network_file_system(tmp_path, tmp_path / "none") is None


def test_a_database_on_such_a_disk_is_not_written_to_while_jobs_train(monkeypatch):
    shared = "sqlite:////data/me/mlflow.db"
    given = SimpleNamespace(
        config={"device": "cpu", "tracking": {"uri": shared, "live_after_seconds": 60}},
        params=SimpleNamespace(scale="tiny", code="code"),
        threads=1,
    )
    assert JobContext.of(given).tracking_uri == live_uri(shared) == shared
    settings = load_settings({"scale": "tiny", "tracking": {"uri": shared}}, REPOSITORY)
    assert warnings(settings) == []
    monkeypatch.setattr(
        "spectral_bias.tracking.location.network_file_system",
        lambda path: "nfs4" if path.is_relative_to("/data") else None,
    )
    assert JobContext.of(given).tracking_uri is None
    (line,) = warnings(settings)
    assert line.startswith("tracking.uri: sqlite:////data/me/mlflow.db lies on nfs4")
    assert live_uri("sqlite:////srv/mlflow.db") == "sqlite:////srv/mlflow.db"
    assert live_uri("http://server:5000") == "http://server:5000"
    assert "ext4" not in network_disk.NETWORK
