"""Reads config.yaml, lays a scale file and the command line over it, and validates the whole.

Every problem becomes a `UserError` of one line that names the file, the key, what was wrong and,
for a misspelt name, the nearest valid one.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from spectral_bias.errors import UserError, nearest
from spectral_bias.experiments.schema import Settings

BASE = Path("config.yaml")
SCALES = Path("workflow/scales")
COMMAND_LINE = "--config"

Key = tuple[str | int, ...]
Layer = tuple[str, Mapping[str, Any]]
"""Name of a source of settings, and what it holds."""


def load_settings(overrides: Mapping[str, Any], root: Path = Path()) -> Settings:
    """Validated settings of one call.

    Args:
        overrides: what the command line says; may be partial and nested. `scale` names a file under
            workflow/scales, or gives the path of a user's own.
        root: folder of config.yaml.

    Returns:
        Settings whose `scale` is the short name under which results are filed.

    Raises:
        UserError: see the module.
    """
    base: Layer = (str(BASE), _read_yaml(root / BASE, str(BASE)))
    scale = str(overrides.get("scale", base[1].get("scale", "")))
    name, layers = _scale_layers(scale, root, COMMAND_LINE if "scale" in overrides else str(BASE))
    merged, source = _merge([base, *layers, (COMMAND_LINE, _typed(overrides))])
    merged["scale"] = name
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        raise UserError(_describe(error, source)) from None
    if settings.data_root is not None and not (root / settings.data_root).is_dir():
        raise UserError(
            f"{source.get(('data_root',), BASE)}: data_root: no folder {settings.data_root!r}; "
            "name the folder that holds MNIST/raw"
        )
    return settings


def _scale_layers(scale: str, root: Path, label: str) -> tuple[str, list[Layer]]:
    """The short name of the scale that `label` asks for, and its layers, extended file first."""
    known = {path.stem: path for path in sorted((root / SCALES).glob("*.yaml"))}
    if scale in known:
        path = known[scale]
    elif scale.endswith((".yaml", ".yml")):
        path = root / scale
        if path.stem in known and path.resolve() != known[path.stem].resolve():
            raise UserError(
                f"{scale}: its results would be filed as {path.stem!r}, the name of a built-in "
                "scale; rename the file"
            )
    else:
        raise UserError(
            f"{label}: scale: {scale!r} is unknown{nearest(scale, known)}; "
            f"known: {', '.join(known)}, or the path of a .yaml file"
        )
    label = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
    content = _read_yaml(path, label)
    parent = content.pop("extends", None)
    if parent is None:
        return path.stem, [(label, content)]
    if parent not in known or known[parent] == path:
        raise UserError(
            f"{label}: extends: {parent!r} is unknown{nearest(str(parent), known)}; "
            f"known: {', '.join(known)}"
        )
    return path.stem, [*_scale_layers(parent, root, label)[1], (label, content)]


def _read_yaml(path: Path, label: str) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text())
    except FileNotFoundError:
        raise UserError(f"{label}: no such file; check the path") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{label}: cannot be read ({error}); check the file") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        what = getattr(error, "problem", None) or "not YAML"
        raise UserError(f"{label}{line}: {what}; mend the YAML") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise UserError(f"{label}: holds a {type(content).__name__}; write key: value lines")
    return content


def _typed(value: Any) -> Any:
    """Command-line values as YAML types them; Snakemake hands nested ones on as text."""
    if isinstance(value, Mapping):
        return {key: _typed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_typed(inner) for inner in value]
    if not isinstance(value, str):
        return value
    try:
        typed = yaml.safe_load(value)
    except yaml.YAMLError:
        return value
    return typed if typed is None or isinstance(typed, bool | int | float) else value


def _merge(layers: Iterable[Layer]) -> tuple[dict[str, Any], dict[Key, str]]:
    """Later layers over earlier ones, mappings key by key; and which layer gave each key."""
    merged: dict[str, Any] = {}
    source: dict[Key, str] = {}

    def lay(target: dict, values: Mapping, label: str, prefix: Key) -> None:
        for key, value in values.items():
            path = (*prefix, key)
            source[path] = label
            if isinstance(value, Mapping) and isinstance(target.get(key, {}), dict):
                target[key] = dict(target.get(key, {}))
                lay(target[key], value, label, path)
            else:
                target[key] = value

    for label, values in layers:
        lay(merged, values, label, ())
    return merged, source


def _describe(error: ValidationError, source: Mapping[Key, str]) -> str:
    """The first error as one line: file: key: what; what to do."""
    first = error.errors()[0]
    key: Key = tuple(first["loc"])
    given = key
    while given and given not in source:
        given = given[:-1]
    label = source.get(given, str(BASE))
    where = ".".join(str(part) for part in key)
    kind, value = first["type"], first.get("input")
    if kind == "extra_forbidden":
        known = _known_keys(key[:-1])
        hint = nearest(str(key[-1]), known) or f"; known: {', '.join(known)}"
        return f"{label}: {where}: unknown key{hint}"
    if kind == "missing":
        return f"{label}: {where}: is missing; add it"
    if kind == "value_error":
        # Raised by a check across keys, whose message starts with the key within the section.
        inner = str(first["ctx"]["error"])
        full = (*key, *inner.split(":")[0].split("."))
        label = source.get(full, label)
        return f"{label}: {'.'.join(str(p) for p in key)}.{inner}"
    hint = ""
    if isinstance(value, str) and _is_number(value):
        hint = "; write numbers with a dot and without quotes, such as 1.0e-3"
    return f"{label}: {where}: {first['msg']}, got {value!r}{hint}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _known_keys(section: Key) -> list[str]:
    """Names that the schema allows in a section."""
    model: Any = Settings
    for part in section:
        model = model.model_fields[part].annotation
    return list(model.model_fields) if issubclass(model, BaseModel) else []
