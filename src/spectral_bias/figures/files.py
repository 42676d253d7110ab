"""The files of a figure: two pictures, the numbers that were drawn, the facts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf

from spectral_bias.artefacts import checked, replacing, write_table

DPI = 160
"""Of the .png, at the widths of the papers' columns."""
DPI_IN_PDF = 300
"""Of heatmaps and images in the .pdf, where all else is drawn as lines."""


def write_figure(stem: str | Path, figure: Any, drawn: pd.DataFrame, meta: Mapping) -> None:
    """Writes stem.png, .pdf, .csv (what was drawn) and .json; same input, same bytes."""
    write_pictures(stem, figure)
    write_table(Path(stem).with_suffix(".csv"), drawn, meta)


def write_pictures(stem: str | Path, figure: Any, plain: bool = False) -> None:
    """Writes stem.png (`DPI`) and stem.pdf in one layout; same figure, same bytes.

    Args:
        stem: path without suffix.
        figure: of matplotlib.
        plain: without checksums, see `artefacts.write_json`.
    """
    stem, writing = Path(stem), replacing if plain else checked
    figure.set_dpi(DPI)
    # `Figure.savefig` would draw each picture twice, the first time for its layout alone.
    with writing(stem.with_suffix(".png")) as temporary:
        FigureCanvasAgg(figure).print_png(temporary, metadata={"Software": None})
    figure.set_layout_engine("none")  # that of the .png stays
    figure.set_dpi(DPI_IN_PDF)
    with writing(stem.with_suffix(".pdf")) as temporary:
        FigureCanvasPdf(figure).print_pdf(temporary, metadata={"CreationDate": None})
