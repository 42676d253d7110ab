"""Figure 9: how weight decay changes the frequencies that are learned."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.experiments.fridovichkeil2021.interventions import intervention
from spectral_bias.experiments.fridovichkeil2021.interventions.intervention import Group

TITLE = "Weight decay: waves that are fitted, and frequency between and within classes"
TABLES = intervention.TABLES
CAPTION = f"""\
Weight decay in the experiments of Fridovich-Keil et al. (2021): lambda |w|^2 / 2 is added to the \
loss, w all parameters. {intervention.PANELS} Batch normalisation makes the function independent \
of the length of most weights, so that lambda acts mainly on how large a step is beside them.

{intervention.SETTING}"""


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of `intervention.drawn_groups`: one group."""
    group = Group("weight decay", intervention.chosen(tables, "weight_decay"))
    return intervention.drawn_groups(tables, [group], context)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 9 from the table made by `drawn`."""
    return intervention.draw_groups(data)


facts = intervention.facts
