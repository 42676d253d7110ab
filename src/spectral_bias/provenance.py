"""Which code, data and settings made a result: fingerprints and the facts that go with them."""

import ast
import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent
# Modules that show what goes on and have no part in any result.
ONLY_SHOWN = ("tracking", "progress")
REPORTED_PACKAGES = ("torch", "numpy", "scipy", "pandas", "scikit-learn", "matplotlib")


def digest(*parts: bytes | str) -> str:
    """12 hexadecimal digits that change when any part does."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        whole.update(len(data).to_bytes(8, "big") + data)
    return whole.hexdigest()[:12]


def settings_digest(settings: Mapping[str, Any]) -> str:
    """Digest of a JSON-able mapping, whatever the order of its keys."""
    return digest(json.dumps(settings, sort_keys=True))


def code_files(*entries: str | Path) -> list[Path]:
    """The given Python files and every module of this package that they import, at any depth.

    Imports are read from the source text, so that a changed module can be told from one that a
    result does not depend on. Modules that are chosen by name at run time must be given as entries;
    modules that only show progress are left out.
    """
    found: set[Path] = set()
    waiting = [Path(entry).resolve() for entry in entries]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [p.resolve() for p in _imported(path, path.stat().st_mtime_ns)]
    return sorted(found)


@cache
def _imported(path: Path, _changed: int) -> list[Path]:
    """Files of this package that one file imports; cached until the file changes."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    parts = [name.split(".") for name in names]
    ours = [p for p in parts if p[0] == PACKAGE.name and p[1:2] not in ([m] for m in ONLY_SHOWN)]
    files = (_module_file(p) for p in ours)
    return [file for file in files if file is not None]


def _module_file(parts: list[str]) -> Path | None:
    """Source of a module of this package; None for a name that is no module, such as a function."""
    base = PACKAGE.parent.joinpath(*parts)
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def code_version(files: Iterable[str | Path]) -> str:
    """Digest of the contents of source files; their place on disk does not matter."""
    return digest(*(part for f in sorted(map(Path, files)) for part in (f.name, f.read_bytes())))


def run_key(run: Mapping[str, Any], code: str, data: str | None) -> str:
    """Names a training run by its settings, code and data: the link between files and tracking."""
    return digest(settings_digest(run), code, data or "")


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that results depend on."""
    return {"python": platform.python_version()} | {
        name: version(name) for name in REPORTED_PACKAGES
    }
