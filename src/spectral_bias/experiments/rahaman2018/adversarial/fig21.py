"""Figure 21: paths from adversarial images to training images, one row for each class."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.experiments.rahaman2018.adversarial import shown_paths as shared
from spectral_bias.experiments.rahaman2018.source_settings import deviations
from spectral_bias.figures import panels, style

TITLE = "Paths from adversarial images to training images"
TABLES, ARRAYS = shared.TABLES, shared.ARRAYS
CAPTION = """\
Figure 21 of Rahaman et al. (2019). Each row: a path of low energy −logit from an image of another \
class that was changed until the network calls it the class of the row (left) to a training image \
of that class (right), at equal distances. Below each image its softmax for the class, and what it \
is called where that is another class; frames are green for the class with at least \
{confidence_percent} (all images in the paper), yellow for the class with less, red for another \
class; beside the rows, by how much the path is longer than the straight line. The first pair of \
each class, not a chosen one; {scale} scale. {rows}

Network, attack and paths are those of Figure 20: {data_name}; {attacks}; {training_images}. \
{paths} {deviations}"""


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """panel "images": the shown points of each row; "outcome": how all paths fared."""
    confidence = context["settings"]["adversarial"]["confidence"]
    rows = shared.shown_rows(tables, "fig21").assign(confidence=confidence)
    rows = rows[rows["image"].notna()]
    return pd.concat([rows, shared.outcome_rows(tables)], ignore_index=True)


def draw(data: pd.DataFrame, arrays: Mapping[str, np.ndarray]) -> Figure:
    """Figure 21 from the table made by `drawn` and the images."""
    rows = data[data["panel"] == "images"]
    if rows.empty:
        figure, axes = style.new_figure([["note"]], height=1.2)
        panels.empty(axes["note"], "no attack succeeded: there is no path to show")
        return figure
    groups = [group for _, group in rows.groupby("row")]
    mosaic = [[f"{row}_{i}" for i in range(len(groups[0]))] for row in range(len(groups))]
    figure, axes = style.new_figure(mosaic, height=0.4 + 0.86 * len(groups), width=style.FULL)
    for names, group in zip(mosaic, groups, strict=True):
        row = [axes[name] for name in names]
        shared.image_row(row, group, arrays["pixels"], float(group["confidence"].iloc[0]))
        excess = 100 * (group["relative_length"].iloc[0] - 1)
        label = f"{group['class_name'].iloc[0]}\n+{excess:.1f} %"
        row[0].set_ylabel(label, rotation=0, ha="right", va="center")
    axes[mosaic[0][0]].set_title("adversarial", fontsize=6.5)
    axes[mosaic[0][-1]].set_title("training", fontsize=6.5)
    return figure


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: how many rows there are and how sure the network is, and the outcome."""
    rows = data[data["panel"] == "images"]
    same = rows["called_name"] == rows["class_name"]
    sure = (rows["softmax"] >= rows["confidence"]) & same
    kept = int(same.groupby(rows["row"]).all().sum()) if len(rows) else 0
    text = (
        f"Of the {rows['row'].nunique()} rows {kept} show no other class, and {int(sure.sum())} of "
        f"their {len(rows)} images are classified as the class with at least "
        f"{100 * context['settings']['adversarial']['confidence']:.0f} %; a class without "
        "successful attack has no row."
    )
    common = shared.outcome_facts(data, context)
    return common | {"rows": text, "deviations": deviations(context["settings"], "adversarial")}


agreement = shared.agreement
