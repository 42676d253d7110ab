"""Several networks side by side, and their differences where paths are the same."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import special

from spectral_bias.artefacts import write_json, write_table
from spectral_bias.errors import UserError
from spectral_bias.statistics import LEVEL
from spectral_bias.toolkit.paths.measurement import Measurement, rows_of
from spectral_bias.toolkit.paths.summary import (
    COMPARED,
    QUANTITIES,
    SUMMARY,
    present,
    summary_table,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ENDS = ["kind", "class_a", "class_b", "image_a", "image_b"]
"""What makes two paths the same, where images and points are."""
SAME_LENGTH = 1e-4
"""Relative difference of the lengths of one path that rounding in a file makes."""
PAIRED, UNPAIRED = "same paths", "other paths"
DIFFERENCES = [
    *("a", "b", "kind", "quantity", "difference", "ci_low", "ci_high"),
    *("class_ci_low", "class_ci_high", "n_paths", "n_classes", "by"),
]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Some measurements together.

    Attributes:
        measurements: as they were given, the names made different from each other.
        summary: model, and the columns of `toolkit.paths.summary.summary_table`.
        differences: a and b (models), kind, quantity, difference (b - a), ci_low and ci_high (for
            other paths), class_ci_low and class_ci_high (for other classes), n_paths, n_classes and
            by: "same paths", where differences are taken path by path and what the paths share
            cancels, or "other paths" (Welch's t-interval over the paths; none over classes).
        notes: why some are not compared path by path.
    """

    measurements: tuple[Measurement, ...]
    summary: pd.DataFrame
    differences: pd.DataFrame
    notes: tuple[str, ...]

    def to_csv(self, folder: str | Path) -> tuple[Path, Path]:
        """Writes summary.csv and differences.csv into a folder."""
        files = Path(folder) / "summary.csv", Path(folder) / "differences.csv"
        for file, table in zip(files, (self.summary, self.differences), strict=True):
            write_table(file, table, plain=True)
        return files

    def to_json(self, path: str | Path) -> Path:
        """Writes the names, the summary, the differences and the notes."""
        content = {
            "models": [measured.name for measured in self.measurements],
            "notes": list(self.notes),
            "summary": rows_of(self.summary),
            "differences": rows_of(self.differences),
        }
        write_json(path, content, plain=True)
        return Path(path)

    def plot(self, ax: "Axes") -> "Axes":
        """Draws the mean spectra of all networks, with their intervals over paths."""
        from spectral_bias.toolkit.paths.drawing import draw_spectra

        for line, measured in enumerate(self.measurements):
            draw_spectra(ax, measured.spectra, measured.name, line)
        return ax

    def save(self, folder: str | Path) -> None:
        """Writes comparison.json, .png and .pdf, summary.csv and differences.csv."""
        from spectral_bias.toolkit.paths.comparison_drawing import write_comparison

        self.to_json(Path(folder) / "comparison.json")
        self.to_csv(folder)
        write_comparison(Path(folder) / "comparison", self)

    def __str__(self) -> str:
        shown = self.differences[self.differences["quantity"].isin(COMPARED[:3])]
        return "\n".join(
            f"{row.b} - {row.a}, {row.kind}, {QUANTITIES[row.quantity]}: {row.difference:+.4f} "
            f"({row.ci_low:+.4f} to {row.ci_high:+.4f}; {row.n_paths} {row.by})"
            for row in shown.itertuples()
        )


def compare(*measurements: Measurement) -> Comparison:
    """Networks side by side; differences of each to every one before it.

    Args:
        measurements: two or more. Where two were made on the same images with the same seed, step
            and transform, their paths are the same and differences are taken path by path.

    Raises:
        UserError: fewer than two are given, or two whose numbers mean different things, for their
            points or the edge of the band are set in other ways.
    """
    if len(measurements) < 2:
        raise UserError("compare: give two measurements or more")
    named = _with_names(measurements)
    rows, notes = [], []
    for a, b in itertools.combinations(named, 2):
        _require_same_measure(a, b)
        reason = _why_not_paired(a, b)
        if reason:
            notes.append(f"{a.name} and {b.name} are not compared path by path: {reason}.")
        rows.append(_unpaired(a, b) if reason else _paired(a, b))
    summary = pd.concat(
        [one.summary.assign(model=one.name)[["model", *SUMMARY]] for one in named],
        ignore_index=True,
    )
    return Comparison(tuple(named), summary, pd.concat(rows, ignore_index=True), tuple(notes))


def _with_names(measurements: Sequence[Measurement]) -> list[Measurement]:
    names = [one.name for one in measurements]
    shown = [
        name if names.count(name) == 1 else f"{name} ({names[: at + 1].count(name)})"
        for at, name in enumerate(names)
    ]
    return [replace(one, name=name) for name, one in zip(shown, measurements, strict=True)]


def _require_same_measure(a: Measurement, b: Measurement) -> None:
    for key in ("spacing", "n_samples", "high"):
        ours, theirs = (one.facts["sampling"][key] for one in (a, b))
        if ours != theirs:
            raise UserError(
                f"compare: {a.name} was measured with {key}={ours} and {b.name} with {theirs}, "
                "whose fractions mean different things; measure them alike"
            )


def _why_not_paired(a: Measurement, b: Measurement) -> str | None:
    for key, what in (("transform", "images were shown otherwise"), ("shape", "images differ")):
        if a.facts["images"][key] != b.facts["images"][key]:
            return what
    shared = a.paths[ENDS].astype(str).merge(b.paths[ENDS].astype(str))
    if len(shared) < max(len(a.paths), len(b.paths)):
        return f"{len(shared)} of their {len(a.paths)} and {len(b.paths)} paths are the same"
    both = _side_by_side(a, b)
    if not np.allclose(both["distance_first"], both["distance_second"], rtol=SAME_LENGTH, atol=0):
        return "images of the same names differ, for the paths between them have other lengths"
    return None


def _side_by_side(a: Measurement, b: Measurement) -> pd.DataFrame:
    key_a, key_b = (one.paths.astype(dict.fromkeys(ENDS, str)) for one in (a, b))
    return key_a.merge(key_b, on=ENDS, suffixes=("_first", "_second"))


def _paired(a: Measurement, b: Measurement) -> pd.DataFrame:
    both = _side_by_side(a, b)
    paths = both[["kind", "class_a", "class_b"]].copy()
    for name in COMPARED:
        paths[name] = both[f"{name}_second"] - both[f"{name}_first"]
    table = summary_table(paths, chord=False).rename(columns={"value": "difference"})
    return table.assign(a=a.name, b=b.name, by=PAIRED)[DIFFERENCES]


def _unpaired(a: Measurement, b: Measurement) -> pd.DataFrame:
    rows = []
    for kind in present(a.paths):
        for name in COMPARED:
            values = [
                one.paths.loc[one.paths["kind"] == kind, name].dropna().to_numpy() for one in (a, b)
            ]
            if min(map(len, values)) < 2:
                continue
            difference, low, high = welch(*values)
            own = {"a": a.name, "b": b.name, "kind": kind, "quantity": name}
            numbers = {"difference": difference, "ci_low": low, "ci_high": high}
            rows.append(own | numbers | {"n_paths": min(map(len, values)), "by": UNPAIRED})
    return pd.DataFrame(rows, columns=DIFFERENCES)


def welch(first: np.ndarray, second: np.ndarray) -> tuple[float, float, float]:
    """mean(second) - mean(first) with its interval of 95 % by Welch's t (1947, Biometrika 34)."""
    parts = [values.var(ddof=1) / len(values) for values in (first, second)]
    difference, variance = second.mean() - first.mean(), sum(parts)
    if variance == 0:
        return float(difference), float("nan"), float("nan")
    bottom = sum(p**2 / (len(v) - 1) for p, v in zip(parts, (first, second), strict=True))
    half = special.stdtrit(variance**2 / bottom, (1 + LEVEL) / 2) * np.sqrt(variance)
    return float(difference), float(difference - half), float(difference + half)
