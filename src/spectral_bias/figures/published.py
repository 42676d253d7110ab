"""Networks that the first author published, as a cloud below Figures 4, 10 and 16.

153 ResNet-18 networks for CIFAR-10 (see reference/fridovichkeil2021). The relation of fraction and
accuracy is a straight line over the logit of accuracy for each kind of paths: leaving one network
out at a time, higher powers predict hardly better. How far a network is off it is counted in
standard deviations of theirs about it ("spreads").
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import logit

from spectral_bias.figures.agreement import Agreement, Reading, compared, not_comparable
from spectral_bias.measurements.pairs import KINDS
from spectral_bias.reference import authors

if TYPE_CHECKING:
    from matplotlib.axes import Axes  # measurements and claims that draw nothing read this module

SOURCE = "published"
"""Of these networks in the column `source` of what is drawn."""
NAMES = {"cifar10_1_accuracy": "shifted_accuracy"}
COLUMNS = ["test_accuracy", "shifted_accuracy", *(f"{kind}_fraction" for kind in KINDS)]
AGREEMENT = [
    *("run", "epoch", "kind", "test_accuracy", "fraction", "expected", "residual", "spreads"),
    "inside",
]
N_PUBLISHED = 153
NEAR = 2
"""Spreads within which a network agrees."""
MEASURE = "median distance from the line through published networks"
UNIT = "standard deviations about it"
LOOK = {"marker": ".", "linestyle": "none", "color": "0.8", "markersize": 2.5, "zorder": 0}
CAPTION = (
    "Light grey: 153 ResNet-18 networks that the first author published with a later paper (same "
    "measure, 0.90 to 0.96 accurate)."
)


@dataclass(frozen=True)
class Relation:
    """The line through published networks: fraction = offset + slope · logit(accuracy).

    Attributes:
        offset: at an accuracy of one half.
        slope: per unit of logit.
        deviation: standard deviation of the networks about it.
        low: their lowest accuracy.
        high: their highest accuracy.
    """

    offset: float
    slope: float
    deviation: float
    low: float
    high: float

    def expected(self, accuracy: np.ndarray) -> np.ndarray:
        """The fraction that goes with an accuracy strictly between 0 and 1."""
        return self.offset + self.slope * logit(np.asarray(accuracy, dtype=float))


def all_published() -> pd.DataFrame:
    """The published networks, `COLUMNS`."""
    return authors("fridovichkeil2021", "robustnets_resnet18").rename(columns=NAMES)[COLUMNS]


def published_cloud(settings: Mapping[str, Any]) -> pd.DataFrame:
    """The published networks, `COLUMNS`; none unless images are those of CIFAR-10.

    Args:
        settings: resolved settings of cifar10.
    """
    table = all_published()
    return table if settings["data"]["source"] == "cifar10" else table.iloc[:0]


def draw_cloud(axes: "Axes", cloud: pd.DataFrame, x: str, y: str) -> None:
    """One light point for each published network, below everything else."""
    if len(cloud):
        axes.plot(cloud[x].astype(float), cloud[y].astype(float), **LOOK)


def relation(kind: str) -> Relation:
    """The line through all published networks for one kind of paths."""
    table = authors("fridovichkeil2021", "robustnets_resnet18")
    accuracy = table["test_accuracy"].to_numpy()
    fraction = table[f"{kind}_fraction"].to_numpy()
    slope, offset = np.polyfit(logit(accuracy), fraction, 1)
    residual = fraction - offset - slope * logit(accuracy)
    deviation = float(np.sqrt((residual**2).sum() / (len(table) - 2)))
    return Relation(float(offset), float(slope), deviation, accuracy.min(), accuracy.max())


def distances(points: pd.DataFrame) -> pd.DataFrame:
    """How far networks are off the published relation.

    Args:
        points: run, epoch, test_accuracy, within_fraction, between_fraction.

    Returns:
        `AGREEMENT`, one row for each network and kind of paths: residual (fraction minus expected),
        spreads (residual over the deviation of the published ones) and inside, whether a published
        network is as accurate. Accuracies of 0 and 1, which have no logit, are left out.
    """
    parts = [pd.DataFrame(columns=AGREEMENT)]
    values = {name: float for name in ("test_accuracy", "within_fraction", "between_fraction")}
    points = points.astype(values)
    points = points[points["test_accuracy"].between(0, 1, inclusive="neither")]
    for kind in KINDS if len(points) else ():
        line = relation(kind)
        expected = line.expected(points["test_accuracy"].to_numpy())
        fraction = points[f"{kind}_fraction"]
        own = points[["run", "epoch", "test_accuracy"]].assign(
            kind=kind,
            fraction=fraction,
            expected=expected,
            residual=fraction - expected,
            spreads=(fraction - expected) / line.deviation,
            inside=points["test_accuracy"].between(line.low, line.high),
        )
        parts.append(own[AGREEMENT])
    return pd.concat(parts[1:] or parts, ignore_index=True)


def agreement(rows: pd.DataFrame) -> Agreement:
    """Networks of ours that are as accurate as published ones, beside these.

    The interval of each kind of paths is over our networks, which differ in more than their seed.

    Args:
        rows: made by `distances`, each network once.
    """
    rows = rows[rows["inside"].fillna(False).astype(bool)]
    if rows.empty:
        return not_comparable(MEASURE, UNIT, ["no network of ours is as accurate"])
    spreads = rows["spreads"].astype(float)
    theirs = Reading(0.0, -NEAR, NEAR, N_PUBLISHED)
    quantities = [
        compared(
            f"distance from the line, {kind} classes",
            spreads[rows["kind"] == kind].to_numpy(),
            theirs,
            unit=UNIT,
            note=f"theirs: {NEAR} standard deviations of the published networks to either side",
        )
        for kind in KINDS
    ]
    near = 100 * (spreads.abs() <= NEAR).mean()
    note = (
        f"over {len(rows) // len(KINDS)} networks and both kinds of paths; {near:.0f} % within "
        f"{NEAR}; 0 is on the line"
    )
    return Agreement(MEASURE, float(spreads.abs().median()), UNIT, note, tuple(quantities))


def agreement_text(rows: pd.DataFrame) -> str:
    """A sentence for a caption on rows made by `distances`; "" for none."""
    if rows.empty:
        return ""
    texts = []
    for inside, about in ((True, "in their range of accuracies"), (False, "outside of it")):
        some = rows[rows["inside"].astype(bool) == inside]
        if len(some):
            own = [_distance(some[some["kind"] == kind], kind) for kind in ("between", "within")]
            count = len(some) // len(KINDS)
            points = "point" if count == 1 else "points"
            texts.append(f"for {count} {points} {about} {' and '.join(own)}")
    return (
        "Distance of ours from the published relation (a line over the logit of accuracy; in "
        f"standard deviations about it, median, and fraction within {NEAR} of them): "
        f"{'; '.join(texts)}."
    )


def _distance(rows: pd.DataFrame, kind: str) -> str:
    size = rows["spreads"].astype(float).abs()
    near = 100 * (size <= NEAR).mean()
    return f"{size.median():.1f} {kind} classes ({near:.0f} %)"
