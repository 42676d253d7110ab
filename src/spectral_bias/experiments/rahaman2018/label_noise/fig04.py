"""Figure 4: validation loss under label noise of one frequency."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.experiments.rahaman2018.label_noise import loss_agreement
from spectral_bias.experiments.rahaman2018.label_noise import loss_panels as label_noise
from spectral_bias.figures.agreement import Agreement

TITLE = "Validation loss under label noise of low and high frequency"
TABLES = label_noise.TABLES
CAPTION = f"""\
Figure 4 of Rahaman et al. (2019). Validation loss, on clean labels, {label_noise.CAPTION}"""


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """The validation curves; see `label_noise.drawn`."""
    return label_noise.drawn(tables, context, "validation")


def draw(data: pd.DataFrame) -> Figure:
    """Figure 4 from the table made by `drawn`."""
    return label_noise.draw(data)


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts; see `label_noise.facts`."""
    return label_noise.facts(data, context)


def agreement(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> Agreement:
    """Validation losses beside the authors'."""
    return loss_agreement.agreement(tables["label_noise_loss"], context)
