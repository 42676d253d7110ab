"""Figure 17: how the spectrum of a delta is learnt, by weight clip K of the network."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.experiments.rahaman2018.delta import evolution as delta_evolution

TITLE = "A larger weight clip helps with the high frequencies of a delta"
TABLES = ("delta_clip_spectrum", "delta_clip_share")
CAPTION = delta_evolution.CAPTION


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """See `delta_evolution.drawn`."""
    return delta_evolution.drawn(tables, context, "clip")


def draw(data: pd.DataFrame) -> Figure:
    """Figure 17 from the table made by `drawn`."""
    return delta_evolution.draw(data, "clip")


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts."""
    return delta_evolution.facts(data, context, "clip")
