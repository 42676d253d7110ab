"""Figure 20: a path between two adversarial images that stays within a class."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spectral_bias.experiments.rahaman2018.adversarial import shown_paths as shared
from spectral_bias.experiments.rahaman2018.source_settings import deviations
from spectral_bias.figures import panels, style

TITLE = "A path between two adversarial images within a class"
TABLES, ARRAYS = shared.TABLES, shared.ARRAYS
CAPTION = """\
Figure 20 of Rahaman et al. (2019). Two images of other classes were changed until a residual \
network calls both {class_name}; they are joined by a path of low energy −logit (upper row) and by \
the straight line (lower row). Below each image its softmax for this class, and what it is called \
where that is another class; frames are green for the class with at least {confidence_percent}, \
yellow for the class with less, red for another class. Curve: softmax at all \
{adversarial[checked_points]} checked points of both; {scale} scale. Of all pairs of adversarial \
images of one class the one is shown whose lowest softmax the path raises most above that of the \
straight line: an example of what bending can do, not a typical pair.

Network: depth {adversarial[network][depth]}, width {adversarial[network][width]}, {parameters} \
parameters, trained on {data_name}; {networks}, the first one shown, of which on \
average {tested} of test images are correctly classified. Attack (ours): projected gradient \
descent on training images of other classes, maximum norm, budget \
{adversarial[attack][budget]}/255, {adversarial[attack][steps]} steps; {attacks}, the others are \
left out; {training_images}. Paths: nudged elastic band without springs in the space of pixel \
values from 0 to 1 (ours; the paper does not name the space, and with normalised values the same \
steps hardly bend a path; since its 3 % was known when the space was chosen, agreement of the \
lengths is weak evidence), {adversarial[neb][iterations]} iterations of \
{adversarial[neb][steps]} steps, learning rate {adversarial[neb][learning_rate]}, momentum \
{adversarial[neb][momentum]}; each puts up to {adversarial[neb][insertions]} pivots into a path, \
which begins with {adversarial[neb][pivots]} (ours). {paths} {deviations}"""


def drawn(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> pd.DataFrame:
    """panel "images": all checked points of both paths; "outcome": how all paths fared."""
    confidence = context["settings"]["adversarial"]["confidence"]
    rows = shared.shown_rows(tables, "fig20").assign(confidence=confidence)
    return pd.concat([rows, shared.outcome_rows(tables)], ignore_index=True)


def draw(data: pd.DataFrame, arrays: Mapping[str, np.ndarray]) -> Figure:
    """Figure 20 from the table made by `drawn` and the images."""
    rows = data[data["panel"] == "images"]
    if rows.empty:
        figure, axes = style.new_figure([["note"]], height=1.2)
        panels.empty(axes["note"], "no class has two adversarial images")
        return figure
    confidence = float(rows["confidence"].iloc[0])
    n_images = int(rows[rows["path"] == "bent"]["image"].notna().sum())
    names = {path: [f"{path}{i}" for i in range(n_images)] for path in ("bent", "straight")}
    mosaic = [names["bent"], names["straight"], ["curve"] * n_images]
    figure, axes = style.new_figure(mosaic, height=3.6, height_ratios=[1, 1, 1.25])
    curve = axes["curve"]
    for path, colour in (("bent", style.OURS), ("straight", style.SECOND)):
        points = rows[rows["path"] == path].sort_values("position")
        row = [axes[name] for name in names[path]]
        shared.image_row(row, points, arrays["pixels"], confidence)
        row[0].set_ylabel({"bent": "path", "straight": "straight line"}[path])
        label = {"bent": "path", "straight": "straight line"}[path]
        curve.plot(points["position"], points["softmax"], color=colour, label=label)
    curve.axhline(confidence, color="0.6", linewidth=0.6, linestyle=":")
    curve.set(xlim=(0, 1), ylim=(-0.02, 1.02), xlabel="fraction of the length")
    curve.set_ylabel(f"softmax of {rows['class_name'].iloc[0]}")
    curve.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.1)
    return figure


def facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: the class shown, and the outcome."""
    rows = data[data["panel"] == "images"]
    name = "one class" if rows.empty else str(rows["class_name"].iloc[0])
    common = shared.outcome_facts(data, context)
    return common | {
        "class_name": name,
        "deviations": deviations(context["settings"], "adversarial"),
    }
