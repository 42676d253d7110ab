"""Waves as a user gives them, value by value."""

from collections.abc import Mapping
from dataclasses import fields
from numbers import Real
from typing import Any

from spectral_bias.errors import UserError, among
from spectral_bias.training.classifier.wave import KINDS, Wave

AMPLITUDE = 0.1
"""Mean of the smoothing where none is given, as in Fridovich-Keil et al. 2021."""
OPTIONS = tuple(field.name for field in fields(Wave) if field.name != "deviation")
_WHOLE = ("noise_class", "seed")


def wave_of(options: Mapping[str, Any], called: Mapping[str, str] | None = None) -> Wave:
    """A wave from its values; see `Wave` for what they mean.

    Args:
        options: by the names of `OPTIONS`; kind is needed, and one of frequency and cycles, except
            for "uniform". The amplitude is `AMPLITUDE` by default. None is as good as absent.
        called: what the user calls an option, where that is not its name.

    Raises:
        UserError: an option is unknown or no number, or a value does not fit the others.
    """
    unknown = [name for name in options if name not in OPTIONS]
    if unknown:
        raise UserError(f"{unknown[0]}: is no option of a wave{among(unknown[0], OPTIONS)}")
    names = {name: name for name in OPTIONS} | dict(called or {})
    given = {name: value for name, value in options.items() if value is not None}
    kind = given.pop("kind", None)
    if kind not in KINDS:
        said = "is missing" if kind is None else f"{kind!r} is an unknown kind"
        raise UserError(f"{names['kind']}: {said}{among(str(kind), KINDS)}")
    for name, value in given.items():
        given[name] = _number(value, name in _WHOLE, names[name])
    if kind != "uniform" and ("frequency" in given) == ("cycles" in given):
        said = "both are given" if "cycles" in given else "none is given"
        raise UserError(
            f"{names['frequency']}, {names['cycles']}: {said}; give one of them: cycles per unit "
            "of distance, or per standard deviation of the images along the wave"
        )
    try:
        return Wave(kind, **{"frequency": None, "amplitude": AMPLITUDE, **given})
    except ValueError as error:
        name, _, text = str(error).partition(":")
        text = text.replace("set null", "leave it out")  # as settings files say it
        raise UserError(f"{names[name]}:{text}") from None


def _number(value: Any, whole: bool, name: str) -> float | int:
    """The value as a plain number, which can be written to a file."""
    fits = isinstance(value, Real) and not isinstance(value, bool)
    if not fits or (whole and not float(value).is_integer()):
        raise UserError(f"{name}: {value!r} is no {'whole ' if whole else ''}number; give one")
    return int(value) if whole else float(value)
