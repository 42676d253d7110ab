"""What Figures 20 and 21 share: rows of images along paths, and how the paths fared."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from spectral_bias.experiments.rahaman2018.adversarial.repaired import repaired
from spectral_bias.experiments.rahaman2018.source_settings import PAPER
from spectral_bias.figures import style
from spectral_bias.figures.agreement import (
    Agreement,
    Reading,
    compared,
    differences,
    not_comparable,
)

TABLES = (
    "adversarial_classifier",
    "adversarial_attacks",
    "adversarial_paths",
    "adversarial_images",
)
ARRAYS = "adversarial_pixels"
COLUMNS = [
    *("panel", "source", "row", "path", "class_name", "position", "called_name", "softmax"),
    *("relative_length", "image"),
]
PAPER_EXCESS, PAPER_ERROR = 3.0, 0.3
"""Percent by which the paper's paths are longer than straight lines (it states 3.0 ± 0.3)."""
KEPT = "fraction of paths that keep the class, ours minus the paper's"
REPAIRED = "repaired"
SURE, UNSURE, LOST = style.LEARNT, style.VALIDATION, style.AUTHORS
"""Frames: classified as the class with confidence, as the class, as another class."""


def shown_rows(tables: Mapping[str, pd.DataFrame], figure: str) -> pd.DataFrame:
    """The points that one figure shows, in the order of rows and positions."""
    images = tables["adversarial_images"]
    rows = images[images["figure"] == figure].assign(panel="images", source="ours")
    return rows[COLUMNS].sort_values(["row", "position"], ignore_index=True)


def outcome_rows(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """panel "outcome": how the classifiers, their attacks and all paths fared.

    Of the classifiers their number and the means of their metrics; attacks and pairs are those of
    all of them together. Fractions lie in [0, 1]; excess is the mean of relative_length - 1 in
    percent, excess_std its standard deviation over pairs; path "repaired": bent paths that keep the
    class where the straight line does not.
    """
    attacks = tables["adversarial_attacks"].groupby("kind")["succeeded"].agg(["mean", "size"])
    classifiers = tables["adversarial_classifier"]
    rows: list[tuple[str, str, float]] = [("", "networks", classifiers["member"].nunique())]
    rows += [("", n, value) for n, value in classifiers.groupby("metric")["value"].mean().items()]
    for kind, (share, count) in attacks.iterrows():
        rows += [("", f"{kind}_succeeded", share), ("", f"{kind}_candidates", count)]
    walked = tables["adversarial_paths"]
    for path, group in [*walked.groupby("path"), (REPAIRED, repaired(walked))]:
        if group.empty:
            continue
        excess = 100 * (group["relative_length"] - 1)
        rows += [
            (path, "pairs", len(group)),
            (path, "keeps_class", group["keeps_class"].mean()),
            (path, "lowest_softmax", group["lowest_softmax"].mean()),
            (path, "excess", excess.mean()),
            (path, "excess_std", excess.std()),
        ]
    table = pd.DataFrame(rows, columns=["path", "statistic", "value"])
    return table.assign(panel="outcome", source="ours")


def outcome(data: pd.DataFrame, path: str, statistic: str) -> float | None:
    """One number of `outcome_rows`; None where no path was found."""
    rows = data[(data["panel"] == "outcome") & (data["statistic"] == statistic)]
    rows = rows[rows["path"].fillna("") == path]
    return float(rows["value"].iloc[0]) if len(rows) else None


def outcome_facts(data: pd.DataFrame, context: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: sentences on the data and the network, the attacks, and all paths."""
    settings = context["settings"]["adversarial"]
    tested, parameters, networks, succeeded, candidates, right, drawn = (
        outcome(data, "", name)
        for name in (
            *("test_accuracy", "parameters", "networks"),
            *("adversarial_succeeded", "adversarial_candidates"),
            *("training_succeeded", "training_candidates"),
        )
    )
    counted = "1 network" if networks == 1 else f"{networks:.0f} networks"
    pairs = outcome(data, "bent", "pairs")
    paths = "No class has two images to join."
    if pairs is not None:
        bent, straight = (
            {n: outcome(data, p, n) for n in ("keeps_class", "excess", "excess_std")}
            for p in ("bent", "straight")
        )
        paths = (
            f"Of all {pairs:,.0f} pairs of {counted} the whole path is classified "
            f"as the class for {_percent(bent['keeps_class'])} (paper: all), the whole straight "
            f"line for {_percent(straight['keeps_class'])}; paths are {bent['excess']:.1f} ± "
            f"{bent['excess_std']:.1f} % longer than straight lines (paper: 3.0 ± 0.3 %; ours "
            "with the standard deviation over pairs, straight lines 0 by definition). "
            f"{_of_repaired(data)}"
        )
    data_name = {
        "cifar10": "CIFAR-10",
        "patches": "patches of ten photographs, {size}×{size} pixels each (class: the photograph; "
        "the paper has CIFAR-10)",
        "imagefolder": "images in files (the paper has CIFAR-10)",
    }[settings["data"]["source"]].format_map(settings["data"])
    left_out = "none was drawn"
    if drawn:
        left_out = f"{round(drawn * (1 - right)):,} of {drawn:,.0f} drawn, misclassified, left out"
    return {
        "networks": counted,
        "training_images": f"training images: {left_out}",
        "data_name": data_name,
        "parameters": f"{parameters:,.0f}",
        "tested": _percent(tested),
        "attacks": f"{_percent(succeeded)} of {candidates:,.0f} attacks succeed",
        "paths": paths,
        "confidence_percent": _percent(settings["confidence"]),
    }


def _of_repaired(data: pd.DataFrame) -> str:
    """How long the paths are that keep a class which the straight line leaves."""
    pairs = outcome(data, REPAIRED, "pairs")
    if pairs is None:
        return "No path keeps a class that the straight line leaves."
    excess, spread = (outcome(data, REPAIRED, name) for name in ("excess", "excess_std"))
    return (
        f"The {pairs:,.0f} paths that keep a class which the straight line leaves are "
        f"{excess:.1f} ± {spread:.1f} % longer."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def agreement(tables: Mapping[str, pd.DataFrame], context: Mapping[str, Any]) -> Agreement:
    """Fraction of kept paths and their length beside the paper's numbers."""
    reasons = differences(context["settings"]["adversarial"], PAPER["adversarial"], whose="paper")
    paths = tables["adversarial_paths"]
    bent = paths[paths["path"] == "bent"]
    if bent.empty and not reasons:
        reasons = ["no pair of images was joined"]
    if reasons:
        return not_comparable(KEPT, "", reasons)
    networks = bent.groupby("member")
    kept = networks["keeps_class"].mean().to_numpy(float)
    excess = 100 * (networks["relative_length"].mean().to_numpy(float) - 1)
    longer = Reading(PAPER_EXCESS, PAPER_EXCESS - PAPER_ERROR, PAPER_EXCESS + PAPER_ERROR)
    quantities = (
        compared(
            "fraction of paths that keep the class",
            kept,
            Reading(1.0, 1.0, 1.0),
            resolution=1 / len(bent),
        ),
        compared("length of paths over straight lines", excess, longer, unit="percent"),
    )
    return Agreement(KEPT, float(kept.mean()) - 1, "", "0 is the paper's number", quantities)


def image_row(
    axes: Sequence[Axes],
    rows: pd.DataFrame,
    pixels: np.ndarray,
    confidence: float,
    numbers: bool = True,
) -> None:
    """Draws the images of one path into `axes`, framed by what the network calls them.

    Args:
        axes: one for each image, first to last.
        rows: points of one path; those with an image are drawn.
        pixels: (I, h, w, 3), all images.
        confidence: softmax from which a frame is of the colour `SURE`.
        numbers: whether the softmax stands below each image.
    """
    with_image = rows[rows["image"].notna()].sort_values("position")
    for panel, point in zip(axes, with_image.itertuples(), strict=True):
        panel.imshow(pixels[int(point.image)], interpolation="nearest")
        panel.set(xticks=[], yticks=[])
        same = point.called_name == point.class_name
        colour = LOST if not same else SURE if point.softmax >= confidence else UNSURE
        for spine in panel.spines.values():
            spine.set(visible=True, color=colour, linewidth=1.6)
        if numbers:
            text = f"{point.softmax:.2f}" if same else f"{point.softmax:.2f}\n{point.called_name}"
            panel.set_xlabel(text, fontsize=5.5, labelpad=1.5, color=colour)
