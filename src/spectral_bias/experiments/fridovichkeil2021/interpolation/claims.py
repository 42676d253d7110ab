"""Claims on frequency over training time (fridovichkeil2021, figure 4).

The unit is the network: trainings that differ in their seed. CIFAR-10 has its ten classes and no
others, and the paths are the same for all networks, so neither are resampled. What the end is
compared with, the mean over some early epochs, is named in the settings (cifar10.trajectory.start).
"""

from collections.abc import Callable
from functools import partial

from spectral_bias.claims.registry import Claim, OtherMeasure, Tables
from spectral_bias.experiments.fridovichkeil2021.baseline import PAPER, require_learnt
from spectral_bias.statistics import Estimate, mean_interval, require

TABLES = ("trajectory_changes",)
MARGIN = 0.005
"""Of a fraction: two measurements of one network with other paths differ by as much (25 paths
within each class). The changes looked for are five times as large."""


def change(tables: Tables, kind: str, measure: str) -> Estimate:
    """Mean change of a high-frequency fraction from the start of training to its end.

    Args:
        tables: has trajectory_changes.
        kind: "within" or "between".
        measure: "raw", "hann" or "chord_free".

    Raises:
        UndecidedError: nothing was measured, the networks have not learnt the classes, or see
            `mean_interval`.
    """
    rows = tables["trajectory_changes"]
    rows = rows[(rows["kind"] == kind) & (rows["measure"] == measure)]
    require(len(rows) > 0, "no training was measured over its epochs")
    require_learnt(rows["test_accuracy"].mean(), len(rows))
    first = rows.iloc[0]
    epochs = ", ".join(str(first["start_epochs"]).split())
    note = (
        f"{len(rows)} networks, {rows['start'].mean():.4f} as mean of epoch {epochs} and "
        f"{rows['end'].mean():.4f} after epoch {first['end_epoch']:g}"
    )
    return mean_interval(rows["change"].to_numpy(dtype=float), note)


def _measure(kind: str, measure: str) -> Callable[[Tables], Estimate]:
    return partial(change, kind=kind, measure=measure)


def _claim(kind: str, **fields: object) -> Claim:
    return Claim(
        paper=PAPER,
        figures=("fig04",),
        statistic=f"High-frequency fraction on paths {kind} classes after the last epoch minus its "
        "mean over start epochs that were named beforehand; mean over trainings that differ in "
        "their seed (-1 to 1, no unit; t-interval over networks, classes and paths fixed)",
        threshold=0.0,
        threshold_reason="The claim is a direction of change, and 0 is where it turns.",
        tables=TABLES,
        measure=_measure(kind, "raw"),
        margin=MARGIN,
        unit="networks (seeds)",
        measure_name="raw fraction",
        others=(
            OtherMeasure("Hann window", _measure(kind, "hann")),
            OtherMeasure("without the chord", _measure(kind, "chord_free")),
        ),
        **fields,
    )


CLAIMS = (
    _claim(
        "between",
        id="training_raises_between_class_frequency",
        statement="While a network is trained, the frequency of its function between two classes "
        "rises.",
        direction="above",
    ),
    _claim(
        "within",
        id="training_lowers_within_class_frequency",
        statement="While a network is trained, the frequency of its function near examples of one "
        "class falls.",
        direction="below",
    ),
)
