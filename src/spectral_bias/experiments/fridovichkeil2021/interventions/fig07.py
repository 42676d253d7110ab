"""Figure 7: kinds of data augmentation, and the strength of two of them."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.experiments.fridovichkeil2021.interventions import intervention
from spectral_bias.experiments.fridovichkeil2021.interventions.intervention import Group

TITLE = "Data augmentation: waves that are fitted, and frequency between and within classes"
TABLES = intervention.TABLES
CAPTION = f"""\
Data augmentation in the experiments of Fridovich-Keil et al. (2021): kinds, then magnitudes of \
RandAugment, then alphas of mixup. {intervention.PANELS} Test images are not augmented. flip_crop: \
random horizontal flip, random crop after padding by 4 pixels; all others but none do that too, \
and then cutout blanks a square of {{cifar10[cutout]}} pixels. randaugment \
({{cifar10[operations]}} operations, magnitude {{cifar10[magnitude]}}) and autoaugment (policies \
found for CIFAR-10) change colours and geometry before the flip (the authors' code flips and crops \
the raw image and so loses them) and mixup (alpha {{cifar10[mixup_alpha]}}) blends pairs of images \
and of labels at the end; all three cut out as well.

{intervention.SETTING}"""
SWEEPS = {"randaugment": "RandAugment", "mixup": "mixup"}
USUAL = {"randaugment": "magnitude", "mixup": "mixup_alpha"}


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """Rows of `intervention.drawn_groups`: kinds, RandAugment by magnitude, mixup by alpha."""
    settings = context["settings"]["cifar10"]
    table = tables["interventions"]
    table = table[table["intervention"] == "augmentation"]
    family = table["variant"].str.split(" ").str[0]
    usual = table["value"] == family.map({name: settings[key] for name, key in USUAL.items()})
    groups = [Group("augmentation", table[table["value"].isna() | usual])]
    for name, title in SWEEPS.items():
        rows = table[(family == name) & table["value"].notna()].sort_values("value")
        groups.append(Group(title, rows))
    return intervention.drawn_groups(tables, groups, context)


def draw(data: pd.DataFrame) -> Figure:
    """Figure 7 from the table made by `drawn`."""
    return intervention.draw_groups(data)


facts = intervention.facts
