"""Reads a file of settings: YAML in which every key stands once and every value is written out."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from spectral_bias.errors import UserError

LARGEST_BYTES = 1_000_000
DEEPEST = 100
UNREADABLE = (yaml.YAMLError, ValueError, OverflowError)
"""What YAML raises; for dates that do not exist and endless numbers too."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C is ten times as fast, and every job reads the settings."""


@dataclass
class _Open:
    """A mapping or list that is being read: its keys so far, and whether the next thing is one."""

    is_mapping: bool
    keys: set[str] = field(default_factory=set)
    key_is_next: bool = True


def parsed(text: str) -> Any:
    """The value that a text of YAML stands for.

    Raises:
        One of `UNREADABLE`.
    """
    _require_plain_yaml(text)
    return yaml.load(text, _LOADER)


def _require_plain_yaml(text: str) -> None:
    """Does nothing if every key stands once and every value is written out, not too deep.

    YAML itself takes the last of several values, and a few aliases of lists of aliases for billions
    of values.

    Raises:
        yaml.YAMLError: names the line.
    """
    inside: list[_Open] = []
    for event in yaml.parse(text, _LOADER):
        if isinstance(event, yaml.CollectionEndEvent):
            inside.pop()
        if not isinstance(event, yaml.NodeEvent):
            continue
        if isinstance(event, yaml.AliasEvent):
            raise _error(event, f"*{event.anchor} stands for other lines; write them here instead")
        if inside and inside[-1].is_mapping:
            _require_new_key(inside[-1], event)
        if isinstance(event, yaml.CollectionStartEvent):
            inside.append(_Open(isinstance(event, yaml.MappingStartEvent)))
        if len(inside) > DEEPEST:
            raise _error(event, f"more than {DEEPEST} lists or sections within each other")


def _require_new_key(mapping: _Open, event: yaml.NodeEvent) -> None:
    if mapping.key_is_next and isinstance(event, yaml.ScalarEvent):
        if event.value in mapping.keys:
            raise _error(event, f"the key {event.value!r} stands twice in one section")
        mapping.keys.add(event.value)
    mapping.key_is_next = not mapping.key_is_next


def _error(event: yaml.Event, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)


def read_settings(path: Path, label: str) -> dict[str, Any]:
    """The mapping that a file holds; an empty one for an empty file.

    Raises:
        UserError: starts with `label`, the file's name for people.
    """
    text = _text(path, label)
    try:
        content = parsed(text)
    except UNREADABLE as error:
        mark = getattr(error, "problem_mark", None)
        last = text.count("\n") + 1  # an end that is missing is missing after it
        line = f", line {min(mark.line + 1, last)}" if mark else ""
        what = getattr(error, "problem", None) or next(iter(str(error).splitlines()), "not YAML")
        raise UserError(f"{label}{line}: {what}; mend the YAML") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise UserError(f"{label}: holds a {type(content).__name__}; write key: value lines")
    return content


def _text(path: Path, label: str) -> str:
    try:
        if not path.exists():
            raise UserError(f"{label}: no such file; check the path")
        # Nothing ever comes from a pipe or a device.
        if not path.is_file():
            raise UserError(f"{label}: is no file; name a file of settings")
        if path.stat().st_size > LARGEST_BYTES:
            raise UserError(f"{label}: is larger than 1 MB; name a file of settings")
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise UserError(f"{label}: cannot be read ({error}); check the file") from None
