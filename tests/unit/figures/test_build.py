"""One figure from its tables: pictures, drawn numbers, facts, and what is said where one lacks."""

import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from spectral_bias.artefacts import read_json, read_table, write_arrays, write_json, write_table
from spectral_bias.figures import style
from spectral_bias.figures.agreement import Agreement
from spectral_bias.figures.build import FigureJob, build, sources

CONTEXT = {"scale": "tiny", "settings": {"lines": {"width": 1024}}}


def draw(data, arrays=None):
    figure, axes = style.new_figure([["a"]], height=1.5)
    axes["a"].plot(data["x"], data["y"])
    if arrays is not None:
        axes["a"].set_title(f"{arrays['pixels'].sum()}")
    return figure


def made_up(**more):
    """A figure of one table of lines."""
    parts = {
        "TITLE": "Lines",
        "CAPTION": "Width {lines[width]}, {rows} rows; {scale} scale.",
        "TABLES": ("lines",),
        "drawn": lambda tables, context: tables["lines"].assign(panel="a"),
        "draw": draw,
        "facts": lambda data, context: {"rows": len(data)},
        "agreement": lambda tables, context: Agreement(
            "last y", float(tables["lines"]["y"].iloc[-1]), "", "1"
        ),
    }
    return SimpleNamespace(**parts | more)


@pytest.fixture
def job(tmp_path, monkeypatch):
    """A figure whose table is made item by item, in two files."""
    monkeypatch.setitem(sys.modules, "made_up_figure", made_up())
    files = [tmp_path / item / "lines.csv" for item in ("one", "two")]
    for number, file in enumerate(files):
        meta = {"sources": [f"run{number}", "shared"]}
        write_table(file, pd.DataFrame({"x": [0, 1], "y": [0, number]}), meta)
    return FigureJob("paper", "fig01", "made_up_figure", {"lines": files}, {}, CONTEXT, "abc")


def test_a_figure_has_pictures_its_numbers_and_its_facts_and_always_the_same_bytes(job, tmp_path):
    for folder in ("first", "second"):
        build(job, tmp_path / folder / "fig01")
    for suffix in ("png", "pdf", "csv"):
        first, second = (tmp_path / folder / f"fig01.{suffix}" for folder in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()
    assert read_table(tmp_path / "first/fig01.csv")["y"].tolist() == [0, 0, 0, 1]
    facts = read_json(tmp_path / "first/fig01.json")
    assert facts.pop("started") <= facts.pop("finished")
    assert facts == {
        **{"paper": "paper", "figure": "fig01", "title": "Lines", "scale": "tiny"},
        "caption": "Width 1,024, 4 rows; tiny scale.",
        "sources": ["run0", "run1", "shared"],
        "agreement": {
            **{"measure": "last y", "value": 1.0, "unit": "", "note": "1", "quantities": []}
        },
        "code_version": "abc",
    }


def test_a_figure_without_facts_and_agreement_has_none(job, tmp_path, monkeypatch):
    plain = made_up(CAPTION="Lines.")
    del plain.facts, plain.agreement
    monkeypatch.setitem(sys.modules, "made_up_figure", plain)
    build(job, tmp_path / "fig01")
    facts = read_json(tmp_path / "fig01.json")
    assert (facts["caption"], facts["agreement"]) == ("Lines.", None)


def test_a_figure_of_images_draws_its_arrays(job, tmp_path, monkeypatch):
    drawings = []
    spy = lambda *given: drawings.append(draw(*given)) or drawings[-1]  # noqa: E731
    monkeypatch.setitem(sys.modules, "made_up_figure", made_up(ARRAYS="pixels", draw=spy))
    write_arrays(tmp_path / "pixels.npz", {"pixels": np.arange(4)}, {})
    build(replace(job, arrays={"pixels": tmp_path / "pixels.npz"}), tmp_path / "fig01")
    assert drawings[0].axes[0].get_title(loc="left") == "6"
    with pytest.raises(ValueError, match=r"paper/fig01 needs table pixels; got \['lines'\]"):
        build(job, tmp_path / "fig02")


def test_what_is_missing_is_named_and_nothing_is_written(job, tmp_path, monkeypatch):
    with pytest.raises(ModuleNotFoundError, match="no_such_figure"):
        build(replace(job, module="no_such_figure"), tmp_path / "fig01")
    with pytest.raises(ValueError, match=r"paper/fig01 needs table lines; got \[\]"):
        build(replace(job, tables={}), tmp_path / "fig01")
    monkeypatch.setitem(sys.modules, "made_up_figure", made_up(CAPTION="{height} tall"))
    with pytest.raises(ValueError, match="caption needs 'height'"):
        build(job, tmp_path / "fig01")
    assert not list(tmp_path.glob("fig01*"))


def test_sources_are_the_union_of_the_tables(tmp_path):
    for name, keys in {"one": ["b", "a"], "two": ["c", "b"]}.items():
        write_json(tmp_path / f"{name}.json", {"sources": keys})
    assert sources([tmp_path / "one.csv", tmp_path / "two.csv"]) == ["a", "b", "c"]
