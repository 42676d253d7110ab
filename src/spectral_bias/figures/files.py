"""The files of a figure: two pictures, the numbers that were drawn, the facts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from spectral_bias.artefacts import checked, write_table

DPI = 160
"""Of the .png, at the widths of the papers' columns."""


def write_figure(stem: str | Path, figure: Any, drawn: pd.DataFrame, meta: Mapping) -> None:
    """Writes stem.png, .pdf, .csv (what was drawn) and .json; same input, same bytes."""
    write_pictures(stem, figure)
    write_table(Path(stem).with_suffix(".csv"), drawn, meta)


def write_pictures(stem: str | Path, figure: Any) -> None:
    """Writes stem.png (`DPI`) and stem.pdf; same figure, same bytes."""
    stem = Path(stem)
    with checked(stem.with_suffix(".png")) as temporary:
        figure.savefig(temporary, dpi=DPI, metadata={"Software": None})
    with checked(stem.with_suffix(".pdf")) as temporary:
        figure.savefig(temporary, metadata={"CreationDate": None})
