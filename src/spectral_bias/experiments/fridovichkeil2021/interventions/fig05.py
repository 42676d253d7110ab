"""Figure 5: six architectures, by the noise that they fit and by frequency along paths."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.experiments.fridovichkeil2021.interventions import intervention
from spectral_bias.experiments.fridovichkeil2021.interventions.intervention import Group
from spectral_bias.experiments.fridovichkeil2021.source_settings import network_text

TITLE = "Architecture: waves that are fitted, and frequency between and within classes"
TABLES = intervention.TABLES
CAPTION = f"""\
Networks of several architectures in the experiments of Fridovich-Keil et al. (2021). \
{intervention.PANELS} Learning rate, weight decay and batch size belong to the architecture. \
Unless set otherwise, Shake-Shake and PyramidNet have the learning rates and decays of the \
AutoAugment code, from which the authors' code descends and which trains them for 1,800 epochs; \
the authors' code itself has 0.1 and 0.0005 for all. {{architectures_text}}.

{intervention.SETTING}"""


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of `intervention.drawn_groups`: one group."""
    group = Group("architecture", intervention.chosen(tables, "architecture"))
    return intervention.drawn_groups(tables, [group], context)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 5 from the table made by `drawn`."""
    return intervention.draw_groups(data)


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: the shared ones, and what each architecture is."""
    networks = context["settings"]["cifar10"]["networks"]
    shown = [name for name in dict.fromkeys(data["variant"]) if name in networks]
    texts = [f"{name}: {network_text(networks[name])}" for name in shown]
    return {
        **intervention.facts(data, context),
        "architectures_text": "; ".join(texts) or "none measured",
    }
