import string
from importlib import import_module

import numpy as np
import pytest

from spectral_bias.artefacts import read_json, read_table, write_json, write_table
from spectral_bias.figures import build as building
from spectral_bias.figures.build import build, caption, figure_module

FIGURES = ["fig01", "fig02", "fig03", "fig04", "fig10", "fig11"]


@pytest.fixture(scope="module")
def paths(tables, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    for number, (name, table) in enumerate(tables.items()):
        meta = {"sources": [f"run{number}", "shared"], "code_version": "abc"}
        write_table(folder / f"{name}.csv", table, meta)
    return {name: folder / f"{name}.csv" for name in tables}


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_is_written_twice_with_the_same_bytes(figure, paths, context, tmp_path):
    needed = [paths[name] for name in figure_module("rahaman2018", figure).TABLES]
    for folder in ("first", "second"):
        build("rahaman2018", figure, needed, tmp_path / folder / figure, context, "abc")
    for suffix in ("png", "pdf", "csv", "json"):
        first, second = (tmp_path / folder / f"{figure}.{suffix}" for folder in ("first", "second"))
        assert first.read_bytes() == second.read_bytes()
        assert first.stat().st_size > 200


@pytest.mark.parametrize("figure", FIGURES)
def test_only_what_is_in_the_csv_is_drawn(figure, tables, context, tmp_path):
    module = figure_module("rahaman2018", figure)
    write_table(tmp_path / "drawn.csv", module.drawn(tables, context))
    data = read_table(tmp_path / "drawn.csv")
    assert set(data["source"]) <= {"ours", "authors"}
    assert data["panel"].notna().all()
    assert all(axes.has_data() for axes in module.draw(data).axes if axes.axison)


def test_facts_beside_the_figure(paths, context, tmp_path):
    needed = [paths["sinusoids_spectrum"], paths["sinusoids_norms"]]
    build("rahaman2018", "fig01", needed, tmp_path / "fig01", context, "abc")
    meta = read_json(tmp_path / "fig01.json")
    assert set(meta) == {
        *("paper", "figure", "title", "caption", "scale", "sources", "agreement", "code_version")
    }
    assert meta["sources"] == ["run0", "run1", "shared"]
    assert (meta["scale"], meta["code_version"]) == ("paper", "abc")
    assert set(meta["agreement"][0]) == {"name", "value", "unit", "meaning"}


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize("source", ["mnist", "digits"])
def test_captions_are_filled(figure, source, tables, new_context):
    context = new_context(scale="small", source=source, width=64)
    module = figure_module("rahaman2018", figure)
    text = caption(module, module.drawn(tables, context), context)
    assert not [name for _, name, _, _ in string.Formatter().parse(text) if name]
    assert "  " not in text and text.endswith(".")
    assert "width 64 (paper 256)" in text.replace("network.", "")
    assert "small scale" in text


def test_a_single_run_of_few_records_without_one_curve(new_context, new_tables):
    context = new_context(n_runs=1, source="digits", width=16, frequencies=[2, 4])
    tables = new_tables(context, np.array([0, 10]), [0.0, 5.0], np.arange(3))
    loss = tables["label_noise_loss"]
    tables["label_noise_loss"] = loss[~((loss["frequency"] == 1) & (loss["beta"] == 0.5))]
    tables["sinusoids_loss"] = tables["sinusoids_loss"].query("setting == 'equal'")
    for figure in FIGURES:
        module = figure_module("rahaman2018", figure)
        module.draw(module.drawn(tables, context)).draw_without_rendering()


def test_errors_name_what_is_missing(paths, context, tmp_path):
    with pytest.raises(ValueError, match=r"no module .*rahaman2018\.fig99"):
        build("rahaman2018", "fig99", [], tmp_path / "fig99", context)
    with pytest.raises(ValueError, match=r"no module .*nobody2000\.fig01"):
        build("nobody2000", "fig01", [], tmp_path / "fig01", context)
    with pytest.raises(ValueError, match="fig01 needs table sinusoids_norms"):
        tables = [paths["sinusoids_spectrum"]]
        build("rahaman2018", "fig01", tables, tmp_path / "fig01", context)
    assert list(tmp_path.iterdir()) == []


def test_sources_are_the_union_of_the_tables(tmp_path):
    for name, keys in {"one": ["b", "a"], "two": ["c", "b"]}.items():
        write_json(tmp_path / f"{name}.json", {"sources": keys})
    assert building.sources([tmp_path / "one.csv", tmp_path / "two.csv"]) == ["a", "b", "c"]


def test_figure_modules_have_the_common_parts():
    for figure in FIGURES:
        module = import_module(f"spectral_bias.figures.rahaman2018.{figure}")
        assert module.TITLE and module.TABLES
        assert f"Figure {int(figure[3:])} of Rahaman" in module.CAPTION
