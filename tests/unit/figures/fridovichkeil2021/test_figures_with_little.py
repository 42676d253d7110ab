"""Every figure also draws next to nothing, and says where it has nothing."""

import numpy as np
import pytest

from spectral_bias.artefacts import read_json, read_table, write_arrays, write_table
from spectral_bias.figures.build import build, caption, figure_module

FIGURES = ("fig01", "fig02", "fig03", "fig04", "fig11", "fig12", "fig13", "fig17")


@pytest.fixture(params=FIGURES)
def module(request):
    return figure_module("fridovichkeil2021", request.param)


def made(module, tables, context, images):
    """Drawn data, figure and caption."""
    data = module.drawn({name: tables[name] for name in module.TABLES}, context)
    figure = module.draw(data, *([images] if hasattr(module, "ARRAYS") else []))
    return data, figure, caption(module, data, context)


def panels(figure):
    return [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]


def test_little_is_drawn(module, few_tables, few_context, images):
    data, figure, text = made(module, few_tables, few_context, images)
    assert len(data) and set(data["source"]) == {"ours"} and data["panel"].notna().all()
    assert all(axes.has_data() for axes in panels(figure))
    assert "tiny" in text and "epochs 2 (paper 200)" in text


def test_nothing_is_said(module, tables, context, images):
    nothing = {name: table.iloc[:0] for name, table in tables.items()}
    data, figure, text = made(module, nothing, context, images)
    assert len(data) == 0
    notes = [t.get_text() for axes in figure.axes for t in axes.texts]
    assert notes and all(note.startswith(("no", "not")) for note in notes)
    assert "nan" not in text and "{" not in text


def test_a_diverged_network_does_not_stop_the_drawing(module, tables, context, images):
    broken = dict(tables)
    for name in {"noise_fitting", "noise_minima"} & set(module.TABLES):
        table = tables[name].copy()
        hurt = (table["frequency"] == 0.038) & (table["seed"] == 0)
        table.loc[hurt, "noise_fitting"] = np.nan
        broken[name] = table
    made(module, broken, context, images)


def test_captions_are_filled(module, tables, context, images):
    _, _, text = made(module, tables, context, images)
    assert "{" not in text and "}" not in text and "  " not in text
    assert "Fridovich-Keil et al. (2021)" in text and "paper scale" in text
    assert "CIFAR-10, 50,000 training and 10,000 test images" in text
    assert "Settings are the paper's" in text
    numbered = "but Figure 1 carry other numbers" in text
    assert numbered != module.__name__.endswith("fig01")


def test_other_data_are_named(module, tables, new_context):
    other = {"source": "patches", "n_train": 2000}
    text = caption(module, module.drawn(tables, new_context(data=other)), new_context(data=other))
    assert "patches of ten photographs" in text
    assert "data.n_train 2,000 (paper 50,000)" in text


def test_figures_are_built_from_files(module, few_tables, few_context, images, tmp_path):
    paths = [tmp_path / f"{name}.csv" for name in module.TABLES]
    for path in paths:
        write_table(path, few_tables[path.stem], {"sources": ["key"]})
    if hasattr(module, "ARRAYS"):
        paths.append(tmp_path / f"{module.ARRAYS}.npz")
        write_arrays(paths[-1], images, {})
    name = module.__name__.rpartition(".")[2]
    build("fridovichkeil2021", name, paths, tmp_path / "drawn" / name, few_context)
    assert all((tmp_path / f"drawn/{name}.{end}").stat().st_size > 200 for end in ("png", "pdf"))
    assert read_json(tmp_path / f"drawn/{name}.json")["sources"] == ["key"]
    again = read_table(tmp_path / f"drawn/{name}.csv")
    assert panels(module.draw(again, *([images] if hasattr(module, "ARRAYS") else [])))
