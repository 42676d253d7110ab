"""The authors' own results, read from published pictures and tables.

Each table is package data under `reference/<paper>/`; the README.md there gives source and errors.
"""

from importlib.resources import files

import pandas as pd

_TABLES = files("spectral_bias") / "reference"


def known(paper: str) -> list[str]:
    """Names of the tables that exist for `paper`, sorted; empty for a paper without any."""
    folder = _TABLES / paper
    if not folder.is_dir():
        return []
    return sorted(
        entry.name.removesuffix(".csv") for entry in folder.iterdir() if entry.name.endswith(".csv")
    )


def authors(paper: str, name: str) -> pd.DataFrame:
    """The readings `name` of `paper`, as long table.

    Args:
        paper: e.g. "rahaman2018".
        name: file name without ".csv", e.g. "sinusoids_equal_amplitude".

    Raises:
        ValueError: there is no such table; the message names those that exist.
    """
    names = known(paper)
    if name not in names:
        raise ValueError(
            f"no readings '{name}' for paper '{paper}'; known: {', '.join(names) or 'none'}"
        )
    with (_TABLES / paper / f"{name}.csv").open("rb") as file:
        return pd.read_csv(file)
