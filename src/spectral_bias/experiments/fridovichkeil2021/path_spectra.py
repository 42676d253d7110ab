"""What figures 2 and 4 share: how frequency along paths between images is measured and drawn."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes

from spectral_bias.experiments.fridovichkeil2021.source_settings import baseline_text, deviations
from spectral_bias.figures import style
from spectral_bias.figures.captions import readable

KINDS = {"within": "within a class", "between": "between classes"}
COLOURS = {"within": style.WITHIN, "between": style.BETWEEN}
PATHS = """\
Class probabilities (a softmax at every point) are evaluated on the straight line between two test \
images of one class (within) or of two (between), {sampling}, and transformed (DFT) along it; \
magnitudes are averaged over classes."""
FRACTION = """\
Of the n bins of a path, numbered from 0, the constant, those from {high} % of n, rounded up, to \
the last but one count as high; the high-frequency fraction is the sum of their magnitudes over \
the sum of all n, path by path, then averaged over paths (as in the first author's later code)."""
COUNTS = """\
{cifar10[interpolation][n_within]} paths within each class and {cifar10[interpolation][n_between]} \
of each pair of classes"""
MEASURES = {
    "raw": "raw, the authors'",
    "hann": "Hann window",
    "chord_free": "without the chord",
}
"""The high-frequency fractions, as tables name them and as figures do."""


def facts(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Caption facts: network, sampling, deviations, and what a high frequency is."""
    paths = settings["interpolation"]
    points = f"at {readable(paths['n_samples'])} points"
    if paths["n_samples"] is None:
        points = f"at distances of {paths['spacing']:g} in the space of normalised images"
    return {
        "baseline_text": baseline_text(settings),
        "deviations": deviations(settings, "interpolation"),
        "sampling": points,
        "high": f"{100 * paths['high']:g}",
    }


def frequency_axis(axes: Axes, high: float, last: float = 1.0) -> None:
    """Labels a horizontal axis of frequencies along a path; grey: those from `high` to `last`."""
    axes.axvspan(high, last, color="0.95", linewidth=0, zorder=0)
    axes.set(xlim=(0, 1), xlabel="frequency / highest frequency")
