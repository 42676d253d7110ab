"""The one error that users are meant to see, and how it helps with a misspelt name."""

from collections.abc import Iterable
from difflib import get_close_matches


class UserError(Exception):
    """A problem that the user can fix; its text is one whole line for them."""


def nearest(name: str, known: Iterable[str]) -> str:
    """ "; did you mean 'x'" for the end of a message on an unknown name; empty if none is near."""
    close = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}" if close else ""


def among(name: str, known: Iterable[str]) -> str:
    """`nearest`, and all known names."""
    names = list(known)
    return f"{nearest(name, names)}; known: {', '.join(names)}"
