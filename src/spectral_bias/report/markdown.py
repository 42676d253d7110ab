"""How the published pages write tables, plain text and anchors in Markdown."""

import re
from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with one line for each row."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def plain(text: str) -> str:
    """Text in which no sign means something to Markdown but ** and [ ]."""
    return re.sub(r"(?<!\*)\*(?!\*)|[\\|<~`]", r"\\\g<0>", text)


def slug(heading: str) -> str:
    """The anchor that a heading has on a page."""
    text = re.sub(r"[^\w\- ]", "", heading.lstrip("# ").lower())
    return text.replace(" ", "-")
