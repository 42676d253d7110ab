"""Numbers that say how closely a figure agrees with the authors' own result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spectral_bias.figures.captions import readable


@dataclass(frozen=True)
class Agreement:
    """One comparison with the authors.

    Attributes:
        name: what is compared.
        value: the comparison; None where the settings or the recorded range forbid one.
        unit: unit of `value`, empty for plain numbers.
        meaning: how `value` is to be read, or why it is None.
    """

    name: str
    value: float | None
    unit: str
    meaning: str


def differences(
    ours: Mapping[str, Any], theirs: Mapping[str, Any], whose: str = "authors", prefix: str = ""
) -> list[str]:
    """The settings in which `ours` differs, as text such as "network.width 64 (authors 256)".

    Only keys of `theirs` count, so settings that do not touch the compared quantity are left out
    by not naming them there. A key that `ours` lacks counts as different.

    Args:
        ours: resolved settings, nested.
        theirs: what they are compared with.
        whose: what the text calls `theirs`.
        prefix: where `ours` stands within larger settings, e.g. "network.".
    """
    found: list[str] = []
    for key, reference in theirs.items():
        value = ours.get(key)
        if isinstance(reference, Mapping):
            nested = value if isinstance(value, Mapping) else {}
            found += differences(nested, reference, whose, f"{prefix}{key}.")
        elif not _equal(value, reference):
            found.append(f"{prefix}{key} {readable(value)} ({whose} {readable(reference)})")
    return found


def not_comparable(name: str, unit: str, reasons: Sequence[str]) -> Agreement:
    """An Agreement without value, because of `reasons`."""
    return Agreement(name, None, unit, f"not comparable: {'; '.join(reasons)}")


def _equal(value: Any, theirs: Any) -> bool:
    if isinstance(theirs, (list, tuple)):
        return isinstance(value, (list, tuple)) and list(value) == list(theirs)
    return value == theirs
