"""Figure 11: training loss under label noise of one frequency."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.experiments.rahaman2018.label_noise import loss_panels as label_noise

TITLE = "Training loss under label noise of low and high frequency"
TABLES = label_noise.TABLES
CAPTION = f"""\
Figure 11 of Rahaman et al. (2019). Training loss, on the noisy labels, {label_noise.CAPTION}"""


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """The training curves; see `label_noise.drawn`."""
    return label_noise.drawn(tables, context, "training")


def draw(data: pd.DataFrame) -> Figure:
    """Figure 11 from the table made by `drawn`."""
    return label_noise.draw(data)


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts; see `label_noise.facts`."""
    return label_noise.facts(data, context)
