"""Figure 6: how the number of training images changes the frequencies that are learned."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.experiments.fridovichkeil2021.interventions import intervention
from spectral_bias.experiments.fridovichkeil2021.interventions.intervention import Group

TITLE = "Training images: waves that are fitted, and frequency between and within classes"
TABLES = intervention.TABLES
CAPTION = f"""\
Number of training images in the experiments of Fridovich-Keil et al. (2021). \
{intervention.PANELS} Each set holds the first images of every class and is part of the larger \
ones; the number of epochs is the same for all (ours), so that networks with fewer images are \
trained for fewer updates.

{intervention.SETTING}"""


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of `intervention.drawn_groups`: one group."""
    group = Group("training images", intervention.chosen(tables, "train_size"))
    return intervention.drawn_groups(tables, [group], context)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 6 from the table made by `drawn`."""
    return intervention.draw_groups(data)


facts = intervention.facts
