"""Makes one figure from its measured tables: picture, drawn numbers, facts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from spectral_bias.artefacts import read_arrays, read_meta, read_table
from spectral_bias.figures import captions, style
from spectral_bias.figures.files import write_figure


@dataclass(frozen=True)
class FigureJob:
    """What one figure is made of.

    Attributes:
        paper: e.g. "rahaman2018".
        figure: e.g. "fig01".
        module: dotted name of the module that draws it.
        tables: measured tables (.csv with their .json beside them) by name; of a table that is made
            item by item the tables of all items that are drawn.
        arrays: files of arrays (.npz) by name.
        context: "scale" (name) and "settings" (resolved settings of the paper's experiments).
        code_version: of the code that draws, recorded as it is.
    """

    paper: str
    figure: str
    module: str
    tables: Mapping[str, Sequence[Path]]
    arrays: Mapping[str, Path]
    context: Mapping[str, Any]
    code_version: str | None = None


def build(job: FigureJob, stem: str | Path) -> None:
    """Writes stem.png, .pdf, .csv (what is drawn) and .json (facts) of one figure.

    The module has TITLE, CAPTION (with {placeholders}), TABLES (names of the measured tables it
    needs), drawn(tables, context) -> DataFrame and draw(data) -> Figure; it may have
    facts(data, context) -> dict (further placeholders) and
    agreement(tables, context) -> Agreement. One that shows images also has ARRAYS, the name of
    a file of arrays, and draw(data, arrays) -> Figure.

    Raises:
        ValueError: a table is missing, or the caption lacks a value.
    """
    started = _now()
    module = import_module(job.module)
    wanted = getattr(module, "ARRAYS", None)
    missing = [name for name in module.TABLES if name not in job.tables]
    missing += [wanted] if wanted is not None and wanted not in job.arrays else []
    if missing:
        raise ValueError(
            f"{job.paper}/{job.figure} needs table {', '.join(missing)}; got {sorted(job.tables)}"
        )
    tables = {name: joined(files) for name, files in job.tables.items()}
    data = module.drawn(tables, job.context)
    shown = [read_arrays(job.arrays[wanted])[0]] if wanted is not None else []
    meta = {
        "paper": job.paper,
        "figure": job.figure,
        "title": module.TITLE,
        "caption": caption(module, data, job.context),
        "scale": job.context["scale"],
        "sources": sources(file for files in job.tables.values() for file in files),
        "agreement": agreement(module, tables, job.context),
        "code_version": job.code_version,
    }
    with style.look():
        figure = module.draw(data, *shown)
        write_figure(stem, figure, data, meta | {"started": started, "finished": _now()})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def joined(files: Sequence[Path]) -> pd.DataFrame:
    """The tables in some files, one below the other."""
    parts = [read_table(file) for file in files]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def caption(module: ModuleType, data: pd.DataFrame, context: Mapping[str, Any]) -> str:
    """The figure's caption with all placeholders filled."""
    facts = module.facts(data, context) if hasattr(module, "facts") else {}
    return captions.filled(module.CAPTION, context, facts)


def agreement(
    module: ModuleType, tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]
) -> dict[str, Any] | None:
    """The figure beside the authors', None if theirs is not known."""
    if not hasattr(module, "agreement"):
        return None
    return asdict(module.agreement(tables, context))


def sources(tables: Iterable[Path]) -> list[str]:
    """Run keys that the tables were measured from, each once, sorted."""
    return sorted({key for path in tables for key in read_meta(path)["sources"]})
