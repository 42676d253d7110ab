"""What is wrong with settings as one line: file: key: what; what to do."""

import re
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from spectral_bias.errors import nearest
from spectral_bias.experiments.schema import Settings
from spectral_bias.plain_names import PLAIN

Key = tuple[str | int, ...]
LONGEST_VALUE = 80
_KEY_FIRST = re.compile(r"[a-z]\w*(\.[^\s:]+)*(?=: )")
"""How a message of a check across keys begins: with the key within the section."""
_WHAT = {
    "dict_type": "Input should be a section of key: value lines",
    "model_type": "Input should be a section of key: value lines",
    "bool_type": "Input should be true or false",
    "string_type": "Input should be text",
    "list_type": "Input should be a list, such as [1, 2]",
    "too_short": "Input should hold {min_length} or more values",
    "too_long": "Input should hold {max_length} values or fewer",
}
"""In place of pydantic's words, by the kind of error."""
_TYPES = {"float": "a number", "bool": "true or false", "str": "text"}


def describe(error: ValidationError, source: Mapping[Key, str], base: str) -> str:
    """The first error.

    Args:
        error: what the schema found.
        source: name of the layer of settings that gave each key.
        base: that of the first layer.
    """
    # A misspelt key is missing under its right name too, and that says less.
    first = min(error.errors(), key=lambda found: found["type"] == "missing")
    kind, value = first["type"], first.get("input")
    key, choices = _key_of(first["loc"])
    if kind == "value_error":
        text = str(first["ctx"]["error"])
        inner = _KEY_FIRST.match(text)
        if inner:
            key, text = (*key, *inner[0].split(".")), text[inner.end() + 2 :]
        what = text
    elif kind == "extra_forbidden":
        known = list(_known_keys(key[:-1]))
        what = f"unknown key{nearest(str(key[-1]), known) or f'; known: {_listed(known)}'}"
    elif kind == "missing":
        what = "is missing; add it"
    elif choices:
        what = f"Input should be {' or '.join(choices)}, got {_shown(value)}"
    else:
        text = _WHAT[kind].format(**first.get("ctx", {})) if kind in _WHAT else first["msg"]
        what = f"{text}, got {_shown(value)}{_hint(kind, value)}"
    return f"{_giver(key, source, base)}: {dotted(key)}: {what}"


def dotted(key: Key) -> str:
    """A key as it is written, parts that are no plain names in quotes."""
    return ".".join(str(p) if PLAIN.fullmatch(str(p)) else repr(p) for p in key)


def _key_of(place: tuple[int | str, ...]) -> tuple[Key, list[str]]:
    """Where an error is, and the types of a union of which the value is none.

    pydantic names the type that it tried where a value may have several, and marks by "[key]" what
    is wrong with a key.
    """
    known: Any = Settings
    found: list[int | str] = []
    for part in place:
        choices = {kind.__name__ for kind in _alternatives(known) if isinstance(kind, type)}
        inner = _within(known, part)
        if inner is None and part in choices:
            return tuple(found), [words for name, words in _TYPES.items() if name in choices]
        if part != "[key]":
            found.append(part)
        known = inner
    return tuple(found), []


def _giver(key: Key, source: Mapping[Key, str], base: str) -> str:
    """The layer that gave a key, or the section that it is missing in."""
    given = key
    while given and given not in source:
        given = given[:-1]
    return source.get(given, base)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def _hint(kind: str, value: Any) -> str:
    if not isinstance(value, str) or not kind.startswith(("int", "float", "greater", "less")):
        return ""
    try:
        float(value)
    except ValueError:
        return "; write a number"
    return "; write numbers with a dot and without quotes, such as 1.0e-3"


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"


def _known_keys(section: Key) -> Iterator[str]:
    """Names that the schema allows in a section."""
    known: Any = Settings
    for part in section:
        known = _within(known, part)
    for model in _models(known):
        yield from model.model_fields


def _within(known: Any, part: int | str) -> Any:
    """The type of a part of a value of some type; None if it has no such part."""
    for model in _models(known):
        if part in model.model_fields:
            return model.model_fields[part].annotation
    for kind in _alternatives(known):
        origin, inner = get_origin(kind), get_args(kind)
        if origin is list and isinstance(part, int):
            return inner[0]
        if origin is dict and isinstance(part, str):
            return inner[1]
    return None


def _models(known: Any) -> Iterator[type[BaseModel]]:
    for kind in _alternatives(known):
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield kind


def _alternatives(known: Any) -> Iterator[Any]:
    """The types of a union, without what restricts them."""
    origin = get_origin(known)
    if origin in (Union, UnionType):
        for kind in get_args(known):
            yield from _alternatives(kind)
    elif hasattr(known, "__metadata__"):
        yield from _alternatives(known.__origin__)
    elif known is not None:
        yield known
