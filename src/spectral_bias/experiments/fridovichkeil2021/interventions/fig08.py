"""Figure 8: self-distillation with several weights of the teacher, over two generations."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.experiments.fridovichkeil2021.interventions import intervention
from spectral_bias.experiments.fridovichkeil2021.interventions.intervention import Group

TITLE = "Self-distillation: waves that are fitted, and frequency between and within classes"
TABLES = intervention.TABLES
CAPTION = f"""\
Self-distillation in the experiments of Fridovich-Keil et al. (2021). Targets are \
a y + (1 - a) p, y the one-hot label and p the softmax of a teacher of the same architecture; \
a = 1 has no teacher and teaches generation 1, which teaches generation 2. {intervention.PANELS} \
The teacher of a network with a wave was trained on the same wave.

{intervention.SETTING}"""


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of `intervention.drawn_groups`: one group, without distillation first."""
    rows = intervention.chosen(tables, "distillation")
    rows = rows.sort_values("value", ascending=False, kind="stable")
    return intervention.drawn_groups(tables, [Group("self-distillation", rows)], context)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 8 from the table made by `drawn`."""
    return intervention.draw_groups(data)


facts = intervention.facts
