"""Rules that the repository keeps, read from its files."""

import fnmatch
import re
from pathlib import Path

import pytest
import yaml

from spectral_bias.experiments import measurements
from tests.conftest import NOT_COPIED, REPOSITORY

LOCKS = ("requirements.lock", "bootstrap.lock")
TEXT = {".py", ".smk", ".yaml", ".toml", ".md", ".in", ".lock", ".jinja", ".rst", ".csv", ".json"}
SCRIPTS = sorted((REPOSITORY / "workflow/scripts").glob("*.py"))
RULE_FILES = sorted((REPOSITORY / "workflow/rules").rglob("*.smk"))
RULES_TEXT = "\n".join(file.read_text() for file in [REPOSITORY / "Snakefile", *RULE_FILES])
RULES = set(re.findall(r"^(?:rule|use rule \w+ as) (\w+)", RULES_TEXT, re.MULTILINE))
RULES |= {measurement.name for _, measurement in measurements()}
MIB = 2**20


def files_of_the_project() -> list[Path]:
    """All files but generated ones."""

    def kept(path: Path) -> bool:
        return not any(fnmatch.fnmatch(path.name, pattern) for pattern in NOT_COPIED)

    todo, found = [REPOSITORY], []
    while todo:
        for path in filter(kept, todo.pop().iterdir()):
            (todo if path.is_dir() else found).append(path)
    return found


def lines_of(file: Path) -> int:
    return len(file.read_text().splitlines())


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_one_version_and_hashes_and_no_address(name):
    text = (REPOSITORY / name).read_text()
    assert "://" not in text and "--index" not in text
    entries = re.split(r"\n(?=[a-z])", re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE))
    assert entries
    for entry in entries:
        assert re.match(r"[\w.-]+==[\w.+!-]+( ;[^\\\n]+)? \\\n", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]


def test_every_direct_dependency_is_locked():
    for name in LOCKS:
        wanted = (REPOSITORY / name).with_suffix(".in").read_text().splitlines()
        names = [re.match(r"[\w-]+", line)[0] for line in wanted if line and line[0] != "#"]
        locked = set(re.findall(r"^([\w.-]+)==", (REPOSITORY / name).read_text(), re.MULTILINE))
        assert set(names) <= locked


def test_no_file_names_a_place_of_one_machine():
    homes = re.compile(r"(?<![\w.])/(home|Users|root|mnt|media)/\w")
    found = []
    for file in files_of_the_project():
        if file.suffix in TEXT or file.name in ("Makefile", "Snakefile", "run"):
            text = file.read_text()
            places = [str(REPOSITORY), *homes.findall(text)]
            found += [f"{file.relative_to(REPOSITORY)}: {p}" for p in places if p in text]
    assert found == []


def test_no_file_is_large():
    assert [file.name for file in files_of_the_project() if file.stat().st_size > MIB] == []


def test_scripts_are_thin_and_library_files_short():
    assert [script.name for script in SCRIPTS if lines_of(script) > 60] == []
    library = (REPOSITORY / "src").rglob("*.py")
    assert [file.name for file in library if lines_of(file) > 300] == []
    assert [file.name for file in RULE_FILES if lines_of(file) > 200] == []


def test_rules_and_scripts_belong_together():
    named = set(re.findall(r'/scripts/(\w+\.py)"', RULES_TEXT))
    assert named == {script.name for script in SCRIPTS}


@pytest.mark.parametrize("profile", ["default", "gpu", "slurm", "sbatch"])
def test_profiles_know_the_rules(profile):
    settings = yaml.safe_load((REPOSITORY / f"profiles/{profile}/config.yaml").read_text())
    groups = settings.get("groups", {})
    named = (
        set(groups) | set(settings.get("set-resources", {})) | set(settings.get("set-threads", {}))
    )
    assert named <= RULES
    assert set(groups.values()) == set(settings.get("group-components", {}))


def test_every_rule_asks_for_more_memory_and_time_when_it_is_tried_again():
    asked = re.findall(r"\b(?:mem_mb|runtime)=(\w+)", RULES_TEXT)
    assert len(asked) >= 30 and {*asked} == {"grown"}


def test_the_slurm_profile_submits_no_figure_alone():
    settings = yaml.safe_load((REPOSITORY / "profiles/slurm/config.yaml").read_text())
    assert "figure" in settings["groups"]


def test_continuous_integration_can_start():
    assert (REPOSITORY / ".ci/run").stat().st_mode & 0o111
