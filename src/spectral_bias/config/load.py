"""Reads config.yaml, lays a scale file and the command line over it, and validates the whole.

Every problem becomes a `UserError` of one line that names the file, the key, what was wrong and,
for a misspelt name, the nearest valid one.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from spectral_bias.config.describe import Key, describe, dotted
from spectral_bias.config.read import UNREADABLE, parsed, read_settings
from spectral_bias.errors import UserError, nearest
from spectral_bias.experiments.schema import Settings
from spectral_bias.plain_names import require_plain
from spectral_bias.tracking.location import masked

BASE = Path("config.yaml")
SCALES = Path("workflow/scales")
COMMAND_LINE = "--config"

Layer = tuple[str, Mapping[str, Any]]
"""Name of a source of settings, and what it holds."""


def load_settings(overrides: Mapping[str, Any], root: Path = Path()) -> Settings:
    """Validated settings of one call.

    Errors name no password, and quote no line break.

    Args:
        overrides: what the command line says; may be partial and nested. `scale` names a file under
            workflow/scales, or gives the path of a user's own.
        root: folder of config.yaml.

    Returns:
        Settings whose `scale` is the short name under which results are filed.

    Raises:
        UserError: see the module.
    """
    try:
        return _validated(overrides, root)
    except UserError as error:
        raise UserError(masked(" ".join(str(error).splitlines()))) from None


def _validated(overrides: Mapping[str, Any], root: Path) -> Settings:
    base: Layer = (str(BASE), read_settings(root / BASE, str(BASE)))
    label = COMMAND_LINE if "scale" in overrides else str(BASE)
    scale = overrides.get("scale", base[1].get("scale", ""))
    name, layers = _scale_layers(scale, root, label)
    merged, source = _merge([base, *layers, (COMMAND_LINE, _typed(overrides))])
    merged["scale"] = name
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        raise UserError(describe(error, source, str(BASE))) from None
    if settings.data_root is not None and not (root / settings.data_root).is_dir():
        raise UserError(
            f"{source.get(('data_root',), BASE)}: data_root: no folder {settings.data_root!r}; "
            "name the folder that holds MNIST/raw"
        )
    return settings


def _scale_layers(scale: Any, root: Path, asker: str) -> tuple[str, list[Layer]]:
    """The short name of the scale that `asker` wants, and its layers, extended file first."""
    built_in = {path.stem: path for path in sorted((root / SCALES).glob("*.yaml"))}
    if isinstance(scale, str) and scale.endswith((".yaml", ".yml")):
        return _own_scale(scale, root, built_in, asker)
    if scale not in [*built_in]:
        raise UserError(
            f"{asker}: scale: {scale!r} is unknown{nearest(str(scale), built_in)}; "
            f"known: {', '.join(built_in)}, or the path of a .yaml file"
        )
    return scale, _layers(built_in[scale], root, built_in)


def _own_scale(
    scale: str, root: Path, built_in: Mapping[str, Path], asker: str
) -> tuple[str, list[Layer]]:
    """The same of a file of the user's."""
    path = root / scale
    try:
        name = require_plain(path.stem)
        same = name in built_in and path.resolve() == built_in[name].resolve()
    except (OSError, ValueError) as error:
        raise UserError(
            f"{asker}: scale: results of {scale!r} would be filed under the file's name, and "
            f"{error}"
        ) from None
    if name in built_in and not same:
        raise UserError(
            f"{scale}: its results would be filed as {name!r}, the name of a built-in scale; "
            "rename the file"
        )
    return name, _layers(path, root, built_in)


def _layers(
    path: Path, root: Path, built_in: Mapping[str, Path], above: tuple[str, ...] = ()
) -> list[Layer]:
    """A scale file and those that it extends, the last of them first.

    Args:
        path: of the file.
        root: folder of config.yaml.
        built_in: files that can be extended, by name.
        above: names of the files that extend this one.
    """
    label = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
    content = read_settings(path, label)
    if "scale" in content:
        raise UserError(f"{label}: scale: the file's own name is that of the scale; remove the key")
    own = (label, {key: value for key, value in content.items() if key != "extends"})
    if "extends" not in content:
        return [own]
    parent = content["extends"]
    chain = (*above, path.stem)
    others = [name for name in built_in if name not in chain]
    if parent not in others:
        raise UserError(
            f"{label}: extends: {parent!r} is unknown{nearest(str(parent), others)}; "
            f"known: {', '.join(others)}"
        )
    return [*_layers(built_in[parent], root, built_in, chain), own]


def _typed(value: Any) -> Any:
    """Command-line values as YAML types them; Snakemake hands nested ones on as text."""
    if isinstance(value, Mapping):
        return {key: _typed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_typed(inner) for inner in value]
    if not isinstance(value, str):
        return value
    try:
        typed = parsed(value)
    except UNREADABLE:
        return value
    return typed if typed is None or isinstance(typed, bool | int | float) else value


def _merge(layers: Iterable[Layer]) -> tuple[dict[str, Any], dict[Key, str]]:
    """Later layers over earlier ones, mappings key by key; and which layer gave each key.

    Raises:
        UserError: a key is no text.
    """
    merged: dict[str, Any] = {}
    source: dict[Key, str] = {}

    def lay(target: dict, values: Mapping, label: str, prefix: Key) -> None:
        for key, value in values.items():
            path = (*prefix, key)
            if not isinstance(key, str):
                raise UserError(f"{label}: {dotted(path)}: is no text; write the key in quotes")
            source[path] = label
            if isinstance(value, Mapping) and isinstance(target.get(key, {}), dict):
                target[key] = dict(target.get(key, {}))
                lay(target[key], value, label, path)
            else:
                target[key] = value

    for label, values in layers:
        lay(merged, values, label, ())
    return merged, source
