"""Code files are found through imports and names; versions follow contents and nothing else."""

import sys
from pathlib import Path

import pytest

import spectral_bias.provenance as provenance
from spectral_bias import experiments
from spectral_bias.models.catalogue import NETWORKS
from spectral_bias.provenance import (
    PLUMBING,
    code_files,
    code_version,
    digest,
    named_files,
    named_version,
    run_key,
    settings_digest,
)

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/spectral_bias"
SCRIPTS = sorted((ROOT / "workflow/scripts").glob("*.py"))


def names(*entries):
    return {str(path.relative_to(ROOT)) for path in code_files(*(ROOT / e for e in entries))}


def chosen_by_name() -> list[str]:
    """Dotted names of everything that a job picks by name."""
    measuring = [
        place.dotted(m.function).partition(":")[0] for place, m in experiments.measurements()
    ]
    drawing = [
        place.dotted(name) for entries in experiments.figures().values() for name, (place, _) in
        entries.items()
    ]  # fmt: skip
    claims = experiments.claim_modules()
    return [*NETWORKS.values(), *experiments.problems().values(), *measuring, *drawing, *claims]


# Their effect reaches every job as a parameter: the settings of a run, the inputs of a rule.
READ_BY_THE_WORKFLOW = {
    *("config/load.py", "config/check.py", "config/__main__.py", "experiments/schema.py"),
    *("config/read.py", "config/describe.py", "plain_names.py", "models/own_arguments.py"),
    *("experiments/sections.py", "experiments/image_sections.py"),
    *("experiments/rahaman2018/curves.py", "experiments/fridovichkeil2021/sections.py"),
    *("experiments/fridovichkeil2021/choices.py",),
    "experiments/fridovichkeil2021/classifiers/plan.py",
    "experiments/fridovichkeil2021/classifiers/variants.py",
}
RUN_BY_HAND = {
    "report/pages.py",
    "report/part.py",
    "report/published.py",
    "report/outcomes.py",
    "report/status.py",
}
RUN_AFTER_A_FAILURE = {"report/gaps.py"}
"""What it makes is made again by a job as soon as nothing is missing."""
PRINTED = "cost"
"""What the plan of costs reads makes no result, and that it reads settings counts for nothing."""
OFFERED = ("toolkit", "commands")
"""For networks of users; no job of the workflow runs them."""


def test_every_module_is_in_the_version_of_a_job_or_known_to_have_no_part_in_results():
    entries = [file for name in chosen_by_name() for file in named_files(name)]
    scripts = [script for script in SCRIPTS if script.stem != "plan"]
    versioned = set(code_files(*scripts, *entries))
    left = set()
    for file in SOURCE.rglob("*.py"):
        inside = file.relative_to(SOURCE)
        declared = inside.name == "__init__.py" or inside.name == "settings.py"
        elsewhere = inside.parts[0] in (*PLUMBING, PRINTED, *OFFERED)
        if file not in versioned and not elsewhere and not declared:
            left.add(str(inside))
    assert left - RUN_BY_HAND - RUN_AFTER_A_FAILURE == READ_BY_THE_WORKFLOW


def test_everything_chosen_by_name_has_a_file():
    for name in chosen_by_name():
        assert len(named_files(name)) == 1, name


def test_imports_are_followed_to_any_depth():
    found = names("workflow/scripts/train_mlp.py")
    assert "src/spectral_bias/training/ensemble/lockstep.py" in found
    assert "src/spectral_bias/models/mlp.py" in found
    assert "src/spectral_bias/spectra/norms.py" in found


def test_a_package_that_passes_names_on_brings_all_its_modules():
    found = names("src/spectral_bias/experiments/rahaman2018/sinusoids/claims.py")
    package = {str(f.relative_to(ROOT)) for f in (SOURCE / "statistics").glob("*.py")}
    assert len(package) > 5 and package <= found


@pytest.mark.parametrize(
    "part", ["figures", "tracking", "runtime", "claims", "config", "experiments", "report"]
)
def test_training_depends_on_nothing_that_shows_stores_or_judges(part):
    for script in ("train_mlp", "train_classifier", "train_autoencoder"):
        found = names(f"workflow/scripts/{script}.py")
        assert not any(path.startswith(f"src/spectral_bias/{part}") for path in found)


def test_a_network_is_no_part_of_another_ones_version():
    wide = names("src/spectral_bias/models/wide_resnet.py")
    assert "src/spectral_bias/models/shake_shake.py" not in wide
    assert "src/spectral_bias/models/image_classifier.py" in wide


def test_a_users_file_brings_what_it_imports_from_its_own_folder(tmp_path, monkeypatch):
    (tmp_path / "my_network.py").write_text("import my_parts\nfrom torch import nn\n")
    (tmp_path / "my_parts.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "my_network", raising=False)  # another of that name
    (found,) = named_files("my_network.small")
    assert found == tmp_path / "my_network.py" and named_version("my_network.small") == ""
    assert code_files(found) == [tmp_path / "my_network.py", tmp_path / "my_parts.py"]


def test_installed_packages_count_by_their_version_and_are_not_imported():
    before = {*sys.modules}
    assert named_files("torchvision.models.resnet18") == []
    assert named_version("torchvision.models.resnet18").startswith("torchvision ")
    assert named_version("sklearn.datasets").startswith("scikit-learn ")
    assert "torchvision" not in {*sys.modules} - before
    assert named_files("there.is.no.such.thing") == []


def test_version_follows_contents(tmp_path, monkeypatch):
    package = tmp_path / "pack"
    package.mkdir()
    for name, text in {"a": "from pack import b", "b": "x = 1", "c": "y = 1"}.items():
        (package / f"{name}.py").write_text(text)
    monkeypatch.setattr(provenance, "PACKAGE", package)

    def version():
        return code_version(code_files(package / "a.py"))

    before = version()
    (package / "c.py").write_text("y = 2")
    (package / "b.py").touch()
    assert version() == before
    (package / "b.py").write_text("x = 3")
    assert version() != before


def test_a_package_version_is_part_of_the_code_version(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("")
    assert code_version([file], "torchvision 1") != code_version([file], "torchvision 2")
    assert code_version([file], "") == code_version([file])


def test_digests_tell_apart_what_differs(monkeypatch):
    assert digest("ab", "c") != digest("a", "bc")
    assert settings_digest({"a": 1, "b": 2}) == settings_digest({"b": 2, "a": 1})
    assert len({run_key({"a": a}, c, d) for a in (1, 2) for c in "xy" for d in ("p", None)}) == 8
    before = run_key({}, "c", None)
    monkeypatch.setattr(provenance, "versions", lambda: {"torch": "another"})
    assert run_key({}, "c", None) != before
