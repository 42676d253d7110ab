"""Noise fitting over a training: as a table, in files, in a picture."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spectral_bias import artefacts
from spectral_bias.errors import UserError, among
from spectral_bias.toolkit.noise.fit import NoiseFit

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

COLUMNS = tuple(field.name for field in fields(NoiseFit))
INTERVALS = "95 %, over test images, by the jackknife"
LABELS = {
    "noise_fitting": "noise fitting (nats)",
    "confidence_term": "confidence term (nats)",
    "covariance_term": "covariance term (nats)",
    "clean_loss": "clean loss (nats)",
    "noisy_loss": "noisy loss (nats)",
    "accuracy": "accuracy",
}
"""What can be drawn, and how its axis is called."""


def table(history: Sequence[NoiseFit]) -> "pd.DataFrame":
    """One row for each evaluation, with the columns `COLUMNS`."""
    import pandas as pd

    return pd.DataFrame([fit.row() for fit in history], columns=list(COLUMNS))


def write_csv(path: str | Path, history: Sequence[NoiseFit]) -> None:
    """Writes `table`, with 6 significant digits.

    Raises:
        UserError: the history is empty.
    """
    _require_some(history)
    artefacts.write_table(path, table(history), plain=True)


def write_json(path: str | Path, history: Sequence[NoiseFit], facts: Mapping[str, Any]) -> None:
    """Writes facts and the history, with all digits; null where there is no number.

    Raises:
        UserError: the history is empty.
    """
    _require_some(history)
    rows = [
        {name: value if math.isfinite(value) else None for name, value in fit.row().items()}
        for fit in history
    ]
    content = {**facts, "unit": "nats", "intervals": INTERVALS, "history": rows}
    artefacts.write_json(path, content, plain=True)


def plot(
    axes: "Axes", history: Sequence[NoiseFit], value: str = "noise_fitting", **line: Any
) -> None:
    """Draws one of `LABELS` over the steps, with the band of its interval where it has one.

    The least noise fitting, by which Fridovich-Keil et al. 2021 compare networks, is dotted.

    Args:
        axes: of matplotlib.
        history: in the order of the steps.
        value: what is drawn.
        line: passed on to `Axes.plot`.

    Raises:
        UserError: the history is empty, or has no such value.
    """
    _require_some(history)
    if value not in LABELS:
        raise UserError(f"value: {value!r} cannot be drawn{among(value, LABELS)}")
    rows = table(history)
    marker = {"marker": "o"} if len(rows) == 1 else {}
    (drawn,) = axes.plot(rows["step"], rows[value], **{**marker, **line})
    if f"{value}_low" in rows:
        ends = rows[f"{value}_low"], rows[f"{value}_high"]
        colour = drawn.get_color()
        axes.fill_between(rows["step"], *ends, color=colour, alpha=0.15, linewidth=0)
    if value == "noise_fitting" and rows[value].notna().any():
        axes.axhline(rows[value].min(), color="0.6", linewidth=0.9, linestyle=":", zorder=0)
    axes.set(xlabel="step", ylabel=LABELS[value])


def _require_some(history: Sequence[NoiseFit]) -> None:
    if not history:
        raise UserError("history: is empty; call evaluate first")
