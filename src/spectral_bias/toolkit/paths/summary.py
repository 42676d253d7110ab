"""Numbers of a measurement with their intervals, from its tables alone.

Shape suffixes: P paths, N common frequencies.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import special

from spectral_bias.measurements.interpolation import FRACTIONS
from spectral_bias.measurements.pairs import KINDS
from spectral_bias.statistics import LEVEL, MeanOfPairs, mean_of_pairs

QUANTITIES: Mapping[str, str] = {
    "high_frequency_fraction": "high-frequency fraction, raw",
    "hann_fraction": "high-frequency fraction, Hann window",
    "chord_free_fraction": "high-frequency fraction, chord-free",
    "total_variation": "total variation",
    "end_jump": "difference of the ends",
    "confidence": "confidence at the ends",
    "highest": "highest probability at the ends",
}
"""The columns of a summary that are means over paths, and how figures and pages call them."""
COMPARED = tuple(name for name in QUANTITIES if name not in ("confidence", "highest"))
"""Those that are one column of the table of paths."""
CHORD = "chord_part"
"""What the raw fraction loses when the straight line between the ends is taken off: 1 - chord-free
over raw, of the means."""
ROUNDING = 1e-6
"""A raw fraction below this is the rounding of probabilities in float32, not a part of anything."""
CHORD_TEXT = "part of the raw fraction that is the jump"
INTERVALS = ["ci_low", "ci_high", "class_ci_low", "class_ci_high"]
SUMMARY = ["kind", "quantity", "value", *INTERVALS, "n_paths", "n_classes"]
SPECTRA = ["kind", "relative_frequency", "magnitude", *INTERVALS, "power"]


def summary_table(paths: pd.DataFrame, chord: bool = True) -> pd.DataFrame:
    """Means over the paths of each kind, with intervals.

    Args:
        paths: kind, class_a, class_b and, for each of `QUANTITIES`, a column of that name or two
            with _a and _b, of which the mean is taken; quantities without one are left out.
        chord: whether `CHORD` is wanted, too.

    Returns:
        `SUMMARY`: value; ci_low and ci_high, for other paths of the same classes (Student's t over
        the paths); class_ci_low and class_ci_high, for other classes (jackknife over the classes);
        n_paths, without those that lack the quantity, and n_classes. Quantities that no path has
        are left out. Both intervals are of 95 %, and NaN where there are too few to tell.
    """
    rows = []
    for kind in present(paths):
        some = paths[paths["kind"] == kind]
        for name in QUANTITIES:
            if name not in some and f"{name}_a" not in some:
                continue
            values = _values(some, name)
            known = np.isfinite(values)
            if known.any():
                found = mean_of_pairs(values[known, None], _classes(some[known]))
                rows.append({"kind": kind, "quantity": name, **_row(found)})
        if chord:
            rows += [{"kind": kind, "quantity": CHORD, **row} for row in _chord(some)]
    return pd.DataFrame(rows, columns=SUMMARY)


def spectra_table(
    paths: pd.DataFrame, magnitude_PN: np.ndarray, mean_spectra: pd.DataFrame
) -> pd.DataFrame:
    """`SPECTRA`: mean spectra of each kind of paths, with both intervals of the magnitude.

    Args:
        paths: kind, class_a and class_b of P paths.
        magnitude_PN: of each path at N common frequencies.
        mean_spectra: kind, relative_frequency, magnitude, power: their means.
    """
    parts = []
    for kind in present(paths):
        chosen = (paths["kind"] == kind).to_numpy()
        found = mean_of_pairs(magnitude_PN[chosen], _classes(paths[chosen]))
        own = mean_spectra[mean_spectra["kind"] == kind].reset_index(drop=True)
        parts.append(own.assign(**_intervals(found)))
    return pd.concat(parts, ignore_index=True)[SPECTRA]


def present(paths: pd.DataFrame) -> list[str]:
    """The kinds that some paths have, in their order."""
    return [kind for kind in KINDS if (paths["kind"] == kind).any()]


def proportion(successes: int, trials: int) -> tuple[float, float, float]:
    """A proportion with its interval of 95 % (Wilson 1927, J. Am. Stat. Assoc. 22, 209–212)."""
    z = float(special.ndtri((1 + LEVEL) / 2))
    p, weight = successes / trials, z**2 / trials
    middle = (p + weight / 2) / (1 + weight)
    half = z * np.sqrt(p * (1 - p) / trials + weight / (4 * trials)) / (1 + weight)
    return p, float(middle - half), float(middle + half)


def _values(paths: pd.DataFrame, name: str) -> np.ndarray:
    if name in paths:
        return paths[name].to_numpy(dtype=float)
    return (paths[f"{name}_a"].to_numpy(dtype=float) + paths[f"{name}_b"].to_numpy(dtype=float)) / 2


def _chord(paths: pd.DataFrame) -> list[dict[str, float]]:
    """`CHORD` of the paths of one kind, unless nothing is above the band at all."""
    raw, free = (_values(paths, name) for name in (FRACTIONS[0], FRACTIONS[2]))
    known = np.isfinite(raw) & np.isfinite(free)
    if not known.any() or raw[known].mean() < ROUNDING:
        return []
    raw, free = raw[known], free[known]
    ratio = free.mean() / raw.mean()
    # To first order the ratio scatters as the mean of these, whose own mean is 0.
    scatter = (free - ratio * raw) / raw.mean()
    found = mean_of_pairs((1 - ratio - scatter)[:, None], _classes(paths[known]))
    return [_row(found)]


def _classes(paths: pd.DataFrame) -> np.ndarray:
    """(P, 2) numbers of the classes."""
    names = paths[["class_a", "class_b"]].astype(str).to_numpy()
    return np.unique(names, return_inverse=True)[1].reshape(-1, 2)


def _row(found: MeanOfPairs) -> dict[str, float]:
    columns = {"value": found.mean, **_intervals(found)}
    numbers = {name: float(values[0]) for name, values in columns.items()}
    return numbers | {"n_paths": found.n_paths, "n_classes": found.n_classes}


def _intervals(found: MeanOfPairs) -> dict[str, np.ndarray]:
    halves = found.over_paths, found.over_classes
    ends = [end for half in halves for end in (found.mean - half, found.mean + half)]
    return dict(zip(INTERVALS, ends, strict=True))
