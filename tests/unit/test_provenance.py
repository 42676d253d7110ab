"""Code files are found through imports; versions follow contents and nothing else."""

from pathlib import Path

import spectral_bias.provenance as provenance
from spectral_bias.provenance import code_files, code_version, digest, run_key, settings_digest

ROOT = Path(__file__).parents[2]


def names(*entries):
    return {str(path.relative_to(ROOT)) for path in code_files(*(ROOT / e for e in entries))}


def test_imports_are_followed_to_any_depth():
    found = names("workflow/scripts/train_mlp.py")
    assert "src/spectral_bias/training/lockstep.py" in found
    assert "src/spectral_bias/models/mlp.py" in found
    assert "src/spectral_bias/spectra/norms.py" in found


def test_training_depends_neither_on_figures_nor_on_tracking_nor_on_targets():
    found = names("workflow/scripts/train_mlp.py")
    for part in ("figures", "tracking", "claims", "progress.py", "config", "data/sinusoids.py"):
        assert not any(f"spectral_bias/{part}" in path for path in found), part


def test_modules_chosen_by_name_are_entries():
    builder = "src/spectral_bias/data/sinusoids.py"
    assert builder not in names("workflow/scripts/problem.py")
    assert builder in names("workflow/scripts/problem.py", builder)


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


def test_digests_tell_apart_what_differs():
    assert digest("ab", "c") != digest("a", "bc")
    assert settings_digest({"a": 1, "b": 2}) == settings_digest({"b": 2, "a": 1})
    assert len({run_key({"a": a}, c, d) for a in (1, 2) for c in "xy" for d in ("p", None)}) == 8
