"""How the Makefile creates .venv, with stand-ins for Python and uv that only note their calls."""

import os
import re
import shutil
import subprocess

import pytest

# Stands for python3.11 and for .venv/bin/python, which `-m venv` makes a copy of it. A line in
# the log for each call; fails where the file "broken" names a word of the call.
PYTHON = """#!/bin/sh
case "$1" in -c) exit 0;; esac
echo "python $*" >> "$LOG"
for word in $(cat "$LOG.broken" 2>/dev/null); do
  case "$*" in *"$word"*) exit 1;; esac
done
if test "$2" = venv; then mkdir -p "$3/bin" && cp "$0" "$3/bin/python"; fi
"""
UV = """#!/bin/sh
echo "uv $*" >> "$LOG"
test ! -e "$LOG.no_uv"
"""


class Sandbox:
    """A folder with the Makefile and the lock files, and PATH with the stand-ins only."""

    def __init__(self, folder, repository):
        self.folder, self.log = folder / "with space", folder / "log"
        self.programs = folder / "programs"
        self.programs.mkdir()
        self.folder.mkdir()
        for name in ("Makefile", "requirements.lock", "bootstrap.lock", "pyproject.toml"):
            shutil.copy(repository / name, self.folder)
        for name in ("sh", "make", "cmp", "cp", "rm", "touch", "test", "mkdir", "cat", "echo"):
            (self.programs / name).symlink_to(shutil.which(name))
        self.provide("python3.11", PYTHON)
        self.provide("uv", UV)

    def provide(self, name, text):
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)

    def make(self, *arguments):
        """Runs make; returns the exit status, stderr and the calls it made."""
        self.log.write_text("")
        environment = {"PATH": str(self.programs), "LOG": str(self.log)}
        run = subprocess.run(
            ["make", *arguments], cwd=self.folder, env=environment, capture_output=True, text=True
        )
        return run.returncode, run.stderr, self.log.read_text().splitlines()


@pytest.fixture
def sandbox(tmp_path, repository):
    return Sandbox(tmp_path, repository)


def test_the_first_call_installs_with_hashes_and_the_second_does_nothing(sandbox):
    status, _, calls = sandbox.make("install")
    assert status == 0
    venv, packages, project = calls
    assert venv == "python -m venv .venv"
    assert packages.startswith("uv pip install")
    assert "--require-hashes -r requirements.lock" in packages
    assert project.endswith("--no-deps --no-build-isolation --editable .")
    assert sandbox.make("install") == (0, "", [])


def test_without_uv_it_is_installed_from_its_own_lock(sandbox):
    (sandbox.programs / "uv").unlink()
    # The stand-in for pip installs no uv, so the packages are installed with pip in the end.
    status, _, calls = sandbox.make("install")
    assert status == 0
    assert "--require-hashes -r bootstrap.lock" in calls[1]
    assert "pip" in calls[2] and "--require-hashes -r requirements.lock" in calls[2]


def test_pip_steps_in_where_uv_fails(sandbox):
    sandbox.log.with_name("log.no_uv").touch()
    status, _, calls = sandbox.make("install")
    assert status == 0
    assert calls[1].startswith("uv pip install")
    assert calls[2].startswith("python -m pip") and "-r requirements.lock" in calls[2]


def test_an_installation_that_failed_is_begun_anew(sandbox):
    sandbox.log.with_name("log.no_uv").touch()
    broken = sandbox.log.with_name("log.broken")
    broken.write_text("requirements.lock")
    assert sandbox.make("install")[0] != 0
    left_behind = sandbox.folder / ".venv" / "half-installed"
    left_behind.touch()
    broken.unlink()
    status, _, calls = sandbox.make("install")
    assert status == 0
    assert calls[0] == "python -m venv .venv"
    assert not left_behind.exists()


def test_only_a_changed_lock_file_is_installed_again(sandbox):
    sandbox.make("install")
    lock = sandbox.folder / "requirements.lock"
    later = lock.stat().st_mtime + 60
    os.utime(lock, (later, later))
    _, _, calls = sandbox.make("install")
    assert not any("requirements.lock" in call for call in calls)

    lock.write_text(lock.read_text() + "\n# changed\n")
    os.utime(lock, (later + 60, later + 60))
    _, _, calls = sandbox.make("install")
    assert any("requirements.lock" in call for call in calls)


def test_without_python_one_line_says_so(sandbox):
    (sandbox.programs / "python3.11").unlink()
    status, stderr, _ = sandbox.make("install")
    assert status != 0
    assert "no Python >= 3.11 found" in stderr.splitlines()[0]


@pytest.mark.parametrize("config", ["seed", "=3", "seed=3 device", "a.b=3", "3=a", "seed =3"])
def test_a_setting_without_a_value_is_one_line(sandbox, config):
    sandbox.make("install")
    status, stderr, calls = sandbox.make("reproduce", f"CONFIG={config}")
    assert status != 0 and calls == []
    said = [line for line in stderr.splitlines() if not line.startswith("make: ***")]
    assert len(said) == 1 and re.match(
        r"make: CONFIG: \S* is no key=value, such as seed=3", said[0]
    )


def test_a_section_of_settings_reaches_snakemake_whole(sandbox):
    sandbox.make("install")
    config = """CONFIG=seed=3 rahaman2018='{"delta": {"n_runs": 2}}' data_root='a b'"""
    _, _, (call,) = sandbox.make("reproduce", config)
    assert call.endswith('--config seed=3 rahaman2018={"delta": {"n_runs": 2}} data_root=a b')


def test_settings_come_last_on_the_command_line_of_snakemake(sandbox):
    sandbox.make("install")
    arguments = ("CORES=1", "SCALE=my scale.yaml", "CONFIG=seed=3", "ARGS=--dry-run all")
    _, _, calls = sandbox.make("reproduce", *arguments)
    expected = "python -m snakemake --cores 1 --dry-run all --config scale=my scale.yaml seed=3"
    assert calls == [expected]
