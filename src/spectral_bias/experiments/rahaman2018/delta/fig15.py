"""Figure 15: how the spectrum of a delta is learnt, by depth of the network."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.experiments.rahaman2018.delta import evolution as delta_evolution

TITLE = "Depth helps with the high frequencies of a delta"
TABLES = ("delta_depth_spectrum", "delta_depth_share")
CAPTION = delta_evolution.CAPTION


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """See `delta_evolution.drawn`."""
    return delta_evolution.drawn(tables, context, "depth")


def draw(data: pd.DataFrame) -> Figure:
    """Figure 15 from the table made by `drawn`."""
    return delta_evolution.draw(data, "depth")


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts."""
    return delta_evolution.facts(data, context, "depth")
