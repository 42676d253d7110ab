"""Figure 16: how the spectrum of a delta is learnt, by width of the network."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.experiments.rahaman2018.delta import evolution as delta_evolution

TITLE = "Width helps less with the high frequencies of a delta"
TABLES = ("delta_width_spectrum", "delta_width_share")
CAPTION = delta_evolution.CAPTION


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """See `delta_evolution.drawn`."""
    return delta_evolution.drawn(tables, context, "width")


def draw(data: pd.DataFrame) -> Figure:
    """Figure 16 from the table made by `drawn`."""
    return delta_evolution.draw(data, "width")


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts."""
    return delta_evolution.facts(data, context, "width")
