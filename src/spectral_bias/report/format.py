"""How the report writes numbers, times, names, settings and pictures."""

import base64
import io
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from spectral_bias.errors import UserError
from spectral_bias.statistics import LEVEL

# Twice the size that the page shows them at, for screens of high resolution.
THUMBNAIL_PIXELS = (320, 214)
ALT_LENGTH = 300


def number(value: float | None) -> str:
    """Three significant digits; an en dash for None."""
    if value is None:
        return "–"
    return f"{value:.3g}".replace("-", "−")


def multiplicity(claims: Iterable[Mapping[str, Any]]) -> str:
    """How many false verdicts the intervals of so many claims allow; empty for none."""
    counted = sum(claim["value"] is not None for claim in claims)
    if not counted:
        return ""
    missed = (1 - LEVEL) * counted
    return (
        f"Verdicts are not corrected for their number: if every effect lay exactly at its "
        f"threshold, about {missed:.1f} of {counted} two-sided {LEVEL:.0%} intervals would exclude "
        f"it by chance; half of these false verdicts, about {missed / 2:.1f}, would be “holds”."
    ).replace("%", " %")


def duration(seconds: float) -> str:
    """Seconds as text, e.g. '12.3 s', '4 min 05 s', '1 h 02 min'."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def anchor(paper: str, figure: str) -> str:
    """The id of a figure's section in the page."""
    return f"{paper}-{figure}"


def flattened(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """(dotted key, value as text) of every leaf of nested settings."""
    for key, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield from flattened(value, f"{prefix}{key}.")
        elif isinstance(value, (list, tuple)):
            yield f"{prefix}{key}", ", ".join(str(item) for item in value)
        else:
            yield f"{prefix}{key}", str(value)


def label(figure: str) -> str:
    """'fig04' → 'Figure 4'; other names stay as they are."""
    digits = figure.removeprefix("fig")
    return f"Figure {int(digits)}" if digits.isdigit() else figure


def slug(text: str) -> str:
    """`text` as a CSS class: 'not tested' → 'not-tested'."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def alt_text(title: str, caption: str) -> str:
    """What a figure shows, for those who cannot see it: its title and how its caption begins."""
    return textwrap.shorten(f"{title}. {caption}", ALT_LENGTH, placeholder=" …")


def thumbnail(picture: Path) -> bytes:
    """A small WebP of a picture, on white; the text in it need not be legible.

    Raises:
        UserError: the file is no picture, or not a whole one.
    """
    try:
        with Image.open(picture) as image:
            small = image.convert("RGBA")
    except OSError as error:
        raise UserError(f"{picture}: no whole picture ({error}); draw the figure again") from error
    small.thumbnail(THUMBNAIL_PIXELS, Image.Resampling.LANCZOS)
    flat = Image.new("RGB", small.size, "white")
    flat.paste(small, mask=small.getchannel("A"))
    stream = io.BytesIO()
    flat.save(stream, "webp", quality=60, method=6)
    return stream.getvalue()


def base64_of(content: bytes) -> str:
    """Bytes as text for a data address."""
    return base64.b64encode(content).decode("ascii")
