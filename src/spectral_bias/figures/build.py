"""Makes one figure from its measured tables: picture, drawn numbers, facts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from spectral_bias.artefacts import read_arrays, read_meta, read_table, write_figure
from spectral_bias.figures import captions, style


def figure_module(paper: str, figure: str) -> ModuleType:
    """The module that draws `figure` of `paper`.

    Such a module has TITLE, CAPTION (with {placeholders}), TABLES (names of the measured tables it
    needs), drawn(tables, context) -> DataFrame and draw(data) -> Figure; it may have
    facts(data, context) -> dict (further placeholders) and
    agreement(data, context) -> list[Agreement]. One that shows images also has ARRAYS, the name of
    a file of arrays, and draw(data, arrays) -> Figure.

    Raises:
        ValueError: there is no such module.
    """
    name = f"spectral_bias.figures.{paper}.{figure}"
    if find_spec(f"spectral_bias.figures.{paper}") is None or find_spec(name) is None:
        raise ValueError(f"no module {name}: figure '{figure}' of '{paper}' cannot be drawn")
    return import_module(name)


def build(
    paper: str,
    figure: str,
    tables: Sequence[str | Path],
    stem: str | Path,
    context: Mapping[str, Any],
    code_version: str | None = None,
) -> None:
    """Writes stem.png, .pdf, .csv (what is drawn) and .json (facts) of one figure.

    Args:
        paper: e.g. "rahaman2018".
        figure: e.g. "fig01".
        tables: measured tables (.csv with their .json beside them) and files of arrays (.npz),
            known to the figure by their file names without suffix.
        stem: path of the outputs without suffix.
        context: "scale" (name) and "settings" (resolved settings of the paper's experiments).
        code_version: version of the code that draws, recorded as it is.

    Raises:
        ValueError: unknown figure, a table is missing, or the caption lacks a value.
    """
    module = figure_module(paper, figure)
    paths = {Path(path).stem: Path(path) for path in tables}
    arrays = {name: paths.pop(name) for name in list(paths) if paths[name].suffix == ".npz"}
    wanted = getattr(module, "ARRAYS", None)
    missing = [name for name in module.TABLES if name not in paths]
    missing += [wanted] if wanted is not None and wanted not in arrays else []
    if missing:
        raise ValueError(f"{paper}/{figure} needs table {', '.join(missing)}; got {sorted(paths)}")
    data = module.drawn({name: read_table(path) for name, path in paths.items()}, context)
    shown = [read_arrays(arrays[wanted])[0]] if wanted is not None else []
    meta = {
        "paper": paper,
        "figure": figure,
        "title": module.TITLE,
        "caption": caption(module, data, context),
        "scale": context["scale"],
        "sources": sources(paths.values()),
        "agreement": agreements(module, data, context),
        "code_version": code_version,
    }
    with style.look():
        write_figure(stem, module.draw(data, *shown), data, meta)


def caption(module: ModuleType, data: pd.DataFrame, context: Mapping[str, Any]) -> str:
    """The figure's caption with all placeholders filled."""
    facts = module.facts(data, context) if hasattr(module, "facts") else {}
    return captions.filled(module.CAPTION, context, facts)


def agreements(
    module: ModuleType, data: pd.DataFrame, context: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """The figure's comparisons with the authors, empty if it has none."""
    found = module.agreement(data, context) if hasattr(module, "agreement") else []
    return [asdict(entry) for entry in found]


def sources(tables: Sequence[Path]) -> list[str]:
    """Run keys that the tables were measured from, each once, sorted."""
    return sorted({key for path in tables for key in read_meta(path)["sources"]})
