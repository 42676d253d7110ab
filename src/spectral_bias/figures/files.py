"""The files of a figure: two pictures, the numbers that were drawn, the facts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from spectral_bias.artefacts import checked, replacing, write_table

DPI = 160
"""Of the .png, at the widths of the papers' columns."""


def write_figure(stem: str | Path, figure: Any, drawn: pd.DataFrame, meta: Mapping) -> None:
    """Writes stem.png, .pdf, .csv (what was drawn) and .json; same input, same bytes."""
    write_pictures(stem, figure)
    write_table(Path(stem).with_suffix(".csv"), drawn, meta)


def write_pictures(stem: str | Path, figure: Any, plain: bool = False) -> None:
    """Writes stem.png (`DPI`) and stem.pdf; same figure, same bytes.

    Args:
        stem: path without suffix.
        figure: of matplotlib.
        plain: without checksums, see `artefacts.write_json`.
    """
    stem, writing = Path(stem), replacing if plain else checked
    with writing(stem.with_suffix(".png")) as temporary:
        figure.savefig(temporary, dpi=DPI, metadata={"Software": None})
    with writing(stem.with_suffix(".pdf")) as temporary:
        figure.savefig(temporary, metadata={"CreationDate": None})
