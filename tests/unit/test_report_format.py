"""Numbers, times, names and pictures as the report writes them."""

import io

import pytest
from PIL import Image

from spectral_bias.errors import UserError
from spectral_bias.report.format import (
    ALT_LENGTH,
    alt_text,
    duration,
    flattened,
    label,
    multiplicity,
    number,
    slug,
    thumbnail,
)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.04, "0.0 s"), (59.9, "59.9 s"), (65, "1 min 05 s"), (3725, "1 h 02 min")],
)
def test_duration(seconds, shown):
    assert duration(seconds) == shown


def test_multiplicity_counts_intervals_that_chance_could_move():
    counted = [{"value": 0.1, "unit": "networks"}] * 19 + [{"value": 1.0, "unit": ""}]
    left_out = [{"value": None, "unit": "networks"}]
    said = multiplicity(counted + left_out)
    assert "about 1.0 of 20 two-sided 95 % intervals" in said and "about 0.5, would be" in said
    assert multiplicity(left_out) == ""


def test_number_label_and_flattened_settings():
    assert [number(v) for v in (None, 0.12345, -2, 1)] == ["–", "0.123", "−2", "1"]
    assert [label(v) for v in ("fig04", "fig10", "theory")] == ["Figure 4", "Figure 10", "theory"]
    nested = {"a": {"b": 1, "c": {"d": None}}, "e": [1, 2], "f": {}}
    assert dict(flattened(nested)) == {"a.b": "1", "a.c.d": "None", "e": "1, 2", "f": "{}"}


def test_slug_is_a_css_class():
    assert [slug(v) for v in ("not tested", " A/b! ")] == ["not-tested", "a-b"]


def test_alternative_text_ends_between_words():
    assert alt_text("Title", "Caption, short.") == "Title. Caption, short."
    long = alt_text("Title", "word " * 200)
    assert len(long) <= ALT_LENGTH and long.endswith("word …")


@pytest.mark.parametrize("kept", [0, 20, 60])
def test_broken_picture_is_named(tmp_path, kept):
    Image.new("RGB", (200, 100)).save(tmp_path / "picture.png")
    content = (tmp_path / "picture.png").read_bytes()
    (tmp_path / "picture.png").write_bytes(content[:kept])
    with pytest.raises(UserError, match=r"picture\.png: no whole picture .*; draw the figure"):
        thumbnail(tmp_path / "picture.png")


@pytest.mark.parametrize("size", [(1080, 304), (540, 1440), (100, 50)])
def test_thumbnail_is_small_and_keeps_shape_and_colours(tmp_path, size):
    picture = Image.new("RGBA", size, (0, 0, 0, 0))  # transparent, as a page without background
    picture.paste((200, 30, 30, 255), (0, 0, size[0] // 2, size[1]))
    picture.save(tmp_path / "picture.png")
    content = thumbnail(tmp_path / "picture.png")
    small = Image.open(io.BytesIO(content))
    assert small.format == "WEBP" and small.width <= 320 and small.height <= 214
    assert small.width <= size[0] and len(content) < 4000
    assert small.width / small.height == pytest.approx(size[0] / size[1], rel=0.02)
    left, right = (small.getpixel((small.width * n // 4, small.height // 2)) for n in (1, 3))
    assert left == pytest.approx((200, 30, 30), abs=25) and min(right) > 250
