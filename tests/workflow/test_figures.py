"""What all figures must do, on the tables of a finished tiny build."""

import string
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spectral_bias.artefacts import read_arrays, read_json, read_table
from spectral_bias.config.load import load_settings
from spectral_bias.experiments import figures, item_files, table_file
from spectral_bias.figures import style
from spectral_bias.figures.build import FigureJob, build, caption, joined
from tests.conftest import REPOSITORY

ALL = [(paper, name) for paper, names in figures().items() for name in names]
SETTINGS = load_settings({"scale": "tiny"}, REPOSITORY)
CAN_BE_EMPTY = [
    pair for pair in ALL if pair[0] != "rahaman2018" and pair != ("fridovichkeil2021", "fig02")
]
"""Not those whose runs no setting can switch off: the first paper's, and the baseline's path."""


def job_of(root: Path, paper: str, name: str) -> FigureJob:
    """The job of a figure as the workflow puts it together."""
    place, figure = figures()[paper][name]
    chosen, files = figure.items(SETTINGS), {}
    for table in figure.tables:
        some = item_files(paper, table, chosen[table]) if table in chosen else [table_file(table)]
        files[Path(table).stem] = [root / "results/tiny" / file for file in some]
    context = {"scale": "tiny", "settings": getattr(SETTINGS, paper).model_dump()}
    is_array = {key: any(f.suffix == ".npz" for f in some) for key, some in files.items()}
    return FigureJob(
        paper=paper,
        figure=name,
        module=place.dotted(name),
        tables={key: some for key, some in files.items() if not is_array[key]},
        arrays={key: some[0] for key, some in files.items() if is_array[key]},
        context=context,
        code_version=read_json(root / f"results/tiny/figures/{paper}/{name}.json")["code_version"],
    )


@pytest.mark.parametrize(("paper", "name"), ALL)
def test_a_figure_is_the_same_again_and_only_its_csv_is_drawn(paper, name, finished, tmp_path):
    made = finished.root / f"results/tiny/figures/{paper}/{name}"
    job = job_of(finished.root, paper, name)
    build(job, tmp_path / name)
    for suffix in ("png", "pdf", "csv"):
        again = (tmp_path / f"{name}.{suffix}").read_bytes()
        assert again == made.with_suffix(f".{suffix}").read_bytes(), suffix
    moments = {"started": None, "finished": None}
    facts = read_json(made.with_suffix(".json")) | moments
    assert read_json(tmp_path / f"{name}.json") | moments == facts
    # The csv alone is enough to draw the same panels.
    module, data = import_module(job.module), read_table(made.with_suffix(".csv"))
    shown = getattr(module, "ARRAYS", None)
    arrays = [read_arrays(job.arrays[shown])[0]] if shown else []
    with style.look():
        figure = module.draw(data, *arrays)
        figure.draw_without_rendering()
    assert all(axes.has_data() or axes.texts for axes in figure.axes if axes.axison)
    assert data["panel"].notna().any()
    assert data["source"].isin(["ours", "authors", "target"]).all()


@pytest.mark.parametrize(("paper", "name"), ALL)
def test_a_caption_is_whole(paper, name, finished):
    facts = read_json(finished.root / f"results/tiny/figures/{paper}/{name}.json")
    text = facts["caption"]
    assert not [field for _, field, _, _ in string.Formatter().parse(text) if field]
    assert text == text.strip() and text.endswith(".") and "  " not in text
    assert "tiny scale" in text or "Nothing is trained here" in text
    assert "nan" not in text.split() and "None" not in text.split()
    assert facts["title"] and not facts["title"].endswith(".")
    keys = {
        run["run_key"] for run in map(read_json, finished.root.glob("results/tiny/*/*/run.json"))
    }
    assert set(facts["sources"]) <= keys


def emptied(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """A table of no measurements; of correlations, which always have their rows, none is left."""
    if not name.endswith("_correlations"):
        return table.iloc[:0]
    nothing = {"value": np.nan, "ci_low": np.nan, "ci_high": np.nan, "n_models": 0}
    return table.assign(**nothing, reason="nothing was measured")


@pytest.mark.parametrize(("paper", "name"), CAN_BE_EMPTY)
def test_where_nothing_was_measured_the_panels_say_so(paper, name, finished):
    job = job_of(finished.root, paper, name)
    module = import_module(job.module)
    tables = {key: emptied(key, joined(files)) for key, files in job.tables.items()}
    data = module.drawn(tables, job.context)
    arrays = []
    if hasattr(module, "ARRAYS"):
        content, _ = read_arrays(job.arrays[module.ARRAYS])
        arrays = [{key: values[:0] for key, values in content.items()}]
    with style.look():
        figure = module.draw(data, *arrays)
        figure.draw_without_rendering()
    for axes in figure.axes:
        assert axes.has_data() or axes.texts or not axes.axison, axes.get_title(loc="left")
    assert caption(module, data, job.context).endswith(".")
