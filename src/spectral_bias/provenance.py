"""Which code, data and settings made a result: fingerprints and the facts that go with them."""

import ast
import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.util import find_spec
from pathlib import Path
from sysconfig import get_path, get_paths
from typing import Any

PACKAGE = Path(__file__).parent
PLUMBING = ("runtime", "tracking")
"""Folders of this package whose modules run jobs, log, show and store what others compute. They
have no part in any result, so they are in no code version."""
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
    """The given Python files and every project module that they import, at any depth.

    Imports are read from the source text, so that a changed module can be told from one that a
    result does not depend on. Modules that are chosen by name at run time must be given as entries
    (see `named_files`); `PLUMBING` is left out. A file outside this package, such as a user's own
    network, brings the files that it imports from its own folder.
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
    """Project files that one file imports; cached until the file changes."""
    roots = [PACKAGE.parent] + ([] if path.is_relative_to(PACKAGE) else [path.parent])
    found: list[Path] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [f for alias in node.names for f in _module_files(roots, alias.name)]
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            inside = [_module_files(roots, f"{node.module}.{alias.name}") for alias in node.names]
            found += [file for files in inside for file in files]
            # A package of which only modules are imported counts by those modules.
            found += [] if all(inside) else _module_files(roots, node.module)
    return [file for file in found if not _is_plumbing(file)]


def _module_files(roots: Iterable[Path], name: str) -> list[Path]:
    """The source of a module below one of the roots; nothing for a name that is no module."""
    found = (_module_file(root, name.split(".")) for root in roots)
    return [file for file in found if file is not None]


def _is_plumbing(file: Path) -> bool:
    return any(file.is_relative_to(PACKAGE / folder) for folder in PLUMBING)


def _module_file(root: Path, parts: list[str]) -> Path | None:
    """Source of a module below `root`; None for a name that is none, such as a function."""
    base = root.joinpath(*parts)
    for candidate in (base.with_suffix(".py"), base / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def named_files(name: str) -> list[Path]:
    """The file behind a dotted name, of a module or of something in it, without importing it.

    Args:
        name: such as "spectral_bias.models.resnet.classifier" or "my_networks.small".

    Returns:
        The file of the innermost module; nothing for a module of an installed package, whose
        version counts instead (`named_version`), and where there is no such module.
    """
    top, *rest = name.split(".")
    root = PACKAGE.parent if top == PACKAGE.name else _user_root(top)
    if root is None:
        return []
    for length in range(len(rest), -1, -1):
        file = _module_file(root, [top, *rest[:length]])
        if file is not None:
            return [file]
    return []


def named_version(name: str) -> str:
    """Version of the installed package behind a dotted name; empty for a file (`named_files`)."""
    top = name.partition(".")[0]
    if top == PACKAGE.name or _user_root(top) is not None:
        return ""
    try:
        return f"{top} {version(top)}"
    except PackageNotFoundError:
        owners = packages_distributions().get(top, [])
        return " ".join(f"{owner} {version(owner)}" for owner in owners)


def _user_root(top: str) -> Path | None:
    """The folder that holds a top-level module that no installed package brought."""
    spec = find_spec(top)
    if spec is None or spec.origin is None or not Path(spec.origin).is_file():
        return None
    file = Path(spec.origin).resolve()
    installed = {Path(path).resolve() for key, path in get_paths().items() if key.endswith("lib")}
    if any(file.is_relative_to(folder) for folder in installed | {Path(get_path("stdlib"))}):
        return None
    return file.parents[1] if file.name == "__init__.py" else file.parent


def code_version(files: Iterable[str | Path], *more: str) -> str:
    """Digest of the contents of source files, and of `more` texts such as `named_version`.

    The place of the files on disk does not matter.
    """
    parts = [part for f in sorted(map(Path, files)) for part in (f.name, f.read_bytes())]
    return digest(*parts, *filter(None, more))


def run_key(run: Mapping[str, Any], code: str, data: str | None) -> str:
    """Names a training run by its settings, code, data and packages.

    It links files and tracking, and tells whether a checkpoint, or the finished run of another
    scale, is this very run. `versions` of packages count; the device does not: where a run is
    computed is no part of what it is.
    """
    return digest(settings_digest(run), code, data or "", settings_digest(versions()))


def data_key(checksum: str, teacher: str | None) -> str:
    """What a run was trained on: the checksum of its data, and the key of its teacher."""
    return digest(checksum, teacher) if teacher else checksum


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of the packages that results depend on."""
    return {"python": platform.python_version()} | {
        name: version(name) for name in REPORTED_PACKAGES
    }
