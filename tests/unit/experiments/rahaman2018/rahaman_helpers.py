"""What the tests of Rahaman et al.'s experiments share: settings, claims by id, figures."""

from collections.abc import Callable, Iterable
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from spectral_bias.claims.checks import evaluate_checks
from spectral_bias.claims.registry import evaluate
from spectral_bias.config.load import load_settings
from spectral_bias.errors import UserError
from spectral_bias.experiments import training_runs
from spectral_bias.figures import build, style

ROOT = Path(__file__).parents[4]
PAPER = "rahaman2018"


def load(scale="paper", **sections):
    """Settings of a scale with some entries of the paper's sections changed."""
    return load_settings({"scale": scale, PAPER: sections}, ROOT)


def section(name, scale="paper", **values):
    """One section of the paper's settings."""
    return getattr(load(scale, **{name: values}).rahaman2018, name)


def runs(scale="paper", **sections):
    """The paper's training runs by name."""
    return training_runs(load(scale, **sections), PAPER)


def assert_refused(name, values, said, scale="paper"):
    """Values of a section are refused in one line that names the source, the key and the reason."""
    with pytest.raises(UserError) as caught:
        load(scale, **{name: values})
    assert f": {PAPER}.{name}.{said}" in str(caught.value) and "\n" not in str(caught.value)


def results(claims, tables):
    """Results of claims by id, on tables with their rows in another order: none depends on it."""
    return {result["id"]: result for result in evaluate(claims, _shuffled(tables))}


def check_results(checks, tables):
    """Results of checks by id, likewise."""
    return {result["id"]: result for result in evaluate_checks(checks, _shuffled(tables))}


def _shuffled(tables):
    return {name: table.sample(frac=1, random_state=0) for name, table in tables.items()}


def assert_undecided(claims, tables, said="", n_runs=None):
    """No claim is decided, and each says why."""
    for result in results(claims, tables).values():
        assert result["verdict"] == "not tested", result["id"]
        assert said in result["statistic"]
        assert n_runs is None or result["n_runs"] == n_runs


def context(scale="paper", **sections):
    """What a figure is told beside its tables: scale and settings."""
    return {"scale": scale, "settings": load(scale, **sections).rahaman2018.model_dump()}


def drawing(module, data, *arrays):
    """The figure of a table that `drawn` made, laid out in full."""
    with style.look():
        figure = module.draw(data, *arrays)
        figure.draw_without_rendering()
    return figure


def caption(module, tables, context):
    """The caption of a figure made from measured tables."""
    return build.caption(module, module.drawn(tables, context), context)


def frame(columns: str, rows: Iterable) -> pd.DataFrame:
    """A table from the names of its columns, separated by spaces, and its rows."""
    return pd.DataFrame(list(rows), columns=columns.split())


def table_of(name: str, value: Callable[..., Any], **axes: Iterable) -> pd.DataFrame:
    """One row for each combination of `axes`, with value(*combination) in the column `name`."""
    rows = [(*cell, value(*cell)) for cell in product(*axes.values())]
    return pd.DataFrame(rows, columns=[*axes, name])
